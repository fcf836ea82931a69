package cluster

import (
	"time"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// followBound is how long a companion may live on a host that its primary has left, while its agent
// can be reached.
const followBound = 5 * time.Minute

// checkBeside: a companion is launched on the host where its primary has a task.
func (h *history) checkBeside(l *Launch, spec *launch.Spec) {
	role := h.settings.Roles.Row(spec.Role).Beside
	if role == "" {
		return
	}
	slots := h.slotRows()
	primary := slots[slotName(role, slots[spec.Slot].Index)]
	if primary == nil || primary.Task == nil || primary.Host != l.Host {
		h.fail("a companion is beside its primary", "%s is launched on %s, and %s%s", spec.Slot, l.Host,
			slotName(role, slots[spec.Slot].Index), whereIs(primary))
	}
}

func whereIs(slot *Slot) string {
	switch {
	case slot == nil:
		return " is gone"
	case slot.Task == nil:
		return " has no task"
	}
	return " is on " + slot.Host
}

// checkFollows: a companion ends soon after its primary has left its host.
func (h *history) checkFollows() {
	connected, ok := h.connected()
	slots := h.slotRows()
	for _, r := range h.alive() {
		if !ok || !h.unhindered(r) || r.canReceiveUpdate != hearsAll || h.displacedRun(r, slots) == "" {
			continue
		}
		if d := h.lasts("follow "+r.id, connected); d > followBound {
			h.fail("a companion follows its primary", "%s has lived for %s after %s", r.id, d, h.displacedRun(r, slots))
		}
	}
	h.forgetUnseen("follow ")
}

// displacedRun says why a companion that lives is not where its primary is, or "".
func (w *world) displacedRun(r *run, slots map[string]*Slot) string {
	role := w.settings.Roles.Row(r.role).Beside
	slot := slots[r.slot]
	if role == "" || slot == nil || slot.Task == nil || slot.Task.ID != r.id {
		return ""
	}
	primary := slots[slotName(role, slot.Index)]
	if primary == nil || primary.Task != nil && primary.Host != r.agent.host.name {
		return slotName(role, slot.Index) + whereIs(primary) + ", and it is on " + r.agent.host.name
	}
	return ""
}

// companionWaits is true for a companion that may not start yet: its own condition does not hold, as
// far as the scheduler can know, or its primary has no task that runs.
func (h *history) companionWaits(slot *Slot) bool {
	primary := h.process.state.primaryOf(slot)
	if open, _ := h.process.state.open(slot.Role); !open {
		return true
	}
	return primary != nil && !primary.Task.serving()
}

// besidePrimary is true for a host on which a companion may run, and for other slots on any.
func (h *history) besidePrimary(slot *Slot, host string) bool {
	primary := h.process.state.primaryOf(slot)
	return primary == nil || primary.Host == host
}

// missingCompanion says which slot of a test role has no task that runs although it could, or "".
func (w *world) missingCompanion() string {
	if !w.roles {
		return ""
	}
	rows := w.process.state.slots.byName
	for _, name := range sorted(rows) {
		slot := rows[name]
		if wanted, _ := w.process.state.wanted(slot); slot.Task != nil || !wanted || w.known.companionWaits(slot) {
			continue
		}
		for _, host := range w.hosts {
			if w.known.fits(rows, slot, host) {
				return name + " has no task, and " + host.name + " fits"
			}
		}
	}
	return ""
}

// lacksRoom is true while a slot of a test role waits for room.
func (w *world) lacksRoom() bool {
	for _, slot := range w.process.state.slots.byName {
		wanted, _ := w.process.state.wanted(slot)
		if slot.Task == nil && wanted && !w.settings.Roles.Row(slot.Role).Essential {
			return true
		}
	}
	return false
}
