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
	// revived is the demand of the last revive.
	revived demand
	last    time.Time
	// revives counts the revives for the same demand, offered is true when offers came since the last.
	revives int
	offered bool
}

// everyHostDemand is the demand for offers of hosts that have no slot yet.
const everyHostDemand = "every host"

// demand is why offers are wanted, by the slot that needs one, or by everyHostDemand or destroyDemand. A
// value that changes is new demand: offers that were declined for it may fit now.
type demand map[string]demandVersion

// demandVersion is everything by which an offer that was declined for a slot may fit now.
type demandVersion struct {
	// incarnation is that of the slot.
	incarnation int
	// generation is that of its role, where constraints count tasks.
	generation int
	// launches counts the tasks of the primary of a companion, which may be on another host.
	launches int
	// overdue is true for a slot whose task is unreachable and not abandoned: only an offer shows that
	// its host has a new agent.
	overdue bool
	// placed is true for a member of an embedded journal once all have a place.
	placed bool
	// volumes is how many volumes are to be destroyed.
	volumes int
}

// wanting lists the slots that need an offer and could be launched now, except those that d places. It
// is as it will be after Commit of d. idle is true when no slot lacks a task.
func (s *State) wanting(d *Decision, now time.Time) (wanting demand, idle bool) {
	wanting, idle = demand{}, true
	open, generation := map[config.Role]bool{}, s.generationsAfter(d)
	for _, role := range s.roles.InStartOrder() {
		if s.has(role) {
			open[role], _ = s.open(role)
		}
	}
	for _, slot := range s.activeInOrder() {
		ok, _ := s.wantedAfter(d, slot)
		if ok && s.overdue(slot, now) {
			idle = false
			wanting[slot.Name] = demandVersion{incarnation: slot.Incarnation, overdue: true}
		}
		if !ok || slot.Task != nil || d.places(slot.Name) || !s.primaryRuns(d, slot) {
			continue
		}
		idle = false
		if first, _ := s.formatsFirst(d); s.roleRow(slot.Role).Journal && !first {
			continue
		}
		if open[slot.Role] && !slot.NotBefore.After(now) {
			wanting[slot.Name] = demandVersion{incarnation: slot.Incarnation, generation: generation[slot.Role],
				launches: s.primaryLaunches(d, slot), placed: s.allPlacedAfter(d, slot)}
		}
	}
	for _, p := range d.placements {
		for _, role := range s.roles.Companions(p.role) { // of a slot that Commit adds
			name := slotName(role, p.index)
			if !s.has(role) || s.slots.byName[name] != nil || d.places(name) {
				continue
			}
			idle = false
			if open[role] {
				wanting[name] = demandVersion{incarnation: s.record.incarnation, launches: 1}
			}
		}
	}
	if s.demandToDestroy(wanting) {
		idle = false
	}
	for _, role := range s.roles.InStartOrder() {
		if s.settings.Of(role).Count == config.AllHosts && !s.teardown.requested {
			idle = false
			if open[role] {
				every := wanting[everyHostDemand]
				every.generation += generation[role]
				wanting[everyHostDemand] = every
			}
		}
	}
	return wanting, idle
}

// generationsAfter is the generation of each role whose constraints count tasks, as it will be after
// Commit of d; 0 for others.
func (s *State) generationsAfter(d *Decision) (generation map[config.Role]int) {
	for _, role := range s.roles.InStartOrder() {
		if s.counting(role) {
			if generation == nil {
				generation = map[config.Role]int{}
			}
			generation[role] = s.slots.generation[role]
		}
	}
	for _, p := range d.placements {
		if s.counting(p.role) {
			generation[p.role]++
		}
	}
	return generation
}

// adjustDemand revives on new demand and suppresses when there is none. Mesos hides agents that
// join later from a suppressed framework, so with worker.count=all it never suppresses.
func (s *State) adjustDemand(d *Decision, now time.Time) {
	wanting, idle := s.wanting(d, now)
	d.wanting = wanting
	if from := s.offers.demand.suppressFrom; idle && !s.offers.demand.suppressed && from.After(now) {
		d.wakeBy(from)
	} else if idle && !s.offers.demand.suppressed {
		d.do(Suppress{})
	}
	if len(wanting) == 0 {
		return
	}
	fresh := false
	for name, version := range wanting {
		was, known := s.offers.demand.revived[name]
		fresh = fresh || !known || was != version
	}
	switch next := s.offers.demand.last.Add(reviveAtMost); {
	case fresh && !now.Before(next):
		d.do(Revive{Reason: demandText(wanting)})
	case fresh:
		d.wakeBy(next)
	case s.offers.demand.revives == 1 && !s.offers.demand.offered:
		// Its order with a DECLINE is not guaranteed, so a revive that brought no offer is repeated once.
		if again := s.offers.demand.last.Add(reviveRepeat); now.Before(again) {
			d.wakeBy(again)
		} else {
			d.do(Revive{Reason: demandText(wanting)})
		}
	}
}

func demandText(wanting demand) string {
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
