package alluxio

import (
	"slices"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

func TestAWorkersVolumeIsItsTierBelowTheRamdisk(t *testing.T) {
	t.Parallel()
	const folder = "/agent/volumes/roles/alluxio/f1.alluxio-worker-0.1/blocks"
	for _, version := range []string{"1.4.0", "1.8.1", "2.9.6"} {
		got, err := prepare(t, config.Worker, version, func(spec *launch.Spec, env *Environment) {
			spec.Volume = launch.Volume{ID: "f1.alluxio-worker-0.1", Path: "volume", Size: 20 * config.GB}
			env.Volume = folder
			set(spec, "alluxio.worker.tieredstore.levels", "1")
		})
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]string{
			"alluxio.worker.tieredstore.levels":            "2",
			"alluxio.worker.tieredstore.level0.alias":      "MEM",
			"alluxio.worker.tieredstore.level1.alias":      "HDD",
			"alluxio.worker.tieredstore.level1.dirs.path":  folder,
			"alluxio.worker.tieredstore.level1.dirs.quota": "20GB",
		} {
			if got.pairs[key] != want {
				t.Errorf("%s: %s is %q, not %q", version, key, got.pairs[key], want)
			}
		}
		if want := map[bool]string{
			true: "107374182B"}[version == "2.9.6"]; got.pairs["alluxio.worker.management.tier.align.reserved.bytes"] != want {
			t.Errorf("%s: it keeps %s of each tier free", version,
				got.pairs["alluxio.worker.management.tier.align.reserved.bytes"])
		}
		if !slices.Contains(got.Dirs, folder) {
			t.Errorf("%s: the folder is not made: %v", version, got.Dirs)
		}
	}
}
