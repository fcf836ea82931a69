package cluster

import (
	"fmt"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// takeSteps goes on with end and returns true once its last step is done.
func (s *State) takeSteps(d *Decision, slot *Slot, end *PlannedEnd, master *Task, now time.Time) bool {
	for !end.done() {
		operation := end.operation()
		outcome, pause := outcomeOf(end, operation, s.unpersisted(slot, end))
		if !slices.Contains(master.Report.Admin, operation) {
			outcome = stepDone
		}
		switch outcome {
		case stepDone:
			end = end.nextDone(slot.Task, s.unpersisted(slot, end), now)
			d.setEnd(slot, end)
			continue
		case stepFromStart:
			restarted := end.next(0, slot.Task, now)
			restarted.DecommissionAsked, restarted.Decommissioned = false, false
			end = restarted
			d.setEnd(slot, end)
			continue
		case stepAgain:
			if at := end.AnsweredAt.Add(pause); at.After(now) {
				d.wakeBy(at)
				return false
			}
			if end = s.recall(d, slot, end, master, now); end == nil {
				return false
			}
			end = end.next(end.Step, slot.Task, now)
			d.setEnd(slot, end)
		}
		if operation == launch.AdminDecommission && !end.DecommissionAsked {
			if !s.mayDecommission(d, end.Cause, now) {
				return false
			}
			told := *end
			told.DecommissionAsked, end = true, &told
			d.setEnd(slot, end)
		}
		s.askForStep(d, slot, end, operation, master, now)
		return false
	}
	return true
}

// recall has the master start again when the files of a worker that clients have left cannot be
// persisted: it forgets who is decommissioned, and the steps begin again. It returns nil then. How long
// it waits for that doubles each time.
func (s *State) recall(d *Decision, slot *Slot, end *PlannedEnd, master *Task, now time.Time) *PlannedEnd {
	// Asked is enough: its answer may have been lost, or said only that it did not come to its end.
	if !end.DecommissionAsked || end.operation() != launch.AdminPersist ||
		end.Tries < leftTries<<min(end.Recalls, mostDoublings) || s.replaceBudget(d, config.Master, now) <= 0 {
		return end
	}
	recalled := *end
	recalled.Recalls++
	d.setEnd(slot, &recalled)
	s.killTask(d, now, master, fmt.Sprintf("it starts again, and clients find %s again, whose files could not be "+
		"persisted after they had left it", slot.Task.ID))
	return nil
}

// askForStep sends the request of the present step, again if its answer is not final.
func (s *State) askForStep(d *Decision, slot *Slot, end *PlannedEnd, operation launch.AdminOperation, master *Task,
	now time.Time) {
	if again := end.asked.Add(administerAgain); !end.asked.IsZero() && again.After(now) {
		d.wakeBy(again)
		return
	}
	request := launch.AdminRequest{ID: end.requestID(slot.Task.ID), Operation: operation,
		Within: stepWithin + s.settings.ClientRefresh(),
		Worker: launch.Address{Host: slot.Host, RPC: slot.Ports[config.WorkerRPC], Web: slot.Ports[config.WorkerWeb]}}
	switch operation {
	case launch.AdminPersist:
		request.PersistAll = s.unpersisted(slot, end) == config.PersistUnpersisted
	case launch.AdminDecommission:
		request.ClientRefresh, request.IdleFor = s.settings.ClientRefresh(), idleFor
	}
	d.do(Administer{TaskID: master.ID, AgentID: master.AgentID, Slot: slot.Name, Request: request})
	d.wakeBy(now.Add(administerAgain))
}

// stepOutcome is what follows from the answer to a request.
type stepOutcome int

const (
	// stepOpen: there is no final answer yet.
	stepOpen stepOutcome = iota
	// stepDone: the next step follows.
	stepDone
	// stepAgain: the step is to be taken again, after a pause.
	stepAgain
	// stepFromStart: the master lists a worker again that was decommissioned. The first step follows.
	stepFromStart
)

// outcomeOf says what follows from the last answer to the request of a step.
func outcomeOf(end *PlannedEnd, operation launch.AdminOperation, unpersisted config.Unpersisted) (stepOutcome,
	time.Duration) {
	a := end.Answer
	switch {
	case a == nil:
		return stepOpen, 0
	case operation == launch.AdminDecommission:
		if end.Decommissioned || end.plan().comesBack && end.Tries >= decommissionTries {
			return stepDone, 0
		}
		return stepAgain, stepPause
	case a.State != launch.AdminDone || a.Files == nil || !a.Files.Complete:
		return stepAgain, stepPause
	case end.Decommissioned && a.Files.Live:
		return stepFromStart, 0
	}
	f := a.Files
	kept := f.Failed.Files
	if unpersisted == config.LoseUnpersisted {
		if f.Persisted.Files == 0 && end.Tries >= persistTries {
			kept = 0
		}
	} else {
		kept += f.Unpersisted.Files
	}
	if end.Decommissioned || end.Step > 0 && end.Tries < leftTries {
		kept += max(0, f.Found.Files-f.Failed.Files) + f.Open.Files
	}
	switch {
	case kept == 0 && f.Found.Files <= fewFiles: // what clients write meanwhile is persisted when they have left
		return stepDone, 0
	case f.Persisted.Files > 0 && f.Failed.Files == 0:
		return stepAgain, 0
	}
	return stepAgain, stepPause
}
