package executor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// tiers gives a worker a second folder in memory, two on disk and two on its volume.
func (r *rig) tiers(s *launch.Spec) (memory, disk1, disk2, volume string) {
	r.t.Helper()
	volume = r.withVolume(s)
	memory, disk1, disk2 = filepath.Join(r.dir, "ram2"), filepath.Join(r.dir, "ssd1"), filepath.Join(r.dir, "ssd2")
	s.Framework = "tiers"
	s.Folders = []config.Folder{{Path: memory, Size: config.MB},
		{Level: 1, Path: disk1, Size: config.MB, Disk: true}, {Level: 1, Path: disk2, Size: config.MB, Disk: true},
		{Level: 2, Path: "hdd1", Size: config.MB, Disk: true}, {Level: 2, Path: "hdd/2", Size: config.MB, Disk: true}}
	s.Site = []config.Property{{Key: config.TierKey(0, "dirs.path"), Value: s.Ramdisk.Path + "," + memory},
		{Key: config.KeyTierLevels, Value: "3"},
		{Key: config.TierKey(1, "dirs.path"), Value: disk1 + "," + disk2},
		{Key: config.TierKey(2, "dirs.path"), Value: "hdd1,hdd/2"}}
	return memory, disk1, disk2, volume
}

func TestFoldersOfSeveralTiersAreMadeAndThoseOnDiskStay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.worker(1, "-Dfake=exit")
	memory, disk1, disk2, volume := r.tiers(spec)
	r.launch("w.1", spec)
	report := launch.DecodeReport(r.failure("exit code 3").Data)
	for _, want := range []string{"level 0: existing folder " + spec.Ramdisk.Path, "level 0: ", memory,
		"level 1: new folder " + disk1 + " on disk", "level 1: new folder " + disk2 + " on disk", "; volume f1."} {
		if !strings.Contains(report.Storage, want) {
			t.Errorf("the report lacks %q: %s", want, report.Storage)
		}
	}
	r.end()
	site := read(t, r.sandbox, "conf/alluxio-site.properties")
	for _, want := range []string{
		config.TierKey(0, "dirs.path") + "=" + spec.Ramdisk.Path + "," + memory,
		config.TierKey(1, "dirs.path") + "=" + disk1 + "," + disk2,
		config.TierKey(2, "dirs.path") + "=" + volume + "/blocks/hdd1," + volume + "/blocks/hdd/2",
		"alluxio.worker.management.tier.align.reserved.bytes=104857B"} {
		if strings.Count(site, want+"\n") != 1 {
			t.Errorf("the site file lacks %s:\n%s", want, site)
		}
	}
	for _, there := range []string{disk1, disk2, filepath.Join(volume, "blocks/hdd1"),
		filepath.Join(volume, "blocks/hdd/2")} {
		if _, err := os.Stat(there); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(memory); err == nil {
		t.Errorf("%s is still there", memory)
	}
}

func TestAFolderThatCannotBePreparedGivesTheOthersBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.worker(1)
	memory, disk1, disk2, _ := r.tiers(spec)
	spec.Folders[2].Path = filepath.Join(disk2, "not/mounted")
	r.launch("w.1", spec)
	r.failure("prepare the folder of a tier on disk: the folder "+spec.Folders[2].Path+" cannot be made",
		"there is no folder "+filepath.Dir(spec.Folders[2].Path))
	r.end()
	for _, gone := range []string{memory, filepath.Join(disk1, ".alluxio-mesos.lock"),
		filepath.Join(spec.Ramdisk.Path, ".alluxio-mesos.lock")} {
		if _, err := os.Stat(gone); err == nil {
			t.Errorf("%s is still there", gone)
		}
	}
}

func TestATierAmongTheFrameworksOwnDataIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.worker(1)
	data, _ := newHost(os.Environ(), r.sandbox).dataDir(spec.Cluster)
	spec.Folders = []config.Folder{{Level: 1, Path: filepath.Join(data, "ssd"), Size: config.MB, Disk: true}}
	r.launch("w.1", spec)
	r.failure("the folder "+spec.Folders[0].Path+" of a tier is inside of ", "where the framework keeps other data")
	r.end()
}
