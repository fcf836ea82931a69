package cluster

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// caches are the derived fields of State and Slot. A field that is none of these and not among
// facts fails TestEveryFieldIsAFactOrACache.
var caches = []cache{
	{field: "requests", check: (*verifier).checkNeeds, plant: func(s *State) bool {
		changed := *s.requests[config.Worker]
		changed.CPUs++
		s.requests[config.Worker] = &changed
		return true
	}},
	{field: "digests", check: (*verifier).checkDigests, plant: func(s *State) bool {
		s.digests[config.Worker] = "another"
		return true
	}},
	{field: "byTask", check: (*verifier).checkByTask, plant: func(s *State) bool {
		for id := range s.byTask {
			delete(s.byTask, id)
			return true
		}
		return false
	}},
	{field: "hosts", check: (*verifier).checkHosts, plant: func(s *State) bool {
		for key := range s.hosts {
			delete(s.hosts, key)
			return true
		}
		return false
	}},
	{field: "Slot.active", check: (*verifier).checkActive, plant: withSlot(func(_ *State, slot *Slot) bool {
		slot.active = !slot.active
		return true
	})},
	{field: "Slot.listed", check: (*verifier).checkListed, plant: withSlot(func(_ *State, slot *Slot) bool {
		slot.listed = !slot.listed
		return true
	})},
	{field: "order", check: (*verifier).checkOrder, plant: func(s *State) bool {
		if len(s.order) == 0 {
			return false
		}
		s.order = append(slices.Clone(s.order), s.order[0])
		return true
	}},
	{field: "unsorted", check: (*verifier).checkUnsorted, plant: func(s *State) bool {
		s.order, s.unsorted = slices.Clone(s.order), false
		slices.Reverse(s.order)
		return len(s.order) > 1
	}},
	{field: "others", check: (*verifier).checkOthers, plant: withSlot(func(s *State, slot *Slot) bool {
		s.activeInOrder()
		if !slot.listed {
			s.order = append(slices.Clone(s.order), slot)
			slot.listed, s.unsorted = true, true
		}
		return !slot.active
	})},
	{field: "stale", check: (*verifier).checkStale, rare: true, plant: withSlot(func(s *State, slot *Slot) bool {
		slot.Task.Fingerprint = fingerprintVersion + "another"
		s.stale = map[string]*Slot{}
		return true
	})},
	{field: "addresses", check: (*verifier).checkAddresses, plant: func(s *State) bool {
		s.addresses[config.Master] += ",z:1"
		return true
	}},
	{field: "awaitingMasterUpdate", check: (*verifier).checkAwaiting, plant: withSlot(func(s *State, slot *Slot) bool {
		if s.awaitingMasterUpdate[slot.Name] == nil {
			s.awaitingMasterUpdate[slot.Name] = slot
		} else {
			delete(s.awaitingMasterUpdate, slot.Name)
		}
		return true
	})},
	{field: "servingCount", check: (*verifier).checkServingCount, plant: func(s *State) bool {
		s.servingCount[config.Master]++
		return true
	}},
	{field: "leading", check: (*verifier).checkLeading, plant: func(s *State) bool {
		s.leading[config.Master]++
		return true
	}},
	{field: "tasksOn", check: (*verifier).checkTasksOn, plant: withSlot(func(s *State, slot *Slot) bool {
		s.tasksOn[slot.Task.AgentID]++
		return true
	})},
	{field: "Slot.counted", check: checkSlots(func(_ *State, slot *Slot) bool {
		return slot.counted == slot.Task.serving()
	}),
		plant: withSlot(func(_ *State, slot *Slot) bool {
			slot.counted = !slot.counted
			return true
		})},
	{field: "Slot.leads", check: checkSlots(func(s *State, slot *Slot) bool {
		return slot.leads == (s.roleRow(slot.Role).Elects && slot.Task.leads())
	}), plant: withSlot(func(_ *State, slot *Slot) bool {
		slot.leads = !slot.leads
		return true
	})},
	{field: "Slot.primaryName", check: checkSlots(func(s *State, slot *Slot) bool {
		return slot.primaryName == "" || slot.primaryName == slotName(s.roleRow(slot.Role).Beside, slot.Index)
	}), plant: withSlot(func(_ *State, slot *Slot) bool {
		slot.primaryName = "another"
		return true
	})},
	{field: "Slot.elected", check: checkSlots(func(s *State, slot *Slot) bool {
		return slot.elected == (s.roleRow(slot.Role).Elects && slot.Task.isLeader())
	}), plant: withSlot(func(_ *State, slot *Slot) bool {
		slot.elected = !slot.elected
		return true
	})},
	{field: "Slot.filled", check: checkSlots(func(_ *State, slot *Slot) bool { return slot.filled == (slot.Task != nil) }),
		plant: withSlot(func(_ *State, slot *Slot) bool {
			slot.filled = false
			return true
		})},
	{field: "Slot.agentID", check: checkSlots(func(_ *State, slot *Slot) bool {
		return slot.Task == nil && slot.agentID == "" || slot.Task != nil && slot.agentID == slot.Task.AgentID
	}), plant: withSlot(func(_ *State, slot *Slot) bool {
		slot.agentID = "another"
		return true
	})},
	{field: "evacuateAt", check: (*verifier).checkEvacuateAt, plant: func(s *State) bool {
		was := s.evacuateAt
		s.evacuateAt = time.Time{}
		return s.connection.up && !was.IsZero() && len(s.maintenance) > 0
	}},
	{field: "excess", check: (*verifier).checkExtra, plant: func(s *State) bool {
		s.excess["alluxio-worker-99"] = true
		return true
	}},
	{field: "fewerMasters", check: (*verifier).checkFewerMasters, plant: func(s *State) bool {
		was := s.fewerMasters
		s.fewerMasters = false
		return was
	}},
	{field: "generation", check: (*verifier).checkMoves, plant: func(s *State) bool {
		s.generation[config.Worker]--
		return true
	}},
	{field: "hintFacts", check: (*verifier).checkHintFacts, plant: func(s *State) bool {
		s.facts().dataHosts["another"] = true
		return true
	}},
	{field: "journalKind", check: (*verifier).checkJournalKind, plant: func(s *State) bool {
		s.journalKind = "another"
		return len(s.journals) > 0
	}},
	{field: "volumeKeys", check: (*verifier).checkVolumeKeys, rare: true, plant: func(s *State) bool {
		clear(s.volumeKeys)
		return len(s.orphaned)+len(s.destroy.marked) > 0
	}},
	{field: "surplusKeys", check: (*verifier).checkSurplusKeys, rare: true, plant: func(s *State) bool {
		clear(s.surplusKeys)
		return len(s.surplus) > 0
	}},
	{field: "surplusIndex", check: (*verifier).checkSurplusIndex, plant: func(s *State) bool {
		clear(s.surplusIndex.byAgent)
		return len(s.surplus) > 0
	}},
	{field: "changed", check: (*verifier).checkChanged, rare: true, plant: func(s *State) bool {
		s.incarnation++
		delete(s.changed, frameworkKey)
		return s.frameworkID != ""
	}},
}

// facts are the fields that are computed from no others: what was saved, what Mesos, an operator or
// the loop has said, and what was decided or sent because of it.
var facts = map[string][]string{
	"what the process was started with": {"options", "roles", "settings"},
	"the Record": {"frameworkID", "clusterName", "incarnation", "knownMasters", "teardown", "slots", "surplus",
		"journals", "format", "destroy", "orphaned"},
	"what Mesos has said": {"connection", "mastersWarning", "maintenance", "offers", "ambiguous", "failure",
		"Slot.lastOffer", "Slot.attributesAsked"},
	"what was decided, sent or asked, and is to be followed": {"ended", "request", "freshness", "choosing", "returns",
		"rejections", "backoffs", "unacked", "demand", "reconcileAll", "review", "lastEligible"},
	"a size, for when to clean up": {"backoffsKept"},
}

// withSlot plants into the first slot with a task that takes it, in order of their names.
func withSlot(plant func(s *State, slot *Slot) bool) func(*State) bool {
	return func(s *State) bool {
		for _, name := range sorted(s.slots) {
			if slot := s.slots[name]; slot.Task != nil {
				return plant(s, slot)
			}
		}
		return false
	}
}

// checkSlots is the check of a field of each slot.
func checkSlots(fresh func(*State, *Slot) bool) func(*verifier, *State, time.Time) string {
	return func(_ *verifier, s *State, _ time.Time) string {
		for name, slot := range s.slots {
			if !fresh(s, slot) {
				return name
			}
		}
		return ""
	}
}

// TestEveryFieldIsAFactOrACache: a new field of State, or one of Slot that is not saved, is either a
// fact or a cache that is verified.
func TestEveryFieldIsAFactOrACache(t *testing.T) {
	t.Parallel()
	var known, fields []string
	for _, names := range facts {
		known = append(known, names...)
	}
	for _, c := range caches {
		known = append(known, c.field)
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[State]()) {
		fields = append(fields, field.Name)
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Slot]()) {
		if !field.IsExported() { // those that are exported are the row of the slot in the Record
			fields = append(fields, "Slot."+field.Name)
		}
	}
	slices.Sort(known)
	slices.Sort(fields)
	for _, field := range fields {
		if !slices.Contains(known, field) {
			t.Errorf("%s is neither among facts nor among caches", field)
		}
	}
	for i, field := range known {
		if !slices.Contains(fields, field) || i > 0 && known[i-1] == field {
			t.Errorf("%s is no field, or is listed twice", field)
		}
	}
}

// TestAStaleEntryInEachCacheIsFound plants a stale entry into each cache of a State in the
// simulator, which has to name it.
func TestAStaleEntryInEachCacheIsFound(t *testing.T) {
	t.Parallel()
	for i := range caches {
		c := &caches[i]
		t.Run(c.field, func(t *testing.T) {
			t.Parallel()
			for i := range uint64(20 * len(variants)) {
				if err := playStale(c)(firstPlanted + i); err != nil {
					if !strings.Contains(err.Error(), staleCaches) || !strings.Contains(err.Error(), c.field+": ") {
						t.Errorf("another one is found: %v", err)
					}
					return
				}
			}
			t.Error("no world has anything that could be stale, or it is not found")
		})
	}
}
