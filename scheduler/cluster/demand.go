package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// demandState is the demand for offers as Mesos last got it from us in this subscription.
type demandState struct {
	suppressed bool
	// suppressFrom is when to suppress again after it failed.
	suppressFrom time.Time
	// revived is the demand of the last revive: slot -> incarnation.
	revived map[string]int
	last    time.Time
	// revives counts the revives for the same demand, offered is true when offers came since the last.
	revives int
	offered bool
}

// everyHostDemand is the demand for offers of hosts that have no slot yet.
const everyHostDemand = "every host"

// wanting is the demand for offers: the slots that could be launched now, without those that d
// places, each with a number that changes when offers that were declined for it may fit now. idle is
// true when no slot is missing a task.
func (s *State) wanting(d *Decision, now time.Time) (wanting map[string]int, idle bool) {
	wanting, idle = map[string]int{}, true
	open, moved := map[config.Role]bool{}, map[config.Role]int{}
	for _, role := range s.roles.InStartOrder() {
		open[role], _ = s.open(role)
		if s.counting(role) { // new demand whenever the constraints may admit offers that they rejected
			moved[role] = s.generation[role] << 32
		}
	}
	for _, p := range d.placements { // as it will be after Commit
		if s.counting(p.role) {
			moved[p.role] += 1 << 32
		}
	}
	for _, slot := range s.activeInOrder() {
		ok, _ := s.wantedAfter(d, slot)
		if ok && s.overdue(slot, now) { // not abandoned: only an offer shows that its host has a new agent
			idle = false
			wanting[slot.Name] = ^slot.Incarnation // not as when it is vacant: offers are declined in between
		}
		if !ok || slot.Task != nil || d.places(slot.Name) || !s.primaryRuns(d, slot) {
			continue
		}
		idle = false
		if first, _ := s.formatsFirst(d); s.roleRow(slot.Role).Journal && !first {
			continue
		}
		if open[slot.Role] && !slot.NotBefore.After(now) {
			wanting[slot.Name] = slot.Incarnation + moved[slot.Role] + s.placementDemand(d, slot)
		}
	}
	for _, p := range d.placements { // of slots that Commit adds
		for _, role := range s.roles.Companions(p.role) {
			name := slotName(role, p.index)
			if !s.has(role) || s.slots[name] != nil || d.places(name) {
				continue
			}
			idle = false
			if open[role] {
				wanting[name] = s.incarnation + companionDemand(0, true)
			}
		}
	}
	if s.demandToDestroy(wanting) {
		idle = false
	}
	for _, role := range s.roles.InStartOrder() {
		if s.settings.Of(role).Count == config.AllHosts && !s.teardown {
			idle = false
			if open[role] {
				wanting[everyHostDemand] += moved[role]
			}
		}
	}
	return wanting, idle
}

// adjustDemand revives on new demand and suppresses when there is none. Mesos hides agents that
// join later from a suppressed framework, so with worker.count=all it never suppresses.
func (s *State) adjustDemand(d *Decision, now time.Time) {
	wanting, idle := s.wanting(d, now)
	d.wanting = wanting
	if from := s.demand.suppressFrom; idle && !s.demand.suppressed && from.After(now) {
		d.wakeBy(from)
	} else if idle && !s.demand.suppressed {
		d.do(Suppress{})
	}
	if len(wanting) == 0 {
		return
	}
	fresh := false
	for name, incarnation := range wanting {
		was, known := s.demand.revived[name]
		fresh = fresh || !known || was != incarnation
	}
	switch next := s.demand.last.Add(reviveAtMost); {
	case fresh && !now.Before(next):
		d.do(Revive{Reason: demandText(wanting)})
	case fresh:
		d.wakeBy(next)
	case s.demand.revives == 1 && !s.demand.offered:
		// Its order with a DECLINE is not guaranteed, so a revive that brought no offer is repeated once.
		if again := s.demand.last.Add(reviveRepeat); now.Before(again) {
			d.wakeBy(again)
		} else {
			d.do(Revive{Reason: demandText(wanting)})
		}
	}
}

func demandText(wanting map[string]int) string {
	names := slices.Sorted(maps.Keys(wanting))
	verb := "wait"
	if len(names) == 1 {
		verb = "waits"
	}
	const shown = 4
	text := strings.Join(names[:min(len(names), shown)], ", ")
	if len(names) > shown {
		text += fmt.Sprintf(" and %d more", len(names)-shown)
	}
	noun := "slot"
	if len(names) > 1 {
		noun = "slots"
	}
	return fmt.Sprintf("%d %s %s (%s)", len(names), noun, verb, text)
}
