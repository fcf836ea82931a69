package cluster

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

func (v *verifier) checkStale(s *State, _ time.Time) string {
	for name, slot := range s.slots.byName {
		if outdated := s.outdated(slot, s.endpoints.addresses); outdated != (s.slots.outdated[name] == slot) {
			return fmt.Sprintf("%s is outdated: %v", name, outdated)
		}
	}
	return unknownSlot(s, s.slots.outdated)
}

func unknownSlot(s *State, some map[string]*Slot) string {
	for name, slot := range some {
		if s.slots.byName[name] != slot {
			return name + " is no slot"
		}
	}
	return ""
}

// checkAddresses: until a vacant master is placed, addresses do not know that its volume is gone, or
// was found again, on another host.
func (v *verifier) checkAddresses(s *State, _ time.Time) string {
	for i := range s.settings.Master.Count {
		slot := s.slots.byName[slotName(config.Master, i)]
		if slot != nil && slot.Task == nil && (slot.Volume != nil || slot.Host == "") {
			return ""
		}
	}
	addresses := s.allEndpoints(nil)
	return differs(s.endpoints.addresses, addresses, maps.Equal(s.endpoints.addresses, addresses))
}

func (v *verifier) checkAwaiting(s *State, _ time.Time) string {
	for name, slot := range s.slots.byName {
		awaitingMasterUpdate := s.awaitsMasterUpdate(slot)
		if awaitingMasterUpdate != (s.endpoints.awaitingMasterUpdate[name] == slot) {
			return fmt.Sprintf("%s is untold: %v", name, awaitingMasterUpdate)
		}
	}
	return unknownSlot(s, s.endpoints.awaitingMasterUpdate)
}

func (v *verifier) checkServingCount(s *State, _ time.Time) string {
	for _, role := range s.roles.InStartOrder() {
		n := 0
		for _, slot := range s.slots.byName {
			if slot.Role == role && slot.Task.serving() {
				n++
			}
		}
		if s.slots.serving[role] != n {
			return fmt.Sprintf("%d of %s serve, and it has %d", n, role, s.slots.serving[role])
		}
	}
	return ""
}

func (v *verifier) checkLeading(s *State, _ time.Time) string {
	leading := map[config.Role]int{}
	for _, slot := range s.slots.byName {
		if s.roleRow(slot.Role).Elects && slot.Task.leads() {
			leading[slot.Role]++
		}
	}
	for _, role := range s.roles.InStartOrder() {
		if s.slots.leading[role] != leading[role] {
			return fmt.Sprintf("%d of %s lead, and it has %d", leading[role], role, s.slots.leading[role])
		}
	}
	return ""
}

func (v *verifier) checkTasksOn(s *State, _ time.Time) string {
	on := 0
	for _, n := range s.slots.tasksOn {
		on += n
	}
	for _, slot := range s.slots.byTask {
		n := 0
		for _, other := range s.slots.byTask {
			if other.Task.AgentID == slot.Task.AgentID {
				n++
			}
		}
		if agent := slot.Task.AgentID; s.slots.tasksOn[agent] != n {
			return fmt.Sprintf("%s has %d tasks, and it has %d", agent, n, s.slots.tasksOn[agent])
		}
	}
	return differs(on, len(s.slots.byTask), on == len(s.slots.byTask))
}

// evacuateAt may be later by the time that a new task on an agent with maintenance is given.
func (v *verifier) checkEvacuateAt(s *State, now time.Time) string {
	if !s.connection.up {
		return ""
	}
	for agent, m := range s.maintenance.byAgent {
		due := []time.Time{m.until}
		if m.offerID != "" {
			due = append(due, m.start.Add(-maintenanceAhead))
		}
		for _, at := range due {
			if at.After(now) &&
				(s.maintenance.evacuateAt.IsZero() || s.maintenance.evacuateAt.After(later(at, now.Add(callAgain)))) {
				return fmt.Sprintf("it is %s, and %s is to be looked at at %s", s.maintenance.evacuateAt, agent, at)
			}
		}
	}
	return ""
}

func (v *verifier) checkExtra(s *State, _ time.Time) string {
	for name := range s.slots.excess {
		if s.slots.byName[name] == nil {
			return name + " is no slot"
		}
	}
	for _, role := range s.roles.InStartOrder() {
		count, scale := s.settings.Of(role).Count, 0
		for name, slot := range s.slots.byName {
			if slot.Role == role && (slot.MaintenanceStart.IsZero() || !s.surges(slot)) && !s.slots.excess[name] {
				scale++
			}
		}
		any := s.roleRow(role).Fixed || s.roleRow(role).Beside != "" || count == config.AllHosts ||
			s.teardown.requested || s.teardown.ended // a teardown forgets slots
		if !any && scale != count {
			return fmt.Sprintf("with it %d of %s are wanted, and the settings say %d", scale, role, count)
		}
	}
	return ""
}

func (v *verifier) checkFewerMasters(s *State, _ time.Time) string {
	for name, slot := range s.slots.byName {
		if s.electsByCount(slot.Role) && slot.Index >= s.settings.Of(slot.Role).Count && !s.slots.fewerMasters {
			return name + " is beyond the count"
		}
	}
	return ""
}

// generation may grow for more reasons than those that are looked at here.
func (v *verifier) checkMoves(s *State, _ time.Time) string {
	filled, stale := map[string]bool{}, ""
	for name, slot := range s.slots.byName {
		if slot.Task != nil {
			filled[name] = true
		}
	}
	for _, role := range s.roles.InStartOrder() {
		changed := false
		for name := range s.slots.byName {
			changed = changed || s.roleOf(name) == role && v.filled[name] != filled[name]
		}
		for name := range v.filled {
			changed = changed || s.roleOf(name) == role && !filled[name]
		}
		if v.filled != nil &&
			(s.slots.generation[role] < v.generation[role] || changed && s.slots.generation[role] == v.generation[role]) {
			stale = fmt.Sprintf("tasks of %s have come or gone: %v, and it went from %d to %d", role, changed,
				v.generation[role], s.slots.generation[role])
		}
	}
	v.filled, v.generation = filled, maps.Clone(s.slots.generation)
	return stale
}

func (v *verifier) checkHintFacts(s *State, _ time.Time) string {
	kept := s.offers.hintFacts
	if kept == nil {
		return ""
	}
	s.offers.hintFacts = nil
	fresh := s.facts()
	s.offers.hintFacts = kept
	found := fresh.version == kept.version // tasks may have found several
	for _, slot := range s.slots.byTask {
		found = found || slot.Task.Report.AlluxioVersion == kept.version
	}
	return differs(kept, fresh, found && maps.Equal(kept.dataHosts, fresh.dataHosts))
}

func (v *verifier) checkJournalKind(s *State, _ time.Time) string {
	kind := journalKind(s.settings)
	return differs(s.journals.kind, kind, len(s.journals.formatted) == 0 || s.journals.kind == kind)
}

func (v *verifier) checkVolumeKeys(s *State, _ time.Time) string {
	for _, volume := range s.volumes.unowned.all() {
		if s.volumes.keys[volume.unownedKey()] != volume.at() {
			return fmt.Sprintf("volume %s on %s is missing", volume.ID, volume.Host)
		}
	}
	return ""
}

func (v *verifier) checkMarked(s *State, _ time.Time) string {
	marked := map[string]*Volume{}
	for _, volume := range s.volumes.unowned.all() {
		if volume.DestroyRequested {
			marked[volume.ID] = volume
		}
	}
	return differs(s.volumes.marked, marked, maps.Equal(s.volumes.marked, marked))
}

func (v *verifier) checkSurplusKeys(s *State, _ time.Time) string {
	for id := range s.surplus.byID {
		if s.surplus.keys[surplusKey(id)] != id {
			return fmt.Sprintf("task %s is missing", id)
		}
	}
	return ""
}

// checkChanged compares what was saved with what is to be saved, but for the rows that are known to
// have changed since.
func (v *verifier) checkChanged(s *State, _ time.Time) string {
	if v.store == nil || s.record.frameworkID == "" {
		return ""
	}
	for key, row := range allRows(s) {
		if slot := s.slots.byName[strings.TrimPrefix(key, slotPrefix)]; slot != nil && slot.Launches == 0 {
			continue // one that waits for its first task need not be saved
		}
		kept := v.store[key]
		if bytes.Equal(kept, v.begun[key]) { // loading drops what is of another life only
			kept = v.loaded[key]
		}
		if _, marked := s.record.changed[key]; !marked && !bytes.Equal(row, kept) {
			return fmt.Sprintf("%s was saved as %s, and is %s", key, kept, row)
		}
	}
	return ""
}

// allRows are the rows of everything that s would save.
func allRows(s *State) map[string][]byte {
	rows := rowsOf(s)
	for key := range s.volumes.keys {
		rows[key] = s.row(key)
	}
	for key := range s.surplus.keys {
		rows[key] = s.row(key)
	}
	return rows
}
