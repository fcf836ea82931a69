package alluxio

import (
	"slices"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

func TestFoldersWithRelativePathsAreOnTheWorkersVolume(t *testing.T) {
	t.Parallel()
	const volume = "/agent/volumes/roles/alluxio/f1.alluxio-worker-0.1/blocks"
	for _, version := range []string{"1.4.0", "1.8.1", "2.9.6"} {
		got, err := prepare(t, config.Worker, version, func(spec *launch.Spec, env *Environment) {
			spec.Volume = launch.Volume{ID: "f1.alluxio-worker-0.1", Path: "volume", Size: 20 * config.GB}
			env.Volume = volume
			spec.Folders = []config.Folder{{Level: 1, Path: "/ssd", Size: 30 * config.GB, Disk: true},
				{Level: 1, Path: "ssd", Size: 5 * config.GB, Disk: true}, {Level: 2, Path: "hdd", Size: 9 * config.GB, Disk: true}}
			set(spec, tierLevels, "3", config.TierKey(1, "dirs.path"), "/ssd, ssd", config.TierKey(2, "dirs.path"), "hdd",
				config.TierKey(2, "dirs.quota"), "9GB")
		})
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]string{
			tierLevels:                                               "3",
			config.TierKey(0, "alias"):                               "MEM",
			config.TierKey(1, "dirs.path"):                           "/ssd," + volume + "/ssd",
			config.TierKey(2, "dirs.path"):                           volume + "/hdd",
			config.TierKey(1, "alias"):                               "",
			config.TierKey(2, "dirs.quota"):                          "9GB",
			map[bool]string{true: alignReserved}[version == "2.9.6"]: map[bool]string{true: "107374182B"}[version == "2.9.6"],
		} {
			if got.pairs[key] != want {
				t.Errorf("%s: %s is %q, not %q", version, key, got.pairs[key], want)
			}
		}
		if !slices.Contains(got.Dirs, volume+"/ssd") || !slices.Contains(got.Dirs, volume+"/hdd") ||
			slices.Contains(got.Dirs, "/ssd") || len(got.Warnings) > 0 {
			t.Errorf("%s: folders %v, warnings %q", version, got.Dirs, got.Warnings)
		}
	}
}

func TestTheTopTierIsNamedMemoryAboveOthersWhereverItIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		levels int
		want   string
	}{{1, "HDD"}, {2, "MEM"}} {
		got, err := prepare(t, config.Worker, "2.9.6", func(spec *launch.Spec, env *Environment) {
			env.StorageKind = "HDD" // where nothing can be mounted
			if test.levels > 1 {
				spec.Folders = []config.Folder{{Level: 1, Path: "/ssd", Size: config.GB, Disk: true}}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if alias := got.pairs[config.TierKey(0, "alias")]; alias != test.want {
			t.Errorf("with %d levels the alias is %s, not %s", test.levels, alias, test.want)
		}
	}
}

func TestALargeFolderKeepsAlluxiosOwnReserve(t *testing.T) {
	t.Parallel()
	got, err := prepare(t, config.Worker, "2.9.6", func(spec *launch.Spec, _ *Environment) {
		spec.Ramdisk.Size = 64 * config.GB
		spec.Folders = []config.Folder{{Level: 1, Path: "/ssd", Size: config.TB, Disk: true}}
	})
	if err != nil {
		t.Fatal(err)
	}
	if room := got.pairs[alignReserved]; room != "" {
		t.Errorf("it keeps %s free", room)
	}
}
