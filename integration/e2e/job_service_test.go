package e2e

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestTheJobServicePersistsWhatClientsWrite is a cluster of Alluxio 2.9.6 that gets the job service
// while it runs: nothing that runs is replaced, a host without its ports lacks it and nothing else,
// and files that are written with the default of 2.x are persisted, also after each of its processes
// was killed.
func TestTheJobServicePersistsWhatClientsWrite(t *testing.T) {
	t.Parallel()
	tc := newCluster(t, "ports:[19998-20003,29998-30003];cpus:4;mem:6144;disk:1000",
		"ports:[29999-30000];cpus:4;mem:4096;disk:1000")
	release := tc.Release("2.9.6")
	mirror, _ := tc.Mirror(release.Tarball)
	lines := []string{
		"alluxio.integration.mesos.alluxio.jar.url=" + mirror + "/" + filepath.Base(release.Tarball),
		"alluxio.user.file.writetype.default=ASYNC_THROUGH",
		"alluxio.integration.job.master.java.opts=-XX:TieredStopAtLevel=1",
		"alluxio.integration.job.worker.java.opts=-XX:TieredStopAtLevel=1",
	}
	f := tc.NewFramework("persists", lines...)
	f.Serve()
	if !strings.Contains(f.Log(), "WRITTEN FILES WILL BE LOST") {
		t.Error("the log does not name the write type that needs the job service")
	}
	before := f.Await("two workers", func(s *cluster.Status) bool { return testcluster.Serving(s, config.Worker) == 2 })

	reload(f, func() {
		tc.Check(f.WriteSite(append(testcluster.WithoutJobLine(tc.Site("persists")), lines...)...))
	})
	after := f.Await("the job service", func(s *cluster.Status) bool {
		return testcluster.Serving(s, config.JobMaster) == 1 && testcluster.Serving(s, config.JobWorker) == 1
	})
	for slot, task := range testcluster.TaskIDs(before) {
		if now := f.Slot(after, slot); now.TaskID != task {
			t.Errorf("%s was %s, and is %s", slot, task, now.TaskID)
		}
	}
	t.Run("a host without its ports lacks a job worker, and the cluster is complete", func(t *testing.T) {
		if !after.Complete {
			t.Error("the cluster is not complete")
		}
		explain, err := f.CLI(t.Context(), "explain")
		if err != nil || !strings.Contains(explain, config.KeyJobWorkerRPC) {
			t.Errorf("%v\n%s", err, explain)
		}
	})

	written := 0
	persists := func(when string) {
		t.Helper()
		written++
		name := "/file" + strings.Repeat("-again", written-1)
		local := filepath.Join(tc.Dir, "local")
		tc.Check(os.WriteFile(local, []byte(when), 0o644))
		f.ShellWith(release, map[string]string{"alluxio.user.file.writetype.default": "ASYNC_THROUGH"}, "copyFromLocal",
			local, name)
		tc.Await(name+" in the under store, "+when, func(context.Context) (bool, error) {
			stored, err := os.ReadFile(filepath.Join(tc.Dir, "persists-ufs", name))
			return err == nil && string(stored) == when, nil
		})
	}
	persists("at once")
	name := after.Slots[slices.IndexFunc(after.Slots, func(slot cluster.SlotStatus) bool {
		return slot.Role == config.JobWorker && slot.State == "serving"
	})].Slot
	f.KillJVM(name)
	persists("after kill -9 of the job worker")
	worker := f.Slot(f.Await("the job worker", func(s *cluster.Status) bool {
		return testcluster.Serving(s, config.JobWorker) == 1
	}), name)
	f.KillJVM("alluxio-job-master-0")
	f.Await("the job worker, registered with the new job master", func(s *cluster.Status) bool {
		now := f.Slot(s, worker.Slot)
		return now.State == "serving" && now.TaskID != worker.TaskID
	})
	persists("after kill -9 of the job master")
	t.Run("teardown leaves nothing", func(t *testing.T) {
		if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
			f.Fatalf("teardown: %v %s", err, out)
		}
		tc.OnlyTasks(f, nil)
	})
}
