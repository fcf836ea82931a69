package cluster

import "fmt"

// The rows of surplus tasks are bounded. A cluster keeps one for each unreachable task that it
// replaces, for as long as Mesos keeps unreachable agents. Live surplus tasks are no more than fit on
// the agents, and their rows go when they are killed. A teardown launches nothing, so it ignores the
// bound: it adds at most one row for each slot.

// longestSurplus bounds, in bytes, the IDs in a row. Those of our tasks are shorter, since they
// name folders on the agent. A task with a longer one is killed without a row when Mesos reports
// it.
const longestSurplus = 1 << 10

// fits is true for a task that gets a row.
func (task *surplusTask) fits() bool {
	return len(task.ID)+len(task.AgentID)+len(task.Slot) <= longestSurplus
}

// surplusFull is true while tasks on unreachable agents are not replaced.
func (s *State) surplusFull() bool { return len(s.surplus.byID) >= surplusMost }

// hintSurplus says how an operator ends surplus tasks. Mesos: operator-http-api.md,
// MARK_AGENT_GONE, from 1.5 on.
const hintSurplus = "bring their agents back, or mark them gone (MARK_AGENT_GONE in the API of the Mesos master)"

// surplusText warns of so many surplus tasks that the bound is near, or is "".
func (s *State) surplusText() string {
	if len(s.surplus.byID) < surplusMost/2 {
		return ""
	}
	agents := map[string]bool{}
	for _, task := range s.surplus.byID {
		agents[task.AgentID] = true
	}
	return fmt.Sprintf("%d replaced tasks on %d agents may still run; "+
		"from %d on, no task on an unreachable agent is replaced: %s",
		len(s.surplus.byID), len(agents), surplusMost, hintSurplus)
}
