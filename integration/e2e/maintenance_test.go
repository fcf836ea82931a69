package e2e

import (
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/world"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// maintained is a genuine Mesos with an agent for the Alluxio master, and two for one worker.
func maintained(t *testing.T, name string, lines ...string) (*world.World, *world.Framework) {
	w := newWorld(t)
	rest := ";cpus:4;mem:2048;disk:1000"
	for _, ports := range []string{"ports:[19998-19999]", "ports:[29998-30000]", "ports:[29998-30000]"} {
		w.AddAgent(realmesos.AgentOptions{Resources: ports + rest})
	}
	lines = append(lines, "alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home="+w.Release("1.8.1").Dir, "alluxio.integration.mesos.worker.count=1")
	f := w.NewFramework(name, lines...)
	f.Serve()
	return w, f
}

// worker is the only one, once done says so.
func worker(f *world.Framework, what string, done func(cluster.SlotStatus) bool) (found cluster.SlotStatus) {
	f.World.T.Helper()
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

// TestOperatorsOfMesosTakeAgentsAway drains an agent with a worker, brings it back, and marks another gone, on genuine Mesos.
func TestOperatorsOfMesosTakeAgentsAway(t *testing.T) {
	t.Parallel()
	w, f := maintained(t, "drained")
	serves := func(s cluster.SlotStatus) bool { return s.State == "serving" }
	first := worker(f, "a worker", serves)
	var second cluster.SlotStatus
	t.Run("the worker of a drained agent goes elsewhere, and nothing has failed", func(t *testing.T) {
		w.Check(w.Master.DrainAgent(t.Context(), first.AgentID))
		second = worker(f, "a worker elsewhere", func(s cluster.SlotStatus) bool { return serves(s) && s.Host != first.Host })
		if second.LastFailure != nil || !second.NextLaunch.IsZero() {
			t.Errorf("%+v", second)
		}
	})
	t.Run("an agent that is marked gone is not waited for", func(t *testing.T) {
		w.Check(w.Master.ReactivateAgent(t.Context(), first.AgentID))
		w.Check(w.Master.MarkAgentGone(t.Context(), second.AgentID))
		third := worker(f, "a worker where the first was", func(s cluster.SlotStatus) bool { return serves(s) && s.TaskID != second.TaskID })
		if third.Host != first.Host || third.LastFailure == nil || third.LastFailure.State != "TASK_GONE_BY_OPERATOR" {
			t.Errorf("%+v, %+v", third, third.LastFailure)
		}
	})
	w.OnlyTasks(f, map[string]string{"master": "alluxio-master-0.1", "worker": "alluxio-worker-0.3"})
	if out, err := f.Stop(t.Context(), "--teardown"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
}
