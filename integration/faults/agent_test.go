package faults

import (
	"context"
	"strings"

	"github.com/alluxio/alluxio-mesos/integration/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/world"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

var (
	agentReturns = &fault{"kill -9 of a Mesos agent, started again at once", "it is registered with the same tasks, no JVM was restarted",
		"the time until somebody starts it, within its `--recovery_timeout`"}
	agentMissesAnEnd = &fault{"kill -9 of a Mesos agent, then of a worker's JVM; the agent started again at once", "the next one serves on its host",
		"the same, and Alluxio's start"}
)

// killAgent takes the agent of the Alluxio master away; Alluxio does not notice.
func killAgent(f *world.Framework) {
	w, before := f.World, status(f)
	pids := jvms(f, before)
	victim := w.Agents[0]
	measure(w.T, agentReturns, func() { w.Check(victim.Kill(w.T.Context())) }, func() {
		w.Check(victim.Restart(w.T.Context()))
		w.OnlyTasks(f, world.TaskIDs(before))
		w.Await("the agent", func(ctx context.Context) (bool, error) {
			state, err := w.State(ctx)
			active := 0
			for _, a := range state.Agents {
				if a.Active {
					active++
				}
			}
			return active == len(w.Agents), err
		})
	})
	now := f.Await("the cluster", serves)
	if after := jvms(f, now); len(after) != len(pids) || after["alluxio-master-0"] != pids["alluxio-master-0"] {
		w.T.Errorf("JVMs before %v, after %v", pids, after)
	}
}

// killBelowAnAgentThatIsAway ends a JVM when nobody is there to hear of it: its executor has to tell the agent when that is back.
func killBelowAnAgentThatIsAway(f *world.Framework, on *realmesos.Agent, name string) {
	w := f.World
	after := replaced(f, agentMissesAnEnd, name, func(slot cluster.SlotStatus) {
		jvm := f.JVM(slot)
		w.Check(on.Kill(w.T.Context()))
		w.Kill(jvm)
		w.Check(on.Restart(w.T.Context()))
	})
	if !strings.Contains(after.LastFailure.Message, "SIGKILL") {
		w.T.Errorf("the executor's words are lost: %+v", after.LastFailure)
	}
}
