package cluster

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// drained is true for the terminal status of a task whose agent an operator drains:
// TASK_KILLED, or TASK_GONE_BY_OPERATOR when the agent is to be marked gone afterwards. Mesos:
// v1/mesos.proto, DrainConfig.
func drained(status *mesos.TaskStatus) bool { return status.GetReason() == mesos.REASON_AGENT_DRAINING }

// maintenanceState is the announced maintenance of agents.
type maintenanceState struct {
	byAgent map[string]*maintenance
	// evacuateAt is when to call evacuate next, or zero.
	evacuateAt time.Time
}

// evacuateFrom is when to look for tasks to evacuate next.
func (l *maintenanceState) evacuateFrom(at time.Time) { l.evacuateAt = at }

// maintenance is the announced maintenance of an agent.
type maintenance struct {
	start time.Time
	// announced is true once Mesos has announced it in this subscription and has not rescinded it: no
	// task ends for maintenance that may have been cancelled.
	announced bool
	// offerID is the inverse offer that waits for an answer, or "".
	offerID string
	// from is when an answer that failed is repeated.
	from time.Time
	// until is when the maintenance counts as cancelled unless Mesos announces it again: Mesos does
	// not report that it was cancelled. Zero while an inverse offer waits for an answer, or there is
	// no subscription.
	until time.Time
}

func maintenanceText(host string, start time.Time) string {
	return fmt.Sprintf("maintenance of %s begins at %s", host, start.UTC().Format(time.RFC3339))
}

func (s *State) applyInverseOffers(offers []offer.Inverse, now time.Time) {
	for _, o := range offers {
		s.maintenance.byAgent[o.AgentID] = &maintenance{start: o.Start, announced: true, offerID: o.ID}
	}
	s.evacuate(now)
}

// applyInverseRescinded withdraws an announcement. When the schedule has only changed, Mesos makes a
// new inverse offer at once.
func (s *State) applyInverseRescinded(id string, now time.Time) {
	for _, m := range s.maintenance.byAgent {
		if m.offerID == id {
			m.announced, m.offerID, m.until = false, "", now.Add(maintenanceGrace)
		}
	}
	s.evacuate(now)
}

// suspendMaintenance withdraws all announcements, since inverse offers end with their subscription.
// Mesos makes them again after the next.
func (s *State) suspendMaintenance(until time.Time) {
	for _, m := range s.maintenance.byAgent {
		m.announced, m.offerID, m.until = false, "", until
	}
	s.maintenance.evacuateAt = until
}

// noteMaintenance forgets the maintenance of an agent that offers itself without one.
func (s *State) noteMaintenance(o *offer.Offer, now time.Time) {
	if m := s.maintenance.byAgent[o.AgentID]; m != nil && o.Unavailable.IsZero() {
		delete(s.maintenance.byAgent, o.AgentID)
		s.evacuate(now)
	}
}

// evacuate updates Slot.MaintenanceStart from the announced maintenance, and sets evacuateAt.
func (s *State) evacuate(now time.Time) {
	s.maintenance.evacuateAt = time.Time{}
	for agentID, m := range s.maintenance.byAgent {
		if !m.until.IsZero() && !now.Before(m.until) {
			delete(s.maintenance.byAgent, agentID)
			continue
		}
		for _, at := range []time.Time{m.until, m.start.Add(-maintenanceAhead)} {
			if at.After(now) && (s.maintenance.evacuateAt.IsZero() || at.Before(s.maintenance.evacuateAt)) {
				s.maintenance.evacuateAt = at
			}
		}
	}
	changed := false
	for _, slot := range s.slots.byTask {
		if start := s.maintenanceStart(slot, now); !start.Equal(slot.MaintenanceStart) && slot.Task.KillReason == "" {
			slot.MaintenanceStart, changed = start, true
			s.touch(slot)
		}
	}
	if changed {
		s.scale()
	}
}

// maintenanceStart is the value of Slot.MaintenanceStart: when maintenance of the task's agent begins
// if that is soon, else zero. A slot is first marked while an inverse offer is open: Mesos does not
// report that one which was answered is rescinded.
func (s *State) maintenanceStart(slot *Slot, now time.Time) time.Time {
	m := s.maintenance.byAgent[slot.Task.AgentID]
	if m == nil || now.Before(m.start.Add(-maintenanceAhead)) || m.offerID == "" && slot.MaintenanceStart.IsZero() {
		return time.Time{}
	}
	return m.start
}

// recallMaintenance restores, after a restart, the maintenance for which slots are evacuated. Mesos
// has to announce it again, else it counts as cancelled.
func (s *State) recallMaintenance() {
	for _, slot := range s.slots.byTask {
		if !slot.MaintenanceStart.IsZero() {
			s.maintenance.byAgent[slot.Task.AgentID] = &maintenance{start: slot.MaintenanceStart}
		}
	}
}

// indexAgent brings slotIndex.tasksOn up to date.
func (s *State) indexAgent(slot *Slot) {
	agentID := ""
	if slot.Task != nil {
		agentID = slot.Task.AgentID
	}
	s.slots.move(slot, agentID)
}

// surges is true for a slot that is evacuated by surge: another slot serves before its task ends. The
// role has a fixed count of its own and may use any slots, and the slot has no volume on its host.
func (s *State) surges(slot *Slot) bool {
	settings, row := s.settings.Of(slot.Role), s.roleRow(slot.Role)
	return !row.Fixed && row.Beside == "" && settings.Count != config.AllHosts &&
		(slot.Volume == nil || settings.Volume == 0)
}

// scale makes as many slots wanted as the settings ask for, for each role of a fixed count; slots
// that are evacuated by surge do not count. Missing slots are added with the lowest free numbers.
// Excess ones are chosen in scale-down order, the highest numbers first.
func (s *State) scale() {
	var excess []*Slot
	s.slots.setExcess(nil)
	for _, role := range s.roles.InStartOrder() {
		if row := s.roleRow(role); !row.Fixed && row.Beside == "" && s.settings.Of(role).Count != config.AllHosts {
			excess = append(excess, s.scaleRole(role, s.settings.Of(role).Count)...)
			s.slots.reviewAll() // the tasks of excess slots have to end
		}
	}
	s.slots.setExcess(excess)
	for _, slot := range s.slots.byName {
		s.noteActivity(slot)
		s.noteCompanions(slot)
	}
}

// scaleRole adds the missing slots of role, and returns those beyond count.
func (s *State) scaleRole(role config.Role, count int) (excess []*Slot) {
	var slots []*Slot
	for _, slot := range s.slots.byName {
		if slot.Role == role && (slot.MaintenanceStart.IsZero() || !s.surges(slot)) {
			slots = append(slots, slot)
		}
	}
	for i := 0; len(slots) < count; i++ {
		if s.slots.byName[slotName(role, i)] == nil {
			slot := s.newSlot(role, i)
			s.add(slot)
			slots = append(slots, slot)
		}
	}
	slices.SortFunc(slots, func(a, b *Slot) int {
		return cmp.Or(cmp.Compare(a.scaleDownOrder(), b.scaleDownOrder()), s.inOrder(a, b))
	})
	return slots[count:]
}

// scaleDownOrder ranks slots by the loss that their end would cause: 0 for those that stay longest.
func (s *Slot) scaleDownOrder() int {
	switch {
	case s.serves():
		return 0
	case s.Volume != nil || s.Task != nil && s.Task.KillReason == "":
		return 1
	}
	return 2
}

// maintained is true for an offer of an agent that goes into maintenance. A master
// that is bound to the host may be launched until maintenance begins, a worker of count `all` or one
// bound by its volume until maintenanceLead before, all others until maintenanceAhead before.
func (m *matcher) maintained(slot *Slot, o *offer.Offer) (finding, bool) {
	ahead, start := maintenanceAhead, o.Unavailable
	if known := m.s.maintenance.byAgent[o.AgentID]; known != nil && start.IsZero() { // announced after the offer was made
		start = known.start
	}
	switch {
	case start.IsZero() || m.s.boundByJournal(slot) && slot.Host == o.Host:
		return finding{}, false
	case m.s.settings.Of(slot.Role).Count == config.AllHosts || m.s.isCompanion(slot) || m.s.boundByVolume(slot, m.now):
		ahead = m.s.leadOf(slot)
	}
	if m.now.Before(start.Add(-ahead)) {
		return finding{}, false
	}
	return finding{detail: start.UTC().Format(time.RFC3339)}, true
}
