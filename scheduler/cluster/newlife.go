package cluster

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// NewLife turns the Record of a framework that Mesos has removed into that of a new one: without its framework ID and its tasks, but with the
// places of its masters and its journals, whose data is still there. It returns what to save, and what that means in words.
func NewLife(record map[string][]byte) (Changes, string, error) {
	s := emptyState()
	if err := s.load(record); err != nil {
		return nil, "", err
	}
	if s.frameworkID == "" {
		return nil, "", errors.New("there is no framework ID to give up: the next start gets a new one")
	}
	var said strings.Builder
	fmt.Fprintf(&said, "Framework ID %s is given up; the next start gets a new one.\n", s.frameworkID)
	for _, slot := range slices.SortedFunc(maps.Values(s.slots), (*Slot).before) {
		if slot.Task != nil {
			fmt.Fprintf(&said, "Task %s on %s is forgotten.\n", slot.Task.ID, slot.Host)
		}
	}
	s.forgetCluster()
	for _, slot := range slices.SortedFunc(maps.Values(s.slots), (*Slot).before) {
		fmt.Fprintf(&said, "%s stays at %s.\n", slot.Name, slot.Host)
	}
	for _, identity := range slices.Sorted(maps.Keys(s.journals)) {
		fmt.Fprintf(&said, "Journal %s is kept and will not be formatted.\n", identity)
	}
	return s.Changes(), said.String(), nil
}
