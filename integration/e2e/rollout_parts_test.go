package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// reload makes a change of the site file and has the framework read it.
func reload(f *testcluster.Framework, change func()) {
	f.Cluster.T.Helper()
	change()
	f.Cluster.Check(syscall.Kill(f.PID(), syscall.SIGHUP))
}

// killed are the slots that the framework has killed because the settings of their role have
// changed, in order, since its log had begun bytes.
func killed(f *testcluster.Framework, begun int) (order []string) {
	kill := regexp.MustCompile(`kill (alluxio-\S+-\d+)\.\d+: the settings of`)
	for _, found := range kill.FindAllStringSubmatch(f.Log()[begun:], -1) {
		order = append(order, found[1])
	}
	return slices.Compact(order) // a kill is repeated until its task has ended
}

// changePort gives a lone master with two workers another port. It is replaced first, then one
// worker after the other, and every file is read.
func changePort(f *testcluster.Framework, r realalluxio.Release, change func()) {
	tc, t := f.Cluster, f.Cluster.T
	t.Helper()
	dir, all := tc.Folder("files"), ""
	for i := range 4 {
		text := strings.Repeat(fmt.Sprintf("written into file %d before the change\n", i), 10000*(i+1))
		tc.Check(os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte(text), 0o644))
		all += text
	}
	f.Shell(r, "copyFromLocal", dir, "/files")
	before := f.Await("everything", func(s *cluster.Status) bool { return s.Complete && s.Rollout == nil })
	was, begun := testcluster.TaskIDs(before), len(f.Log())
	reload(f, change)
	after := f.Await("the rollout", func(s *cluster.Status) bool {
		now := testcluster.TaskIDs(s)
		if testcluster.Serving(s, config.Worker) < 1 {
			f.Fatalf("both workers are away: %+v", s.Slots)
		}
		for slot, id := range was {
			if now[slot] == id {
				return false
			}
		}
		return s.Complete && s.Rollout == nil
	})
	want := []string{"alluxio-master-0", "alluxio-worker-0", "alluxio-worker-1"}
	if order := killed(f, begun); !slices.Equal(order, want) {
		t.Errorf("replaced were %v, want %v", order, want)
	}
	if now := slices.Collect(maps.Values(testcluster.TaskIDs(after))); len(now) != 3 {
		t.Errorf("tasks %v", now)
	}
	if port := f.Slot(after, "alluxio-master-0").Ports[config.MasterRPC]; port != 20000 {
		t.Errorf("the master is at port %d", port)
	}
	f.AwaitFile(r, "/files/*", all)
}

// removeWorker asks for one worker less, while it has a file that is in no under store: it serves on until the
// file is gone.
func removeWorker(f *testcluster.Framework, r realalluxio.Release, change func()) {
	tc, t := f.Cluster, f.Cluster.T
	t.Helper()
	before := f.Await("everything", func(s *cluster.Status) bool { return s.Complete && s.Rollout == nil })
	master, worker := f.Slot(before, "alluxio-master-0"), f.Slot(before, "alluxio-worker-1")
	f.Client = onlyTo(worker, master)
	f.Shell(r, "copyFromLocal", filepath.Join(tc.Dir, "files/0"), "/in-workers-only")
	if out := f.Shell(r, "location", "/in-workers-only"); !strings.Contains(out, worker.Host) {
		t.Fatalf("the file is not on %s: %s", worker.Host, out)
	}
	if out := f.Shell(r, "ls", "/in-workers-only"); !strings.Contains(out, "NOT_PERSISTED") {
		t.Errorf("ls: %s", out)
	}
	reload(f, change)
	s := f.Await("the file to be named", func(s *cluster.Status) bool {
		return slices.ContainsFunc(s.Waiting, func(w cluster.Waiting) bool {
			return w.Slot == "alluxio-worker-1" && strings.Contains(w.Message, "such as /in-workers-only") &&
				strings.Contains(w.Hint, "alluxio.integration.mesos.worker.unpersisted")
		})
	})
	if now := f.Slot(s, "alluxio-worker-1"); now.TaskID != worker.TaskID || now.State != "serving" {
		t.Errorf("the worker was %+v and is %+v", worker, now)
	}
	jvm := f.JVM(worker)
	f.Shell(r, "rm", "/in-workers-only")
	tc.Gone(jvm)
	f.Await("the end of the worker", func(s *cluster.Status) bool {
		return s.Complete && testcluster.Serving(s, config.Worker) == 1 && len(s.Waiting) == 0
	})
	tc.OnlyTasks(f, map[string]string{"master": master.TaskID, "worker": f.Slot(before, "alluxio-worker-0").TaskID})
}

// onlyTo makes a client keep what it writes on one worker, and nowhere else. copyFromLocal has a policy of
// its own, which takes one worker after the other.
func onlyTo(worker, master cluster.SlotStatus) map[string]string {
	return map[string]string{"alluxio.master.hostname": master.Host,
		"alluxio.master.rpc.port":                                     fmt.Sprint(master.Ports[config.MasterRPC]),
		"alluxio.user.file.writetype.default":                         "MUST_CACHE",
		"alluxio.user.file.copyfromlocal.block.location.policy.class": "alluxio.client.block.policy.SpecificHostPolicy",
		"alluxio.worker.hostname":                                     worker.Host}
}

// endWithFiles ends the cluster while a file is in a worker only: not before the operator gives it up.
func endWithFiles(f *testcluster.Framework, r realalluxio.Release) {
	tc, t := f.Cluster, f.Cluster.T
	t.Helper()
	before := f.Await("everything", func(s *cluster.Status) bool { return s.Complete && s.Rollout == nil })
	f.Client = onlyTo(f.Slot(before, "alluxio-worker-0"), f.Slot(before, "alluxio-master-0"))
	f.Shell(r, "copyFromLocal", filepath.Join(tc.Dir, "files/0"), "/given-up")
	_, err := f.Stop(t.Context(), "--teardown", "--yes", "--timeout", "20s")
	for _, says := range []string{"the teardown is dropped", "such as /given-up", "--lose-unpersisted"} {
		if !strings.Contains(fmt.Sprint(err), says) {
			t.Errorf("it does not say %q: %v", says, err)
		}
	}
	now := f.Await("everything", func(s *cluster.Status) bool { return s.Complete && !s.Framework.Teardown })
	if out := f.Shell(r, "cat", "/given-up"); out == "" || len(now.Waiting) > 0 {
		t.Errorf("the file is %q, and these wait: %v", out, now.Waiting)
	}
	if out, err := f.Stop(t.Context(), "--teardown", "--yes", "--lose-unpersisted"); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
