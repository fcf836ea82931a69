package cluster

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// ErrNotCurrent is the Cause of a Stop because the Record is not the one that was saved last.
var ErrNotCurrent = errors.New("the saved state is not current")

// ProbeID is the ID of a task that never existed. Mesos answers reconciliation in order: once it has
// answered for this task, it has sent all updates of the implicit reconciliation before. Mesos:
// src/master/master.cpp, Master::reconcile; a task of an unknown agent is answered for at once, with
// TASK_UNKNOWN.
const ProbeID = "alluxio-mesos-probe"

// freshness is the progress of the freshness check: whether the Record that the process began with is
// current, not restored from an old copy or created while the cluster lives. Every launch is saved
// before it leaves, and has the highest incarnation of its slot. So a live task of ours with a higher
// incarnation shows that the Record is old. Nothing is launched or killed before the check is done,
// else a task ID could be used twice, and tasks that fill slots could be killed as surplus. The check
// is made once for each process.
type freshness struct {
	// done is true once Mesos has reported all tasks, and from the start for a framework without an ID.
	done  bool
	at    time.Time // when it was done
	stage freshnessStage
	again time.Time // when to start again without an answer
	// killUnknown is true when an operator wants unknown tasks killed, once: see KillUnknown.
	killUnknown bool
	// unknown are live tasks of ours that the Record does not know, with their agents.
	unknown map[string]string
	// highest is the highest incarnation among unknown tasks of slots that the Record does not have.
	highest int
}

type freshnessStage int

const (
	notAsked freshnessStage = iota
	asked                   // an implicit reconciliation was sent
	accepted                // it has arrived, so that the probe cannot overtake it
	probed                  // an explicit reconciliation of ProbeID was sent
)

// checkFreshness sends an implicit reconciliation, and the probe once that has arrived.
func (s *State) checkFreshness(d *Decision, now time.Time) {
	switch p := &s.reconciliation.freshness; {
	case p.stage == notAsked, !now.Before(p.again):
		d.do(Reconcile{})
		d.reconcileAll = s.nextReconcileAll(now)
		d.wakeBy(now.Add(reconcileFirst))
	case p.stage == accepted:
		d.do(Reconcile{Tasks: []TaskRef{{TaskID: ProbeID, AgentID: ProbeID}}})
		d.wakeBy(p.again)
	default:
		d.wakeBy(p.again)
	}
}

// commitFreshness records which reconciliation was sent.
func (s *State) commitFreshness(r Reconcile, now time.Time) {
	if s.reconciliation.freshness.done {
		return
	}
	s.reconciliation.freshness.stage, s.reconciliation.freshness.again = asked, now.Add(reconcileFirst)
	if len(r.Tasks) > 0 {
		s.reconciliation.freshness.stage = probed
	}
}

// freshnessAnswered records whether a reconciliation has arrived; one that has not is sent again.
func (s *State) freshnessAnswered(arrived bool, now time.Time) {
	switch p := &s.reconciliation.freshness; {
	case p.done:
	case !arrived:
		p.stage, p.again = asked, now.Add(callAgain)
	case p.stage == asked:
		p.stage = accepted
	}
}

// finishFreshness ends the freshness check: Mesos has reported all tasks. A permission to kill
// unknown tasks is used up, and tasks that are unreachable past their deadline are abandoned.
func (s *State) finishFreshness(now time.Time) {
	if !s.reconciliation.freshness.done {
		s.reconciliation.freshness.at = now
	}
	s.reconciliation.freshness.done = true
	if len(s.reconciliation.freshness.unknown) > 0 {
		// it stops, and the Record stays as it is: the next process is to come to the same end
		return
	}
	s.countUpTo(s.reconciliation.freshness.highest)
	s.scale() // by what the updates of Mesos say
	s.expire(now)
	if s.reconciliation.freshness.killUnknown {
		s.reconciliation.freshness.killUnknown = false
		s.record.touchRow(frameworkKey)
	}
}

// splitTaskID is the inverse of taskID; n is 0 for an ID that is not ours.
func splitTaskID(id string) (slot string, n int) {
	dot := strings.LastIndexByte(id, '.')
	if dot < 0 {
		return id, 0
	}
	n, err := strconv.Atoi(id[dot+1:])
	if err != nil || n < 0 {
		return id, 0
	}
	return id[:dot], n
}

// isUnrecorded is true for a status of a task that is or may be alive and that the Record does not
// know: it was launched after the Record was saved, or runs on another agent than the Record says.
// The task is noted, so that the framework stops, or kills it where that was permitted.
func (s *State) isUnrecorded(status *mesos.TaskStatus, v verdict) bool {
	id, agent := status.TaskID.Value, status.GetAgentID().GetValue()
	slot := s.slots.byTask[id]
	if slot != nil {
		if v != alive || agent == "" || agent == slot.Task.AgentID {
			return false
		}
	} else if !s.bumpIncarnation(id, v) {
		return false
	}
	if !s.reconciliation.freshness.killUnknown {
		s.reconciliation.freshness.unknown[id] = agent
		return true
	}
	if v == alive {
		name, _ := splitTaskID(id)
		s.addSurplus(&surplusTask{ID: id, AgentID: agent, Slot: name,
			Reason: "the saved state does not know it, and an operator has permitted to kill such tasks",
			lives:  true, answered: true})
	}
	return slot != nil // the status is not that of the slot's own task
}

// bumpIncarnation makes sure that the ID of a task is not used again, and returns whether the task is
// unknown and is or may be alive. A task that is over is no sign of an old Record.
func (s *State) bumpIncarnation(id string, v verdict) bool {
	name, n := splitTaskID(id)
	slot, known := s.slots.byName[name], s.record.incarnation
	if slot != nil {
		known = slot.Incarnation
	}
	lives := v == alive || v == unreachable
	if n > 0 && n <= known || n == 0 && !lives {
		return false
	}
	if lives && !s.reconciliation.freshness.killUnknown {
		return true
	}
	if slot != nil {
		slot.Incarnation = max(slot.Incarnation, n)
		s.touch(slot)
	} else if s.reconciliation.freshness.done {
		s.countUpTo(n)
	} else { // later: until the check is done, tasks are compared with the Record as it was saved
		s.reconciliation.freshness.highest = max(s.reconciliation.freshness.highest, n)
	}
	return lives
}

// notCurrent stops the framework when its Record is old, once all unknown tasks can be listed.
func (s *State) notCurrent() *Stop {
	if !s.reconciliation.freshness.done || len(s.reconciliation.freshness.unknown) == 0 {
		return nil
	}
	return &Stop{Failed: true, Cause: ErrNotCurrent, Reason: s.notCurrentText()}
}

// unknownShown is how many unknown tasks are named; the rest is counted.
const unknownShown = 50

func (s *State) notCurrentText() string {
	names := slices.Sorted(maps.Keys(s.reconciliation.freshness.unknown))
	tasks := make([]string, 0, len(names))
	for _, id := range names[:min(len(names), unknownShown)] {
		tasks = append(tasks, id+" on agent "+s.reconciliation.freshness.unknown[id])
	}
	text := strings.Join(tasks, ", ")
	if more := len(names) - len(tasks); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return "Mesos runs tasks of framework " + s.record.frameworkID + " that were launched after the state was saved: " +
		text + "; the state was restored from an old copy, or created again: restore the newest one, or have these " +
		"tasks killed with alluxio-mesos recover --kill-unknown-tasks, and start again"
}
