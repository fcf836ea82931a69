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
	{field: "derived.requests", check: (*verifier).checkNeeds, plant: func(s *State) bool {
		changed := *s.derived.requests[config.Worker]
		changed.CPUs++
		s.derived.requests[config.Worker] = &changed
		return true
	}},
	{field: "derived.digests", check: (*verifier).checkDigests, plant: func(s *State) bool {
		s.derived.digests[config.Worker] = "another"
		return true
	}},
	{field: "slots.byTask", check: (*verifier).checkByTask, plant: func(s *State) bool {
		for id := range s.slots.byTask {
			delete(s.slots.byTask, id)
			return true
		}
		return false
	}},
	{field: "slots.byHost", check: (*verifier).checkHosts, plant: func(s *State) bool {
		for key := range s.slots.byHost {
			delete(s.slots.byHost, key)
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
	{field: "slots.order", check: (*verifier).checkOrder, plant: func(s *State) bool {
		if len(s.slots.order) == 0 {
			return false
		}
		s.slots.order = append(slices.Clone(s.slots.order), s.slots.order[0])
		return true
	}},
	{field: "slots.unsorted", check: (*verifier).checkUnsorted, plant: func(s *State) bool {
		s.slots.order, s.slots.unsorted = slices.Clone(s.slots.order), false
		slices.Reverse(s.slots.order)
		return len(s.slots.order) > 1
	}},
	{field: "slots.others", check: (*verifier).checkOthers, plant: withSlot(func(s *State, slot *Slot) bool {
		s.activeInOrder()
		if !slot.listed {
			s.slots.order = append(slices.Clone(s.slots.order), slot)
			slot.listed, s.slots.unsorted = true, true
		}
		return !slot.active
	})},
	{field: "slots.outdated", check: (*verifier).checkStale, rare: true, plant: withSlot(func(s *State, slot *Slot) bool {
		slot.Task.Fingerprint = fingerprintVersion + "another"
		s.slots.outdated = map[string]*Slot{}
		return true
	})},
	{field: "endpoints.addresses", check: (*verifier).checkAddresses, plant: func(s *State) bool {
		s.endpoints.addresses[config.Master] += ",z:1"
		return true
	}},
	{field: "endpoints.awaitingMasterUpdate", check: (*verifier).checkAwaiting,
		plant: withSlot(func(s *State, slot *Slot) bool {
			if s.endpoints.awaitingMasterUpdate[slot.Name] == nil {
				s.endpoints.awaitingMasterUpdate[slot.Name] = slot
			} else {
				delete(s.endpoints.awaitingMasterUpdate, slot.Name)
			}
			return true
		})},
	{field: "slots.serving", check: (*verifier).checkServingCount, plant: func(s *State) bool {
		s.slots.serving[config.Master]++
		return true
	}},
	{field: "slots.leading", check: (*verifier).checkLeading, plant: func(s *State) bool {
		s.slots.leading[config.Master]++
		return true
	}},
	{field: "slots.tasksOn", check: (*verifier).checkTasksOn, plant: withSlot(func(s *State, slot *Slot) bool {
		s.slots.tasksOn[slot.Task.AgentID]++
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
	{field: "maintenance.evacuateAt", check: (*verifier).checkEvacuateAt, plant: func(s *State) bool {
		was := s.maintenance.evacuateAt
		s.maintenance.evacuateAt = time.Time{}
		return s.connection.up && !was.IsZero() && len(s.maintenance.byAgent) > 0
	}},
	{field: "slots.excess", check: (*verifier).checkExtra, plant: func(s *State) bool {
		s.slots.excess["alluxio-worker-99"] = true
		return true
	}},
	{field: "slots.fewerMasters", check: (*verifier).checkFewerMasters, plant: func(s *State) bool {
		was := s.slots.fewerMasters
		s.slots.fewerMasters = false
		return was
	}},
	{field: "slots.generation", check: (*verifier).checkMoves, plant: func(s *State) bool {
		s.slots.generation[config.Worker]--
		return true
	}},
	{field: "offers.hintFacts", check: (*verifier).checkHintFacts, plant: func(s *State) bool {
		s.facts().dataHosts["another"] = true
		return true
	}},
	{field: "journals.kind", check: (*verifier).checkJournalKind, plant: func(s *State) bool {
		s.journals.kind = "another"
		return len(s.journals.formatted) > 0
	}},
	{field: "volumes.keys", check: (*verifier).checkVolumeKeys, rare: true, plant: func(s *State) bool {
		clear(s.volumes.keys)
		return len(s.volumes.unowned) > 0
	}},
	{field: "volumes.unowned", check: (*verifier).checkVolumes, plant: volumeFaults["one of a slot is nobody's"].plant},
	{field: "volumes.marked", check: (*verifier).checkMarked, plant: func(s *State) bool {
		s.volumes.marked["another"] = &Volume{ID: "another", DestroyRequested: true}
		return true
	}},
	{field: "surplus.keys", check: (*verifier).checkSurplusKeys, rare: true, plant: func(s *State) bool {
		clear(s.surplus.keys)
		return len(s.surplus.byID) > 0
	}},
	{field: "surplus.index", check: (*verifier).checkSurplusIndex, plant: func(s *State) bool {
		clear(s.surplus.index.byAgent)
		return len(s.surplus.byID) > 0
	}},
	{field: "record.changed", check: (*verifier).checkChanged, rare: true, plant: func(s *State) bool {
		s.record.incarnation++
		delete(s.record.changed, frameworkKey)
		return s.record.frameworkID != ""
	}},
}

// facts are the fields that are computed from no others: what was saved, what Mesos, an operator or
// the loop has said, and what was decided or sent because of it.
var facts = map[string][]string{
	"what the process was started with": {"options", "roles", "settings"},
	"the Record": {"record.frameworkID", "record.clusterName", "record.incarnation", "connection.knownMasters",
		"teardown.persisting", "teardown.unpersisted", "teardown.requested", "teardown.begun", "teardown.until",
		"slots.byName", "surplus.byID", "journals.formatted",
		"journals.backup", "journals.format", "journals.version", "volumes.destroy"},
	"what Mesos has said": {"connection.subscription", "connection.up", "connection.since", "connection.master",
		"connection.reason", "connection.mastersWarning", "maintenance.byAgent", "offers.pending", "volumes.ambiguous",
		"teardown.failure", "Slot.lastOffer", "Slot.attributesAsked"},
	"what was decided, sent or asked, and is to be followed": {"teardown.ended", "teardown.from", "teardown.dropped",
		"reconciliation.freshness", "reconciliation.allAt", "slots.excessPending", "slots.review", "offers.returns",
		"offers.rejections", "offers.backoffs", "offers.demand", "offers.lastEligible", "record.unacked"},
	"a size, for when to clean up": {"offers.backoffsKept"},
}

// withSlot plants into the first slot with a task that takes it, in order of their names.
func withSlot(plant func(s *State, slot *Slot) bool) func(*State) bool {
	return func(s *State) bool {
		for _, name := range sorted(s.slots.byName) {
			if slot := s.slots.byName[name]; slot.Task != nil {
				return plant(s, slot)
			}
		}
		return false
	}
}

// checkSlots is the check of a field of each slot.
func checkSlots(fresh func(*State, *Slot) bool) func(*verifier, *State, time.Time) string {
	return func(_ *verifier, s *State, _ time.Time) string {
		for name, slot := range s.slots.byName {
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
	for _, part := range reflect.VisibleFields(reflect.TypeFor[State]()) {
		if part.Type.Kind() != reflect.Struct || part.Name == "options" {
			fields = append(fields, part.Name)
			continue
		}
		for _, field := range reflect.VisibleFields(part.Type) {
			fields = append(fields, part.Name+"."+field.Name)
		}
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
