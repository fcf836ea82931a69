package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestNewSettingsReachTheClusterOneTaskAtATime changes the site file of a living cluster: by
// SIGHUP, by a new start, in a way that does not work, and in one that would lose the journal.
func TestNewSettingsReachTheClusterOneTaskAtATime(t *testing.T) {
	t.Parallel()
	const resources = "ports:[19998-20000,29998-30000];cpus:4;mem:4096;disk:1000"
	tc := newCluster(t, resources, resources)
	release := tc.Release("2.9.6")
	base := []string{"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + release.Dir,
		"alluxio.integration.mesos.worker.count=2"}
	f := tc.NewFramework("rolling", base...)
	f.Serve()
	change := func(lines ...string) {
		t.Helper()
		tc.Check(f.WriteSite(append(append(tc.Site("rolling"), base...), lines...)...))
	}
	complete := func(s *cluster.Status) bool { return s.Complete && s.Rollout == nil }
	before, err := f.Status(t.Context())
	tc.Check(err)

	change("alluxio.integration.worker.resource.cpu=0.6", "alluxio.integration.master.resource.cpu=0.4")
	tc.Check(syscall.Kill(f.PID(), syscall.SIGHUP))
	least := 3
	f.Await("the rollout", func(s *cluster.Status) bool {
		if s.Rollout == nil && maxIncarnation(s) == maxIncarnation(before) {
			return false // not begun yet
		}
		least = min(least, testcluster.Serving(s, config.Worker))
		return complete(s)
	})
	if least < 1 {
		t.Error("more than one worker was away at a time")
	}
	if !strings.Contains(f.Log(), "restarts, and no other master serves: clients cannot use Alluxio for about") {
		t.Error("the log does not say that the only master restarts")
	}
	after, err := f.Status(t.Context())
	tc.Check(err)
	for _, slot := range after.Slots {
		old := f.Slot(before, slot.Slot)
		if slot.TaskID == old.TaskID || slot.Host != old.Host || slot.LastFailure != nil {
			t.Errorf("%s was not replaced on its host: %+v", slot.Slot, slot)
		}
	}

	t.Run("a change that does not work stops at its first victim and says why", func(t *testing.T) {
		change("alluxio.integration.worker.resource.cpu=0.6", "alluxio.integration.master.resource.cpu=0.4",
			"alluxio.integration.worker.java.opts=-XX:NoSuchFlag")
		tc.Check(syscall.Kill(f.PID(), syscall.SIGHUP))
		status := f.Await("the failure", func(s *cluster.Status) bool {
			return s.Rollout != nil && strings.Contains(s.Rollout.Waiting, "NoSuchFlag")
		})
		if testcluster.Serving(status, config.Worker) != 1 || testcluster.Serving(status, config.Master) != 1 {
			t.Errorf("%+v", status.Slots)
		}
		text, err := f.CLI(t.Context(), "status")
		if err != nil || !strings.Contains(text, "NoSuchFlag") {
			t.Errorf("%v\n%s", err, text)
		}
	})
	t.Run("undoing it at the next start heals the victim and restarts nothing else", func(t *testing.T) {
		if out, err := f.Stop(t.Context()); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		change("alluxio.integration.worker.resource.cpu=0.6", "alluxio.integration.master.resource.cpu=0.4")
		f.Serve()
		now := f.Await("everything", complete)
		same := 0
		for _, slot := range now.Slots {
			if slot.TaskID == f.Slot(after, slot.Slot).TaskID {
				same++
			}
		}
		if same != 2 {
			t.Errorf("%d tasks of 2 were left alone: %+v", same, now.Slots)
		}
	})
	t.Run("a property that only masters see leaves the workers in place", func(t *testing.T) {
		was := testcluster.TaskIDs(f.Await("everything", complete))
		change("alluxio.integration.worker.resource.cpu=0.6", "alluxio.integration.master.resource.cpu=0.4",
			"alluxio.master.heartbeat.timeout=20min")
		tc.Check(syscall.Kill(f.PID(), syscall.SIGHUP))
		now := testcluster.TaskIDs(f.Await("the rollout", func(s *cluster.Status) bool {
			return testcluster.TaskIDs(s)["alluxio-master-0"] != was["alluxio-master-0"] && complete(s)
		}))
		was["alluxio-master-0"] = now["alluxio-master-0"]
		if !maps.Equal(now, was) {
			t.Errorf("the tasks were %v and are %v", was, now)
		}
	})
	lines := []string{"alluxio.integration.worker.resource.cpu=0.6", "alluxio.user.short.circuit.enabled=false"}
	t.Run("another port of the master reaches one worker at a time and loses no file", func(t *testing.T) {
		lines = append(lines, "alluxio.master.rpc.port=20000")
		changePort(f.In(t), release, func() { change(lines...) })
	})
	t.Run("a worker beyond a smaller count serves on while a file is on it alone", func(t *testing.T) {
		lines = append(lines, "alluxio.integration.mesos.worker.count=1")
		removeWorker(f.In(t), release, func() { change(lines...) })
	})
	t.Run("a change that would lose the journal is refused", func(t *testing.T) {
		change("alluxio.master.journal.folder=" + filepath.Join(tc.Dir, "elsewhere"))
		tc.Check(syscall.Kill(f.PID(), syscall.SIGHUP))
		f.Await("the refusal", func(*cluster.Status) bool {
			return strings.Contains(f.Log(), "this change cannot be made safely")
		})
		if out, err := f.Stop(t.Context()); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if out, err := f.Start(t.Context(), tc.Master.Addr()); err == nil || !strings.Contains(out, "--lose-journal") {
			t.Errorf("%v: %s", err, out)
		}
		if _, err := os.Stat(filepath.Join(tc.Dir, "elsewhere")); err == nil {
			t.Error("the new journal was made")
		}
	})
	t.Run("a teardown does not begin while a file is on a worker alone", func(t *testing.T) {
		change(lines...)
		f.Serve()
		endWithFiles(f.In(t), release)
	})
}

// maxIncarnation grows with every launch.
func maxIncarnation(s *cluster.Status) int {
	n := 0
	for _, slot := range s.Slots {
		n = max(n, slot.Restarts)
	}
	return n
}
