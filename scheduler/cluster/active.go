package cluster

import "slices"

// activate makes slot active: every cycle looks at it.
func (s *State) activate(slot *Slot) {
	slot.active = true
	if !slot.listed {
		slot.listed, s.slots.unsorted = true, true
		s.slots.order = append(s.slots.order, slot)
	}
}

// deactivate makes slot quiescent: cycles do not look at it until something happens to it.
func (s *State) deactivate(slot *Slot) {
	slot.active = false
	s.slots.others = s.slots.others || slot.listed
}

// activeInOrder lists the active slots in display order, so that the same state always gives the
// same decision. Callers must not change the list: it is kept from cycle to cycle, since sorting
// thousands of starting slots would cost more than the rest of a cycle.
func (s *State) activeInOrder() []*Slot {
	if s.slots.others {
		s.slots.others = false
		var kept []*Slot // not in place: a caller may still read the last list
		for _, slot := range s.slots.order {
			if slot.listed = slot.active; slot.listed {
				kept = append(kept, slot)
			}
		}
		s.slots.order = kept
	}
	if s.slots.unsorted {
		s.slots.unsorted = false
		s.slots.order = slices.Clone(s.slots.order)
		slices.SortFunc(s.slots.order, s.inOrder)
	}
	return s.slots.order
}

// activeExcept lists the active slots in order without those for which except is true.
func (s *State) activeExcept(except func(*Slot) bool) (list []*Slot) {
	for _, slot := range s.activeInOrder() {
		if !except(slot) {
			list = append(list, slot)
		}
	}
	return list
}
