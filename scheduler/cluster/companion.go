package cluster

import (
	"fmt"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// A companion is a slot of a role that runs beside another (config.RoleRow.Beside): each slot of that
// role, its primary, has one of the same index, whose task runs on the primary's host. A companion
// never holds back, moves or ends its primary. When the primary moves, the companion's task ends, and
// the next one follows.

// primaryOf is the slot beside which slot runs, nil when that is gone or slot is no companion.
func (s *State) primaryOf(slot *Slot) *Slot {
	primary := s.roleRow(slot.Role).Beside
	if primary == "" {
		return nil
	}
	if slot.primaryName == "" {
		slot.primaryName = slotName(primary, slot.Index)
	}
	return s.slots.byName[slot.primaryName]
}

// isCompanion is true for slots that run beside others.
func (s *State) isCompanion(slot *Slot) bool { return s.roleRow(slot.Role).Beside != "" }

// addCompanions adds the companions that slot should have and does not. While a Record is loaded there
// are no settings yet.
func (s *State) addCompanions(slot *Slot) {
	if s.settings == nil {
		return
	}
	for _, role := range s.roles.Companions(slot.Role) {
		if s.has(role) && s.slots.byName[slotName(role, slot.Index)] == nil {
			s.add(s.newSlot(role, slot.Index))
		}
	}
}

// companionWanted says whether the plan wants a companion, else why not. It stays while a primary that is
// not wanted itself still runs.
func (s *State) companionWanted(slot *Slot) (bool, string) {
	primary := s.primaryOf(slot)
	if primary == nil {
		return false, fmt.Sprintf("it runs beside %s, which is gone", slotName(s.roleRow(slot.Role).Beside, slot.Index))
	}
	return s.companionWantedOn(slot, primary, primary.Host, !primary.runs())
}

// companionWantedOn is companionWanted for a primary that will be on host; ends is true when its task
// ends or it has none.
func (s *State) companionWantedOn(slot, primary *Slot, host string, ends bool) (bool, string) {
	switch {
	case !s.has(slot.Role):
		return false, fmt.Sprintf("the settings ask for none of %s", slot.Role)
	case slot.Task != nil && slot.Host != host && host == "":
		return false, fmt.Sprintf("it runs beside %s, which leaves %s", primary.Name, slot.Host)
	case slot.Task != nil && slot.Host != host:
		return false, fmt.Sprintf("it runs beside %s, which has moved to %s", primary.Name, host)
	}
	if ok, why := s.wanted(primary); ends && !ok {
		return false, fmt.Sprintf("it runs beside %s, which ends: %s", primary.Name, why)
	}
	return true, ""
}

// wantedAfter is wanted as it will be after Commit of d.
func (s *State) wantedAfter(d *Decision, slot *Slot) (bool, string) {
	primary := s.primaryOf(slot)
	if primary == nil || s.teardown.requested {
		return s.wanted(slot)
	}
	host, ends := primary.Host, !primary.runs() || d.kills(primary.Task.ID)
	if p := d.placed[primary.Name]; p != nil {
		host, ends = p.host, false
	}
	return s.companionWantedOn(slot, primary, host, ends)
}

// endCompanions kills the companions of the slots that d moves or ends.
func (s *State) endCompanions(d *Decision, now time.Time) {
	end := func(primary *Slot) {
		for _, role := range s.roles.Companions(primary.Role) {
			slot := s.slots.byName[slotName(role, primary.Index)]
			if slot == nil || !slot.runs() || d.kills(slot.Task.ID) {
				continue
			}
			if ok, why := s.wantedAfter(d, slot); !ok {
				s.killTask(d, now, slot.Task, why)
			}
		}
	}
	for _, slot := range d.crowding {
		if !d.kills(slot.Task.ID) {
			s.killTask(d, now, slot.Task, fmt.Sprintf("it runs beside %s, which needs its resources", s.primaryOf(slot).Name))
		}
	}
	for _, p := range d.placements {
		if primary := s.slots.byName[p.slot]; primary != nil {
			end(primary)
		}
	}
	for _, action := range slices.Clone(d.Actions) {
		if kill, ok := action.(Kill); ok {
			if primary := s.slots.byTask[kill.TaskID]; primary != nil {
				end(primary)
			}
		}
	}
}

// mustFollow is true for a companion whose task has to end, since its primary has moved or ends. While
// a Record is loaded nothing is known of the plan.
func (s *State) mustFollow(slot *Slot) bool {
	if s.settings == nil || slot.Task == nil {
		return false
	}
	if !s.isCompanion(slot) { // its end may be planned
		return s.slots.excess[slot.Name]
	}
	wanted, _ := s.companionWanted(slot)
	return !wanted
}

// skippedByRollout is true for a companion for which a rollout does not wait: it was never launched, or
// has been vacant for retireAfter. Only the delay after TASK_ERROR lasts longer.
func (s *State) skippedByRollout(slot *Slot, now time.Time) bool {
	return slot.Task == nil && s.isCompanion(slot) && !now.Before(slot.rolloutWaitsUntil())
}

// rolloutWaitsUntil is when a rollout stops waiting for a vacant companion; zero for one that was never
// launched.
func (s *Slot) rolloutWaitsUntil() time.Time {
	if s.Launches == 0 {
		return time.Time{}
	}
	return s.VacantSince.Add(retireAfter)
}

// primaryRuns is false for a companion that has to wait for a task of its primary that stays, as it will
// be after Commit of d.
func (s *State) primaryRuns(d *Decision, slot *Slot) bool {
	primary := s.primaryOf(slot)
	if primary == nil || d.places(primary.Name) {
		return true
	}
	wanted, _ := s.wanted(primary)
	return wanted && primary.runs() && !d.kills(primary.Task.ID)
}

// primaryLaunches counts the tasks of the primary of a companion, as it will be after Commit of d; 0 for
// other slots.
func (s *State) primaryLaunches(d *Decision, slot *Slot) int {
	primary := s.primaryOf(slot)
	switch {
	case primary == nil:
		return 0
	case d.places(primary.Name):
		return primary.Launches + 1
	}
	return primary.Launches
}

// primaryText says what the primary of a companion takes on the same host, for the arithmetic of a
// rejection; "" for other roles.
func (s *State) primaryText(role config.Role) string {
	primary := s.roleRow(role).Beside
	if primary == "" {
		return ""
	}
	n := s.derived.requests[primary]
	return fmt.Sprintf("beside it, %s has %g cpus and %.0fMB there", primary, n.CPUs, n.MemMB)
}

// explainCompanion says why a vacant companion has no task, with a hint.
func (s *State) explainCompanion(slot, primary *Slot) (message, hint string) {
	if !primary.runs() {
		return fmt.Sprintf("it runs beside %s, which has no task that stays", primary.Name), ""
	}
	if rejection := s.rejectionBy(primary.Task.AgentID, slot); rejection != nil {
		message, hint = s.Explain(&rejection.Rejection)
		return fmt.Sprintf("it runs beside %s on %s: %s", primary.Name, primary.Host, message), hint
	}
	return fmt.Sprintf("it runs beside %s on %s, which has made no offer since", primary.Name, primary.Host),
		"offers of a host end while others use its resources; `alluxio-mesos explain " + primary.Host +
			"` says what its last offer lacked"
}
