package config

import (
	"slices"
	"strings"
	"testing"
)

const levelTwo = tierPrefix + "s=2\n"

// level is a level of the site file with these folders and quotas.
func level(n int, paths, quotas string) string {
	lines := TierKey(n, "dirs.path") + "=" + paths + "\n" + TierKey(n, "dirs.quota") + "=" + quotas + "\n"
	if n > 0 {
		lines += TierKey(n, "alias") + "=" + []string{"", "SSD", "HDD"}[n] + "\n"
	}
	return lines
}

func topLevel(paths, quotas string) string { return level(0, paths, quotas) }

func TestTiersClaimTheirQuotas(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		site         string
		memory, disk Bytes
	}{
		"nothing written":         {"", GB, 0},
		"the size of the ramdisk": {"alluxio.worker.ramdisk.size=3GB", 3 * GB, 0},
		"the quota alone":         {"alluxio.worker.tieredstore.level0.dirs.quota=8GB", 8 * GB, 0},
		"the quota and the same " +
			"ramdisk": {"alluxio.worker.tieredstore.level0.dirs.quota=8 GB\nalluxio.worker.memory.size=8192MB", 8 * GB, 0},
		"a quota that refers to the " +
			"ramdisk": {
			"alluxio.worker.ramdisk.size=3GB\nalluxio.worker.tieredstore.level0.dirs.quota=${alluxio.worker.ramdisk.size}",
			3 * GB, 0},
		"a reference to the " +
			"default": {"alluxio.worker.tieredstore.level0.dirs.quota=${alluxio.worker.ramdisk.size}", GB, 0},
		"an SSD": {
			"alluxio.worker.tieredstore.level0.alias=SSD\nalluxio.worker.tieredstore.level0.dirs.path=/ssd\n" +
				"alluxio.worker.tieredstore.level0.dirs.quota=1TB", 0, TB},
		"an HDD whose size is that of a " +
			"ramdisk": {"alluxio.worker.tieredstore.level0.alias=hdd\nalluxio.worker.tieredstore.level0.dirs.path=/hdd\n" +
			"alluxio.worker.ramdisk.size=5GB", 0, 5 * GB},
		"an SSD below":          {levelTwo + level(1, "/a", "10GB"), GB, 10 * GB},
		"several folders below": {levelTwo + level(1, "/a,/b,/c", "10GB,20GB"), GB, 50 * GB},
		"a ramdisk and two SSDs as one " +
			"tier": {topLevel("/mnt/ramdisk, /ssd1,/ssd2", "16GB,100 GB,100GB") +
			tierPrefix + "0.dirs.mediumtype=MEM,SSD, SSD\nalluxio.worker.ramdisk.size=16GB", 16 * GB, 200 * GB},
		"two folders in " +
			"memory": {topLevel("/ram1,/ram2", "1GB"), 2 * GB, 0},
		"two folders without a " +
			"quota": {"alluxio.worker.ramdisk.size=3GB\n" + tierPrefix + "0.dirs.path=/ram1,/ram2", 6 * GB, 0},
		"a quota that refers to the ramdisk for the first " +
			"folder": {topLevel("/ram,/ssd", "${alluxio.worker.memory.size},10GB") + tierPrefix +
			"0.dirs.mediumtype=MEM,SSD", GB, 10 * GB},
		"a medium that 1.x does not " +
			"know": {KeyVersion + "=1.8.1\n" + topLevel("/ram,/ram2", "1GB") + tierPrefix + "0.dirs.mediumtype=MEM,SSD",
			2 * GB, 0},
		"three levels": {tierPrefix + "s=3\n" + topLevel("/ram", "1GB") + level(1, "/ssd", "10GB") +
			level(2, "/hdd1,/hdd2", "100GB"), GB, 210 * GB},
		"aliases of the operator's own": {"alluxio.master.tieredstore.global.level1.alias=NVME\n" + levelTwo + tierPrefix +
			"1.dirs.path=/a\n" + tierPrefix + "1.dirs.quota=1GB\n" + tierPrefix + "1.alias=NVME", GB, GB},
		"folders on a volume are claimed with " +
			"it": {KeyMesosRole + "=r\n" + KeyWorkerVolume + "=30GB\n" + tierPrefix + "s=3\n" + level(1, "/ssd", "5GB") +
			level(2, "a,b/c", "10GB,20GB"), GB, 5 * GB},
		"a level that is not used": {"alluxio.worker.tieredstore.level1.dirs.quota=10GB", GB, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if memory, disk := load(t, conf(t, enough+test.site)).TierClaim(); memory != test.memory ||
				disk != test.disk {
				t.Errorf("memory %s and disk %s are claimed", memory, disk)
			}
		})
	}
}

func TestTiersThatContradictThemselvesAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ site, want string }{
		"too little claimed": {"alluxio.worker.ramdisk.size=1GB\nalluxio.worker.tieredstore.level0.dirs.quota=8GB",
			"alluxio.worker.ramdisk.size=1GB (site:3) says how much a worker claims for it: 8GB - 1GB = 7GB would " +
				"be missing"},
		"too much claimed": {"alluxio.worker.memory.size=8GB\nalluxio.worker.tieredstore.level0.dirs.quota=1GB",
			"8GB - 1GB = 7GB would be claimed and not used"},
		"more sizes than folders": {"alluxio.worker.tieredstore.level0.dirs.quota=1GB,2GB",
			`site:3: alluxio.worker.tieredstore.level0.dirs.quota = "1GB,2GB": it has 2 sizes, and ` +
				"alluxio.worker.tieredstore.level0.dirs.path names 1; write one size for each folder"},
		"a size that is missing": {topLevel("/a,/b,/c", "1GB,,2GB"), "is not a size"},
		"too many folders": {topLevel("/a"+strings.Repeat(",/b", 256), "1GB"),
			"it names 257 folders; a tier has at most 256"},
		"a folder that is missing": {topLevel("/a,,/c", "1GB"),
			`site:3: alluxio.worker.tieredstore.level0.dirs.path = "/a,,/c": a folder between the commas is missing`},
		"more mediums than folders": {topLevel("/a", "1GB") + tierPrefix + "0.dirs.mediumtype=MEM,SSD",
			"it has 2 mediums, and alluxio.worker.tieredstore.level0.dirs.path names 1"},
		"a medium that is missing": {topLevel("/a,/b", "1GB") + tierPrefix + "0.dirs.mediumtype=MEM,",
			"a medium is missing"},
		"a number of levels in words": {tierPrefix + "s=two",
			`site:3: alluxio.worker.tieredstore.levels = "two": not a number of tiers; write 1, 2 or 3`},
		"four levels": {tierPrefix + "s=4", "not a number of tiers"},
		"no level":    {tierPrefix + "s=0", "not a number of tiers"},
		"a level without a folder": {levelTwo + tierPrefix + "1.alias=SSD\n" + tierPrefix + "1.dirs.quota=1GB",
			"level 1 of alluxio.worker.tieredstore.levels has no folder; name one of the agents"},
		"one alias for two levels": {levelTwo + tierPrefix + "1.dirs.path=/a\n" + tierPrefix +
			"1.dirs.quota=1GB\n" + tierPrefix + "1.alias=MEM",
			"MEM cannot be above MEM of level 1: Alluxio wants each once, in the order MEM, SSD, HDD"},
		"memory below an SSD": {levelTwo + tierPrefix + "0.alias=SSD\n" + topLevel("/ssd", "1GB") + tierPrefix +
			"1.dirs.path=/a\n" + tierPrefix + "1.dirs.quota=1GB\n" + tierPrefix + "1.alias=MEM",
			`site:4: alluxio.worker.tieredstore.level0.alias = "SSD": SSD cannot be above MEM of level 1`},
		"an alias that the masters do not know": {levelTwo + tierPrefix + "1.dirs.path=/a\n" + tierPrefix +
			"1.dirs.quota=1GB\n" + tierPrefix + "1.alias=hdd",
			"the masters know no tier hdd for level 1; write one of MEM, SSD, HDD"},
		"an HDD above a volume": {KeyMesosRole + "=r\n" + KeyWorkerVolume + "=15GB\n" + tierPrefix + "0.alias=HDD\n" +
			topLevel("/hdd", "1GB"), "HDD cannot be above HDD of level 1"},
		"a level without an alias": {levelTwo + tierPrefix + "1.dirs.path=/a\n" + tierPrefix + "1.dirs.quota=1GB",
			"level 1 of alluxio.worker.tieredstore.levels has no alias, and Alluxio has a default for level 0 only; write " +
				"SSD or HDD"},
		"a folder that is named twice": {levelTwo + level(1, "/a,/b/../a", "1GB"),
			"the folder /a is named twice, the other time in alluxio.worker.tieredstore.level1.dirs.path"},
		"a folder of two levels": {levelTwo + topLevel("/a/", "1GB") + level(1, "/a", "1GB"),
			`site:6: alluxio.worker.tieredstore.level1.dirs.path = "/a": the folder /a is named twice, the other time in ` +
				"alluxio.worker.tieredstore.level0.dirs.path"},
		"a folder inside of another": {levelTwo + topLevel("/a", "1GB") + level(1, "/a/b", "1GB"),
			"the folder /a/b is inside of /a in alluxio.worker.tieredstore.level0.dirs.path"},
		"a folder around another": {levelTwo + topLevel("/a/b", "1GB") + level(1, "/a", "1GB"),
			"/a/b in alluxio.worker.tieredstore.level0.dirs.path is inside of the folder /a"},
		"a folder in the journal": {KeyJournalFolder + "=file:///j\n" + topLevel("/j/ram", "1GB"),
			"the folder /j/ram and /j of alluxio.master.journal.folder (site:3) share files"},
		"a journal among the blocks": {KeyDataDir + "=/d/alluxioworker\n" + topLevel("/d", "1GB"),
			"the folder /d and /d/alluxioworker/journal of alluxio.integration.mesos.data.dir (site:3) share files"},
		"a folder in the cache": {KeyCacheDir + "=/c\n" + topLevel("/c/alluxio-mesos-cache", "1GB"), "share files"},
		"a folder in the under store": {KeyUnderFSAddress + "=/u\n" + topLevel("/u/ram", "1GB"),
			"the folder /u/ram and /u of alluxio.underfs.address (site:3) share files"},
		"a relative folder without a volume": {levelTwo + level(1, "ssd", "1GB"),
			`site:4: alluxio.worker.tieredstore.level1.dirs.path = "ssd": must be an absolute path, such as /mnt/alluxio; ` +
				"a relative one is a folder on the worker's volume, which needs alluxio.integration.worker.volume.size"},
		"a folder out of the volume": {levelTwo + level(1, "../ssd", "1GB"), "write absolute paths below /"},
		"all of a host":              {topLevel("/", "1GB"), "write absolute paths below /"},
		"a volume that is too small": {KeyMesosRole + "=r\n" + KeyWorkerVolume + "=15GB\n" + levelTwo +
			level(1, "a,b", "10GB"),
			`site:4: alluxio.integration.worker.volume.size = "15GB": the folders on it are to hold 10GB + 10GB = 20GB, which ` +
				"is 5GB more"},
		"memory on a volume": {KeyMesosRole + "=r\n" + KeyWorkerVolume + "=15GB\n" + topLevel("a", "1GB"),
			"a is a folder on the worker's volume, which is on disk, and the tier is in memory"},
		"no size": {"alluxio.worker.tieredstore.level0.dirs.quota=much",
			"site:3: alluxio.worker.tieredstore.level0.dirs.quota = \"much\": is not a size"},
		"an SSD nowhere": {"alluxio.worker.tieredstore.level0.alias=SSD", "name a folder of the agents there"},
		"a level without a size": {levelTwo + TierKey(1, "alias") + "=SSD\nalluxio.worker.tieredstore.level1.dirs.path=/a",
			"level 1 of alluxio.worker.tieredstore.levels has no size"},
		"folders beyond any size": {levelTwo + TierKey(1, "alias") + "=SSD\nalluxio.worker.tieredstore.level1.dirs.path=/a" +
			strings.Repeat(",/b", 20) + "\nalluxio.worker.tieredstore.level1.dirs.quota=900PB",
			"are too large a size"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := problemsOf(t, conf(t, enough+test.site))
			if len(got) != 1 || !strings.Contains(got[0], test.want) {
				t.Errorf("got %q, want %q in it", got, test.want)
			}
		})
	}
}

func TestALevelThatIsNotUsedIsWarnedAbout(t *testing.T) {
	t.Parallel()
	o := conf(t, enough+level(1, "/ssd", "10GB"))
	warnings := strings.Join(load(t, o).Warnings, "\n")
	want := ":3) has no effect with alluxio.worker.tieredstore.levels=1; set that to 2, or remove the line"
	if !strings.Contains(warnings, TierKey(1, "dirs.path")+" (") || !strings.Contains(warnings, want) {
		t.Errorf("got %q, want %q in it", warnings, want)
	}
}

func TestTheSumBehindAClaimNamesEachFolder(t *testing.T) {
	t.Parallel()
	s := load(t, conf(t, enough+tierPrefix+"s=3\n"+topLevel("/ram1,/ram2", "1GB,2GB")+level(1, "/ssd", "5GB")+
		level(2, "/hdd1,/hdd2,/hdd3", "10GB")))
	if memory, disk := s.TierText(false), s.TierText(true); memory != "1GB of level 0 + 2GB of level 0" ||
		disk != "5GB of level 1 + 3 x 10GB of level 2" {
		t.Errorf("memory %q, disk %q", memory, disk)
	}
	want := []Folder{{0, "/ram1", GB, false}, {0, "/ram2", 2 * GB, false}, {1, "/ssd", 5 * GB, true},
		{2, "/hdd1", 10 * GB, true}, {2, "/hdd2", 10 * GB, true}, {2, "/hdd3", 10 * GB, true}}
	if got := s.TierFolders(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
