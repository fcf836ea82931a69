package cluster

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// A task ends, or is outdated, when the addresses that it read at its start have changed.

// reads is true when tasks of role read the addresses of other.
func (s *State) reads(role, other config.Role) bool {
	return slices.Contains(s.roleRow(role).Reads, other)
}

// launchedWith are the addresses of role that the task was launched with, or "" when it was launched
// without. Those of masters have a field of their own: earlier versions saved them under that name.
func (t *Task) launchedWith(role config.Role) string {
	if role == config.Master {
		return t.Masters
	}
	return t.Endpoints[role]
}

// setEndpoints records the addresses that the task is launched with.
func (t *Task) setEndpoints(read map[config.Role]string) {
	t.Masters = read[config.Master]
	for role, text := range read {
		if role != config.Master {
			if t.Endpoints == nil {
				t.Endpoints = map[config.Role]string{}
			}
			t.Endpoints[role] = text
		}
	}
}

// roleWithOtherAddresses is a role whose list of addresses has changed, apart from its order, since the
// task read it; "" for none. Only with the embedded journal are lists read; with ZooKeeper the leader
// is found there.
func (s *State) roleWithOtherAddresses(slot *Slot, today map[config.Role]string) config.Role {
	if s.settings.Election != config.ByJournal {
		return ""
	}
	for _, role := range s.roleRow(slot.Role).Reads {
		was := slot.Task.launchedWith(role)
		if was != "" && today[role] != "" && s.roleRow(role).Elects && sortedList(was) != sortedList(today[role]) {
			return role
		}
	}
	return ""
}

// noteStale keeps slot in slotIndex.outdated exactly while its task is outdated.
func (s *State) noteStale(slot *Slot, today map[config.Role]string) {
	s.slots.setOutdated(slot, s.outdated(slot, today))
}

func sortedList(addresses string) string {
	list := strings.Split(addresses, ",")
	slices.Sort(list)
	return strings.Join(list, ",")
}

// staleWith is slotIndex.outdated as it will be after Commit of d.
func (s *State) staleWith(d *Decision) map[string]*Slot {
	if s.settings.Election != config.ByJournal || !d.movesEndpoints() {
		return s.slots.outdated
	}
	today, stale := s.endpointsWith(d), map[string]*Slot{}
	for _, slot := range s.slots.byTask {
		if s.outdated(slot, today) {
			stale[slot.Name] = slot
		}
	}
	return stale
}

// movedReason says why the task of slot must end because a lone task whose address it has read has
// moved, or "". It has priority over maintenance: all workers end for it at once, so none can replace
// another.
func (s *State) movedReason(slot *Slot, today map[config.Role]string) string {
	if s.elects() {
		return ""
	}
	for _, role := range s.roleRow(slot.Role).Reads {
		was, now := slot.Task.launchedWith(role), today[role]
		if role == slot.Role || s.roleRow(role).Beside == slot.Role || was == "" || now == "" || listsAddress(was, now) {
			continue
		}
		// Only the port has changed, with the settings: the rollout replaces the task, or gives the
		// other back the port that the task knows.
		if hostsOf(was) == hostsOf(now) && (s.slots.outdated[slot.Name] != nil || s.changesPort(role, now)) {
			continue
		}
		return "the Alluxio " + s.roleRow(role).Label + " has moved to " + now
	}
	return ""
}

// findsMaster is false when the only master serves at another address than the task of slot knows.
func (s *State) findsMaster(slot *Slot, today map[config.Role]string) bool {
	was, now := slot.Task.launchedWith(config.Master), today[config.Master]
	return s.elects() || was == "" || now == "" || listsAddress(was, now)
}

// changesPort is true for the address of a lone task of role whose next task has another port.
func (s *State) changesPort(role config.Role, address string) bool {
	return slices.ContainsFunc(s.derived.requests[role].Ports, func(p config.Port) bool {
		return p.Name == s.roleRow(role).AddressPort && p.Number != 0 &&
			!strings.HasSuffix(address, fmt.Sprintf(":%d", p.Number))
	})
}

// listsAddress is true when the address of a lone task is in a list.
func listsAddress(list, lone string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(m string) bool {
		return m == lone || strings.HasPrefix(m, lone+"/")
	})
}

// hostsOf are the hosts of a list of addresses as AddressText writes it.
func hostsOf(list string) string {
	hosts := strings.Split(list, ",")
	for i, m := range hosts {
		hosts[i] = m[:max(strings.LastIndexByte(m, ':'), 0)]
	}
	return strings.Join(hosts, ",")
}
