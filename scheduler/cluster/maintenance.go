package cluster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// drained is true for a status of a task that Mesos has ended because an operator drains its agent:
// TASK_KILLED, or TASK_GONE_BY_OPERATOR when the agent is to be marked gone afterwards. Mesos:
// v1/mesos.proto, DrainConfig.
func drained(status *mesos.TaskStatus) bool { return status.GetReason() == mesos.REASON_AGENT_DRAINING }

// maintenance is what Mesos has said of an agent that is to be taken away.
type maintenance struct {
	start time.Time
	// announced is true once Mesos has said it in this subscription, and has not taken it back:
	// nothing ends for what may have been cancelled.
	announced bool
	// offerID is the inverse offer that waits for an answer, or "".
	offerID string
	// from is when an answer that failed is repeated.
	from time.Time
	// until is when this is forgotten unless Mesos says it again: it says nowhere that maintenance
	// was cancelled. Zero while an offer waits for an answer, or there is no subscription.
	until time.Time
}

func maintenanceText(host string, start time.Time) string {
	return fmt.Sprintf("maintenance of %s begins at %s", host, start.UTC().Format(time.RFC3339))
}

func (s *State) applyInverseOffers(offers []InverseOffer, now time.Time) {
	for _, o := range offers {
		s.maintenance[strings.Clone(o.AgentID)] = &maintenance{start: o.Start, announced: true, offerID: strings.Clone(o.ID)}
	}
	s.evacuate(now)
}

// applyInverseRescinded: a new one follows at once when the schedule has only changed.
func (s *State) applyInverseRescinded(id string, now time.Time) {
	for _, m := range s.maintenance {
		if m.offerID == id {
			m.announced, m.offerID, m.until = false, "", now.Add(maintenanceGrace)
		}
	}
	s.evacuate(now)
}

// suspendMaintenance: inverse offers end with their subscription. Mesos makes them again, from when it stands.
func (s *State) suspendMaintenance(until time.Time) {
	for _, m := range s.maintenance {
		m.announced, m.offerID, m.until = false, "", until
	}
	s.evacuateAt = until
}

// noteMaintenance forgets the maintenance of an agent that offers itself without one.
func (s *State) noteMaintenance(o *Offer, now time.Time) {
	if m := s.maintenance[o.AgentID]; m != nil && o.Unavailable.IsZero() {
		delete(s.maintenance, o.AgentID)
		s.evacuate(now)
	}
}

// evacuate brings Slot.Leaving up to date with what is known of maintenance, and sets when to look again.
func (s *State) evacuate(now time.Time) {
	s.evacuateAt = time.Time{}
	for agentID, m := range s.maintenance {
		if !m.until.IsZero() && !now.Before(m.until) {
			delete(s.maintenance, agentID)
			continue
		}
		for _, at := range []time.Time{m.until, m.start.Add(-maintenanceAhead)} {
			if at.After(now) && (s.evacuateAt.IsZero() || at.Before(s.evacuateAt)) {
				s.evacuateAt = at
			}
		}
	}
	changed := false
	for _, slot := range s.byTask {
		if start := s.maintenanceStart(slot, now); !start.Equal(slot.MaintenanceStart) && slot.Task.KillReason == "" {
			slot.MaintenanceStart, changed = start, true
			s.touch(slot)
		}
	}
	if changed {
		s.scale()
	}
}

// leaving is when the task of slot has to be gone, if that is soon, else zero. It begins with an
// inverse offer that stands: of one that was answered nobody would tell that it is void.
func (s *State) maintenanceStart(slot *Slot, now time.Time) time.Time {
	m := s.maintenance[slot.Task.AgentID]
	if m == nil || now.Before(m.start.Add(-maintenanceAhead)) || m.offerID == "" && slot.MaintenanceStart.IsZero() {
		return time.Time{}
	}
	return m.start
}

// recallMaintenance makes known again, after a restart, why slots leave; Mesos has to say it anew,
// else it is cancelled.
func (s *State) recallMaintenance() {
	for _, slot := range s.byTask {
		if !slot.MaintenanceStart.IsZero() {
			s.maintenance[slot.Task.AgentID] = &maintenance{start: slot.MaintenanceStart}
		}
	}
}

// indexAgent brings State.tasksOn up to date.
func (s *State) indexAgent(slot *Slot) {
	agentID := ""
	if slot.Task != nil {
		agentID = slot.Task.AgentID
	}
	if agentID == slot.agentID {
		return
	}
	if s.tasksOn[slot.agentID]--; s.tasksOn[slot.agentID] <= 0 {
		delete(s.tasksOn, slot.agentID)
	}
	if agentID != "" {
		s.tasksOn[agentID]++
	}
	slot.agentID = agentID
}

// surges is true for a slot whose replacement serves elsewhere before its own task ends: that of a role
// whose slots may be any, unless its data is on a volume there.
func (s *State) surges(slot *Slot) bool {
	settings := s.settings.Of(slot.Role)
	return !s.roleRow(slot.Role).Fixed && settings.Count != config.AllHosts && (slot.Volume == nil || settings.Volume == 0)
}

// scale sees to it that as many slots of a fixed count are wanted as the settings say, not counting
// those that leave. Where there are too many, those that serve stay first, then those with the
// lowest numbers; new ones fill the gaps.
func (s *State) scale() {
	clear(s.excess)
	for _, role := range s.roles.InStartOrder() {
		if !s.roleRow(role).Fixed && s.settings.Of(role).Count != config.AllHosts {
			s.scaleRole(role, s.settings.Of(role).Count)
			s.review = true // those that are too many have to end
		}
	}
}

func (s *State) scaleRole(role config.Role, count int) {
	var slots []*Slot
	for _, slot := range s.slots {
		if slot.Role == role && (slot.MaintenanceStart.IsZero() || !s.surges(slot)) {
			slots = append(slots, slot)
		}
	}
	for i := 0; len(slots) < count; i++ {
		if s.slots[slotName(role, i)] == nil {
			slot := s.newSlot(role, i)
			s.add(slot)
			slots = append(slots, slot)
		}
	}
	slices.SortFunc(slots, func(a, b *Slot) int {
		return cmp.Or(cmp.Compare(a.scaleDownOrder(), b.scaleDownOrder()), s.inOrder(a, b))
	})
	for _, slot := range slots[count:] {
		s.excess[slot.Name] = true
	}
}

// scaleDownOrder orders slots by what would be lost with them.
func (s *Slot) scaleDownOrder() int {
	switch {
	case s.serves():
		return 0
	case s.Volume != nil || s.Task != nil && s.Task.KillReason == "":
		return 1
	}
	return 2
}

// maintained says whether maintenance keeps slot from being placed on o. Where else it could go
// decides: a master that is bound to that host may use it to the end, a worker of every host until
// shortly before, all others go where none is announced for a while.
func (m *matcher) maintained(slot *Slot, o *Offer) Rejection {
	ahead, start := maintenanceAhead, o.Unavailable
	if known := m.maintenance[o.AgentID]; known != nil && start.IsZero() { // announced after the offer was made
		start = known.start
	}
	switch {
	case start.IsZero() || m.boundByJournal(slot) && slot.Host == o.Host:
		return Rejection{}
	case m.settings.Of(slot.Role).Count == config.AllHosts || m.boundByVolume(slot, m.now):
		ahead = maintenanceLead
	}
	if m.now.Before(start.Add(-ahead)) {
		return Rejection{}
	}
	return Rejection{Reason: Maintained, Detail: start.UTC().Format(time.RFC3339), refuse: refuseMaintained}
}
