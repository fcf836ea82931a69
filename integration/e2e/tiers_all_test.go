//go:build testall

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestTiersOnDiskKeepTheirBlocks writes into each tier of a genuine worker, rolls a change out, and
// reads what was on disk from the worker: its copies in the under store are gone. With 2.9.6 the HDD
// is on the worker's volume.
func TestTiersOnDiskKeepTheirBlocks(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.8.1", "2.9.6"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			keepTiers(t, version)
		})
	}
}

func keepTiers(t *testing.T, version string) {
	tc := newCluster(t, testcluster.AllPorts+";cpus:4;mem:4096;disk:2000")
	release := tc.Release(version)
	disks := filepath.Join(tc.Dir, "disks") // nobody else may write there: the executor makes folders in it
	tc.Check(os.Mkdir(disks, 0o755))
	memory, ssd, hdd := filepath.Join(tc.Dir, "memory"), filepath.Join(disks, "ssd"),
		[]string{filepath.Join(disks, "hdd1"), filepath.Join(disks, "hdd2")}
	const size = 400 << 20 // Alluxio wants some 256 MB of a folder to be free
	lines := []string{"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + release.Dir,
		"alluxio.integration.mesos.worker.count=1", "alluxio.worker.memory.size=400MB",
		"alluxio.worker.tieredstore.levels=3",
		"alluxio.worker.tieredstore.level1.alias=SSD", "alluxio.worker.tieredstore.level2.alias=HDD",
		"alluxio.worker.tieredstore.level0.dirs.path=" + memory,
		"alluxio.worker.tieredstore.level1.dirs.path=" + ssd, "alluxio.worker.tieredstore.level1.dirs.quota=400 MB",
		"alluxio.worker.tieredstore.level2.dirs.path=" + strings.Join(hdd, " , "),
		"alluxio.worker.tieredstore.level2.dirs.quota=400MB , 400MB"}
	onVolume := version == "2.9.6"
	if onVolume {
		lines = append(lines, "alluxio.integration.mesos.role=alluxio", "alluxio.integration.worker.volume.size=800MB",
			"alluxio.worker.tieredstore.level2.dirs.path=hdd1 , more/hdd2",
			// else the worker moves blocks between the tiers once it is idle
			"alluxio.worker.management.tier.promote.enabled=false", "alluxio.worker.management.tier.align.enabled=false")
	}
	f := tc.NewFramework("tiers", lines...)
	f.Serve()
	status, err := f.Status(t.Context())
	tc.Check(err)
	worker, master := f.Slot(status, "alluxio-worker-0"), f.Slot(status, "alluxio-master-0")
	empty := tiersOf(tc, master)
	for alias, want := range map[string]int64{"MEM": size, "SSD": size, "HDD": 2 * size} {
		if got := empty[alias]; got.Total != want {
			t.Errorf("Alluxio has %d bytes of tier %s, not %d", got.Total, alias, want)
		}
	}
	if task := mesosTask(t, tc, worker.TaskID, f); task.Resources.Disk != 1200 {
		t.Errorf("three folders of 400 MB on disk: Mesos gave %+v", task.Resources)
	}
	if onVolume {
		checkVolume(f, worker, 800)
		volume := filepath.Join(tc.Dir, "agent1/work/volumes/roles/alluxio", worker.Volume.ID, "blocks")
		hdd = []string{filepath.Join(volume, "hdd1"), filepath.Join(volume, "more/hdd2")}
	}

	text := strings.Repeat("written into a tier\n", 10000)
	var kept []string
	for level, copies := range []int{1, 1, 4} {
		for i := range copies {
			name := fmt.Sprintf("level%d-%d", level, i)
			file := filepath.Join(tc.Dir, name)
			tc.Check(os.WriteFile(file, []byte(text+name), 0o644))
			f.ShellWith(release, map[string]string{"alluxio.user.file.write.tier.default": fmt.Sprint(level)},
				"copyFromLocal", file, "/"+name)
			if level > 0 {
				kept = append(kept, name)
			}
		}
	}
	folders := append([]string{ssd}, hdd...)
	before := map[string][]string{}
	for _, folder := range append(folders, memory) {
		if before[folder] = blocksIn(t, folder); len(before[folder]) == 0 {
			t.Errorf("there is no block in %s", folder)
		}
	}

	tc.Check(f.WriteSite(append(append(tc.Site("tiers"), lines...), "alluxio.integration.worker.resource.cpu=0.6")...))
	tc.Check(syscall.Kill(f.PID(), syscall.SIGHUP))
	status = f.Await("the rollout", func(s *cluster.Status) bool {
		return s.Complete && s.Rollout == nil && f.Slot(s, "alluxio-worker-0").TaskID != worker.TaskID
	})
	for _, folder := range folders {
		if after := blocksIn(t, folder); !slices.Equal(after, before[folder]) {
			t.Errorf("in %s there were the blocks %v and are %v", folder, before[folder], after)
		}
	}
	after := tiersOf(tc, f.Slot(status, "alluxio-master-0"))
	for alias, want := range map[string]int64{"MEM": 0, "SSD": 1, "HDD": 4} {
		if files := (after[alias].Used - empty[alias].Used) / int64(len(text)); files != want {
			t.Errorf("Alluxio has %d files in tier %s, not %d", files, alias, want)
		}
	}
	for _, name := range kept {
		tc.Check(os.Remove(filepath.Join(tc.Folder("tiers-ufs"), name)))
		// 1.8.1 would move up what it reads.
		read := f.ShellWith(release, map[string]string{"alluxio.user.file.readtype.default": "CACHE"}, "cat", "/"+name)
		if !strings.Contains(read, text+name) {
			t.Errorf("/%s has other text: %.200s", name, read)
		}
	}

	if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("teardown: %v %s", err, out)
	}
	tc.NoMounts()
	for _, folder := range folders {
		if left := blocksIn(t, folder); !slices.Equal(left, before[folder]) {
			t.Errorf("a teardown has left %v of %v in %s", left, before[folder], folder)
		}
	}
}
