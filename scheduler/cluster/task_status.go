package cluster

import (
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// unconfirmedSince is since when nobody can tell whether t is still what it was; zero while Mesos
// answers for it, for a while after, and for a task that has just been launched. It is for people:
// nothing is decided by it.
func (s *State) unconfirmedSince(t *Task, now time.Time) time.Time {
	c := &s.connection
	switch {
	case !t.UnreachableSince.IsZero(), c.up && (t.confirmed || t.subscription == c.subscription):
		return time.Time{}
	case !t.confirmed && t.lastConfirmed.IsZero() && t.subscription == 0: // known from the Record alone
		return s.options.Started
	}
	since := t.lastConfirmed
	if t.confirmed || since.IsZero() {
		since = later(c.since, t.Launched)
	}
	if now.Sub(since) < unconfirmedAfter {
		return time.Time{}
	}
	return since
}

func (t *Task) stateWord() string {
	switch {
	case !t.UnreachableSince.IsZero():
		return "unreachable"
	case t.KillReason != "" || t.State == mesos.TASK_KILLING:
		return "killing"
	case t.State == mesos.TASK_RUNNING:
		return "serving"
	case t.State == mesos.TASK_STARTING:
		return "starting"
	}
	return "staging"
}
