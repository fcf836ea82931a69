package cluster

import "github.com/alluxio/alluxio-mesos/config"

// slotIndex has the slots, and what is counted and found by them. What follows from the slots is
// computed again by the tests, see caches_test.go.
type slotIndex struct {
	byName map[string]*Slot
	byTask map[string]*Slot
	// byHost has the slots of each role by host, live or not.
	byHost map[hostKey]*Slot
	// order lists the active slots, those that every cycle looks at, for activeInOrder. unsorted is
	// true when slots were added since, others when the list has slots that are no longer active.
	order            []*Slot
	unsorted, others bool
	// outdated are the slots with outdated tasks, see State.outdated.
	outdated map[string]*Slot
	// serving is how many tasks of a role serve.
	serving map[config.Role]int
	// leading is how many tasks of a role that elects lead: for a moment after a change it may be two.
	leading map[config.Role]int
	// tasksOn is how many tasks of slots are on an agent.
	tasksOn map[string]int
	// excess are the slots beyond a fixed count, by name.
	excess map[string]bool
	// excessPending is true until Mesos has confirmed the workers among which excess is chosen;
	// fewerMasters while there are masters beyond their count.
	excessPending, fewerMasters bool
	// review is true when serving tasks have to be checked, too: an event may have made them unwanted.
	review bool
	// generation grows whenever a task of a role begins or ends: from then on constraints that count
	// tasks may admit offers that they rejected.
	generation map[config.Role]int
}

type hostKey struct {
	role config.Role
	host string
}

func newSlotIndex() slotIndex {
	return slotIndex{byName: map[string]*Slot{}, byTask: map[string]*Slot{}, byHost: map[hostKey]*Slot{},
		outdated: map[string]*Slot{}, serving: map[config.Role]int{}, leading: map[config.Role]int{},
		tasksOn: map[string]int{}, excess: map[string]bool{}, generation: map[config.Role]int{}}
}

// put adds a slot, or replaces that of its name.
func (x *slotIndex) put(slot *Slot) { x.byName[slot.Name] = slot }

// vacate takes the task out of slot. What the end of the task means is the caller's.
func (x *slotIndex) vacate(slot *Slot) {
	delete(x.byTask, slot.Task.ID)
	slot.Task = nil
}

// changed says that constraints which count tasks of role may admit other offers from now on.
func (x *slotIndex) changed(role config.Role) { x.generation[role]++ }

// reviewAll has the next cycle check serving tasks, too; reviewed is when it has.
func (x *slotIndex) reviewAll() { x.review = true }
func (x *slotIndex) reviewed()  { x.review = false }

// chooseExcessAgain has the excess workers chosen once Mesos has confirmed all; excessChosen is when
// they are.
func (x *slotIndex) chooseExcessAgain() { x.excessPending = true }
func (x *slotIndex) excessChosen()      { x.excessPending = false }

// setExcess makes these slots the ones beyond a fixed count, of all roles.
func (x *slotIndex) setExcess(slots []*Slot) {
	clear(x.excess)
	for _, slot := range slots {
		x.excess[slot.Name] = true
	}
}

// setFewerMasters says whether there are masters beyond their count.
func (x *slotIndex) setFewerMasters(fewer bool) { x.fewerMasters = fewer }

// setOutdated keeps slot among the outdated ones exactly while its task is.
func (x *slotIndex) setOutdated(slot *Slot, outdated bool) {
	if outdated {
		x.outdated[slot.Name] = slot
	} else {
		delete(x.outdated, slot.Name)
	}
}

// move counts the task of slot on agentID, "" for none.
func (x *slotIndex) move(slot *Slot, agentID string) {
	if agentID == slot.agentID {
		return
	}
	if x.tasksOn[slot.agentID]--; x.tasksOn[slot.agentID] <= 0 {
		delete(x.tasksOn, slot.agentID)
	}
	if agentID != "" {
		x.tasksOn[agentID]++
	}
	slot.agentID = agentID
}

// newSlot returns a new slot, which is in no index yet.
func (s *State) newSlot(role config.Role, index int) *Slot {
	return &Slot{Name: slotName(role, index), Role: role, Index: index, Incarnation: s.record.incarnation}
}

// add puts a slot into every index.
func (s *State) add(slot *Slot) {
	s.slots.put(slot)
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
		if other := s.slots.byHost[key]; other == nil || other.Task == nil || slot.Task != nil {
			s.slots.byHost[key] = slot
		}
	}
	if slot.Task != nil {
		s.slots.byTask[slot.Task.ID] = slot
	} else {
		delete(s.slots.outdated, slot.Name)
	}
	s.noteAwaiting(slot)
	if leads := s.roleRow(slot.Role).Elects && slot.Task.leads(); leads != slot.leads {
		slot.leads = leads
		if leads {
			s.slots.leading[slot.Role]++
		} else {
			s.slots.leading[slot.Role]--
		}
	}
	if elected := s.roleRow(slot.Role).Elects && slot.Task.isLeader(); elected != slot.elected {
		slot.elected = elected
		s.noteLeader(slot.Role)
	}
	if filled := slot.Task != nil; filled != slot.filled {
		slot.filled = filled
		s.slots.generation[slot.Role]++
		if s.slots.fewerMasters && s.electsByCount(slot.Role) {
			s.reindexEndpoints() // excess masters are in the list while they have a task
		}
	}
	s.indexAgent(slot)
	if serving := slot.Task.serving(); serving != slot.counted {
		slot.counted = serving
		if serving {
			s.slots.serving[slot.Role]++
		} else {
			s.slots.serving[slot.Role]--
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
		if companion := s.slots.byName[slotName(role, slot.Index)]; companion != nil {
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
	delete(s.slots.byName, slot.Name)
	s.slots.generation[slot.Role]++
	delete(s.slots.excess, slot.Name)
	s.deactivate(slot)
	delete(s.slots.outdated, slot.Name)
	s.endpoints.setAwaiting(slot, false)
	s.noteCompanions(slot)
	s.record.touchRow(slotKey(slot.Name))
	s.countUpTo(slot.Incarnation)
}

// countUpTo makes n the least incarnation of new slots. Slots that wait for their first task are not
// saved yet, so a Record cannot tell them from removed ones: n holds for them, too.
func (s *State) countUpTo(n int) {
	if n <= s.record.incarnation {
		return
	}
	s.record.setIncarnation(n)
	for _, slot := range s.activeInOrder() {
		if slot.Launches == 0 {
			slot.Incarnation = max(slot.Incarnation, n)
		}
	}
}

// unindexHost takes slot out of the index of hosts.
func (s *State) unindexHost(slot *Slot) {
	if key := (hostKey{slot.Role, slot.Host}); s.slots.byHost[key] == slot {
		delete(s.slots.byHost, key)
	}
}

// touch marks a slot as changed, for Save and for the indexes.
func (s *State) touch(slot *Slot) {
	s.record.touchRow(slotKey(slot.Name))
	s.index(slot)
}
