package cluster

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// A planned end is the end of a worker that serves: for new settings, a lower count, maintenance, or as
// an operator has asked. It loses no file and fails no operation of a client. It takes steps, each of
// which is an administration command in the executor of the leading master; when the last is done, the
// task is killed. Until then the worker runs, and if a step does not succeed, it goes on to run: time
// alone ends no worker whose files are nowhere else.
//
// Each step is saved before its request leaves. A request is repeated until its answer is final, and
// its ID is never used again, so neither a lost message nor a restart of the framework matters. When
// another master leads, the steps begin again: Alluxio keeps in memory alone which workers are
// decommissioned. When the change is taken back, a decommissioned worker starts again in place.

// EndCause is why the task of a worker ends by plan.
type EndCause string

// The causes.
const (
	EndForSettings    EndCause = "settings"
	EndForCount       EndCause = "count"
	EndForMaintenance EndCause = "maintenance"
	EndForReplace     EndCause = "replace"
	// EndForMaster is the move of the master that the worker knows: until the worker has started again, the
	// master does not know its files.
	EndForMaster EndCause = "master"
	// EndForTeardown is the end of the cluster: its workers end together, once the files of all are
	// persisted.
	EndForTeardown EndCause = "teardown"
	// EndForReturn is for a decommissioned worker that is to stay after all: only a new JVM serves clients.
	EndForReturn EndCause = "return"
)

// endPlan is what a cause means for the end of a worker.
type endPlan struct {
	// steps are taken one after the other.
	steps []launch.AdminOperation
	// lasts is true while the cause lasts. The end is taken back when it does not.
	lasts func(s *State, f endFacts) bool
	// text is what the status says of the end, with the task and its host. "" is that the task is to end,
	// and what its step waits for.
	text string
	// comesBack is true when the same worker comes back at once, with new settings: it leaves when clients
	// know those that have come back before it, and ends all the same when it cannot be decommissioned.
	comesBack bool
	// word is what an operator has said of the files for this end, nil for an end that nobody asks for.
	word func(*State, *Slot) config.Unpersisted
	// besidesAway is true when a worker may leave whatever else is away.
	besidesAway bool
}

// endFacts are facts about the slot of a planned end.
type endFacts struct {
	outdated   bool // its task has other settings or addresses than the next one
	evacuating bool // its host goes into maintenance, and it is to end for that
	excess     bool // it is beyond the count
}

// endPlans has a row for each cause. The ramdisk of a worker goes with its task, so its files are
// persisted before clients leave it, which makes the master forget where they are, and once more after
// that: job workers still find what clients wrote in between.
var endPlans = map[EndCause]endPlan{
	EndForSettings: {steps: leaveSteps, comesBack: true,
		lasts: func(_ *State, f endFacts) bool { return f.outdated }},
	EndForCount: {steps: leaveSteps, besidesAway: true,
		lasts: func(_ *State, f endFacts) bool { return f.excess }},
	EndForMaintenance: {steps: leaveSteps,
		lasts: func(_ *State, f endFacts) bool { return f.evacuating }},
	EndForReplace: {steps: leaveSteps,
		word:  func(_ *State, slot *Slot) config.Unpersisted { return slot.Task.Unpersisted },
		lasts: func(*State, endFacts) bool { return true }},
	EndForMaster: {steps: []launch.AdminOperation{launch.AdminPersist},
		text:  "the master gets its other address once the files on %s on %s are in the under store",
		lasts: func(s *State, _ endFacts) bool { return s.masterMoves() }},
	EndForTeardown: {steps: []launch.AdminOperation{launch.AdminPersist},
		text:  "the cluster ends once the files on %s on %s are in the under store",
		word:  func(s *State, _ *Slot) config.Unpersisted { return s.teardown.unpersisted },
		lasts: func(s *State, _ endFacts) bool { return s.teardown.pending() }},
	EndForReturn: {steps: leaveSteps,
		text: "%s on %s is decommissioned, and to stay after all: it starts again in place once its files are in the " +
			"under store",
		lasts: func(_ *State, f endFacts) bool { return f.outdated || f.evacuating || f.excess }},
}

var leaveSteps = []launch.AdminOperation{launch.AdminPersist, launch.AdminDecommission, launch.AdminPersist}

// plan is the row of the cause of e.
func (e *PlannedEnd) plan() endPlan { return endPlans[e.Cause] }

// unpersisted is what becomes of files that clients wrote with MUST_CACHE when the task of slot ends.
func (s *State) unpersisted(slot *Slot, end *PlannedEnd) config.Unpersisted {
	if word := end.plan().word; word != nil && word(s, slot) != "" {
		return word(s, slot)
	}
	return s.settings.Unpersisted
}

// operation is that of the present step. The end is not done.
func (e *PlannedEnd) operation() launch.AdminOperation { return e.plan().steps[e.Step] }

// done is true once the last step is done; also for nil, the end of a task without a plan.
func (e *PlannedEnd) done() bool { return e == nil || e.Step >= len(e.plan().steps) }

// leaves is true once clients may have been told to leave the worker alone; not for nil.
func (e *PlannedEnd) leaves() bool { return e != nil && e.DecommissionAsked }

// requestID is the ID of the present request, for a task.
func (e *PlannedEnd) requestID(taskID string) string { return taskID + "-" + strconv.Itoa(e.Request) }

// nextRequest is the number of the next request for t, last being that of the last one. It is the age of
// the task in seconds, unless that is taken: a copy of the state that is restored gives no number twice.
func (t *Task) nextRequest(last int, now time.Time) int {
	return max(t.AdminRequest+1, last+1, int(now.Sub(t.Launched)/time.Second))
}

// next is e with a new request for task, for the next step or again for the present one.
func (e *PlannedEnd) next(step int, task *Task, now time.Time) *PlannedEnd {
	n := *e
	n.Step, n.Request, n.Answer, n.AnsweredAt = step, task.nextRequest(e.Request, now), nil, time.Time{}
	n.asked, n.progress = time.Time{}, cmp.Or(e.Answer, e.progress)
	if n.Tries++; step != e.Step {
		n.Tries = 1
	}
	return &n
}

// nextDone is e after its present step.
func (e *PlannedEnd) nextDone(task *Task, unpersisted config.Unpersisted, now time.Time) *PlannedEnd {
	n := e.next(e.Step+1, task, now)
	if !n.done() {
		return n
	}
	if n.DoneAt = e.AnsweredAt; n.DoneAt.IsZero() { // nobody was asked
		n.DoneAt = now
	}
	if n.FirstDone.IsZero() {
		n.FirstDone = n.DoneAt
	}
	n.Unpersisted = unpersisted
	return n
}

// known is true for an end whose row another version may have written, but which this one can go on with.
func (e *PlannedEnd) known() bool {
	plan, is := endPlans[e.Cause]
	return is && e.Step >= 0 && e.Step <= len(plan.steps)
}

// endOf is the planned end of the task of slot as it will be after Commit of d.
func (d *Decision) endOf(slot *Slot) *PlannedEnd {
	if end, changed := d.ends[slot.Name]; changed {
		return end
	}
	return slot.Task.End
}

// setEnd changes the planned end of the task of slot; nil drops it.
func (d *Decision) setEnd(slot *Slot, end *PlannedEnd) {
	if d.ends == nil {
		d.ends = map[string]*PlannedEnd{}
	}
	if d.endCounts != nil {
		d.endCounts.add(d.endOf(slot), -1)
		d.endCounts.add(end, 1)
	}
	d.ends[slot.Name] = end
}

// commitEnds records the planned ends of d.
func (s *State) commitEnds(d *Decision) {
	if len(d.ends) == 0 { // most cycles must not allocate
		return
	}
	for _, name := range slices.Sorted(maps.Keys(d.ends)) {
		slot := s.slots.byName[name]
		end := d.ends[name]
		if slot.Task.End = end; end != nil {
			slot.Task.AdminRequest = max(slot.Task.AdminRequest, end.Request)
		}
		s.touch(slot)
	}
}

// applyAnswer records the answer of a master's executor. One to an earlier request is void.
func (s *State) applyAnswer(answer launch.AdminAnswer, now time.Time) {
	taskID := answer.ID[:max(0, strings.LastIndexByte(answer.ID, '-'))]
	slot := s.slots.byTask[taskID]
	if slot == nil {
		s.noteOtherDecommissioned(taskID, answer, now)
		return
	}
	if slot.Task.End == nil {
		return
	}
	switch end := slot.Task.End; {
	case end.requestID(slot.Task.ID) != answer.ID || end.Answer != nil:
	case answer.State.Final():
		brief := answer.Brief() // each row of the state should be small
		end.Answer, end.AnsweredAt = &brief, now
		if r := answer.Decommission; r != nil {
			end.DecommissionAsked, end.Decommissioned = r.Decommissioned, r.Decommissioned && answer.State == launch.AdminDone
		}
		s.touch(slot)
	default:
		end.progress = &answer
	}
}
