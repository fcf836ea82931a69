package faults

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// agent is one that has room for an Alluxio master and a worker.
var agent = realmesos.AgentOptions{Resources: testcluster.AllPorts + ";cpus:4;mem:4096;disk:1000"}

// written is what a file of Alluxio says that was there before anything failed.
var written = strings.Repeat("written before anything failed\n", 10000)

// install is the site file's part about Alluxio: 1.8.1, which takes the least memory and starts quickest.
func install(tc *testcluster.Cluster) []string {
	return []string{"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + tc.Release("1.8.1").Dir}
}

// write puts a file into Alluxio.
func write(f *testcluster.Framework) {
	f.Cluster.T.Helper()
	file := filepath.Join(f.Cluster.Dir, "file")
	f.Cluster.Check(os.WriteFile(file, []byte(written), 0o644))
	f.Shell(f.Cluster.Release("1.8.1"), "copyFromLocal", file, "/before")
}

// read checks that it is still there.
func read(f *testcluster.Framework) {
	f.Cluster.T.Helper()
	f.AwaitFile(f.Cluster.Release("1.8.1"), "/before", written)
}

// status asks once.
func status(f *testcluster.Framework) *cluster.Status {
	f.Cluster.T.Helper()
	s, err := f.Status(f.Cluster.T.Context())
	f.Cluster.Check(err)
	return s
}

// part is one fault of several on one cluster.
type part struct {
	name string
	run  func(*testcluster.Framework)
}

// run lets the parts happen one after the other; each begins with a cluster that serves.
func run(t *testing.T, f *testcluster.Framework, parts ...part) {
	t.Helper()
	for _, p := range parts {
		if !t.Run(p.name, func(t *testing.T) {
			mine := f.In(t)
			mine.Await("a cluster that serves", serves)
			p.run(mine)
		}) {
			t.FailNow() // the next one would begin with a broken cluster
		}
	}
}

// confirmed is true for a slot whose task serves, as Mesos has said since the last subscription.
func confirmed(slot cluster.SlotStatus) bool { return slot.State == "serving" && slot.Confirmed }

// serves is true when everything runs, and Mesos has said so since the last subscription.
func serves(s *cluster.Status) bool {
	for _, slot := range s.Slots {
		if !slot.Confirmed {
			return false
		}
	}
	return s.Mesos.State == "subscribed" && s.Complete
}

// jvms are the processes behind tasks.
func jvms(f *testcluster.Framework, s *cluster.Status) map[string]int {
	f.Cluster.T.Helper()
	pids := map[string]int{}
	for _, slot := range s.Slots {
		pids[slot.Slot] = f.JVM(slot)
	}
	return pids
}

// unharmed measures a fault that no task of f may feel: it is over when Mesos has confirmed the
// same tasks to the same framework again. away is how the fault is recognised, so that the state
// before it does not count.
func unharmed(f *testcluster.Framework, row *fault, happen func(), away func(before, now *cluster.Status) bool) {
	f.Cluster.T.Helper()
	before := status(f)
	pids := jvms(f, before)
	measure(f.Cluster.T, row, happen, func() {
		felt := false
		f.Await("the same tasks", func(now *cluster.Status) bool {
			felt = felt || away(before, now)
			return felt && serves(now) && maps.Equal(testcluster.TaskIDs(now), testcluster.TaskIDs(before))
		})
	})
	now := status(f)
	if now.Framework.ID != before.Framework.ID || !maps.Equal(jvms(f, now), pids) {
		f.Cluster.T.Errorf("before %v of %s, after %v of %s", pids, before.Framework.ID, jvms(f, now), now.Framework.ID)
	}
	f.Cluster.OnlyTasks(f, testcluster.TaskIDs(before))
}

// subscribedAgain is true when the subscription is another one than before.
func subscribedAgain(before, now *cluster.Status) bool {
	return now.Mesos.Since.After(before.Mesos.Since)
}

// replaced measures a fault that ends the task of one slot: it is over when another one serves in
// its place, on the same host, and that all the others are what they were.
func replaced(f *testcluster.Framework, row *fault, name string,
	happen func(cluster.SlotStatus)) (after cluster.SlotStatus) {
	f.Cluster.T.Helper()
	before := status(f)
	was := f.Slot(before, name)
	measure(f.Cluster.T, row, func() { happen(was) }, func() {
		f.Await("another task of "+name, func(now *cluster.Status) bool {
			after = f.Slot(now, name)
			return after.TaskID != was.TaskID && confirmed(after)
		})
	})
	if after.Host != was.Host || after.Restarts != was.Restarts+1 || after.LastFailure == nil {
		f.Cluster.T.Errorf("before %+v, after %+v", was, after)
	}
	want := testcluster.TaskIDs(before)
	want[name] = after.TaskID
	if now := testcluster.TaskIDs(f.Await("a cluster that serves", serves)); !maps.Equal(now, want) {
		f.Cluster.T.Errorf("tasks %v, want %v", now, want)
	}
	f.Cluster.OnlyTasks(f, want)
	return after
}
