package cluster

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// Changes are what a cycle changed in the Record: key -> new value, nil for a removed key. A Record
// is the same map without nils.
//
// Keys are paths of at most three parts of letters, digits, '.', '-' and '_' ("framework",
// "slot/alluxio-worker-3", "journal/<hex digest>", "volume/<hex digest>", "destroy/<hex digest>",
// "surplus/<hex digest>"); values are JSON of at most a few kilobytes, so that a store can keep
// each as a row or a znode.
type Changes map[string][]byte

const (
	frameworkKey  = "framework"
	slotPrefix    = "slot/"
	journalPrefix = "journal/"
	orphanPrefix  = "volume/"
	surplusPrefix = "surplus/"
)

func slotKey(name string) string        { return slotPrefix + name }
func journalKey(identity string) string { return journalPrefix + digest([]byte(identity)) }

// recordState identifies the cluster, and has what is to be saved.
type recordState struct {
	frameworkID string
	// clusterName is the first framework ID that this Record ever had: it names folders on hosts and
	// outlives the ID.
	clusterName string
	// incarnation is the highest of the slots that were removed.
	incarnation int
	// changed are the keys of the rows that changed since the last save.
	changed map[string]struct{}
	// unacked are the acknowledgements that leave once their updates are saved.
	unacked []Acknowledge
}

func newRecordState() recordState { return recordState{changed: map[string]struct{}{}} }

// touchRow has the row of key saved with the next save.
func (r *recordState) touchRow(key string) { r.changed[key] = struct{}{} }

// setFrameworkID records the ID of the framework, "" after its teardown. The first one names the cluster.
func (r *recordState) setFrameworkID(id string) {
	if r.frameworkID == id {
		return
	}
	r.frameworkID = id
	r.clusterName = cmp.Or(r.clusterName, id)
	r.touchRow(frameworkKey)
}

// setIncarnation records the highest incarnation of the slots that were removed.
func (r *recordState) setIncarnation(n int) {
	r.incarnation = n
	r.touchRow(frameworkKey)
}

// acknowledge has a leave once what its update has changed is saved.
func (r *recordState) acknowledge(a Acknowledge) { r.unacked = append(r.unacked, a) }

// forgetUnacked is for acknowledgements that have left, or that Mesos no longer waits for.
func (r *recordState) forgetUnacked() { r.unacked = nil }

// Changes returns what has changed since the last call, ready to be saved. A cycle that changed
// nothing durable gets nil.
func (s *State) Changes() Changes {
	if len(s.record.changed) == 0 {
		return nil
	}
	changes := make(Changes, len(s.record.changed))
	for key := range s.record.changed {
		if changes[key] = s.row(key); changes[key] == nil {
			s.volumes.forgetKey(key)
			s.surplus.forgetKey(key)
		}
	}
	clear(s.record.changed)
	return changes
}

// row encodes the present value of key, nil when it is gone.
func (s *State) row(key string) []byte {
	var value any
	switch {
	case key == frameworkKey:
		value = frameworkRecord{ID: s.record.frameworkID, Cluster: s.record.clusterName, Incarnation: s.record.incarnation,
			JournalKind: s.journals.kind,
			KillUnknown: s.reconciliation.freshness.killUnknown, Teardown: s.teardown.requested && !s.teardown.ended,
			DestroyAll:    s.volumes.destroy.all && !s.teardown.ended,
			JournalFormat: s.journals.format, JournalVersion: s.journals.version, KnownMasters: s.connection.knownMasters}
		if b := s.journals.backup; b.Last != nil || b.Request != nil || b.Number != 0 {
			f := value.(frameworkRecord)
			f.Backup = &b
			value = f
		}
		if f := value.(frameworkRecord); s.teardown.pending() && !s.teardown.ended {
			f.TeardownPersisting, f.TeardownUnpersisted = s.teardown.persisting, s.teardown.unpersisted
			f.TeardownBegun, f.TeardownUntil = s.teardown.begun, s.teardown.until
			value = f
		}
	case strings.HasPrefix(key, slotPrefix):
		slot := s.slots.byName[strings.TrimPrefix(key, slotPrefix)]
		if slot == nil {
			return nil
		}
		value = slot
	case strings.HasPrefix(key, surplusPrefix):
		value = s.surplusRow(key)
	case strings.HasPrefix(key, orphanPrefix):
		value = s.unownedRow(key, false)
	case strings.HasPrefix(key, markedPrefix):
		value = s.unownedRow(key, true)
	default:
		for identity, journal := range s.journals.formatted {
			if journalKey(identity) == key {
				value = journal
			}
		}
	}
	if value == nil {
		return nil
	}
	data, _ := json.Marshal(value) // of strings, numbers and times only
	return data
}

// load reads a saved Record into s.
func (s *State) load(record map[string][]byte) error {
	for _, key := range slices.Sorted(maps.Keys(record)) {
		data, err := record[key], error(nil)
		switch {
		case key == frameworkKey:
			var f frameworkRecord
			err = json.Unmarshal(data, &f)
			s.record.frameworkID, s.record.clusterName, s.record.incarnation = f.ID, f.Cluster, f.Incarnation
			s.journals.load(f.JournalKind, f.JournalFormat, f.JournalVersion, f.Backup)
			s.reconciliation.permitUnknown(f.KillUnknown)
			s.teardown.load(f)
			s.volumes.destroyAll(f.DestroyAll)
			s.connection.load(f.KnownMasters)
			s.splitMarked(f.Marked)
		case strings.HasPrefix(key, slotPrefix):
			err = s.loadSlot(key, data)
		case strings.HasPrefix(key, surplusPrefix):
			var task surplusTask
			if err = json.Unmarshal(data, &task); err == nil {
				err = task.check(key)
			}
			task.Host = offer.ClipAttribute(task.Host)
			s.surplus.set(&task)
			s.surplus.setKey(key, task.ID)
		case strings.HasPrefix(key, orphanPrefix):
			err = s.loadOrphan(key, data)
		case strings.HasPrefix(key, markedPrefix):
			err = s.loadMarked(key, data)
		case strings.HasPrefix(key, journalPrefix):
			var j journalRecord
			if err = json.Unmarshal(data, &j); err == nil && journalKey(j.Identity) != key {
				err = fmt.Errorf("journal %q does not belong there", j.Identity)
			}
			s.journals.add(j)
		default:
			err = fmt.Errorf("it is of an unknown kind; was it written by a newer version?")
		}
		if err != nil {
			return fmt.Errorf("the saved state is not readable at %q: %w", key, err)
		}
	}
	return nil
}

func (s *State) loadSlot(key string, data []byte) error {
	slot := new(Slot)
	if err := json.Unmarshal(data, slot); err != nil {
		return err
	}
	if slotKey(slot.Name) != key || slot.Name != slotName(slot.Role, slot.Index) || s.roleRow(slot.Role) == nil ||
		slot.Index < 0 {
		return fmt.Errorf("slot %q of role %q does not belong there", slot.Name, slot.Role)
	}
	if v := slot.Volume; v != nil {
		if v.ID == "" || v.Host == "" || v.MB <= 0 {
			return fmt.Errorf("its volume has no ID, no host or no size")
		}
		v.Slot, v.Owned = slot.Name, true
	}
	if slot.Task != nil {
		if err := s.checkTask(slot); err != nil {
			return err
		}
		if end := slot.Task.End; end != nil && !end.known() {
			slot.Task.End = nil // it is decided again
		}
	}
	for name, value := range slot.Attributes {
		slot.Attributes[name] = offer.ClipAttribute(value) // older Records have them as they are
	}
	slot.NotBefore = time.Time{} // a new process retries at once: the operator may have removed the cause
	s.add(slot)
	return nil
}

// checkTask refuses a saved task that could not be followed or saved again.
func (s *State) checkTask(slot *Slot) error {
	task := slot.Task
	if task.ID == "" || task.AgentID == "" || slot.Host == "" {
		return fmt.Errorf("its task has no ID, no agent or no host")
	}
	if policy, known := verdicts[task.State]; !known || policy.verdict != alive && policy.verdict != unreachable {
		return fmt.Errorf("its task has state %s", task.State)
	}
	if other := s.slots.byTask[task.ID]; other != nil {
		return fmt.Errorf("%s and %s have the same task %s", other.Name, slot.Name, task.ID)
	}
	return nil
}

// boundTimes sets saved times of past events that are later than now to now. With a clock that was
// set back since, or that of another host, waits from such a time would take too long.
func (s *State) boundTimes(now time.Time) {
	s.boundBackup(now)
	for _, slot := range s.slots.byName {
		happened := []*time.Time{&slot.VacantSince, &slot.SilentSince}
		if task := slot.Task; task != nil {
			happened = append(happened, &task.Launched, &task.ServingSince, &task.UnreachableSince,
				&task.NotAnsweringSince)
			if end := task.End; end != nil {
				happened = append(happened, &end.Began, &end.AnsweredAt, &end.FirstDone, &end.DoneAt)
			}
		}
		if slot.LastFailure != nil {
			happened = append(happened, &slot.LastFailure.At)
		}
		for _, at := range happened {
			if at.After(now) {
				*at = now
			}
		}
	}
}
