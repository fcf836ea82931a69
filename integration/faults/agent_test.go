package faults

import (
	"context"

	"github.com/alluxio/alluxio-mesos/integration/world"
)

var agentReturns = &fault{"kill -9 of a Mesos agent, started again at once", "it is registered with the same tasks, no JVM was restarted",
	"the time until somebody starts it, within its `--recovery_timeout`"}

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
