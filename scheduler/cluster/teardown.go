package cluster

import (
	"fmt"
	"time"
)

// A teardown is requested, begins, and ends.
//
// It begins when the first KILL is saved, or the first other call that cannot be undone. Before
// that, nothing has happened to the cluster: the request can be cancelled, and is dropped when its
// deadline passes. After that it goes on until it is done, in the next process, too.
//
// It ends with TEARDOWN, which is sent until Mesos says that the framework is gone: the call is
// answered with 202, or the next subscription is refused because the framework has been removed.
// Until then the framework ID is kept: a TEARDOWN that was lost would leave tasks on unreachable
// agents alive.

// teardownRequest is the state of a requested teardown.
type teardownRequest struct {
	// until is when a request that has not begun is dropped; zero for never.
	until time.Time
	begun bool
	// from is when TEARDOWN may be sent (again), of this subscription only.
	from time.Time
	// dropped is true until the next Commit when the last request was dropped.
	dropped bool
}

// TeardownCancelled withdraws a request for a teardown. CheckCancelTeardown has accepted it.
type TeardownCancelled struct{}

func (TeardownCancelled) event() {}

// CheckCancelTeardown says why a TeardownCancelled is refused, with an error that wraps ErrRefused.
func (s *State) CheckCancelTeardown() error {
	switch {
	case !s.teardown:
		return fmt.Errorf("%w: no teardown is pending", ErrRefused)
	case s.request.begun:
		return fmt.Errorf("%w: the teardown has begun, and goes on until the cluster has ended", ErrRefused)
	}
	return nil
}

// applyTeardown records a request. It is durable: if the process dies, the next one goes on with the
// teardown instead of launching the cluster again.
func (s *State) applyTeardown(destroyAll bool, until time.Time) {
	s.teardown, s.destroy.all = true, destroyAll
	s.request.until = until
	s.changed[frameworkKey] = struct{}{}
}

// cancelTeardown makes the settings the target again.
func (s *State) cancelTeardown() {
	s.teardown, s.destroy.all, s.request = false, false, teardownRequest{}
	s.review, s.demand.revived = true, nil
	s.changed[frameworkKey] = struct{}{}
}

// dropTeardown drops a request whose deadline has passed before it began.
func (s *State) dropTeardown(now time.Time) {
	if at := s.dropAt(); !at.IsZero() && !now.Before(at) {
		s.cancelTeardown()
		s.request.dropped = true
	}
}

// dropAt is when the pending request is dropped, or zero.
func (s *State) dropAt() time.Time {
	if !s.teardown || s.request.begun {
		return time.Time{}
	}
	return s.request.until
}

// beginTeardown notes that something left which cannot be undone.
func (s *State) beginTeardown() {
	if s.teardown && !s.request.begun {
		s.request.begun = true
		s.changed[frameworkKey] = struct{}{}
	}
}

// applyFailed handles the end of the subscription by Mesos. During a teardown the removal of the
// framework ends it; anything else is a failure, after which the framework stops.
func (s *State) applyFailed(e Failed, now time.Time) {
	s.disconnect(e.Message, now)
	if s.teardown && e.Removed {
		s.forgetCluster()
		return
	}
	s.failure = "Mesos ended the subscription: " + e.Message
}

// finishTeardown sends TEARDOWN once the last task is gone, again and again until Mesos has removed
// the framework.
func (s *State) finishTeardown(d *Decision, now time.Time) {
	switch {
	case !s.teardown || !s.freshness.done || len(s.byTask) > 0 || s.surplusLives() || s.reclaiming(d, now):
	case s.request.from.After(now):
		d.wakeBy(s.request.from)
	default:
		d.do(Teardown{})
		d.wakeBy(now.Add(teardownAgain))
	}
}

// tornDown is why the framework stops after a teardown.
const tornDown = "the cluster was torn down on request"
