package cluster

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
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
	return s.slots[slot.primaryName]
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
		if s.has(role) && s.slots[slotName(role, slot.Index)] == nil {
			s.add(s.newSlot(role, slot.Index))
		}
	}
}

// companionWanted says whether the plan wants a companion, else why not. It stays while a primary that is
// not wanted itself still runs.
func (s *State) companionWanted(slot *Slot) (bool, string) {
	primary := s.primaryOf(slot)
	if primary == nil {
		return false, fmt.Sprintf("%s is gone, beside which it runs", slotName(s.roleRow(slot.Role).Beside, slot.Index))
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
		return false, fmt.Sprintf("%s, beside which it runs, leaves %s", primary.Name, slot.Host)
	case slot.Task != nil && slot.Host != host:
		return false, fmt.Sprintf("%s, beside which it runs, has moved to %s", primary.Name, host)
	}
	if ok, why := s.wanted(primary); ends && !ok {
		return false, fmt.Sprintf("%s, beside which it runs, ends: %s", primary.Name, why)
	}
	return true, ""
}

// wantedAfter is wanted as it will be after Commit of d.
func (s *State) wantedAfter(d *Decision, slot *Slot) (bool, string) {
	primary := s.primaryOf(slot)
	if primary == nil || s.teardown {
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
			slot := s.slots[slotName(role, primary.Index)]
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
			s.killTask(d, now, slot.Task, fmt.Sprintf("%s, beside which it runs, needs its room", s.primaryOf(slot).Name))
		}
	}
	for _, p := range d.placements {
		if primary := s.slots[p.slot]; primary != nil {
			end(primary)
		}
	}
	for _, action := range slices.Clone(d.Actions) {
		if kill, ok := action.(Kill); ok {
			if primary := s.byTask[kill.TaskID]; primary != nil {
				end(primary)
			}
		}
	}
}

// mustFollow is true for a companion whose task has to end, since its primary has moved or ends. While
// a Record is loaded nothing is known of the plan.
func (s *State) mustFollow(slot *Slot) bool {
	if s.settings == nil || slot.Task == nil || !s.isCompanion(slot) {
		return false
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

// makeRoom has the companions of a vacant slot ended that hold what an offer of its own host lacks for it.
func (m *matcher) makeRoom(slot *Slot, o *Offer) {
	if slot.Host != o.Host {
		return
	}
	with, holds := *o, []*Slot(nil)
	with.Ports = slices.Clone(o.Ports)
	for _, role := range m.roles.Companions(slot.Role) {
		if c := m.slots[slotName(role, slot.Index)]; c != nil && c.runs() && c.Task.AgentID == o.AgentID {
			n := m.requests[role]
			with.CPUs, with.MemMB, holds = with.CPUs+n.cpus, with.MemMB+n.memMB, append(holds, c)
			for _, port := range c.Ports {
				with.Ports = append(with.Ports, PortRange{port, port})
			}
		}
	}
	with.Ports = mergeRanges(with.Ports)
	if len(holds) > 0 && m.requestOf(slot).shortfallIn(&with) == 0 {
		m.d.crowding = append(m.d.crowding, holds...)
	}
}

// primaryAt is the slot of the task of a companion's primary role on o's host, with its index, and the
// ports that were chosen for companions; nil when none runs there or is launched in this cycle.
func (m *matcher) primaryAt(role config.Role, host string) (primary *Slot, ports map[config.PortName]uint16) {
	key := hostKey{m.roleRow(role).Beside, host}
	if p := m.placedOn[key]; p != nil {
		return &Slot{Name: p.slot, Role: p.role, Index: p.index}, p.companionPorts
	}
	slot := m.hosts[key]
	if slot == nil || !slot.runs() || m.d.places(slot.Name) {
		return nil, nil
	}
	if ok, _ := m.wanted(slot); !ok {
		return nil, nil
	}
	return slot, slot.CompanionPorts
}

// companionCandidate finds the vacant companion of role that o can fill, or the reason why o is
// rejected; neither when no primary on this host lacks one. Constraints, pins and waiting times of
// hosts are the primary's.
func (m *matcher) companionCandidate(role config.Role, o *Offer) (*Slot, Rejection) {
	if !m.has(role) || m.teardown {
		return nil, Rejection{}
	}
	primary, _ := m.primaryAt(role, o.Host)
	if primary == nil {
		return nil, Rejection{}
	}
	name := slotName(role, primary.Index)
	slot := m.slots[name]
	if slot == nil {
		slot = &Slot{Name: name, Role: role, Index: primary.Index, Incarnation: m.incarnation}
	}
	if slot.Task != nil || m.d.places(name) {
		return nil, Rejection{}
	}
	if other := m.hosts[hostKey{role, o.Host}]; other != nil && other.Task != nil { // its primary has left
		return slot, Rejection{Reason: Ending, Detail: other.Task.ID, refuse: refuseSoon}
	}
	if rejection := m.maintained(slot, o); rejection.Reason != "" {
		return slot, rejection
	}
	if short := m.requestAt(slot, o.Host).shortfallIn(o); short != 0 {
		return slot, Rejection{Reason: short.reason(), refuse: refuseUnfit}
	}
	return slot, m.waits(slot, o)
}

// requestAt is the resource request of slot on host. A companion keeps the ports that were chosen when
// its primary was placed; others avoid those.
func (m *matcher) requestAt(slot *Slot, host string) *resourceRequest {
	n := m.requestOf(slot)
	if m.isCompanion(slot) {
		_, ports := m.primaryAt(slot.Role, host)
		n = m.requests[slot.Role].withPorts(ports)
	}
	for _, role := range m.roles.InStartOrder() {
		if role == m.roleRow(slot.Role).Beside {
			continue
		}
		if primary := m.hosts[hostKey{role, host}]; primary != nil && len(primary.CompanionPorts) > 0 {
			avoiding := *n
			avoiding.others = slices.AppendSeq(slices.Clone(n.others), maps.Values(primary.CompanionPorts))
			n = &avoiding
		}
	}
	return n
}

// companionPorts chooses the free ports of the companions of slot whose addresses others read, when
// slot is placed on o: from what its own ports leave of o, or as before on the same host, where its
// companions may hold them. It returns nil where o has too few: then those companions have no
// address until slot is placed again.
func (m *matcher) companionPorts(slot *Slot, o *Offer, own map[config.PortName]uint16) map[config.PortName]uint16 {
	var chosen map[config.PortName]uint16
	for _, role := range m.roles.Companions(slot.Role) {
		n := m.requests[role]
		if m.roleRow(role).AddressPort == "" || !m.has(role) || len(n.fixedPorts()) == len(n.ports) {
			continue
		}
		if chosen == nil {
			chosen = map[config.PortName]uint16{}
		}
		rest := *o
		rest.take(&resourceRequest{}, own)
		rest.take(&resourceRequest{}, chosen)
		last := map[config.PortName]uint16{}
		if slot.Host == o.Host {
			maps.Copy(last, slot.CompanionPorts)
			if c := m.slots[slotName(role, slot.Index)]; c != nil && c.Task != nil && c.Host == o.Host {
				maps.Copy(last, c.Ports)
			}
		}
		picked := n.choosePorts(&rest, last)
		for _, p := range n.ports {
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
	for _, role := range m.roles.Companions(primary) {
		if at, ok := m.companionAddress(role, host, ports); ok {
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
	for _, p := range s.requests[role].withPorts(chosen).ports {
		ports[p.Name] = p.Number
	}
	return s.addressOf(role, host, ports), ports[row.AddressPort] != 0
}

// withPorts is n with these ports in place of those that may be any.
func (n *resourceRequest) withPorts(chosen map[config.PortName]uint16) *resourceRequest {
	if len(chosen) == 0 {
		return n
	}
	fixed := *n
	fixed.ports = make([]config.Port, len(n.ports))
	for i, p := range n.ports {
		if p.Number == 0 {
			p.Number = chosen[p.Name]
		}
		fixed.ports[i] = p
	}
	return &fixed
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

// keepCompanionPorts saves the ports of a companion in its primary when that was placed without: for the
// job service of a cluster that ran before it, with ports that may be any.
func (s *State) keepCompanionPorts(p *placement) {
	slot := s.slots[p.slot]
	primary := s.primaryOf(slot)
	if primary == nil || s.roleRow(p.role).AddressPort == "" {
		return
	}
	for _, port := range s.requests[p.role].ports {
		if port.Number == 0 && primary.CompanionPorts[port.Name] == 0 {
			if primary.CompanionPorts == nil {
				primary.CompanionPorts = map[config.PortName]uint16{}
			}
			primary.CompanionPorts[port.Name] = p.ports[port.Name]
			s.changed[slotKey(primary.Name)] = struct{}{}
		}
	}
}

// primaryText says what the primary of a companion takes on the same host, for the arithmetic of a
// rejection; "" for other roles.
func (s *State) primaryText(role config.Role) string {
	primary := s.roleRow(role).Beside
	if primary == "" {
		return ""
	}
	n := s.requests[primary]
	return fmt.Sprintf("beside it, %s has %g cpus and %.0fMB there", primary, n.cpus, n.memMB)
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
