package cluster

import (
	"fmt"
	"slices"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// Members of an embedded journal know each other by host and port, from a list that each has read
// at its start, and one alone never serves. So all get a place before the first is launched, and
// from then on each stays at its place: another one is a change of the quorum.

// isMember is true for a slot that holds a copy of the embedded journal.
func (s *State) isMember(slot *Slot) bool {
	return slot.Role == config.Master && s.settings.Election == config.ByJournal
}

// quorumFormed is true once so many members have formatted their copies that a quorum may have been:
// what they agreed on is there. One that serves has, though its executor's word may come later than
// Mesos's: a member that was not launched before a crash is not to miss its place then.
func (s *State) quorumFormed() bool {
	formatted := 0
	for i := range s.settings.Master.Count {
		slot := s.slots[slotName(config.Master, i)]
		if slot == nil || slot.Host == "" {
			continue
		}
		identity := s.memberIdentity(slot.Name, slot.Host)
		if s.settings.Master.Volume > 0 && slot.Volume != nil {
			identity = slot.Volume.ID
		}
		if s.isFormatted(identity) || slot.Task != nil && slot.Task.State == mesos.TASK_RUNNING {
			formatted++
		}
	}
	return formatted > s.settings.Master.Count/2
}

// mayRelocate says whether a member may take another place, for which the operator has given up its
// copy of the journal (--lose-journal): all others have to serve, since they take it in again; or
// none is left at all.
func (s *State) mayRelocate(slot *Slot) bool {
	if !s.quorumFormed() {
		return true
	}
	live, _ := s.otherMembers(slot)
	return s.settings.Journal.AllowLoss && (live == 0 || s.othersServe(slot))
}

// othersServe says whether the other members can take slot in again at another place, with an empty copy.
func (s *State) othersServe(slot *Slot) bool {
	_, serving := s.otherMembers(slot)
	return serving == s.settings.Master.Count-1
}

// otherMembers counts the other members that have a task, and those of them that serve.
func (s *State) otherMembers(slot *Slot) (live, serving int) {
	for i := range s.settings.Master.Count {
		if other := s.slots[slotName(config.Master, i)]; other != nil && other.Name != slot.Name && other.Task != nil {
			live++
			if other.Task.serving() {
				serving++
			}
		}
	}
	return live, serving
}

// memberIdentity is what the copy of a member at host is called.
func (s *State) memberIdentity(slot, host string) string {
	identity := s.journalIdentity(host)
	if s.settings.Journal.Folder == "" {
		identity += "/" + slot
	}
	return identity
}

// placeMembers gives places to members that have none, or may leave theirs. Those that wait for
// others are launched by a later cycle: no offer is held for them, and a place is worth no more
// than the next offer from there.
func (m *matcher) placeMembers() {
	if m.settings.Election != config.ByJournal || m.vacant[config.Master] == 0 {
		return
	}
	for i := range m.offers {
		o := &m.offers[i]
		slot, rejection := m.candidate(config.Master, o)
		if slot == nil || slot.Host == o.Host || rejection.Reason != "" && rejection.Reason != PhaseOrder {
			continue
		}
		member := *slot
		member.Host, member.Ports, member.Attributes = strings.Clone(o.Host),
			m.requestOf(slot).choosePorts(o, slot.Ports),
			m.keepAttributes(m.attributesOf(o))
		member.HostGone, member.VacantSince, member.Failures = false, m.now, 0
		m.recordPlacement(slot, &placement{host: member.Host, attributes: member.Attributes})
		m.placedMembers[member.Host] = &member
		m.d.placedMembers = append(m.d.placedMembers, &member)
		m.d.locate(member.Name, addressOf(member.Host, member.Ports))
	}
}

// placedMember is the copy of the slot called name that got a place in this cycle, or nil.
func (m *matcher) placedMember(name string) *Slot {
	for _, member := range m.d.placedMembers {
		if member.Name == name {
			return member
		}
	}
	return nil
}

// allPlaced says whether every member has a place.
func (m *matcher) allPlaced() (ok bool, why string) {
	count, placed := m.settings.Master.Count, len(m.mastersWith(m.d.masters))
	if placed == count {
		return true, ""
	}
	return false, fmt.Sprintf("the members of the embedded journal are launched together, and %d of %d have a place",
		placed, count)
}

// placementDemand makes the wish of a member for any place another one than that for its own, when all
// have theirs: offers from there were refused while the others had none.
func (s *State) placementDemand(d *Decision, slot *Slot) int {
	if s.isMember(slot) && len(s.mastersWith(d.masters)) == s.settings.Master.Count {
		return 1 << 16
	}
	return 0
}

// requestOf is what slot takes from an offer: a member keeps the ports that the others know it by.
func (s *State) requestOf(slot *Slot) *resourceRequest {
	n := s.requests[slot.Role]
	if !s.isMember(slot) || len(slot.Ports) == 0 {
		return n
	}
	fixed := *n
	fixed.ports = slices.Clone(n.ports)
	for i := range fixed.ports {
		if p := &fixed.ports[i]; p.Number == 0 || p.Name == config.MasterRaft {
			p.Number = slot.Ports[p.Name]
		}
	}
	return &fixed
}

// reserveForMember takes the ports of a member that is to come back to the host of o out of what
// others may pick there. What a member uses is not offered; one that is believed to live while its
// host offers its ports has lost its agent, and is to come back as well.
func (m *matcher) reserveForMember(o *Offer) {
	if m.settings.Election != config.ByJournal {
		return
	}
	slot := m.hosts[hostKey{config.Master, o.Host}]
	if slot == nil || m.d.places(slot.Name) {
		return
	}
	o.take(&resourceRequest{}, slot.Ports)
}

// commitMember makes the place of a member a durable fact.
func (s *State) commitMember(member *Slot, now time.Time) {
	slot := s.slots[member.Name]
	s.unindexHost(slot)
	slot.Host, slot.Ports, slot.Attributes, slot.HostGone, slot.VacantSince, slot.Failures = member.Host,
		member.Ports, member.Attributes,
		false, now, 0
	s.touch(slot)
}

// checkMembers refuses settings that would part the members of a founded quorum.
func (s *State) checkMembers(settings *config.Settings) error {
	for i := range settings.Master.Ports {
		p := &settings.Master.Ports[i]
		if p.Name != config.MasterRaft || p.Number == 0 || settings.Election != config.ByJournal {
			continue
		}
		for n := range settings.Master.Count {
			slot := s.slots[slotName(config.Master, n)]
			if slot != nil && slot.Ports[p.Name] != 0 && slot.Ports[p.Name] != p.Number && len(s.journals) > 0 {
				return fmt.Errorf("%w: the members of the embedded journal know %s by its port %d, and %s is now %d; undo the "+
					"change", ErrUnsafeChange, slot.Name, slot.Ports[p.Name], p.Key, p.Number)
			}
		}
	}
	return nil
}
