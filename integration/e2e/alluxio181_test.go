package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestTwoFrameworksWithAlluxio181 runs a LOCAL install on changed ports beside a tarball on ports
// from the offers, on the same agents.
func TestTwoFrameworksWithAlluxio181(t *testing.T) {
	t.Parallel()
	ports := "ports:[21000-21010,31000-31100];cpus:6;mem:6144;disk:1000"
	tc := newCluster(t, ports, ports)
	release := tc.Release("1.8.1")
	mirror, _ := tc.Mirror(release.Tarball)

	local := tc.NewFramework("changed",
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL",
		"alluxio.home="+release.Dir,
		"alluxio.integration.mesos.worker.count=1",
		"alluxio.master.port=21000", "alluxio.master.web.port=21001",
		"alluxio.worker.tieredstore.level0.dirs.quota=64 MB", "alluxio.worker.tieredstore.levels=2",
		"alluxio.worker.tieredstore.level1.alias=HDD",
		"alluxio.worker.tieredstore.level1.dirs.path="+tc.Folder("second-tier")+","+tc.Folder("beside"),
		"alluxio.worker.tieredstore.level1.dirs.quota=300 MB,200MB",
		"alluxio.worker.port=21002", "alluxio.worker.data.port=21003", "alluxio.worker.web.port=21004",
	)
	other := tc.NewFramework("dynamic",
		"alluxio.integration.mesos.alluxio.jar.url="+mirror+"/"+filepath.Base(release.Tarball),
		"alluxio.integration.mesos.worker.count=1",
		"alluxio.master.port=0", "alluxio.master.web.port=0",
		"alluxio.worker.port=0", "alluxio.worker.data.port=0", "alluxio.worker.web.port=0",
	)
	local.Serve()
	pinned := tc.Block.IP(2)
	if out, err := other.Start(t.Context(), "-w", tc.Master.Addr(), pinned); err != nil {
		other.Fatalf("start: %v\n%s", err, out)
	}
	status, err := local.Status(t.Context())
	tc.Check(err)
	if worker := local.Slot(status, "alluxio-worker-0"); worker.Ports[config.WorkerData] != 21003 ||
		worker.AlluxioVersion != "1.8.1" {
		t.Errorf("worker on changed ports: %+v", worker)
	}
	if task := mesosTask(t, tc, local.Slot(status, "alluxio-worker-0").TaskID, local); task.Resources.Disk != 500 {
		t.Errorf("folders of 300 MB and 200 MB on disk: Mesos gave %+v", task.Resources)
	}
	if got := tiersOf(tc, local.Slot(status, "alluxio-master-0"))["HDD"].Total; got != 500<<20 {
		t.Errorf("Alluxio has %d bytes of tier HDD", got)
	}
	status, err = other.Status(t.Context())
	tc.Check(err)
	master := other.Slot(status, "alluxio-master-0")
	if rpc := master.Ports[config.MasterRPC]; master.Host != pinned || (rpc < 21000 || rpc > 21010) &&
		(rpc < 31000 || rpc > 31100) {
		t.Errorf("master on ports of the offer, pinned to %s: %+v", pinned, master)
	}
	if !status.Complete || status.Mesos.Offers != "suppressed" {
		t.Errorf("a fixed count that is met: %+v", status.Mesos)
	}

	file := filepath.Join(tc.Dir, "file")
	text := strings.Repeat("written before anything was killed\n", 10000)
	tc.Check(os.WriteFile(file, []byte(text), 0o644))
	for _, f := range []*testcluster.Framework{local, other} {
		f.Shell(release, "copyFromLocal", file, "/before")
	}
	t.Run("stop ends the framework of this configuration and no other", func(t *testing.T) {
		pid := local.PID()
		ids, err := other.Status(t.Context())
		tc.Check(err)
		if out, err := other.Stop(t.Context()); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if local.PID() != pid {
			t.Error("the other framework was stopped, too")
		}
		tc.OnlyTasks(other, testcluster.TaskIDs(ids))
	})
	local.KillJVM("alluxio-worker-0")
	local.KillJVM("alluxio-master-0")
	local.Await("everything", func(s *cluster.Status) bool { return s.Complete })
	local.AwaitFile(release, "/before", text)
}

// mesosTask is a task of a framework as Mesos knows it.
func mesosTask(t *testing.T, tc *testcluster.Cluster, id string, f *testcluster.Framework) realmesos.Task {
	t.Helper()
	state, err := tc.Master.State(t.Context())
	tc.Check(err)
	for _, framework := range state.Frameworks {
		for _, task := range framework.Tasks {
			if task.ID == id && framework.Name == f.Name {
				return task
			}
		}
	}
	t.Fatalf("Mesos does not know %s of %s", id, f.Name)
	return realmesos.Task{}
}
