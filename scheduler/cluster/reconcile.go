package cluster

import (
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// reconciliation is what Mesos is asked about.
type reconciliation struct {
	freshness freshness
	// allAt is when to ask about everything next.
	allAt time.Time
}

// askAll is when to ask about everything next.
func (r *reconciliation) askAll(at time.Time) { r.allAt = at }

// resubscribed begins a subscription: no answer of an earlier one counts for the freshness check.
func (r *reconciliation) resubscribed(askAll time.Time) {
	r.freshness.stage, r.allAt = notAsked, askAll
}

// permitUnknown records whether an operator has permitted the end of tasks that the Record does not know.
func (r *reconciliation) permitUnknown(permitted bool) { r.freshness.killUnknown = permitted }

// begin says whether the freshness check of a new process is needed: a framework that Mesos does not
// know has no tasks.
func (r *reconciliation) begin(known bool) { r.freshness.done = !known }

// reconcileIfDue reconciles explicitly, with backoff, tasks without an update in this subscription,
// and now and then implicitly all tasks. A new process makes the freshness check first.
func (s *State) reconcileIfDue(d *Decision, now time.Time) {
	if !s.reconciliation.freshness.done {
		s.checkFreshness(d, now)
		return
	}
	var ask []TaskRef
	for _, slot := range s.activeInOrder() {
		task := slot.Task
		if task == nil || !s.doubtful(task) {
			continue
		}
		if at := task.asks.at(); at.After(now) {
			d.wakeBy(at)
			continue
		}
		ask = append(ask, TaskRef{TaskID: task.ID, AgentID: task.AgentID})
	}
	ask = append(ask, s.askSurplus(d, now)...)
	all := s.reconciliation.allAt
	switch {
	case len(ask) > 0: // one reconciliation at a time
		d.do(Reconcile{Tasks: ask})
		d.wakeBy(now.Add(reconcileFirst)) // the shortest backoff
		all = later(all, now.Add(reconcileFirst))
	case !now.Before(all):
		d.do(Reconcile{})
		all = s.nextReconcileAll(now)
	}
	d.reconcileAll = all
	d.wakeBy(all)
}

// nextReconcileAll is when to ask about everything again after it was asked now.
func (s *State) nextReconcileAll(now time.Time) time.Time {
	if late := s.connection.since.Add(reconcileLate); now.Before(late) {
		return late
	}
	return now.Add(reconcileEvery)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// doubtful is true for a task whose state may have changed without an update. A task that was launched
// in this subscription is reconciled only after its launch was answered: RECONCILE could overtake
// ACCEPT, and Mesos would answer that there is no such task.
func (s *State) doubtful(t *Task) bool {
	if t.subscription == s.connection.subscription && !t.answered {
		return false
	}
	return !t.confirmed || t.State == mesos.TASK_STAGING || t.State == mesos.TASK_UNKNOWN
}

// askPace paces explicit reconciliation of a task.
type askPace struct {
	// from is when to ask first, last when it was asked last.
	from, last time.Time
	count      int
}

func (p *askPace) note(now time.Time) {
	p.last = now
	p.count++
}

// at is when to ask next.
func (p *askPace) at() time.Time {
	if p.count == 0 {
		return p.from
	}
	delay := reconcileFirst
	for range min(p.count-1, 10) {
		delay *= 2
	}
	return p.last.Add(min(delay, reconcileMost))
}
