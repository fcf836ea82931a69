package cluster

import "github.com/alluxio/alluxio-mesos/config"

// Tasks of some roles register with the leading task of another when they start
// (config.RoleRow.Registers).

// otherLeader is true for a task that has registered with another task than the one that leads, or with
// none that is known.
func (s *State) otherLeader(slot *Slot) bool {
	leader := s.leaderOf(s.roleRow(slot.Role).Registers)
	return leader != "" && leader != slot.Task.RegisteredWith
}

func (s *State) otherLeaderText(role config.Role) string {
	return "the " + s.roleRow(s.roleRow(role).Registers).Label +
		" that leads is not the one that this task has registered with"
}

// leaderOf is the task of role that leads, also while it is being killed; "" while none or more than one
// does.
func (s *State) leaderOf(role config.Role) (leader string) {
	if role == "" {
		return ""
	}
	for i := range s.countOf(role) {
		if slot := s.slots.byName[slotName(role, i)]; slot != nil && slot.elected {
			if leader != "" {
				return ""
			}
			leader = slot.Task.ID
		}
	}
	return leader
}

// noteLeader updates which tasks have registered with another leader of role.
func (s *State) noteLeader(role config.Role) {
	if s.settings == nil {
		return
	}
	for _, slot := range s.slots.byTask {
		if s.roleRow(slot.Role).Registers == role {
			s.noteStale(slot, s.endpoints.addresses)
		}
	}
}
