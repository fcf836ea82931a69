package cluster

import "github.com/alluxio/alluxio-mesos/config"

// newSlot returns a new slot, which is in no index yet.
func (s *State) newSlot(role config.Role, index int) *Slot {
	return &Slot{Name: slotName(role, index), Role: role, Index: index, Incarnation: s.incarnation}
}

// add puts a slot into every index.
func (s *State) add(slot *Slot) {
	s.slots[slot.Name] = slot
	s.index(slot)
	s.addCompanions(slot)
}

// index updates all indexes after a change of slot.
func (s *State) index(slot *Slot) {
	if slot.Host != "" && slot.Task == nil && s.isCompanion(slot) { // its next host is its primary's
		s.unindexHost(slot)
	} else if slot.Host != "" {
		// A vacant slot that is no longer wanted may share the host with its replacement.
		key := hostKey{slot.Role, slot.Host}
		if other := s.hosts[key]; other == nil || other.Task == nil || slot.Task != nil {
			s.hosts[key] = slot
		}
	}
	if slot.Task != nil {
		s.byTask[slot.Task.ID] = slot
	} else {
		delete(s.stale, slot.Name)
	}
	s.noteAwaiting(slot)
	if leads := s.roleRow(slot.Role).Elects && slot.Task.leads(); leads != slot.leads {
		slot.leads = leads
		if leads {
			s.leading[slot.Role]++
		} else {
			s.leading[slot.Role]--
		}
	}
	if elected := s.roleRow(slot.Role).Elects && slot.Task.isLeader(); elected != slot.elected {
		slot.elected = elected
		s.noteLeader(slot.Role)
	}
	if filled := slot.Task != nil; filled != slot.filled {
		slot.filled = filled
		s.generation[slot.Role]++
		if s.fewerMasters && s.electsByCount(slot.Role) {
			s.reindexEndpoints() // excess masters are in the list while they have a task
		}
	}
	s.indexAgent(slot)
	if serving := slot.Task.serving(); serving != slot.counted {
		slot.counted = serving
		if serving {
			s.servingCount[slot.Role]++
		} else {
			s.servingCount[slot.Role]--
		}
	}
	s.noteActivity(slot)
	s.noteCompanions(slot)
}

// noteCompanions is noteActivity for the companions of slot, which depend on where it is and whether
// it is wanted.
func (s *State) noteCompanions(slot *Slot) {
	for _, role := range s.roles.Companions(slot.Role) {
		if s.settings == nil || !s.has(role) { // their slots do not depend on it
			continue
		}
		if companion := s.slots[slotName(role, slot.Index)]; companion != nil {
			s.noteActivity(companion)
		}
	}
}

// noteActivity makes slot active or quiescent.
func (s *State) noteActivity(slot *Slot) {
	if slot.quiescent() && !s.mustFollow(slot) {
		s.deactivate(slot)
	} else {
		s.activate(slot)
	}
}

// remove removes a slot from the State.
func (s *State) remove(slot *Slot) {
	s.orphanVolume(slot)
	s.unindexHost(slot)
	delete(s.slots, slot.Name)
	s.generation[slot.Role]++
	delete(s.excess, slot.Name)
	s.deactivate(slot)
	delete(s.stale, slot.Name)
	delete(s.awaitingMasterUpdate, slot.Name)
	s.noteCompanions(slot)
	s.changed[slotKey(slot.Name)] = struct{}{}
	s.countUpTo(slot.Incarnation)
}

// countUpTo makes n the least incarnation of new slots. Slots that wait for their first task are not
// saved yet, so a Record cannot tell them from removed ones: n holds for them, too.
func (s *State) countUpTo(n int) {
	if n <= s.incarnation {
		return
	}
	s.incarnation = n
	s.changed[frameworkKey] = struct{}{}
	for _, slot := range s.activeInOrder() {
		if slot.Launches == 0 {
			slot.Incarnation = max(slot.Incarnation, n)
		}
	}
}

// unindexHost takes slot out of the index of hosts.
func (s *State) unindexHost(slot *Slot) {
	if key := (hostKey{slot.Role, slot.Host}); s.hosts[key] == slot {
		delete(s.hosts, key)
	}
}

// touch marks a slot as changed, for Save and for the indexes.
func (s *State) touch(slot *Slot) {
	s.changed[slotKey(slot.Name)] = struct{}{}
	s.index(slot)
}
