package cluster

import "slices"

// unsettle makes slot one that every frame has to look at.
func (s *State) unsettle(slot *Slot) {
	slot.restless = true
	if !slot.listed {
		slot.listed, s.unsorted = true, true
		s.order = append(s.order, slot)
	}
}

// settle takes slot out of the restless ones.
func (s *State) settle(slot *Slot) {
	slot.restless = false
	s.others = s.others || slot.listed
}

// restlessInOrder lists the restless slots as people list them, so that the same state always gives
// the same decision. The list is for reading: it is kept from frame to frame, since sorting
// thousands of slots that start would cost more than all else that a frame does.
func (s *State) restlessInOrder() []*Slot {
	if s.others {
		s.others = false
		var kept []*Slot // not in place: somebody may be reading the last list
		for _, slot := range s.order {
			if slot.listed = slot.restless; slot.listed {
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

// restlessBut lists the restless slots in order, but for those that leave takes out.
func (s *State) restlessBut(leave func(*Slot) bool) (list []*Slot) {
	for _, slot := range s.restlessInOrder() {
		if !leave(slot) {
			list = append(list, slot)
		}
	}
	return list
}
