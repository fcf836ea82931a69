package cluster

import (
	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// match is the slot of role that o fills, or the reason why it does not; neither when role wants nothing
// from this host. A rejection may be of no slot in particular.
func (m *matcher) match(role config.Role, o *offer.Offer) (*Slot, finding) {
	slot, found := m.candidate(role, o)
	if slot == nil || found.row != nil {
		return slot, found
	}
	return slot, m.firstFinding(slot, o)
}

// candidate is the slot of role that o could fill, whatever o has; nil when role wants nothing from this
// host. It finds the reasons for which no slot of role may use the host.
func (m *matcher) candidate(role config.Role, o *offer.Offer) (*Slot, finding) {
	if m.s.roleRow(role).Beside != "" {
		return m.companionCandidate(role, o)
	}
	everyHost := m.s.settings.Of(role).Count == config.AllHosts && !m.s.teardown.requested
	if m.vacant[role] == 0 && !everyHost {
		return nil, finding{}
	}
	key := hostKey{role, o.Host}
	own := m.s.slots.byHost[key]
	if m.placedOn[key] != nil || own != nil && own.Task != nil {
		if everyHost {
			return nil, finding{}
		}
		return nil, finding{row: rowOf(OnePerHost)}
	}
	slot := own
	if own != nil {
		if ok, _ := m.s.wanted(own); !ok || m.d.places(own.Name) || m.placedMember(own.Name) != nil {
			// it is no longer wanted, or gets another host in this cycle
			slot = nil
		}
	}
	if member := m.placedMembers[o.Host]; m.s.roleRow(role).Journal && member != nil {
		slot = member
	}
	if slot == nil {
		slot = m.nextMovable(role)
	}
	if slot == nil && everyHost {
		slot = m.newCandidate(role)
	}
	if pin := m.s.settings.Of(role).Host; pin != "" && pin != o.Host {
		return slot, finding{row: rowOf(PinnedHost), detail: pin}
	}
	if slot == nil { // nil when every vacant one has got a place in this cycle
		slot = m.bound[role]
	}
	return slot, finding{}
}

// companionCandidate is the vacant companion of role that o could fill; nil when no primary on this host
// lacks one. Constraints, pins and waiting times of hosts are the primary's.
func (m *matcher) companionCandidate(role config.Role, o *offer.Offer) (*Slot, finding) {
	if !m.s.has(role) || m.s.teardown.requested {
		return nil, finding{}
	}
	primary, _ := m.primaryAt(role, o.Host)
	if primary == nil {
		return nil, finding{}
	}
	name := slotName(role, primary.Index)
	slot := m.s.slots.byName[name]
	if slot == nil {
		slot = &Slot{Name: name, Role: role, Index: primary.Index, Incarnation: m.s.record.incarnation}
	}
	if slot.Task != nil || m.d.places(name) {
		return nil, finding{}
	}
	if other := m.s.slots.byHost[hostKey{role, o.Host}]; other != nil && other.Task != nil { // its primary has left
		return slot, finding{row: rowOf(Ending), detail: other.Task.ID}
	}
	return slot, finding{}
}

// primaryAt is the slot of the task of a companion's primary role on o's host, with its index, and the
// ports that were chosen for companions; nil when none runs there or is launched in this cycle.
func (m *matcher) primaryAt(role config.Role, host string) (primary *Slot, ports map[config.PortName]uint16) {
	key := hostKey{m.s.roleRow(role).Beside, host}
	if p := m.placedOn[key]; p != nil {
		return &Slot{Name: p.slot, Role: p.role, Index: p.index}, p.companionPorts
	}
	slot := m.s.slots.byHost[key]
	if slot == nil || !slot.runs() || m.d.places(slot.Name) {
		return nil, nil
	}
	if ok, _ := m.s.wanted(slot); !ok {
		return nil, nil
	}
	return slot, slot.CompanionPorts
}

// nextMovable is the first vacant slot of role that may be placed anywhere and was not placed in this cycle, or nil.
func (m *matcher) nextMovable(role config.Role) *Slot {
	for list := m.movable[role]; len(list) > 0; list = list[1:] {
		if !m.d.places(list[0].Name) && m.placedMember(list[0].Name) == nil {
			m.movable[role] = list
			return list[0]
		}
	}
	m.movable[role] = nil
	return nil
}

// newCandidate is a slot without a name for a host that has no slot yet. All hosts share it, since
// thousands of their offers may be rejected in a cycle.
func (m *matcher) newCandidate(role config.Role) *Slot {
	if m.candidateSlot == nil || m.candidateSlot.Role != role {
		m.candidateSlot = &Slot{Role: role, Incarnation: m.s.record.incarnation}
	}
	return m.candidateSlot
}
