package cluster

import (
	"cmp"
	"time"
)

// overdue is true for a slot whose task has been unreachable past its deadline.
func (s *State) overdue(slot *Slot, now time.Time) bool {
	return slot.Task != nil && !slot.Task.UnreachableSince.IsZero() && !now.Before(s.unreachableDeadline(slot))
}

// unreachableDeadline is when the wait for the unreachable task of slot ends.
func (s *State) unreachableDeadline(slot *Slot) time.Time {
	return slot.Task.UnreachableSince.Add(cmp.Or(s.settings.Of(slot.Role).Unreachable, absentUnreachable))
}

// mayAbandon says whether an overdue task of slot is abandoned. A master whose journal is on its host
// cannot be replaced elsewhere: to abandon it would gain nothing, and could put two masters on one
// journal when its agent returns. It is abandoned only on request (Relocate). While there are
// surplusMost replaced tasks, only a teardown abandons one.
func (s *State) mayAbandon(slot *Slot) bool {
	return s.teardown.requested && s.teardown.begun || !s.surplusFull() && (slot.Task.Relocate || !s.boundByJournal(slot))
}

// servedFor is for how long t had served at a time; 0 before it did.
func (t *Task) servedFor(at time.Time) time.Duration {
	if t.ServingSince.IsZero() {
		return 0
	}
	return at.Sub(t.ServingSince)
}

// abandon vacates the slot of an unreachable task, which is surplus from now on.
func (s *State) abandon(slot *Slot, why string, now time.Time) {
	task := slot.Task
	s.slots.vacate(slot)
	s.addSurplus(&surplusTask{ID: task.ID, AgentID: task.AgentID, Host: slot.Host, Reason: replacedReason,
		answered: task.confirmed, heldFrom: now, asks: askPace{from: now.Add(surplusEvery)}})
	if task.servedFor(task.UnreachableSince) >= healthyAfter {
		slot.Failures = 0
	}
	slot.LastFailure = &TaskFailure{State: task.State.String(), At: now, Host: slot.Host, Message: why}
	slot.VacantSince, slot.NotBefore, slot.HostGone = now, now, true
	slot.SilentSince = task.UnreachableSince
	if !s.surges(slot) {
		slot.MaintenanceStart = time.Time{}
	}
	if task.Relocate {
		s.leave(slot)
	}
	s.touch(slot)
}
