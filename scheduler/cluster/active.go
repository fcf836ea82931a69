package cluster

import "slices"

// activate makes slot active: every cycle looks at it.
func (s *State) activate(slot *Slot) {
	slot.active = true
	if !slot.listed {
		slot.listed, s.unsorted = true, true
		s.order = append(s.order, slot)
	}
}

// deactivate makes slot quiescent: cycles do not look at it until something happens to it.
func (s *State) deactivate(slot *Slot) {
	slot.active = false
	s.others = s.others || slot.listed
}

// activeInOrder lists the active slots in display order, so that the same state always gives the
// same decision. Callers must not change the list: it is kept from cycle to cycle, since sorting
// thousands of starting slots would cost more than the rest of a cycle.
func (s *State) activeInOrder() []*Slot {
	if s.others {
		s.others = false
		var kept []*Slot // not in place: a caller may still read the last list
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

// activeExcept lists the active slots in order without those for which except is true.
func (s *State) activeExcept(except func(*Slot) bool) (list []*Slot) {
	for _, slot := range s.activeInOrder() {
		if !except(slot) {
			list = append(list, slot)
		}
	}
	return list
}
