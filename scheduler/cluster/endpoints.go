package cluster

import (
	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Tasks of some roles read the addresses of others when they start (config.RoleRow.Reads).

// endpoints are the addresses of the tasks of roles, in the order of their slots.
type endpoints map[config.Role][]launch.Address

// text has each list as launch.AddressText writes it; roles without an address are left out.
func (e endpoints) text() map[config.Role]string {
	text := make(map[config.Role]string, len(e))
	for role, list := range e {
		if len(list) > 0 {
			text[role] = launch.AddressText(list)
		}
	}
	return text
}

// knownEndpoints are today's addresses, and who has not confirmed them.
type knownEndpoints struct {
	// addresses are those of each role that others read, as launch.AddressText writes them.
	addresses map[config.Role]string
	// awaitingMasterUpdate are the slots whose executors have not confirmed those of the masters.
	awaitingMasterUpdate map[string]*Slot
}

// setAwaiting keeps slot among those that await an update exactly while it does.
func (k *knownEndpoints) setAwaiting(slot *Slot, awaits bool) {
	if awaits {
		k.awaitingMasterUpdate[slot.Name] = slot
	} else {
		delete(k.awaitingMasterUpdate, slot.Name)
	}
}

// endpointsOf are the addresses that a task of role reads, with those in located in place of today's.
func (s *State) endpointsOf(role config.Role, located map[string]launch.Address) endpoints {
	read := endpoints{}
	for _, other := range s.roleRow(role).Reads {
		if list := s.addressesOf(other, located); len(list) > 0 {
			read[other] = list
		}
	}
	return read
}

// reading is what the tasks of a role read of others at their start. Thousands of tasks that are launched
// in a cycle share it.
type reading struct {
	endpoints endpoints
	text      map[config.Role]string
	// locations is the number of Decision.locations at which it was made.
	locations int
}

// readingOf is what a task of role reads when it is launched now.
func (m *matcher) readingOf(role config.Role) *reading {
	r := m.reading[role]
	if r == nil || r.locations != m.d.locations {
		e := m.s.endpointsOf(role, m.d.located)
		r = &reading{endpoints: e, text: e.text(), locations: m.d.locations}
		m.reading[role] = r
	}
	return r
}

// allEndpoints are the addresses of every role that others read, as launch.AddressText writes them,
// with those in located in place of today's.
func (s *State) allEndpoints(located map[string]launch.Address) map[config.Role]string {
	all := endpoints{}
	for _, role := range s.roles.InStartOrder() {
		if s.roleRow(role).AddressPort != "" {
			all[role] = s.addressesOf(role, located)
		}
	}
	return all.text()
}

// endpointsWith are addresses as they will be after Commit of d.
func (s *State) endpointsWith(d *Decision) map[config.Role]string {
	if !d.movesEndpoints() {
		return s.endpoints.addresses
	}
	return s.allEndpoints(d.located)
}

// addressesOf lists the addresses of all tasks of role, with those in located in place of today's.
// Where ZooKeeper elects, excess masters are in the list until they end: one of them may lead, and a
// master that joins the election looks for the leader in the list.
func (s *State) addressesOf(role config.Role, located map[string]launch.Address) []launch.Address {
	var list []launch.Address
	for i := range s.countOf(role) {
		if at, ok := located[slotName(role, i)]; ok {
			list = append(list, at)
		} else if at, ok := s.addressAt(role, i); ok {
			list = append(list, at)
		}
	}
	if s.slots.fewerMasters && s.electsByCount(role) && s.settings.Election == config.ByZooKeeper {
		for _, slot := range s.excessMasters() {
			list = append(list, s.addressOf(role, slot.Host, slot.Ports))
		}
	}
	return list
}

// addressAt is the address of the slot of role with this index; ok is false while it has none. That of
// a companion follows from where its primary is.
func (s *State) addressAt(role config.Role, index int) (at launch.Address, ok bool) {
	if primary := s.roleRow(role).Beside; primary != "" {
		if slot := s.slots.byName[slotName(primary, index)]; slot != nil {
			return s.companionAddress(role, slot.Host, slot.CompanionPorts)
		}
		return at, false
	}
	slot := s.slots.byName[slotName(role, index)]
	if slot == nil || slot.Host == "" {
		return at, false
	}
	return s.addressOf(role, slot.Host, slot.Ports), true
}

// addressOf is the address of a task of role on host with these ports.
func (s *State) addressOf(role config.Role, host string, ports map[config.PortName]uint16) launch.Address {
	row := s.roleRow(role)
	return launch.Address{Host: host, RPC: ports[row.AddressPort], Web: ports[row.WebPort], Raft: ports[row.JournalPort]}
}

// mastersWith lists the addresses of all masters, with those in located in place of today's.
func (s *State) mastersWith(located map[string]launch.Address) []launch.Address {
	return s.addressesOf(config.Master, located)
}

// reindexEndpoints updates what depends on the addresses of other tasks after a change of one.
func (s *State) reindexEndpoints() {
	s.endpoints.addresses = s.allEndpoints(nil)
	clear(s.endpoints.awaitingMasterUpdate)
	if !s.elects() {
		return
	}
	for _, slot := range s.slots.byTask {
		s.noteAwaiting(slot)
		s.noteStale(slot, s.endpoints.addresses)
	}
}

// noteAwaiting keeps slot in awaitingMasterUpdate exactly while its executor does not know the present
// masters, or has not sent a Report to this process: its Report in the Record may be out of date,
// including who leads.
func (s *State) noteAwaiting(slot *Slot) {
	s.endpoints.setAwaiting(slot, s.awaitsMasterUpdate(slot))
}

func (s *State) awaitsMasterUpdate(slot *Slot) bool {
	return s.elects() && slot.Task != nil && s.reads(slot.Role, config.Master) &&
		(slot.Task.knownMasters() != s.endpoints.addresses[config.Master] || !slot.Task.heard)
}

// locate records the address of a task that d places.
func (d *Decision) locate(slot string, at launch.Address) {
	if d.located == nil {
		d.located = map[string]launch.Address{}
	}
	d.located[slot] = at
	d.locations++
}

// movesEndpoints is true when d may change an address that others read.
func (d *Decision) movesEndpoints() bool { return len(d.located) > 0 }
