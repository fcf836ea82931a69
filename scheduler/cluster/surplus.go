package cluster

import (
	"fmt"
	"slices"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// A surplus task fills no slot and is not known to have ended: it was replaced while its agent was
// unreachable, or the Record does not know it. It stays in the Record until Mesos reports that it has
// ended, or does not know its agent any more. Until Mesos has answered about it in this subscription,
// nothing is launched on its agent: the agent may be back and the task alive, and then two masters
// would write one journal, or two workers use one ramdisk. A surplus task that is alive is killed.
//
// No row is dropped to make room for another: its task could live on unnoticed. While there are
// surplusMost rows, tasks on unreachable agents are not replaced; see surplus_bound.go.

// replacedReason is the Reason of a surplus task that was replaced.
const replacedReason = "it fills no slot (it was replaced)"

func surplusKey(id string) string { return surplusPrefix + digest([]byte(id)) }

// addSurplus records a task that has to end.
func (s *State) addSurplus(task *surplusTask) {
	task.Host = offer.ClipAttribute(task.Host)
	s.surplus.set(task)
	s.touchSurplus(task.ID)
}

func (s *State) forgetSurplus(id string) {
	if s.surplus.forget(id) {
		s.touchSurplus(id)
	}
}

// touchSurplus marks the row of a surplus task as changed, and records its task: the key has only a
// digest, and a search would have to compute that of every such task.
func (s *State) touchSurplus(id string) {
	key := surplusKey(id)
	s.record.touchRow(key)
	s.surplus.setKey(key, id)
}

// surplusRow is the present value of a key below surplusPrefix, or nil.
func (s *State) surplusRow(key string) any {
	if task := s.surplus.byID[s.surplus.keys[key]]; task != nil && task.fits() {
		return task
	}
	return nil
}

// check refuses a saved row of a task that could not be tracked.
func (task *surplusTask) check(key string) error {
	if task.ID == "" || task.AgentID == "" || surplusKey(task.ID) != key {
		return fmt.Errorf("task %q on agent %q does not belong there", task.ID, task.AgentID)
	}
	return nil
}

// applySurplus handles updates of tasks that fill no slot. A live one is killed: the Record knows that
// it was launched (see isUnrecorded), so it was replaced, or its slot is no longer wanted.
func (s *State) applySurplus(status *mesos.TaskStatus, v verdict, now time.Time) {
	id := status.TaskID.Value
	task := s.surplus.byID[id]
	switch {
	// Mesos does not know its agent any more: reconciliation.md
	case v != alive && (v != unreachable || status.GetState() == mesos.TASK_UNKNOWN):
		s.forgetSurplus(id)
		return
	case task == nil && (v == unreachable || status.AgentID == nil):
		return
	case task == nil:
		task = &surplusTask{ID: id, AgentID: status.AgentID.Value, Reason: replacedReason}
		s.addSurplus(task)
	}
	if lives := v == alive; lives != task.lives {
		task.lives, task.kill = lives, killPace{}
	}
	task.answered, task.heldFrom = true, time.Time{}
	task.asks = askPace{from: now.Add(surplusEvery)}
	s.surplus.index.put(task)
}

// doubt has a surplus task reconciled at once. Until Mesos answers, nothing is launched on its agent.
func (s *State) doubt(task *surplusTask, now time.Time) {
	task.answered, task.asks = false, askPace{from: now}
	if task.heldFrom.IsZero() {
		task.heldFrom = now
	}
	s.surplus.index.put(task)
}

// resubscribeSurplus has all surplus tasks reconciled in a new subscription.
func (s *State) resubscribeSurplus(now time.Time) {
	for _, task := range s.surplus.byID {
		task.heldFrom = time.Time{}
		s.doubt(task, now)
		task.kill.resubscribed()
		task.kill.sent = time.Time{}
	}
}

// noteReturns has the unreachable surplus tasks of agents that make offers reconciled: those agents
// are back.
func (s *State) noteReturns(offers []offer.Offer, now time.Time) {
	if len(s.surplus.byID) == 0 {
		return
	}
	for i := range offers {
		for _, task := range s.surplus.index.byAgent[offers[i].AgentID] {
			if !task.lives && task.answered {
				s.doubt(task, now)
			}
		}
	}
}

// held is true for a surplus task that keeps its agent from being used, since Mesos has not answered
// about it. Mesos answers for every agent that makes offers, so heldAtMost bounds the wait: a missing
// answer must not leave a host empty for ever.
func (task *surplusTask) held(now time.Time) bool {
	return !task.answered && now.Before(task.heldFrom.Add(heldAtMost))
}

// surplusLives is true while a surplus task is known to live.
func (s *State) surplusLives() bool {
	for _, task := range s.surplus.index.active {
		if task.lives {
			return true
		}
	}
	return false
}

// askSurplus lists the surplus tasks that are to be reconciled now.
func (s *State) askSurplus(d *Decision, now time.Time) (ask []TaskRef) {
	for id, task := range s.surplus.index.active {
		if task.lives && task.answered { // it is killed, which Mesos answers
			continue
		}
		if at := task.asks.at(); at.After(now) {
			d.wakeBy(at)
			continue
		}
		ask = append(ask, TaskRef{TaskID: id, AgentID: task.AgentID})
	}
	next := s.surplus.index.due(now, func(task *surplusTask) {
		ask = append(ask, TaskRef{TaskID: task.ID, AgentID: task.AgentID})
	})
	if !next.IsZero() {
		d.wakeBy(next)
	}
	// few are due: to sort all in each cycle would cost more
	slices.SortFunc(ask, func(a, b TaskRef) int { return strings.Compare(a.TaskID, b.TaskID) })
	return ask
}

// killSurplus kills the surplus tasks that are alive. Until Mesos has answered for a task in this
// subscription, one KILL is enough: its agent may not have registered again with a new Mesos master,
// which forwards nothing to it until then, and an explicit reconciliation shows when it has.
func (s *State) killSurplus(d *Decision, now time.Time) {
	var living []string
	for id, task := range s.surplus.index.active {
		if task.lives && (task.answered || task.kill.sent.IsZero()) {
			living = append(living, id)
		}
	}
	slices.Sort(living)
	for _, id := range living {
		task := s.surplus.byID[id]
		s.kill(d, now, Kill{TaskID: id, AgentID: task.AgentID, Reason: task.Reason}, task.kill, task.answered)
	}
}
