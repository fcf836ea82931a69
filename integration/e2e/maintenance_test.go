package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// maintained is a genuine Mesos with an agent for the Alluxio master, and two for one worker.
func maintained(t *testing.T, name string, lines ...string) (*testcluster.Cluster, *testcluster.Framework) {
	tc := newCluster(t)
	rest := ";cpus:4;mem:2048;disk:1000"
	for _, ports := range []string{"ports:[19998-19999]", "ports:[29998-30000]", "ports:[29998-30000]"} {
		tc.AddAgent(realmesos.AgentOptions{Resources: ports + rest})
	}
	lines = append(lines, "alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home="+tc.Release("1.8.1").Dir,
		"alluxio.integration.mesos.worker.count=1")
	f := tc.NewFramework(name, lines...)
	f.Serve()
	return tc, f
}

// worker is the only one, once done says so.
func worker(f *testcluster.Framework, what string, done func(cluster.SlotStatus) bool) (found cluster.SlotStatus) {
	f.Cluster.T.Helper()
	f.Await(what, func(s *cluster.Status) bool {
		for _, slot := range s.Slots {
			if slot.Role == config.Worker && done(slot) {
				found = slot
				return true
			}
		}
		return false
	})
	return found
}

// TestOperatorsOfMesosTakeAgentsAway drains an agent with a worker, brings it back, and marks
// another gone, on genuine Mesos.
func TestOperatorsOfMesosTakeAgentsAway(t *testing.T) {
	t.Parallel()
	tc, f := maintained(t, "drained")
	serves := func(s cluster.SlotStatus) bool { return s.State == "serving" }
	first := worker(f, "a worker", serves)
	var second cluster.SlotStatus
	t.Run("the worker of a drained agent goes elsewhere, and nothing has failed", func(t *testing.T) {
		tc.Check(tc.Master.DrainAgent(t.Context(), first.AgentID))
		second = worker(f, "a worker elsewhere", func(s cluster.SlotStatus) bool { return serves(s) && s.Host != first.Host })
		if second.LastFailure != nil || !second.NextLaunch.IsZero() {
			t.Errorf("%+v", second)
		}
	})
	t.Run("an agent that is marked gone is not waited for", func(t *testing.T) {
		tc.Check(tc.Master.ReactivateAgent(t.Context(), first.AgentID))
		tc.Check(tc.Master.MarkAgentGone(t.Context(), second.AgentID))
		third := worker(f, "a worker where the first was", func(s cluster.SlotStatus) bool {
			return serves(s) && s.TaskID != second.TaskID
		})
		if third.Host != first.Host || third.LastFailure == nil || third.LastFailure.State != "TASK_GONE_BY_OPERATOR" {
			t.Errorf("%+v, %+v", third, third.LastFailure)
		}
	})
	tc.OnlyTasks(f, map[string]string{"master": "alluxio-master-0.1", "worker": "alluxio-worker-0.3"})
	if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
}

// TestMaintenanceMovesAWorkerBeforeItsHostGoes puts the host of a genuine worker into the
// maintenance schedule of a genuine Mesos: another one serves before it ends, and Mesos is told
// that the host is free. A host with a journal is not.
func TestMaintenanceMovesAWorkerBeforeItsHostGoes(t *testing.T) {
	t.Parallel()
	tc, f := maintained(t, "maintained")
	serves := func(s cluster.SlotStatus) bool { return s.State == "serving" }
	first := worker(f, "a worker", serves)
	answers := func(host, want string) {
		t.Helper()
		f.Await("the answer "+want+" for "+host, func(s *cluster.Status) bool {
			if testcluster.Serving(s, config.Worker) < 1 || testcluster.Serving(s, config.Master) < 1 {
				f.Fatalf("something does not serve: %+v", s.Slots)
			}
			machines, err := tc.Master.Maintenance(t.Context())
			tc.Check(err)
			for _, m := range machines {
				if m.ID.Hostname == host && len(m.Statuses) > 0 && m.Statuses[0].Status == want {
					return true
				}
			}
			return false
		})
	}
	t.Run("a worker is replaced first", func(t *testing.T) {
		announced := time.Now()
		tc.Check(tc.Master.ScheduleMaintenance(t.Context(), announced.Add(10*time.Minute), time.Hour,
			realmesos.Machine{Hostname: first.Host, IP: first.Host}))
		answers(first.Host, "ACCEPT")
		t.Logf("recovery: maintenance: %.1f", time.Since(announced).Seconds())
		second := worker(f, "the other worker", serves)
		if second.Host == first.Host || second.TaskID == first.TaskID {
			t.Errorf("%+v", second)
		}
		tc.OnlyTasks(f, map[string]string{"master": "alluxio-master-0.1", "worker": second.TaskID})
	})
	t.Run("a master with its journal there stays, and Mesos is told no", func(t *testing.T) {
		status, err := f.Status(t.Context())
		tc.Check(err)
		master := f.Slot(status, "alluxio-master-0")
		tc.Check(tc.Master.ScheduleMaintenance(t.Context(), time.Now().Add(10*time.Minute), time.Hour,
			realmesos.Machine{Hostname: master.Host, IP: master.Host}))
		answers(master.Host, "DECLINE")
		status, err = f.Status(t.Context())
		tc.Check(err)
		if got := f.Slot(status, "alluxio-master-0"); got.TaskID != master.TaskID ||
			!strings.Contains(strings.Join(got.Warnings, "\n"), "this task stays, since its journal is on that host") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a host whose maintenance is over is used again", func(t *testing.T) {
		tc.Check(tc.Master.ScheduleMaintenance(t.Context(), time.Time{}, 0))
		f.In(t).Await("the end of the warning", func(s *cluster.Status) bool {
			return !strings.Contains(strings.Join(f.Slot(s, "alluxio-master-0").Warnings, "\n"), "maintenance of")
		})
		status, err := f.Status(t.Context())
		tc.Check(err)
		for _, slot := range status.Slots {
			if slot.Role == config.Worker {
				tc.Check(tc.Master.DrainAgent(t.Context(), slot.AgentID))
			}
		}
		worker(f, "a worker where the first was", func(s cluster.SlotStatus) bool {
			return serves(s) && s.Host == first.Host
		})
	})
	if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
}
