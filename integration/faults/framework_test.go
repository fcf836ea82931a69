package faults

import (
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

var (
	frameworkIdle = &fault{"kill -9 of the framework, started again at once",
		"the same tasks are confirmed to the same framework ID",
		"the time until somebody starts it, and 15 s"}
	frameworkLaunching = &fault{"kill -9 of the framework while a task starts, started again at once",
		"that task serves, or the next one when its executor could not be fetched",
		"the time until somebody starts it, and Alluxio's start"}
	frameworkLeader = &fault{"kill -9 of the framework instance that acts, another stands by",
		"the same tasks are confirmed through the other",
		"`zookeeper.session.timeout` (here 4 s) and 2 s"}
)

// restart kills the framework and starts it again, as a supervisor would at once.
func restart(f *testcluster.Framework) {
	f.Cluster.T.Helper()
	f.KillFramework()
	begin(f)
}

// begin runs the start script without waiting for Alluxio.
func begin(f *testcluster.Framework) {
	f.Cluster.T.Helper()
	if out, err := f.Start(f.Cluster.T.Context(), f.Cluster.Address()); err != nil {
		f.Fatalf("start: %v\n%s", err, out)
	}
}

func killFramework(f *testcluster.Framework) {
	unharmed(f, frameworkIdle, func() { restart(f) }, func(before, now *cluster.Status) bool {
		return now.Framework.Started.After(before.Framework.Started)
	})
}

// TestKill9OfTheFrameworkWhileATaskStarts kills it as soon as its status shows a task, when the
// agent fetches the executor from it, and twice later. A task whose executor was not fetched fails,
// through Mesos, and is followed by the next one; all others are adopted.
func TestKill9OfTheFrameworkWhileATaskStarts(t *testing.T) {
	t.Parallel()
	tc := testcluster.New(t, binary)
	tc.AddAgent(agent)
	f := tc.NewFramework("launching", append(install(tc), "alluxio.integration.mesos.worker.count=1")...)
	begin(f)
	first := f.Await("a launch", func(s *cluster.Status) bool { return f.Slot(s, "alluxio-master-0").TaskID != "" })
	measure(t, frameworkLaunching, func() { restart(f) }, func() {
		starting := f.Await("the master's start", func(s *cluster.Status) bool {
			return f.Slot(s, "alluxio-master-0").State == "starting"
		})
		restart(f)
		serving := f.Await("the master", func(s *cluster.Status) bool { return confirmed(f.Slot(s, "alluxio-master-0")) })
		if was, now := f.Slot(starting, "alluxio-master-0"), f.Slot(serving, "alluxio-master-0"); was.TaskID != now.TaskID {
			t.Errorf("a task that was starting was not adopted: %+v, then %+v", was, now)
		}
	})
	f.Await("the worker's launch", func(s *cluster.Status) bool { return f.Slot(s, "alluxio-worker-0").TaskID != "" })
	restart(f)
	last := f.Await("everything", serves)
	if last.Framework.ID != first.Framework.ID {
		t.Errorf("framework ID %s, then %s", first.Framework.ID, last.Framework.ID)
	}
	tc.OnlyTasks(f, testcluster.TaskIDs(last))
	onlyFetchesFailed(tc)
	killBelowAnAgentThatIsAway(f, tc.Agents[0], "alluxio-worker-0")
}

// onlyFetchesFailed checks that no task ended that had an executor.
func onlyFetchesFailed(tc *testcluster.Cluster) {
	tc.T.Helper()
	state, err := tc.State(tc.T.Context())
	tc.Check(err)
	for _, framework := range state.Frameworks {
		for _, task := range framework.Completed {
			if task.State != "TASK_FAILED" {
				tc.T.Errorf("%s ended as %s: nothing else than the fetch of its executor may fail", task.ID, task.State)
			}
			for _, status := range task.Statuses {
				if status.State != "TASK_FAILED" {
					tc.T.Errorf("%s was %s: it had its executor, and should have been adopted", task.ID, status.State)
				}
			}
		}
	}
}
