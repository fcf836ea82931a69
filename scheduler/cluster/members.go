package cluster

import (
	"fmt"
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// Members of an embedded journal know each other by host and port, from a list that each reads at its
// start, and one alone never serves. So all are placed before the first is launched. From then on
// each keeps its placement: another one is a change of the quorum.

// isMember is true for a slot that holds a copy of the embedded journal.
func (s *State) isMember(slot *Slot) bool {
	return slot.Role == config.Master && s.settings.Election == config.ByJournal
}

// quorumFormed is true once more than half of the members have formatted their copies, so that they
// may have committed entries. A member that runs counts even before its executor reports the format.
func (s *State) quorumFormed() bool { return s.quorumFormedWith(nil) }

// quorumFormedWith is quorumFormed as it will be after Commit of d, of which nil places nothing.
func (s *State) quorumFormedWith(d *Decision) bool {
	formatted := 0
	for i := range s.settings.Master.Count {
		slot := s.slots.byName[slotName(config.Master, i)]
		host := d.hostOf(slot)
		if host == "" {
			continue
		}
		identity := s.memberIdentity(slot.Name, host)
		if s.settings.Master.Volume > 0 && slot.Volume != nil {
			identity = slot.Volume.ID
		}
		if s.isFormatted(identity) || slot.Task != nil && slot.Task.State == mesos.TASK_RUNNING {
			formatted++
		}
	}
	return formatted > s.settings.Master.Count/2
}

// mayRelocate says whether a member may be placed on another host: before a quorum was formed; or
// when the operator has abandoned its copy of the journal (--lose-journal), and all other members
// serve, so that they can fill a new copy, or none has a task. It is judged as after Commit of d, of
// which nil places nothing.
func (s *State) mayRelocate(d *Decision, slot *Slot) bool {
	if !s.quorumFormedWith(d) {
		return true
	}
	live, _ := s.otherMembers(slot)
	return s.settings.Journal.AllowLoss && (live == 0 || s.othersServe(slot))
}

// othersServe is true when all other members serve: they can then fill an empty copy of slot on
// another host.
func (s *State) othersServe(slot *Slot) bool {
	_, serving := s.otherMembers(slot)
	return serving == s.settings.Master.Count-1
}

// otherMembers counts the other members that have a task, and those of them that serve.
func (s *State) otherMembers(slot *Slot) (live, serving int) {
	for i := range s.settings.Master.Count {
		if other := s.slots.byName[slotName(config.Master, i)]; other != nil && other.Name != slot.Name && other.Task != nil {
			live++
			if other.Task.serving() {
				serving++
			}
		}
	}
	return live, serving
}

// memberIdentity identifies the copy of the journal of a member on host.
func (s *State) memberIdentity(slot, host string) string {
	identity := s.journalIdentity(host)
	if s.settings.Journal.Folder == "" {
		identity += "/" + slot
	}
	return identity
}

// placeMembers places members that have no placement or may be relocated. Members that wait for
// others are launched by a later cycle on a new offer of their host: no offer is held for them.
func (m *matcher) placeMembers() {
	if m.s.settings.Election != config.ByJournal || m.vacant[config.Master] == 0 {
		return
	}
	offers := m.s.offers.pending
	for i := range offers {
		o := &offers[i]
		slot, found := m.match(config.Master, o)
		if slot == nil || slot.Host == o.Host || found.row != nil && found.row.reason != PhaseOrder {
			continue
		}
		member := *slot
		member.Host, member.Ports, member.Attributes = o.Host,
			m.requestAt(slot, o.Host).ChoosePorts(o, slot.Ports),
			m.s.keepAttributes(m.attributesOf(o))
		member.CompanionPorts = m.companionPorts(slot, o, member.Ports)
		member.HostGone, member.VacantSince, member.Failures = false, m.now, 0
		m.recordPlacement(slot, &placement{host: member.Host, attributes: member.Attributes})
		m.placedMembers[member.Host] = &member
		m.d.placedMembers = append(m.d.placedMembers, &member)
		m.locateCompanions(member.Role, member.Index, member.Host, member.CompanionPorts)
		m.d.locate(member.Name, m.s.addressOf(member.Role, member.Host, member.Ports))
	}
}

// hostOf is where slot is after Commit of d, of which nil places nothing; "" without a slot or a host.
func (d *Decision) hostOf(slot *Slot) string {
	if slot == nil {
		return ""
	}
	if d != nil {
		if p := d.placed[slot.Name]; p != nil {
			return p.host
		}
		for _, member := range d.placedMembers {
			if member.Name == slot.Name {
				return member.Host
			}
		}
	}
	return slot.Host
}

// placedMember is the slot called name as placeMembers has placed it in this cycle, or nil.
func (m *matcher) placedMember(name string) *Slot {
	for _, member := range m.d.placedMembers {
		if member.Name == name {
			return member
		}
	}
	return nil
}

// allPlaced says whether every member has a placement, else why none is launched.
func (m *matcher) allPlaced() (ok bool, why string) {
	count, placed := m.s.settings.Master.Count, len(m.s.mastersWith(m.d.located))
	if placed == count {
		return true, ""
	}
	return false, fmt.Sprintf("the members of the embedded journal are launched together, and %d of %d have a host",
		placed, count)
}

// allPlacedAfter is true for a member once all members are placed, as it will be after Commit of d: until
// then offers of its own host are declined.
func (s *State) allPlacedAfter(d *Decision, slot *Slot) bool {
	return s.isMember(slot) && len(s.mastersWith(d.located)) == s.settings.Master.Count
}

// requestOf is the resource request of slot. A member keeps the ports by which the others know it.
func (s *State) requestOf(slot *Slot) *resource.Request {
	n := s.derived.requests[slot.Role]
	if !s.isMember(slot) || len(slot.Ports) == 0 {
		return n
	}
	fixed := *n
	fixed.Ports = slices.Clone(n.Ports)
	for i := range fixed.Ports {
		if p := &fixed.Ports[i]; p.Number == 0 || p.Name == config.MasterRaft {
			p.Number = slot.Ports[p.Name]
		}
	}
	return &fixed
}

// reserveForMember removes the ports of a member on o's host from o, so that no other role takes them
// before the member is launched there again. The ports of a running member are not offered; if they
// are, its agent is lost and it has to be launched again, too.
func (m *matcher) reserveForMember(o *offer.Offer) {
	if m.s.settings.Election != config.ByJournal {
		return
	}
	slot := m.s.slots.byHost[hostKey{config.Master, o.Host}]
	if slot == nil || m.d.places(slot.Name) {
		return
	}
	new(resource.Request).TakeFrom(o, slot.Ports)
}

// commitMember records the placement of a member, which becomes durable with the next save.
func (s *State) commitMember(member *Slot, now time.Time) {
	slot := s.slots.byName[member.Name]
	s.unindexHost(slot)
	slot.CompanionPorts = member.CompanionPorts
	slot.Host, slot.Ports, slot.Attributes, slot.HostGone, slot.VacantSince, slot.Failures = member.Host,
		member.Ports, member.Attributes,
		false, now, 0
	s.touch(slot)
}

// checkMembers refuses settings that change the port by which the members of a formatted journal know
// each other.
func (s *State) checkMembers(settings *config.Settings) error {
	for i := range settings.Master.Ports {
		p := &settings.Master.Ports[i]
		if p.Name != config.MasterRaft || p.Number == 0 || settings.Election != config.ByJournal {
			continue
		}
		for n := range settings.Master.Count {
			slot := s.slots.byName[slotName(config.Master, n)]
			if slot != nil && slot.Ports[p.Name] != 0 && slot.Ports[p.Name] != p.Number && len(s.journals.formatted) > 0 {
				return fmt.Errorf("%w: the members of the embedded journal know %s by its port %d, and %s is now %d; undo the "+
					"change", ErrUnsafeChange, slot.Name, slot.Ports[p.Name], p.Key, p.Number)
			}
		}
	}
	return nil
}
