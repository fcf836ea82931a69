package cluster

import (
	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// checkConstraints: a task is never placed against its constraints, as far as the scheduler knows
// where the others are. Of a task that the Record does not know, and whose end was permitted, it
// knows the agent, not the rack; that one ends within its grace.
func (h *history) checkConstraints(l *Launch, spec *launch.Spec) {
	if pin := h.settings.Of(spec.Role).Host; pin != "" && pin != l.Host {
		h.fail("constraints are met", "%s is launched on %s, and pinned to %s", spec.Slot, l.Host, pin)
	}
	constraints := h.settings.Of(spec.Role).Constraints
	for i := range constraints {
		c, others := &constraints[i], map[string]int{}
		for _, id := range h.ids {
			if old := h.launched[id]; old.role == spec.Role && !h.replaceable(old) && !h.leaves(id) && !h.permitted[id] {
				others[h.rackOf(old.host)]++
			}
		}
		rack := h.rackOf(l.Host)
		if !c.Admits(rack, true) || c.Counts() && c.Operator != config.GroupBy && !c.AdmitsBeside(rack, others) {
			h.fail("constraints are met", "%s is launched in rack %s against %s, with %v", spec.Slot, rack, c.Text, others)
		}
	}
}

func (w *world) rackOf(host string) string {
	for _, h := range w.hosts {
		if h.name == host {
			return h.rack
		}
	}
	return ""
}
