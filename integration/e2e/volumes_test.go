package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestJournalsAndTiersOnPersistentVolumes goes through the life of volumes on genuine Mesos with a
// genuine Alluxio: made with the first launch, found again after every kind of end, left behind or
// destroyed on request, and gone without a trace after an uninstall that says so.
func TestJournalsAndTiersOnPersistentVolumes(t *testing.T) {
	t.Parallel()
	// The master is on the first agent. A worker's volume fits on the second, which has reserved
	// disk, and on the third, but not twice on one.
	tc := newCluster(t, testcluster.AllPorts+";cpus:4;mem:4096;disk:300",
		testcluster.AllPorts+";cpus:4;mem:4096;disk(alluxio):900", testcluster.AllPorts+";cpus:4;mem:4096;disk:900")
	release := tc.Release("2.9.6")
	ssd := filepath.Join(tc.Dir, "ssd")
	f := tc.NewFramework("volumes",
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL",
		"alluxio.home="+release.Dir,
		"alluxio.integration.mesos.role=alluxio",
		"alluxio.integration.mesos.data.dir=",
		"alluxio.integration.mesos.worker.count=1",
		"alluxio.integration.mesos.master.host="+tc.Block.IP(1),
		"alluxio.integration.master.volume.size=256MB",
		"alluxio.integration.worker.volume.size=400MB",
		"alluxio.worker.memory.size=400MB", // Alluxio wants some 256 MB of a tier to be free
		"alluxio.worker.tieredstore.level0.dirs.path="+filepath.Join(tc.Dir, "memory")+","+ssd,
		"alluxio.worker.tieredstore.level0.dirs.mediumtype=MEM,SSD",
		"alluxio.worker.tieredstore.level0.dirs.quota=400MB,420MB", // the folder with more room gets the first block
	)
	f.Serve()
	status, err := f.Status(t.Context())
	tc.Check(err)
	master, worker := f.Slot(status, "alluxio-master-0"), f.Slot(status, "alluxio-worker-0")
	checkVolume(f, master, 256)
	checkVolume(f, worker, 400)
	if !strings.Contains(master.JournalFolder, "/volumes/roles/alluxio/"+master.Volume.ID+"/journal") {
		t.Errorf("the journal is in %s", master.JournalFolder)
	}
	for tier, want := range map[string]int64{"MEM": (400 + 420) << 20, "HDD": 400 << 20} {
		if got := tiersOf(tc, master)[tier].Total; got != want {
			t.Errorf("Alluxio has %d bytes of tier %s, not %d", got, tier, want)
		}
	}
	file := filepath.Join(tc.Dir, "file")
	text := strings.Repeat("written before anything was killed\n", 10000)
	tc.Check(os.WriteFile(file, []byte(text), 0o644))
	f.Shell(release, "copyFromLocal", file, "/before")
	intact := func(what string) {
		t.Helper()
		t.Log("reading the file, ", what)
		f.AwaitFile(release, "/before", text)
	}

	f.KillJVM("alluxio-master-0")
	f.Await("the master", func(s *cluster.Status) bool { return s.Complete })
	intact("after kill -9 of the master")

	onDisk := blocksIn(t, ssd)
	f.KillJVM("alluxio-worker-0")
	status = f.Await("the worker", func(s *cluster.Status) bool { return s.Complete })
	if after := f.Slot(status, "alluxio-worker-0"); after.Volume.ID != worker.Volume.ID || after.Host != worker.Host {
		t.Errorf("the worker's volume was %+v and is %+v", worker.Volume, after.Volume)
	}
	if left := blocksIn(t, ssd); len(onDisk) == 0 || !slices.Equal(left, onDisk) {
		t.Errorf("in the folder on disk there were the blocks %v and are %v", onDisk, left)
	}
	if used := tiersOf(tc, f.Slot(status, "alluxio-master-0"))["MEM"].Used; used < int64(len(text)) {
		t.Errorf("the worker serves %d bytes of the top tier", used)
	}

	t.Run("a framework that is killed finds its volumes again", func(t *testing.T) {
		f.KillFramework()
		f.In(t).Serve()
		s, err := f.Status(t.Context())
		tc.Check(err)
		if got := f.Slot(s, "alluxio-master-0").Volume; *got != *master.Volume {
			t.Errorf("%+v, was %+v", got, master.Volume)
		}
	})
	t.Run("an agent that is gone for a while is waited for", func(t *testing.T) {
		agent := tc.AgentAt(master.Host)
		// it unregisters and ends its executors, and is another agent when it comes back
		tc.Check(agent.Signal(syscall.SIGUSR1))
		_, err := agent.Wait(t.Context())
		tc.Check(err)
		f.In(t).Await("the wait for the host", func(s *cluster.Status) bool {
			return len(s.Waiting) > 0 && strings.Contains(s.Waiting[0].Message, master.Host)
		})
		tc.Check(agent.Restart(t.Context()))
		s := f.Await("the master", func(s *cluster.Status) bool { return s.Complete })
		if got := f.Slot(s, "alluxio-master-0"); *got.Volume != *master.Volume || got.Host != master.Host {
			t.Errorf("%+v", got)
		}
		intact("after its agent was away")
	})
	t.Run("what would part Alluxio from its journal is refused", func(t *testing.T) {
		out, err := f.CLI(t.Context(), "replace", "alluxio-master-0")
		if err == nil ||
			!strings.Contains(out+err.Error(), "volume "+master.Volume.ID+" on "+master.Host+
				" holds the journal of alluxio-master-0") {
			t.Errorf("%v %s", err, out)
		}
	})
	t.Run("replace of a worker leaves its volume where it is", func(t *testing.T) {
		out, err := f.CLI(t.Context(), "replace", "alluxio-worker-0")
		if err != nil || !strings.Contains(out, "Volume "+worker.Volume.ID+" stays on "+worker.Host) {
			t.Fatalf("%v %s", err, out)
		}
		s := f.In(t).Await("another volume", func(s *cluster.Status) bool {
			v := f.Slot(s, "alluxio-worker-0").Volume
			return s.Complete && v != nil && v.ID != worker.Volume.ID
		})
		if got := f.Slot(s, "alluxio-worker-0"); got.Host == worker.Host {
			t.Errorf("there is no room for a second volume on %s: %+v", worker.Host, got)
		}
		if !tc.Volumes()[worker.Volume.ID] {
			t.Errorf("volume %s is gone; there are %v", worker.Volume.ID, tc.Volumes())
		}
		intact("after a worker was replaced")
	})
	t.Run("uninstall --destroy-volumes leaves no reservation", func(t *testing.T) {
		if out, err := f.CLI(t.Context(), "uninstall", "--destroy-volumes", "--dry-run"); err != nil ||
			!strings.Contains(out, "Volume "+master.Volume.ID+" on "+master.Host+" is destroyed") {
			t.Errorf("%v %s", err, out)
		}
		if out, err := f.CLI(t.Context(), "uninstall", "--destroy-volumes", "--yes"); err != nil ||
			!strings.Contains(out, "the cluster and its framework have ended") {
			f.Fatalf("%v %s", err, out)
		}
		tc.NothingReserved()
		tc.OnlyTasks(f, nil)
	})
}

// checkVolume compares a slot's volume with what Mesos has of it.
func checkVolume(f *testcluster.Framework, slot cluster.SlotStatus, mb float64) {
	f.Cluster.T.Helper()
	if slot.Volume == nil || slot.Volume.MB != mb || slot.Volume.Host != slot.Host {
		f.Fatalf("%s has the volume %+v", slot.Slot, slot.Volume)
	}
	agent := agentOn(f.Cluster, slot.Host)
	for _, r := range agent.Used {
		if r.VolumeID() != slot.Volume.ID {
			continue
		}
		reservation := r.Reservations[len(r.Reservations)-1]
		if r.Role() != "alluxio" || r.Disk.Persistence.Principal != "alluxio" {
			f.Cluster.T.Errorf("volume %+v", r)
		}
		if reservation.Type == "DYNAMIC" &&
			(reservation.Principal != "alluxio" || reservation.Labels == nil ||
				!strings.Contains(fmt.Sprint(reservation.Labels.Labels), slot.Slot)) {
			f.Cluster.T.Errorf("%s: reservation %+v", slot.Slot, reservation)
		}
		return
	}
	f.Cluster.T.Errorf("Mesos has no volume %s on %s: %+v", slot.Volume.ID, slot.Host, agent.Used)
}

// pageOf is the body of a page.
func pageOf(tc *testcluster.Cluster, url string) []byte {
	tc.T.Helper()
	response, err := http.Get(url)
	tc.Check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	tc.Check(err)
	return body
}
