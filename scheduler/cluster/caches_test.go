package cluster

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// A cache is a field of State, or of a Slot, that is computed from others and kept. Whoever changes
// the others has to bring it up to date; verifier computes all of them again and compares.

// verifier follows one State from event to event.
type verifier struct {
	state *State
	// store is what was saved of the State, nil to leave recordState.changed alone.
	store saved
	// begun is what the State was loaded from, loaded what it would have saved then.
	begun  saved
	loaded map[string][]byte
	// count is how often it has looked.
	count int
	// spoil, unless nil, makes a cache stale before each look, and says whether it has.
	spoil func(*State) bool

	// settings are those that needs and digests are computed from.
	settings *config.Settings
	requests map[config.Role]*resource.Request
	digests  map[config.Role]string
	// filled are the slots that had a task at the last look, generation what slotIndex.generation was then.
	filled     map[string]bool
	generation map[config.Role]int
	// volumes are those of the last look.
	volumes map[hostVolume]seenVolume
}

// rareChecks is at how many looks the checks that take long happen once.
const rareChecks = 8

// verify says which caches of s are stale, one a line, or "". Each is named by its field. A State
// that replaces the last one is another one to follow.
func (v *verifier) verify(s *State, now time.Time) string {
	if v.state != s {
		v.follow(s)
	}
	v.count++
	var stale []string
	for i := range caches {
		c := &caches[i]
		if c.rare && v.count%rareChecks != 0 {
			continue
		}
		if what := c.check(v, s, now); what != "" {
			stale = append(stale, c.field+": "+what)
		}
	}
	s.facts() // so that the next look finds them if the next event does not drop them
	return strings.Join(stale, "\n")
}

// follow begins to verify s. Nothing of it was saved yet.
func (v *verifier) follow(s *State) {
	*v = verifier{state: s, store: v.store, spoil: v.spoil, count: v.count, begun: maps.Clone(v.store)}
	if loaded, err := NewState(s.options, v.begun); v.store != nil && err == nil {
		v.loaded = allRows(loaded)
	}
}

// cache is one derived field: how to find out that it is stale, and how to make it so.
type cache struct {
	field string
	check func(v *verifier, s *State, now time.Time) string
	// plant makes it stale; false when this State has nothing that could be.
	plant func(s *State) bool
	// rare is true for a check that takes long.
	rare bool
}

func (v *verifier) checkNeeds(s *State, _ time.Time) string {
	if v.settings != s.settings {
		v.settings, v.requests, v.digests = s.settings, resource.RequestsOf(s.settings), map[config.Role]string{}
		for _, role := range s.roles.InStartOrder() {
			v.digests[role] = settingsDigest(s.settings, role)
		}
	}
	return differs(s.derived.requests, v.requests, reflect.DeepEqual(s.derived.requests, v.requests))
}

func (v *verifier) checkDigests(s *State, now time.Time) string {
	v.checkNeeds(s, now)
	return differs(s.derived.digests, v.digests, maps.Equal(s.derived.digests, v.digests))
}

func differs[T any](is, should T, equal bool) string {
	if equal {
		return ""
	}
	return fmt.Sprintf("it is %v and should be %v", is, should)
}

func (v *verifier) checkByTask(s *State, _ time.Time) string {
	filled := 0
	for name, slot := range s.slots.byName {
		if slot.Task == nil {
			continue
		}
		filled++
		if s.slots.byTask[slot.Task.ID] != slot {
			return fmt.Sprintf("task %s of %s is missing", slot.Task.ID, name)
		}
	}
	return differs(len(s.slots.byTask), filled, len(s.slots.byTask) == filled)
}

func (v *verifier) checkHosts(s *State, _ time.Time) string {
	for key, slot := range s.slots.byHost {
		if s.slots.byName[slot.Name] != slot || slot.Role != key.role || slot.Host != key.host {
			return fmt.Sprintf("%v has %s, which is on %q", key, slot.Name, slot.Host)
		}
	}
	for name, slot := range s.slots.byName {
		there := s.slots.byHost[hostKey{slot.Role, slot.Host}]
		if slot.Task != nil && there != slot || slot.Task == nil && slot.Host != "" && !s.isCompanion(slot) && there == nil {
			return fmt.Sprintf("%s is missing on %s", name, slot.Host)
		}
	}
	return ""
}

func (v *verifier) checkActive(s *State, _ time.Time) string {
	for name, slot := range s.slots.byName {
		if quiescent := slot.quiescent() && !s.mustFollow(slot); slot.active == quiescent {
			return fmt.Sprintf("%s is quiescent: %v, and active: %v", name, quiescent, slot.active)
		}
	}
	return ""
}

func (v *verifier) checkListed(s *State, _ time.Time) string {
	for name, slot := range s.slots.byName {
		if listed := slices.Contains(s.slots.order, slot); listed != slot.listed {
			return fmt.Sprintf("%s: it is %v and should be %v", name, slot.listed, listed)
		}
	}
	return ""
}

func (v *verifier) checkOrder(s *State, _ time.Time) string {
	for name, slot := range s.slots.byName {
		if slot.active && !slices.Contains(s.slots.order, slot) {
			return name + " is active and missing"
		}
	}
	for i, slot := range s.slots.order {
		if slices.Contains(s.slots.order[:i], slot) {
			return slot.Name + " is there twice"
		}
	}
	return ""
}

func (v *verifier) checkUnsorted(s *State, _ time.Time) string {
	if !s.slots.unsorted && !slices.IsSortedFunc(s.slots.order, s.inOrder) {
		return "order is not sorted"
	}
	return ""
}

func (v *verifier) checkOthers(s *State, _ time.Time) string {
	for _, slot := range s.slots.order {
		if !s.slots.others && !slot.active {
			return slot.Name + " is in order and not active"
		}
	}
	return ""
}
