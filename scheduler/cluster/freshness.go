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

// ProbeID is a task that never was. Mesos answers in order: once it has said that it does not know
// this one, it has said all that it knows. Mesos: src/master/master.cpp, Master::reconcile; a task
// of an agent that was never there is answered for at once, with TASK_UNKNOWN.
const ProbeID = "alluxio-mesos-probe"

// freshness is how far a process is with proving that the Record it began with is current: that it was
// not restored from an old copy, or made anew, behind a cluster that lives. Every launch is saved
// before it leaves, and its incarnation is the highest of its slot; so a live task of ours with a
// higher one proves the contrary. Nothing is launched or killed until Mesos has told all that it
// knows: a task ID would be used twice, and tasks would be taken for replaced that are in nobody's
// place. Within one process nothing is to be proven again.
type freshness struct {
	// done is true once Mesos has told all that it knows, and from the start for a framework that Mesos does not know yet.
	done  bool
	at    time.Time // when it was done
	stage freshnessStage
	again time.Time // when to begin anew without an answer
	// killUnknown is that an operator wants unknown tasks killed, once: see the function KillUnknown.
	killUnknown bool
	// unknown are live tasks of ours that the Record does not know, with their agents.
	unknown map[string]string
	// highest is the highest incarnation among unknown tasks of slots that the Record does not have.
	highest int
}

type freshnessStage int

const (
	notAsked freshnessStage = iota
	asked                   // for everything
	accepted                // the question has arrived, so that the probe cannot overtake it
	probed
)

// checkFreshness asks for everything that Mesos knows, and for the probe when that has arrived.
func (s *State) checkFreshness(d *Decision, now time.Time) {
	switch p := &s.freshness; {
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

// commitFreshness notes which question has left.
func (s *State) commitFreshness(r Reconcile, now time.Time) {
	if s.freshness.done {
		return
	}
	s.freshness.stage, s.freshness.again = asked, now.Add(reconcileFirst)
	if len(r.Tasks) > 0 {
		s.freshness.stage = probed
	}
}

// freshnessAnswered notes what became of a question: it has arrived, or is to be asked again.
func (s *State) freshnessAnswered(arrived bool, now time.Time) {
	switch p := &s.freshness; {
	case p.done:
	case !arrived:
		p.stage, p.again = asked, now.Add(callAgain)
	case p.stage == asked:
		p.stage = accepted
	}
}

// finishFreshness: Mesos has told all that it knows. A permission to kill is used up; what was silent
// when the last process ended, and still is, has had its chance.
func (s *State) finishFreshness(now time.Time) {
	if !s.freshness.done {
		s.freshness.at = now
	}
	s.freshness.done = true
	if len(s.freshness.unknown) > 0 {
		// it stops, and the Record stays as it is: the next process is to come to the same end
		return
	}
	s.countUpTo(s.freshness.highest)
	s.scale() // by the updates of Mesos
	s.expire(now)
	if s.freshness.killUnknown {
		s.freshness.killUnknown = false
		s.changed[frameworkKey] = struct{}{}
	}
}

// splitTaskID is the inverse of taskID; n is 0 for what is none.
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

// isUnrecorded is true for a status that the Record cannot explain, if it is that of a task that lives
// or may: it was launched after the Record was saved, or is on another agent than the task of its
// ID was launched on. It is noted, for a stop, or for a kill where that was permitted.
func (s *State) isUnrecorded(status *mesos.TaskStatus, v verdict) bool {
	id, agent := status.TaskID.Value, status.GetAgentID().GetValue()
	slot := s.byTask[id]
	if slot != nil {
		if v != alive || agent == "" || agent == slot.Task.AgentID {
			return false
		}
	} else if !s.bumpIncarnation(id, v) {
		return false
	}
	if !s.freshness.killUnknown {
		s.freshness.unknown[id] = agent
		return true
	}
	if v == alive {
		name, _ := splitTaskID(id)
		s.addSurplus(&surplusTask{ID: strings.Clone(id), AgentID: strings.Clone(agent), Slot: name,
			Reason: "the saved state does not know it, and its end was permitted", lives: true, answered: true})
	}
	return slot != nil // it says nothing of the task of that slot
}

// bumpIncarnation makes sure that the ID of a task is not used again, and returns whether the task is, or may
// be, alive and unknown. What is over endangers nothing.
func (s *State) bumpIncarnation(id string, v verdict) bool {
	name, n := splitTaskID(id)
	slot, known := s.slots[name], s.incarnation
	if slot != nil {
		known = slot.Incarnation
	}
	lives := v == alive || v == unreachable
	if n > 0 && n <= known || n == 0 && !lives {
		return false
	}
	if lives && !s.freshness.killUnknown {
		return true
	}
	if slot != nil {
		slot.Incarnation = max(slot.Incarnation, n)
		s.touch(slot)
	} else if s.freshness.done {
		s.countUpTo(n)
	} else { // later: others are to be judged by what was saved
		s.freshness.highest = max(s.freshness.highest, n)
	}
	return lives
}

// notCurrent stops the framework when its Record is proven to be old, once all that is unknown can be listed.
func (s *State) notCurrent() *Stop {
	if !s.freshness.done || len(s.freshness.unknown) == 0 {
		return nil
	}
	return &Stop{Failed: true, Cause: ErrNotCurrent, Reason: s.notCurrentText()}
}

// unknownShown is how many unknown tasks are named; the rest is counted.
const unknownShown = 50

func (s *State) notCurrentText() string {
	names := slices.Sorted(maps.Keys(s.freshness.unknown))
	tasks := make([]string, 0, len(names))
	for _, id := range names[:min(len(names), unknownShown)] {
		tasks = append(tasks, id+" on agent "+s.freshness.unknown[id])
	}
	text := strings.Join(tasks, ", ")
	if more := len(names) - len(tasks); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return "Mesos runs tasks of framework " + s.frameworkID + " that were launched after it was saved: " + text +
		"; it was restored from an old copy, or made anew: bring the newest one back, or have these tasks killed with " +
		"alluxio-mesos recover --kill-unknown-tasks, and start again"
}
