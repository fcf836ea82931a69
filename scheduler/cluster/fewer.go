package cluster

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// New settings may scale a role down. The excess workers are chosen once Mesos has confirmed all
// workers: the Record may say that one serves which has failed while no framework ran. Of the
// masters those with the highest numbers end, the leader only when another master serves.

// chooseExcess chooses the excess workers again, once Mesos has confirmed all workers or chooseWithin
// has passed.
func (s *State) chooseExcess(now time.Time) {
	if s.slots.excessPending && len(s.slots.excess) > 0 && s.workersAnswered(now) {
		s.slots.excessChosen()
		s.scale()
	}
}

// workersAnswered is true when Mesos has confirmed every worker in this subscription, or has had the
// time to.
func (s *State) workersAnswered(now time.Time) bool {
	if !s.connection.up || !s.reconciliation.freshness.done {
		return false
	}
	if !now.Before(s.chooseAt()) {
		return true
	}
	// in any order: with each update of thousands, sorting them would cost more than all else
	for _, slot := range s.slots.byTask {
		if !s.roleRow(slot.Role).Fixed && !s.isCompanion(slot) && !slot.Task.confirmed {
			return false
		}
	}
	return true
}

// chooseAt is when chooseExcess stops waiting for updates.
func (s *State) chooseAt() time.Time { return s.connection.since.Add(chooseWithin) }

// chooses is true for an excess worker that is not killed yet, since the choice may still change.
func (s *State) chooses(slot *Slot) bool {
	return s.slots.excessPending && !s.teardown.requested && s.slots.excess[slot.Name]
}

// electsByCount is true for a role whose tasks elect a leader and are as many as the settings say.
func (s *State) electsByCount(role config.Role) bool {
	row := s.roleRow(role)
	return row.Elects && row.Fixed
}

// keepsLeading says why an excess master does not end yet, or "": it leads, or may lead, and no other
// master serves that could take over.
func (s *State) keepsLeading(slot *Slot) string {
	count := s.settings.Of(slot.Role).Count
	if !s.electsByCount(slot.Role) || s.teardown.requested || slot.Index < count || !slot.Task.serving() {
		return ""
	}
	leader := false
	for _, other := range s.slots.byTask {
		if other.Role != slot.Role {
			continue
		}
		if other.Index < count && other.serves() {
			return ""
		}
		leader = leader || other.serves() && other.Task.leads()
	}
	if leader && !slot.Task.leads() {
		return ""
	}
	return fmt.Sprintf("the settings ask for %d of %s; this task ends when another master serves",
		s.settings.Master.Count, slot.Role)
}

// excessMasters lists the masters beyond the count that have not ended yet, in order.
func (s *State) excessMasters() (list []*Slot) {
	for _, slot := range s.slots.byTask {
		if s.electsByCount(slot.Role) && slot.Index >= s.settings.Of(slot.Role).Count {
			list = append(list, slot)
		}
	}
	slices.SortFunc(list, func(a, b *Slot) int { return cmp.Compare(a.Index, b.Index) })
	return list
}

// noteFewer has serving tasks reviewed when the update of a master may let an excess one end.
func (s *State) noteFewer(slot *Slot) {
	if s.slots.fewerMasters && slot != nil && s.electsByCount(slot.Role) {
		s.slots.reviewAll()
	}
}
