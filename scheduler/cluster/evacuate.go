package cluster

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// evacuating maps the slots whose tasks have to end now for maintenance of their hosts to the reason.
// A worker of a fixed count ends once its replacement serves. A worker of count `all` cannot move,
// and a master cannot have a replacement beside it on the same journal: they end maintenanceLead
// before. A master does so only when all others serve, and never when its journal is on that host.
func (s *State) evacuating(d *Decision, now time.Time) map[string]string {
	var evacuating map[string]string
	room, single := map[config.Role]int{}, map[config.Role]bool{}
	var begun, others []*Slot
	for _, slot := range s.activeInOrder() {
		switch {
		case slot.MaintenanceStart.IsZero() || slot.Task == nil || slot.Task.KillReason != "" || !s.announced(slot):
		case slot.Task.End.leaves() && slot.Task.End.Cause == EndForMaintenance: // it uses its room up, and goes on without
			evacuating = evacuatingWith(evacuating, slot)
			if s.surges(slot) {
				room[slot.Role]--
			}
		case slot.Task.End != nil && slot.Task.End.Cause == EndForMaintenance: // it goes on before another begins
			begun = append(begun, slot)
		default:
			others = append(others, slot)
		}
	}
	for role := range room {
		room[role] += s.roomToEvacuate(role)
	}
	for _, slot := range append(begun, others...) {
		if s.surges(slot) {
			if _, known := room[slot.Role]; !known {
				room[slot.Role] = s.roomToEvacuate(slot.Role)
			}
			if room[slot.Role] < 0 || room[slot.Role] == 0 && slot.Task.serving() {
				continue
			}
			if slot.Task.serving() {
				room[slot.Role]--
			}
		} else if now.Before(slot.MaintenanceStart.Add(-s.leadOf(slot))) || s.stays(d, slot) != "" || single[slot.Role] {
			continue
		}
		single[slot.Role] = s.roleRow(slot.Role).OneAtATime
		evacuating = evacuatingWith(evacuating, slot)
	}
	return evacuating
}

// evacuatingWith adds slot to a list, which may be nil.
func evacuatingWith(list map[string]string, slot *Slot) map[string]string {
	if list == nil {
		list = map[string]string{}
	}
	list[slot.Name] = maintenanceText(slot.Host, slot.MaintenanceStart)
	return list
}

// leadOf is how long before maintenance the task of slot is ended if no other takes its place first. A
// worker takes its time to leave.
func (s *State) leadOf(slot *Slot) time.Duration {
	if s.roleRow(slot.Role).Blocks && s.hasAdminCommands() {
		return maintenanceLead + s.settings.ClientRefresh() + leaveTime
	}
	return maintenanceLead
}

// announced is true for a slot whose maintenance Mesos has announced in this subscription.
func (s *State) announced(slot *Slot) bool {
	m := s.maintenance.byAgent[slot.Task.AgentID]
	return m != nil && m.announced
}

// roomToEvacuate is how many evacuating tasks of a role may end while the rest still meets the count.
func (s *State) roomToEvacuate(role config.Role) int {
	room := 0
	for _, slot := range s.activeInOrder() {
		if slot.Role != role {
			continue
		}
		if wanted, _ := s.wanted(slot); wanted {
			if !slot.serves() {
				room--
			}
		} else if !slot.MaintenanceStart.IsZero() && slot.Task.serving() {
			room++
		}
	}
	return room
}

// stays says why the task of slot cannot end for maintenance, or "". Tasks that d kills do not count
// as serving.
func (s *State) stays(d *Decision, slot *Slot) string {
	if row := s.roleRow(slot.Role); !row.OneAtATime || !row.Essential {
		return ""
	}
	if s.boundByJournalWith(d, slot) {
		return fmt.Sprintf("%s has its journal on %s, and cannot serve elsewhere", slot.Name, slot.Host)
	}
	for i := range s.settings.Of(slot.Role).Count {
		other := s.slots.byName[slotName(slot.Role, i)]
		if other != nil && other != slot && (!other.serves() || d.kills(other.Task.ID)) {
			return fmt.Sprintf("%s does not serve, and %s is needed", other.Name, slot.Name)
		}
	}
	return ""
}

// answerInverseOffers accepts the inverse offers of agents on which no task of ours runs any more,
// and declines, each time that Mesos repeats them, those whose tasks cannot leave. The others get
// no answer until their tasks have ended, unless an answer failed before: if it has arrived all the
// same, the inverse offer is void, and only another one shows that the maintenance was not cancelled.
func (s *State) answerInverseOffers(d *Decision, now time.Time) {
	if len(s.maintenance.byAgent) == 0 {
		return
	}
	rejections := s.maintenanceRejections(d, now)
	for _, agentID := range slices.Sorted(maps.Keys(s.maintenance.byAgent)) {
		m := s.maintenance.byAgent[agentID]
		switch why := rejections[agentID]; {
		case m.offerID == "":
		case m.from.After(now):
			d.wakeBy(m.from)
		case !s.runsOn(agentID) && !d.launchesOn(agentID):
			d.do(AcceptInverse{OfferID: m.offerID, AgentID: agentID, Reason: "this framework runs nothing there"})
			d.wakeBy(now.Add(maintenanceForget))
		case why != "":
			d.do(DeclineInverse{OfferID: m.offerID, AgentID: agentID, Refuse: refuseMaintained, Reason: why})
			d.wakeBy(now.Add(refuseMaintained + maintenanceGrace))
		case !m.from.IsZero():
			d.do(DeclineInverse{OfferID: m.offerID, AgentID: agentID, Refuse: refuseMaintained,
				Reason: "Mesos may still have an earlier answer; it will ask again"})
			d.wakeBy(now.Add(refuseMaintained + maintenanceGrace))
		}
	}
	if s.maintenance.evacuateAt.After(now) {
		d.wakeBy(s.maintenance.evacuateAt)
	}
	for i := range d.placements { // tasks launched on agents with announced maintenance are checked then
		if s.maintenance.byAgent[d.placements[i].agentID] != nil {
			d.wakeBy(now.Add(callAgain))
		}
	}
}

// maintenanceRejections maps agents to the reason why a task of ours cannot leave them now.
func (s *State) maintenanceRejections(d *Decision, now time.Time) map[string]string {
	rejections := map[string]string{}
	for _, slot := range s.activeInOrder() {
		if slot.MaintenanceStart.IsZero() || slot.Task == nil || slot.Task.KillReason != "" || d.kills(slot.Task.ID) {
			continue
		}
		agentID := slot.Task.AgentID
		if s.boundByJournalWith(d, slot) {
			rejections[agentID] = s.stays(d, slot)
			continue
		}
		if last := slot.MaintenanceStart.Add(-s.leadOf(slot)); now.Before(last) {
			d.wakeBy(last)
			continue
		}
		if why := s.stays(d, slot); why != "" {
			rejections[agentID] = why
		} else if s.surges(slot) {
			rejections[agentID] = fmt.Sprintf("no task on another host serves in place of %s", slot.Name)
		}
	}
	return rejections
}

// runsOn is true for an agent with a task of ours.
func (s *State) runsOn(agentID string) bool {
	if s.slots.tasksOn[agentID] > 0 {
		return true
	}
	for _, task := range s.surplus.index.byAgent[agentID] {
		if task.lives || !task.answered {
			return true
		}
	}
	return false
}

func (d *Decision) launchesOn(agentID string) bool {
	return slices.ContainsFunc(d.placements, func(p *placement) bool { return p.agentID == agentID })
}

// kills is true when d ends a task.
func (d *Decision) kills(taskID string) bool { return d.killed[taskID] }

// ending is how many slots that hold back changes of role become unavailable by the kills in d.
func (s *State) ending(d *Decision, role config.Role, now time.Time) int {
	n := 0
	for _, a := range d.Actions {
		kill, ok := a.(Kill)
		slot := s.slots.byTask[kill.TaskID]
		if ok && slot != nil && s.holdsBack(slot.Role, role) && !s.unavailable(slot, now) &&
			slot.Task.KillReason == "" {
			n++
		}
	}
	return n
}

// commitInverse records that an inverse offer was answered. Mesos makes another one while the
// maintenance concerns us; without one by until the maintenance counts as cancelled.
func (s *State) commitInverse(agentID string, until time.Time) {
	if m := s.maintenance.byAgent[agentID]; m != nil {
		m.offerID, m.until = "", until
		if s.maintenance.evacuateAt.IsZero() || m.until.Before(s.maintenance.evacuateAt) {
			s.maintenance.evacuateFrom(m.until)
		}
	}
}

// repeatInverse schedules an answer to an inverse offer again after its call failed.
func (s *State) repeatInverse(agentID, offerID string, now time.Time) {
	if m := s.maintenance.byAgent[agentID]; m != nil && m.offerID == "" {
		m.offerID, m.from, m.until = offerID, now.Add(callAgain), time.Time{}
	}
}

// maintenanceWarning says what maintenance does to the task of slot, or "" without maintenance.
func (s *State) maintenanceWarning(slot *Slot) string {
	if slot.MaintenanceStart.IsZero() {
		return ""
	}
	text := maintenanceText(slot.Host, slot.MaintenanceStart) + "; "
	switch {
	case s.surges(slot):
		return text + "this task ends once one on another host serves in its place"
	case s.boundByJournal(slot):
		return text + "this task stays, since its journal is on that host, and the framework declines the maintenance; " +
			"move the journal to storage that every host sees, or accept that Alluxio is down meanwhile"
	}
	return text + "this task ends " + s.leadOf(slot).String() + " before"
}
