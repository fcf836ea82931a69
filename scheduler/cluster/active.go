package cluster

import "slices"

// activate makes slot one that every cycle has to look at.
func (s *State) activate(slot *Slot) {
	slot.active = true
	if !slot.listed {
		slot.listed, s.unsorted = true, true
		s.order = append(s.order, slot)
	}
}

// deactivate takes slot out of the active ones.
func (s *State) deactivate(slot *Slot) {
	slot.active = false
	s.others = s.others || slot.listed
}

// activeInOrder lists the active slots as people list them, so that the same state always gives
// the same decision. The list is for reading: it is kept from cycle to cycle, since sorting
// thousands of slots that start would cost more than all else that a cycle does.
func (s *State) activeInOrder() []*Slot {
	if s.others {
		s.others = false
		var kept []*Slot // not in place: somebody may be reading the last list
		for _, slot := range s.order {
			if slot.listed = slot.active; slot.listed {
				kept = append(kept, slot)
			}
		}
		s.order = kept
	}
	if s.unsorted {
		s.unsorted = false
		s.order = slices.Clone(s.order)
		slices.SortFunc(s.order, s.inOrder)
	}
	return s.order
}

// activeExcept lists the active slots in order, but for those that leave takes out.
func (s *State) activeExcept(leave func(*Slot) bool) (list []*Slot) {
	for _, slot := range s.activeInOrder() {
		if !leave(slot) {
			list = append(list, slot)
		}
	}
	return list
}
