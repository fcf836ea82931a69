package cluster

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// applyUpdate records a task status.
func (s *State) applyUpdate(status *mesos.TaskStatus, now time.Time) {
	slot := s.slots.byTask[status.TaskID.Value]
	s.applyStatus(status, now)
	s.noteFewer(slot)
	s.chooseExcess(now)
}

// applyStatus is applyUpdate for one task: what a status means is in the table verdicts.
func (s *State) applyStatus(status *mesos.TaskStatus, now time.Time) {
	id, state := status.TaskID.Value, status.GetState()
	if id == ProbeID {
		s.finishFreshness(now)
		return
	}
	policy, known := verdicts[state]
	if known && s.isUnrecorded(status, policy.verdict) {
		// not acknowledged: a framework with the newest Record still has to receive it
		return
	}
	if len(status.UUID) > 0 && status.AgentID != nil {
		s.record.acknowledge(Acknowledge{AgentID: status.AgentID.Value, TaskID: id, UUID: status.UUID})
	}
	// Also of a task that fills no slot any more: this may be the only update with the fact.
	var report launch.Report
	if len(status.Data) > 0 {
		report = launch.DecodeReport(status.Data)
		s.noteJournal(&report, now)
	}
	if !known { // a state of a later Mesos
		return
	}
	if name, _, _ := strings.Cut(id, "."); status.AgentID != nil {
		s.noteUsed(name, status.AgentID.Value, state)
	}
	slot := s.slots.byTask[id]
	if slot == nil {
		s.applySurplus(status, policy.verdict, now)
		return
	}
	task := slot.Task
	task.confirmed, task.answered = true, true
	task.arrived = task.arrived || policy.verdict == alive || state == mesos.TASK_UNREACHABLE
	s.noteUnusable(slot, &report, now)
	switch policy.verdict {
	case alive:
		if !s.applyAlive(slot, status, &report, now) {
			// thousands of tasks say the same again after a failover: nothing to save
			s.index(slot)
			return
		}
	case unreachable:
		if task.UnreachableSince.IsZero() {
			task.UnreachableSince = now
		}
		task.State, task.message = state, status.GetMessage()
	default:
		s.vacate(slot, status, policy.verdict, now)
		slot.HostGone = policy.hostGone
		if slot.HostGone && !s.keepsJournal(slot) {
			slot.Volume = nil // gone with its host
		}
	}
	s.touch(slot)
}

// order says which of two live states is the later. Mesos may deliver updates again and out of order after a failover.
var order = map[mesos.TaskState]int{mesos.TASK_STAGING: 0, mesos.TASK_STARTING: 1, mesos.TASK_RUNNING: 2,
	mesos.TASK_KILLING: 3}

// applyAlive is true when it changed what the Record says of the task.
func (s *State) applyAlive(slot *Slot, status *mesos.TaskStatus, report *launch.Report, now time.Time) (changed bool) {
	task := slot.Task
	state := status.GetState()
	_, wasAlive := order[task.State]
	if wasAlive && order[state] < order[task.State] {
		return false
	}
	changed = state != task.State
	if !task.UnreachableSince.IsZero() {
		task.UnreachableSince, task.kill, changed = time.Time{}, killPace{}, true
	}
	if v := slot.Volume; v != nil && state != mesos.TASK_STAGING && !v.Confirmed {
		v.Confirmed, changed = true, true
	}
	task.State = state
	// Reconciliation repeats the state without the executor's message and Report.
	if status.GetReason() != mesos.REASON_RECONCILIATION {
		task.message = status.GetMessage()
		if report.Version != 0 && (report.Number == 0 || report.Number >= task.Report.Number) {
			task.heard = true
			task.noteAnswering(report.NotAnswering, now)
			changed = changed || !reflect.DeepEqual(*report, task.Report)
			task.Report = *report
		}
	}
	if state == mesos.TASK_RUNNING && report.JournalUnusable == "" {
		if s.roleRow(slot.Role).Journal {
			s.noteVersion(&task.Report) // also for an update without a report: an earlier one had it
		}
		s.noteServed(report)
	}
	if state == mesos.TASK_RUNNING && task.ServingSince.IsZero() {
		task.ServingSince, changed = now, true
		s.offers.endBackoff(slot.Host)
	}
	return changed
}

// noteAnswering records for how long Alluxio has not answered its executor; 0 while it answers.
func (t *Task) noteAnswering(silent time.Duration, now time.Time) {
	if silent <= 0 {
		t.NotAnsweringSince = time.Time{}
	} else if t.NotAnsweringSince.IsZero() {
		t.NotAnsweringSince = now.Add(-silent)
	}
}

// vacate empties a slot whose task is over.
func (s *State) vacate(slot *Slot, status *mesos.TaskStatus, v verdict, now time.Time) {
	task := slot.Task
	s.slots.vacate(slot)
	if slot.Volume != nil && slices.ContainsFunc(s.offers.pending, func(o offer.Offer) bool {
		return o.AgentID == task.AgentID
	}) {
		s.volumes.noteAmbiguous(slot.Name)
	}
	slot.VacantSince, slot.NotBefore = now, now
	if task.Relocate {
		s.leave(slot)
	}
	healthy := task.servedFor(now) >= healthyAfter
	if healthy {
		slot.Failures = 0
	}
	if !slot.MaintenanceStart.IsZero() && !s.surges(slot) {
		slot.RelocateReason, slot.MaintenanceStart = maintenanceText(slot.Host, slot.MaintenanceStart), time.Time{}
	}
	if task.KillReason != "" { // it ended because we asked for it
		return
	}
	if drained(status) { // no failure, so no delay
		slot.RelocateReason = "the agent of " + slot.Host + " was drained"
		return
	}
	message := clip(status.GetMessage()) + s.launchHint(slot, task, status)
	slot.LastFailure = &TaskFailure{State: status.GetState().String(), Message: message, Host: slot.Host, At: now}
	switch v {
	case ended, reschedule:
		if v == reschedule && task.exempt(status) {
			return
		}
		slot.Failures++
		slot.NotBefore = now.Add(restartDelay(slot.Failures))
		if v == reschedule && !healthy { // what was healthy there says that tasks do start
			s.backOff(slot, task.AgentID, now)
		}
	case invalid:
		slot.Failures++
		slot.NotBefore = now.Add(errorDelay)
		if v := slot.Volume; v != nil && !v.Confirmed { // its launch came with RESERVE or CREATE
			slot.NotBefore = now.Add(operationDelay(slot.Failures))
			slot.LastFailure.Message += s.volumeHint(v)
		}
	}
}

// longestMessage bounds, in bytes, the message of the last failure that a slot keeps: Mesos may send a
// whole log, and a row of the Record is small, see Changes. Messages of our executor are shorter.
const longestMessage = 8 << 10

// text is the message of f, or its state when Mesos gave none.
func (f *TaskFailure) text() string { return cmp.Or(f.Message, f.State) }

func clip(message string) string {
	if len(message) <= longestMessage {
		return message
	}
	return strings.ToValidUTF8(message[:longestMessage], "") + " ..."
}

// expire makes the changes of slots that only time causes: it abandons tasks that were unreachable
// for too long, and removes vacant slots that the plan does not want or whose host is gone. It waits
// for the freshness check: a task may have come back while no framework ran, and unknown tasks are
// compared with the slots as they were saved.
func (s *State) expire(now time.Time) {
	if !s.maintenance.evacuateAt.IsZero() && !now.Before(s.maintenance.evacuateAt) {
		s.evacuate(now)
	}
	s.dropTeardown(now)
	s.goOnWithTeardown(now)
	if !s.reconciliation.freshness.done {
		return
	}
	s.chooseExcess(now)
	left := false
	for _, slot := range s.activeInOrder() {
		task := slot.Task
		wanted, _ := s.wanted(slot)
		switch {
		case task == nil && !wanted && !s.teardown.requested:
			s.remove(slot)
			left = left || !slot.MaintenanceStart.IsZero()
		case task == nil && s.settings.Of(slot.Role).Count == config.AllHosts && !s.boundByVolume(slot, now) &&
			(s.violatesConstraints(slot) || !now.Before(slot.retiresAt())):
			s.remove(slot)
		case s.overdue(slot, now) && s.mayAbandon(slot):
			s.abandon(slot, "its agent did not answer for "+s.settings.Of(slot.Role).Unreachable.String(), now)
		}
	}
	if left { // its volume may be destroyed meanwhile: then it has no replacement yet
		s.scale()
	}
}

// retiresAt is when a vacant slot of worker.count=all is forgotten unless its host offers again.
func (s *Slot) retiresAt() time.Time {
	last := s.VacantSince
	for _, at := range []time.Time{s.lastOffer, s.NotBefore} { // until NotBefore we have refused its offers
		if at.After(last) {
			last = at
		}
	}
	return last.Add(retireAfter)
}

// noteJournal records that a journal was formatted, so that it never is again.
func (s *State) noteJournal(report *launch.Report, now time.Time) {
	if report.JournalFormatted == "" {
		return
	}
	if _, known := s.journals.formatted[report.JournalFormatted]; !known {
		s.journals.add(journalRecord{Identity: report.JournalFormatted, Folder: report.JournalFolder,
			Formatted: now})
		s.record.touchRow(journalKey(report.JournalFormatted))
		s.noteJournalKind()
	}
}
