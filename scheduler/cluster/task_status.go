package cluster

import (
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// unconfirmedSince is since when the state of t may be out of date; zero while Mesos confirms it, for
// unconfirmedAfter after that, and for a task that has just been launched. It is only shown: no
// decision depends on it.
func (s *State) unconfirmedSince(t *Task, now time.Time) time.Time {
	c := s.connection
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
