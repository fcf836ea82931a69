package cluster

import (
	"bytes"
	"reflect"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// checkAction checks what leaves the process, at the moment at which it leaves.
func (h *history) checkAction(p *process, a Action) {
	if h.calm && !strings.HasPrefix(a.String(), "acknowledge") {
		h.calls = append(h.calls, a.String())
	}
	switch a := a.(type) {
	case Launch:
		h.checkNotMoreThanOffered(p, a)
		for i := range a.Tasks {
			spec, err := decodeSpec(a.Tasks[i].Data)
			if err != nil {
				h.fail("never more than was offered", "%s cannot be read by its executor: %v", a, err)
			}
			h.checkTerminalIsTerminal(a.Tasks[i].TaskID.Value)
			h.checkSavedBefore(a.Tasks[i].TaskID.Value, spec.Slot)
			h.checkOneLiveTaskPerSlot(&a, &a.Tasks[i], spec)
			h.checkOneWorkerPerHost(&a, spec)
			h.checkMasterBeforeWorkers(spec)
			h.checkOneFormats(spec)
			h.checkQuorum(spec)
			h.checkConstraints(&a, spec)
			h.checkMaintenance(p, &a, spec.Role)
			h.checkVolumeKept(&a, &a.Tasks[i], spec)
			h.checkBeside(&a, spec)
			h.noteLaunch(a, &a.Tasks[i], spec)
		}
		for i := range a.Tasks {
			delete(p.held, a.OfferID+a.Tasks[i].TaskID.Value)
		}
	case ReclaimVolumes:
		h.checkNothingDestroyed(a)
	case AcceptInverse:
		h.checkAccepts(a)
	case Kill:
		h.asked[a.TaskID] = true
	case Acknowledge:
		h.checkAckAfterSave(p, a)
	}
}

// At most one live task per slot: a slot is filled only when the scheduler was told that each of
// its former tasks is over, or that it is silent for so long that it may be given up.
func (h *history) checkOneLiveTaskPerSlot(l *Launch, info *mesos.TaskInfo, spec *launch.Spec) {
	for _, id := range h.ids {
		if old := h.launched[id]; old.slot == spec.Slot && !h.replaceable(old) {
			h.fail("at most one live task per slot", "%s is launched on %s, and nobody said that %s on %s is over",
				info.TaskID.Value, l.Host, id, old.host)
		}
	}
}

// At most one worker per host, by the same measure.
func (h *history) checkOneWorkerPerHost(l *Launch, spec *launch.Spec) {
	for _, id := range h.ids {
		old := h.launched[id]
		if old.role == spec.Role && old.agent == l.AgentID && h.word(id).returned {
			h.fail("at most one worker per host", "%s gets %s, and %s has come back there and is not over", l.Host, spec.Slot,
				id)
		}
		if spec.Role == old.role && old.host == l.Host && !h.replaceable(old) {
			h.fail("at most one worker per host", "%s gets %s, and nobody said that %s there is over", l.Host, spec.Slot, id)
		}
	}
}

// soon is how long two tasks of a slot, or two workers of a host, may live beside each other while
// nothing hinders the scheduler: as long as a kill that is sent again once or twice, and the grace.
const soon = 4 * time.Minute

// checkSurplus is the other half of the two invariants above, in reality: a task that was replaced
// and came back ends soon.
func (h *history) checkSurplus() {
	seen := map[string]bool{}
	list := h.alive()
	for i, a := range list {
		for _, b := range list[i+1:] {
			sameSlot, sameHost := a.slot == b.slot, a.role == config.Worker && b.role == config.Worker &&
				a.agent.host == b.agent.host
			if !sameSlot && !sameHost {
				continue
			}
			pair := a.id + " and " + b.id
			since, known := h.pairs[pair]
			if !h.unhindered(a) || !h.unhindered(b) || a.canReceiveUpdate == hearsNothing || b.canReceiveUpdate == hearsNothing {
				continue
			}
			if seen[pair] = true; !known {
				h.pairs[pair] = h.now
			} else if h.now.Sub(since) > soon {
				h.fail("at most one live task per slot",
					"%s live beside each other for more than %s, and nothing hinders the scheduler", pair, soon)
			}
		}
	}
	for pair := range h.pairs {
		if !seen[pair] {
			delete(h.pairs, pair)
		}
	}
}

// unhindered is true when the scheduler has been able for a while to learn of a task and to end it.
func (h *history) unhindered(r *run) bool {
	s := h.mesos.stream
	return s != nil && s.process == h.process && !r.agent.cut && r.agent.standing == registered
}

// checkJournals: never two masters on one host-local journal, whatever else happens.
func (h *history) checkJournals(r *run) {
	for _, other := range h.alive() {
		if other != r && r.role == config.Master && other.role == config.Master && r.agent.host == other.agent.host &&
			!h.variant.shared {
			h.fail("never two masters on one journal", "%s and %s live on %s", r.id, other.id, r.agent.host.name)
		}
	}
}

// checkFormat: a journal is never formatted twice, once the scheduler has acknowledged that it was.
func (h *history) checkFormat(r *run) {
	if l := h.launched[r.id]; l.reported && !l.lose {
		h.fail("journal never formatted twice", "%s formats %s again", r.id, r.spec.Journal.Identity)
	}
}

// checkMasterBeforeWorkers: no worker is launched before a master serves.
func (h *history) checkMasterBeforeWorkers(spec *launch.Spec) {
	if spec.Role != config.Worker {
		return
	}
	for _, id := range h.ids {
		if h.launched[id].role == config.Master && h.word(id).serving {
			return
		}
	}
	h.fail("no worker before a master serves", "%s is launched, and no master is known to serve", spec.Slot)
}

// checkAcknowledged: every update with a UUID is acknowledged in the cycle in which it came, while
// its subscription stands.
func (h *history) checkAcknowledged(p *process, d *Decision, due []ackDue) {
	for _, ack := range due {
		found := ack.subscription != p.state.Subscription() || d.Stop != nil
		// it waits for whoever has the newest Record
		found = found || p.state.reconciliation.freshness.unknown[ack.task] != ""
		for _, a := range d.Actions {
			got, ok := a.(Acknowledge)
			found = found || ok && string(got.UUID) == ack.uuid
		}
		if !found {
			h.fail("every update acknowledged", "update #%s of %s is not", ack.uuid, ack.task)
		}
	}
}

// checkAckAfterSave: an acknowledgement leaves only when what the update said is in the store.
func (h *history) checkAckAfterSave(p *process, a Acknowledge) {
	if !p.delivered[string(a.UUID)] {
		h.fail("every update acknowledged", "#%s of %s is acknowledged, but never came", a.UUID, a.TaskID)
	}
	for _, slot := range h.slotRows() {
		if slot.Task != nil && slot.Task.ID == a.TaskID && h.word(a.TaskID).over {
			h.fail("terminal is terminal", "%s was said to be over and acknowledged, and still fills %s in the store", a.TaskID,
				slot.Name)
		}
	}
	for _, host := range h.hosts {
		if r := host.agent.runsOrNone()[a.TaskID]; r != nil && len(r.pending) > 0 && bytes.Equal(r.pending[0].UUID, a.UUID) {
			if identity := launch.DecodeReport(r.pending[0].Data).JournalFormatted; identity != "" {
				if h.store[journalKey(identity)] == nil && !p.state.volumes.destroy.all { // else it is destroyed
					h.fail("every update acknowledged", "#%s of %s says that %s is formatted; it is acknowledged and not saved",
						a.UUID, a.TaskID, identity)
				}
				h.reported[identity] = true
			}
		}
	}
}

// checkTerminalIsTerminal: no task ID is launched twice.
func (h *history) checkTerminalIsTerminal(id string) {
	if h.launched[id] != nil {
		h.fail("terminal is terminal", "%s is launched twice", id)
	}
}

// checkSavedBefore: the intent is saved before a launch leaves.
func (h *history) checkSavedBefore(id, name string) {
	if slot := h.slotRows()[name]; slot == nil || slot.Task == nil || slot.Task.ID != id {
		h.fail("crash equivalence", "%s is launched, and the store does not know it", id)
	}
}

// checkSaved: a task that was said to be over never fills a slot again.
func (h *history) checkSaved(changes Changes) {
	for key := range changes {
		if !strings.HasPrefix(key, slotPrefix) {
			continue
		}
		if slot := h.slotRows()[strings.TrimPrefix(key, slotPrefix)]; slot != nil && slot.Task != nil &&
			h.word(slot.Task.ID).over {
			h.fail("terminal is terminal", "%s was said to be over, and fills %s", slot.Task.ID, slot.Name)
		}
	}
}

// checkQuiescence: after Commit the same moment has nothing more to do, and the next one is not now.
func (h *history) checkQuiescence(p *process, d *Decision) {
	if again := p.state.Decide(p.now); len(again.Actions) > 0 {
		h.fail("quiescence", "after %v the same moment decides %v", d.Actions, again.Actions)
	}
	if d.Stop == nil && !d.WakeAt.IsZero() && !d.WakeAt.After(p.now) {
		h.fail("quiescence", "it wants to be woken at %s, and now is %s", d.WakeAt, p.now)
	}
}

// checkPure: a second Decide decides the same.
func (h *history) checkPure(p *process, d *Decision) {
	if h.seed%16 == 0 {
		if again := p.state.Decide(p.now); !reflect.DeepEqual(*d, again) {
			h.fail("quiescence", "Decide is not pure: first %+v, then %+v", *d, again)
		}
	}
}

// checkReload: what a new process has loaded is what it would save.
func (h *history) checkReload(record saved, s *State) {
	for key, data := range record {
		if slot := s.slots.byName[strings.TrimPrefix(key, slotPrefix)]; slot != nil && !slot.NotBefore.IsZero() {
			h.fail("crash equivalence", "%s has a restart delay from another life", key)
		}
		if got := s.row(key); !strings.HasPrefix(key, slotPrefix) && !reflect.DeepEqual(got, data) {
			h.fail("crash equivalence", "%s was saved as %s and loaded as %s", key, data, got)
		}
	}
}

// checkStorm: no more than some hundreds of cycles a minute, whatever fails.
func (p *process) checkStorm() {
	if p.now.Sub(p.minute) > time.Minute {
		p.minute, p.cycles = p.now, 0
	}
	if p.cycles++; p.cycles > 1500 {
		p.fail("convergence", "%d cycles within a minute: it storms", p.cycles)
	}
}
