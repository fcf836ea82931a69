package config

import (
	"strings"
	"testing"
)

const levelTwo = tierPrefix + "s=2\n"

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
		"an SSD below": {levelTwo +
			"alluxio.worker.tieredstore.level1.dirs.path=/a\nalluxio.worker.tieredstore.level1.dirs.quota=10GB", GB, 10 * GB},
		"several folders " +
			"below": {levelTwo +
			"alluxio.worker.tieredstore.level1.dirs.path=/a,/b,/c\nalluxio.worker.tieredstore.level1.dirs.quota=10GB,20GB", GB,
			50 * GB},
		"memory below an " +
			"SSD": {levelTwo +
			"alluxio.worker.tieredstore.level0.alias=SSD\nalluxio.worker.tieredstore.level0.dirs.path=/ssd\n" +
			"alluxio.worker.tieredstore.level0.dirs.quota=7GB\nalluxio.worker.tieredstore.level1.alias=MEM\n" +
			"alluxio.worker.tieredstore.level1.dirs.quota=2GB", 2 * GB, 7 * GB},
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
		"several folders": {"alluxio.worker.tieredstore.level0.dirs.quota=1GB,2GB",
			"several folders for the top tier are not in this version"},
		"no size": {"alluxio.worker.tieredstore.level0.dirs.quota=much",
			"site:3: alluxio.worker.tieredstore.level0.dirs.quota = \"much\": is not a size"},
		"an SSD nowhere": {"alluxio.worker.tieredstore.level0.alias=SSD", "name a folder of the agents there"},
		"a level without a size": {levelTwo + "alluxio.worker.tieredstore.level1.dirs.path=/a",
			"level 1 of alluxio.worker.tieredstore.levels has no size"},
		"folders beyond any number": {levelTwo + "alluxio.worker.tieredstore.level1.dirs.path=/a" +
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
