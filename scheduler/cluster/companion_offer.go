package cluster

import (
	"maps"
	"slices"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// makeRoom has the companions of a vacant slot ended that hold what an offer of its own host lacks for it.
func (m *matcher) makeRoom(slot *Slot, o *offer.Offer) {
	if slot.Host != o.Host {
		return
	}
	with, holds := *o, []*Slot(nil)
	with.Ports = slices.Clone(o.Ports)
	for _, role := range m.s.roles.Companions(slot.Role) {
		if c := m.s.slots.byName[slotName(role, slot.Index)]; c != nil && c.runs() && c.Task.AgentID == o.AgentID {
			n := m.s.derived.requests[role]
			with.CPUs, with.MemMB, holds = with.CPUs+n.CPUs, with.MemMB+n.MemMB, append(holds, c)
			for _, port := range c.Ports {
				with.Ports = append(with.Ports, offer.PortRange{Begin: port, End: port})
			}
		}
	}
	with.Ports = with.Ports.Merged()
	if len(holds) > 0 && m.s.requestOf(slot).ShortfallIn(&with) == 0 {
		m.d.crowding = append(m.d.crowding, holds...)
	}
}

// requestAt is the resource request of slot on host. A companion keeps the ports that were chosen when
// its primary was placed; others avoid those.
func (m *matcher) requestAt(slot *Slot, host string) *resource.Request {
	n := m.s.requestOf(slot)
	if m.s.isCompanion(slot) {
		_, ports := m.primaryAt(slot.Role, host)
		n = m.s.derived.requests[slot.Role].WithPorts(ports)
	}
	for _, role := range m.s.roles.InStartOrder() {
		if role == m.s.roleRow(slot.Role).Beside {
			continue
		}
		if primary := m.s.slots.byHost[hostKey{role, host}]; primary != nil && len(primary.CompanionPorts) > 0 {
			avoiding := *n
			avoiding.Avoid = slices.AppendSeq(slices.Clone(n.Avoid), maps.Values(primary.CompanionPorts))
			n = &avoiding
		}
	}
	return n
}

// companionPorts chooses the free ports of the companions of slot whose addresses others read, when
// slot is placed on o: from what its own ports leave of o, or as before on the same host, where its
// companions may hold them. It returns nil where o has too few: then those companions have no
// address until slot is placed again.
func (m *matcher) companionPorts(slot *Slot, o *offer.Offer,
	own map[config.PortName]uint16) map[config.PortName]uint16 {
	var chosen map[config.PortName]uint16
	for _, role := range m.s.roles.Companions(slot.Role) {
		n := m.s.derived.requests[role]
		if m.s.roleRow(role).AddressPort == "" || !m.s.has(role) || len(n.FixedPorts()) == len(n.Ports) {
			continue
		}
		if chosen == nil {
			chosen = map[config.PortName]uint16{}
		}
		rest := *o
		new(resource.Request).TakeFrom(&rest, own)
		new(resource.Request).TakeFrom(&rest, chosen)
		last := map[config.PortName]uint16{}
		if slot.Host == o.Host {
			maps.Copy(last, slot.CompanionPorts)
			if c := m.s.slots.byName[slotName(role, slot.Index)]; c != nil && c.Task != nil && c.Host == o.Host {
				maps.Copy(last, c.Ports)
			}
		}
		picked := n.ChoosePorts(&rest, last)
		for _, p := range n.Ports {
			if number := last[p.Name]; p.Number == 0 && number != 0 {
				chosen[p.Name] = number
			} else if number := picked[p.Name]; p.Number == 0 && number != 0 {
				chosen[p.Name] = number
			}
		}
	}
	return chosen
}

// locateCompanions records the addresses of the companions of a slot that d places on host.
func (m *matcher) locateCompanions(primary config.Role, index int, host string, ports map[config.PortName]uint16) {
	for _, role := range m.s.roles.Companions(primary) {
		if at, ok := m.s.companionAddress(role, host, ports); ok {
			m.d.locate(slotName(role, index), at)
		}
	}
}

// companionAddress is the address of a companion on host, with the ports that were chosen for it; ok
// is false while none is known, and for a role whose address nobody reads.
func (s *State) companionAddress(role config.Role, host string, chosen map[config.PortName]uint16) (at launch.Address,
	ok bool) {
	row := s.roleRow(role)
	if row.AddressPort == "" || !s.has(role) || host == "" {
		return at, false
	}
	ports := map[config.PortName]uint16{}
	for _, p := range s.derived.requests[role].WithPorts(chosen).Ports {
		ports[p.Name] = p.Number
	}
	return s.addressOf(role, host, ports), ports[row.AddressPort] != 0
}

// keepCompanionPorts saves the ports of a companion in its primary when that was placed without: for the
// job service of a cluster that ran before it, with ports that may be any.
func (s *State) keepCompanionPorts(p *placement) {
	slot := s.slots.byName[p.slot]
	primary := s.primaryOf(slot)
	if primary == nil || s.roleRow(p.role).AddressPort == "" {
		return
	}
	for _, port := range s.derived.requests[p.role].Ports {
		if port.Number == 0 && primary.CompanionPorts[port.Name] == 0 {
			if primary.CompanionPorts == nil {
				primary.CompanionPorts = map[config.PortName]uint16{}
			}
			primary.CompanionPorts[port.Name] = p.ports[port.Name]
			s.record.touchRow(slotKey(primary.Name))
		}
	}
}
