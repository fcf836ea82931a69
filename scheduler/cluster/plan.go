package cluster

import (
	"fmt"

	"github.com/alluxio/alluxio-mesos/config"
)

// roleRow is the row of role in the table of roles.
func (s *State) roleRow(role config.Role) *config.RoleRow { return s.roles.Row(role) }

// open says whether the role may be launched now, else why not.
func (s *State) open(role config.Role) (bool, string) {
	if s.teardown.requested {
		return false, "the cluster is being torn down"
	}
	if !s.reconciliation.freshness.done {
		return false, "Mesos is being asked whether the saved state is current"
	}
	gate := s.roleRow(role).After
	after := s.roleRow(gate.Role)
	if after != nil {
		if ok, why := s.open(after.Role); !ok { // what came before that is away again
			return false, why
		}
	}
	if after == nil || s.slots.leading[after.Role] > 0 || !gate.Leading && s.slots.serving[after.Role] > 0 {
		return true, ""
	}
	count := s.countOf(after.Role)
	if n := s.slots.serving[after.Role]; n > 0 {
		return false, fmt.Sprintf("no Alluxio %s leads (%d of %d stand by)", after.Label, n, count)
	}
	return false, fmt.Sprintf("phase %q is not complete (0 of %d serving)", after.Group, count)
}

// has is true for a role of which the settings ask for tasks.
func (s *State) has(role config.Role) bool { return s.settings.Of(role).Count != 0 }

// countOf is how many tasks of role the settings ask for; config.AllHosts for one on every host.
func (s *State) countOf(role config.Role) int { return countIn(s.settings, role) }

func countIn(settings *config.Settings, role config.Role) int {
	count := settings.Of(role).Count
	if primary := settings.Roles.Row(role).Beside; primary != "" && count != 0 {
		return settings.Of(primary).Count
	}
	return count
}

// leaderless is true while an essential role that elects has no leader.
func (s *State) leaderless() bool {
	for _, role := range s.roles.InStartOrder() {
		if row := s.roleRow(role); row.Essential && row.Elects && s.slots.leading[role] == 0 {
			return true
		}
	}
	return false
}

// isRemovable is true for a vacant slot that the plan does not want. A later cycle removes it; the
// status does not show it.
func (s *State) isRemovable(slot *Slot) bool {
	wanted, _ := s.wanted(slot)
	return slot.Task == nil && !wanted && !s.teardown.requested
}

// wanted says whether the plan wants slot, else why not.
func (s *State) wanted(slot *Slot) (bool, string) {
	switch count := s.settings.Of(slot.Role).Count; {
	case s.teardown.requested:
		return false, "the cluster is being torn down"
	case s.isCompanion(slot):
		return s.companionWanted(slot)
	case s.surges(slot) && !slot.MaintenanceStart.IsZero():
		return false, maintenanceText(slot.Host, slot.MaintenanceStart)
	case count != config.AllHosts && s.slots.excess[slot.Name], s.roleRow(slot.Role).Fixed && slot.Index >= count:
		return false, fmt.Sprintf("the settings ask for %d of %s", count, slot.Role)
	}
	return true, ""
}
