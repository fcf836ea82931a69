package cluster

import (
	"maps"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// killUnwanted kills the tasks that the plan no longer wants. Kills are repeated until they are over.
func (s *State) killUnwanted(d *Decision, now time.Time) {
	if !s.reconciliation.freshness.done {
		return
	}
	today, evacuating := s.endpointsWith(d), s.evacuating(d, now)
	s.persistForTeardown(d, now)
	s.takeBackEnds(d, evacuating, now)
	for _, slot := range s.killable(d) {
		// while its agent is unreachable, one KILL is enough
		silent := !slot.Task.UnreachableSince.IsZero() && !slot.Task.kill.sent.IsZero()
		reason, cause := s.killReason(slot, today, evacuating)
		if reason == "" || silent || d.kills(slot.Task.ID) || cause != "" && !s.mayEnd(d, slot, cause, now) {
			continue
		}
		s.killTask(d, now, slot.Task, reason)
	}
	s.endCompanions(d, now)
	if at := s.chooseAt(); s.slots.excessPending && len(s.slots.excess) > 0 && at.After(now) {
		d.wakeBy(at)
	}
	s.rollOut(d, now)
	s.killSurplus(d, now)
}

// killTask is kill for the task of a slot.
func (s *State) killTask(d *Decision, now time.Time, task *Task, reason string) {
	s.kill(d, now, Kill{TaskID: task.ID, AgentID: task.AgentID, Reason: reason}, task.kill, task.reachable())
}

// kill sends a KILL unless the last one left less than killAgain ago, and wakes for the next. An
// executor that is reachable and does not end its task in time is shut down.
func (s *State) kill(d *Decision, now time.Time, kill Kill, pace killPace, reachable bool) {
	if again := pace.sent.Add(killAgain); !pace.sent.IsZero() && now.Before(again) {
		d.wakeBy(again)
		return
	}
	kill.Grace = s.settings.KillGrace
	d.do(kill)
	if reachable && s.shutsDown(pace, now) {
		d.do(Shutdown{TaskID: kill.TaskID, AgentID: kill.AgentID})
	}
	d.wakeBy(now.Add(killAgain))
}

// killable lists the slots whose tasks may have to end, in order. Serving tasks are among them only
// after an event that may make them unwanted: new settings, addresses that changed, a teardown.
func (s *State) killable(d *Decision) []*Slot {
	if !s.slots.review && !s.teardown.requested && !d.movesEndpoints() {
		return s.activeExcept(func(slot *Slot) bool { return slot.Task == nil })
	}
	return slices.SortedFunc(maps.Values(s.slots.byTask), s.inOrder)
}

// killReason says why the task of slot has to end, or "", and for which cause when the end is planned:
// "" when it can be at once.
func (s *State) killReason(slot *Slot, today map[config.Role]string, evacuating map[string]string) (reason string,
	cause EndCause) {
	task := slot.Task
	if task.KillReason != "" {
		return task.KillReason, ""
	}
	if task.Replaced {
		return replaceReason, EndForReplace
	}
	moved := s.movedReason(slot, today)
	if reason := evacuating[slot.Name]; reason != "" && moved == "" {
		return reason, EndForMaintenance
	}
	if ok, reason := s.wanted(slot); !ok && (s.teardown.requested || slot.MaintenanceStart.IsZero() || !s.surges(slot)) {
		if s.teardown.requested && s.endsLater(slot.Role) {
			return "", ""
		}
		if s.chooses(slot) || s.keepsLeading(slot) != "" {
			return moved, ""
		}
		if s.teardown.requested {
			return reason, ""
		}
		return reason, EndForCount
	}
	return moved, ""
}

// endsLater is true during a teardown while a task runs of a role that has to end before role.
func (s *State) endsLater(role config.Role) bool {
	for _, slot := range s.slots.byTask {
		if s.roleRow(slot.Role).Stop < s.roleRow(role).Stop {
			return true
		}
	}
	return false
}
