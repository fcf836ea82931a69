package e2e

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestAStateThatIsNotCurrent restores an old copy of mesos-state behind a cluster that lives, and
// then removes mesos-state: neither ends a process of Alluxio before somebody has said so.
func TestAStateThatIsNotCurrent(t *testing.T) {
	t.Parallel()
	tc := newCluster(t, testcluster.AllPorts+";cpus:4;mem:4096;disk:1000")
	release := tc.Release("1.8.1")
	f := tc.NewFramework("state", "alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home="+release.Dir,
		"alluxio.integration.mesos.worker.count=1", "alluxio.integration.mesos.kill.grace=5s")
	f.Serve()
	stop(f)
	tc.Check(os.CopyFS(f.Path("mesos-state.backup"), os.DirFS(f.Path("mesos-state"))))
	f.Serve()
	f.KillJVM("alluxio-worker-0")
	before := f.Await("a cluster that serves", func(s *cluster.Status) bool { return s.Complete })
	stop(f)

	t.Run("that was restored from an old copy", func(t *testing.T) {
		tc.Check(os.RemoveAll(f.Path("mesos-state")))
		tc.Check(os.CopyFS(f.Path("mesos-state"), os.DirFS(f.Path("mesos-state.backup"))))
		refused(f, "alluxio-worker-0.2 on agent", "restored from an old copy", "alluxio-mesos recover --kill-unknown-tasks")
		lives(f, before)
		if out, err := f.CLI(t.Context(), "recover", "--kill-unknown-tasks"); err != nil || !strings.Contains(out, "once") {
			t.Fatalf("%v: %s", err, out)
		}
		f.Serve()
		after, err := f.Status(t.Context())
		tc.Check(err)
		if ids := testcluster.TaskIDs(after); ids["alluxio-master-0"] != "alluxio-master-0.1" ||
			ids["alluxio-worker-0"] != "alluxio-worker-0.3" {
			t.Errorf("the tasks are %v", ids)
		}
		tc.OnlyTasks(f, testcluster.TaskIDs(after))
		before = after
		stop(f)
	})
	t.Run("that was lost", func(t *testing.T) {
		tc.Check(os.RemoveAll(f.Path("mesos-state")))
		id := before.Framework.ID
		refused(f, "framework "+id+" of the same name", "alluxio-master-0.1 on agent", "alluxio-worker-0.3 on agent",
			"alluxio-mesos recover --framework-id "+id)
		lives(f, before)
		if out, err := f.CLI(t.Context(), "recover", "--framework-id", id); err != nil || !strings.Contains(out, id) {
			t.Fatalf("%v: %s", err, out)
		}
		refused(f, "alluxio-master-0.1 on agent", "alluxio-worker-0.3 on agent")
		lives(f, before)
		if out, err := f.CLI(t.Context(), "recover", "--kill-unknown-tasks"); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		f.Serve()
		after, err := f.Status(t.Context())
		tc.Check(err)
		if ids := testcluster.TaskIDs(after); after.Framework.ID != id || ids["alluxio-master-0"] != "alluxio-master-0.2" ||
			ids["alluxio-worker-0"] != "alluxio-worker-0.4" {
			t.Errorf("framework %s has the tasks %v", after.Framework.ID, ids)
		}
		tc.OnlyTasks(f, testcluster.TaskIDs(after))
	})
	t.Run("a cluster of another name starts beside it", func(t *testing.T) {
		other := tc.NewFramework("other", "alluxio.integration.mesos.alluxio.jar.url=LOCAL",
			"alluxio.home="+filepath.Join(tc.Dir, "nowhere"))
		if out, err := other.Start(t.Context(), tc.Address()); err != nil {
			other.Fatalf("%v: %s", err, out)
		}
		stop(other)
	})
	if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
}

func stop(f *testcluster.Framework) {
	f.Cluster.T.Helper()
	if out, err := f.Stop(f.Cluster.T.Context()); err != nil {
		f.Fatalf("stop: %v: %s", err, out)
	}
}

// refused starts the framework, which ends with exit code 4 and says all of words, at once and
// whenever its status is asked for.
func refused(f *testcluster.Framework, words ...string) {
	f.Cluster.T.Helper()
	_, err := f.Start(f.Cluster.T.Context(), "-w", f.Cluster.Address())
	var exit, later *clitest.ExitError
	if !errors.As(err, &exit) || exit.Code != 4 {
		f.Fatalf("start: %v, want exit code 4", err)
	}
	_, err = f.CLI(f.Cluster.T.Context(), "status")
	if !errors.As(err, &later) {
		f.Fatalf("status: %v", err)
	}
	for _, word := range append(words, "the last one ended at") {
		if !strings.Contains(later.Output, word) || !strings.Contains(exit.Output+"the last one ended at", word) {
			f.Cluster.T.Errorf("%q is not in both of:\n%s\n%s", word, exit.Output, later.Output)
		}
	}
}

// lives makes sure that every task of s runs in Mesos, and its JVM on the agent.
func lives(f *testcluster.Framework, s *cluster.Status) {
	f.Cluster.T.Helper()
	f.Cluster.OnlyTasks(f, maps.Clone(testcluster.TaskIDs(s)))
	for _, slot := range s.Slots {
		f.JVM(slot)
	}
}
