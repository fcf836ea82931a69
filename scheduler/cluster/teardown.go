package cluster

import (
	"fmt"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// A teardown is requested, begins, and ends.
//
// From its request on, the files that are in workers only are persisted, while the cluster goes on to
// serve; then the settings ask for nothing any more. With the word of the operator that such files may
// be lost, that is so at once.
//
// It begins when the first KILL is saved, or the first other call that cannot be undone. Before
// that, nothing has happened to the cluster: the request can be cancelled, and is dropped when its
// deadline passes. After that it goes on until it is done, in the next process, too.
//
// It ends with TEARDOWN, which is sent until Mesos says that the framework is gone: the call is
// answered with 202, or the next subscription is refused because the framework has been removed.
// Until then the framework ID is kept: a TEARDOWN that was lost would leave tasks on unreachable
// agents alive.

// teardownState is the state of a requested teardown, and why the process ends.
type teardownState struct {
	// persisting is true from the request until the files of all workers are persisted. requested is true
	// after that; ended is true once the teardown is done.
	persisting, requested, ended bool
	// unpersisted is what the operator has said of files that are in workers only, "" for nothing.
	unpersisted config.Unpersisted
	// until is when a request that has not begun is dropped; zero for never.
	until time.Time
	begun bool
	// from is when TEARDOWN may be sent (again), of this subscription only.
	from time.Time
	// dropped is true until the next Commit when the last request was dropped.
	dropped bool
	// failure is what Mesos said when it ended the subscription for good, or "".
	failure string
}

// load sets what the row of the framework has.
func (t *teardownState) load(f frameworkRecord) {
	t.persisting, t.unpersisted = f.TeardownPersisting, f.TeardownUnpersisted
	t.requested, t.begun, t.until = f.Teardown, f.TeardownBegun, f.TeardownUntil
}

// pending is true from the request until the teardown is done.
func (t *teardownState) pending() bool { return t.persisting || t.requested }

// sendFrom is when TEARDOWN may be sent (again).
func (t *teardownState) sendFrom(at time.Time) { t.from = at }

// committed is after the cycle that has told of a dropped request.
func (t *teardownState) committed() { t.dropped = false }

// end is once the teardown is done.
func (t *teardownState) end() { t.ended = true }

// TeardownCancelled withdraws a request for a teardown. CheckCancelTeardown has accepted it.
type TeardownCancelled struct{}

func (TeardownCancelled) event() {}

// CheckCancelTeardown says why a TeardownCancelled is refused, with an error that wraps ErrRefused.
func (s *State) CheckCancelTeardown() error {
	switch {
	case !s.teardown.pending():
		return fmt.Errorf("%w: no teardown is pending", ErrRefused)
	case s.teardown.begun:
		return fmt.Errorf("%w: the teardown has begun, and goes on until the cluster has ended", ErrRefused)
	}
	return nil
}

// applyTeardown records a request. It is durable: if the process dies, the next one goes on with the
// teardown instead of launching the cluster again.
func (s *State) applyTeardown(destroyAll bool, unpersisted config.Unpersisted, until, now time.Time) {
	s.teardown.unpersisted = unpersisted
	s.teardown.requested = s.teardown.begun || unpersisted == config.LoseUnpersisted
	s.teardown.persisting = !s.teardown.requested
	s.goOnWithTeardown(now)
	s.volumes.destroyAll(destroyAll)
	s.teardown.until = until
	s.record.touchRow(frameworkKey)
}

// persistForTeardown has the files of all workers persisted for a pending teardown.
func (s *State) persistForTeardown(d *Decision, now time.Time) {
	if s.teardown.persisting && s.persistAll(d, EndForTeardown, now) {
		d.wakeBy(now.Add(teardownStep))
	}
}

// goOnWithTeardown ends the cluster once the files of all workers are persisted. It needs Mesos, since what
// is persisted now is not when Mesos comes back.
func (s *State) goOnWithTeardown(now time.Time) {
	if !s.teardown.persisting || !s.connection.up || !s.reconciliation.freshness.done ||
		!s.allPersisted(EndForTeardown, now) {
		return
	}
	s.teardown.persisting, s.teardown.requested = false, true
	s.record.touchRow(frameworkKey)
}

// cancelTeardown makes the settings the target again.
func (s *State) cancelTeardown() {
	s.teardown = teardownState{ended: s.teardown.ended, failure: s.teardown.failure}
	s.volumes.destroyAll(false)
	s.slots.reviewAll()
	s.offers.reviveAgain()
	s.record.touchRow(frameworkKey)
}

// dropTeardown drops a request whose deadline has passed before it began.
func (s *State) dropTeardown(now time.Time) {
	if at := s.teardown.dropAt(); !at.IsZero() && !now.Before(at) {
		s.cancelTeardown()
		s.teardown.dropped = true
	}
}

// dropAt is when the pending request is dropped, or zero.
func (t *teardownState) dropAt() time.Time {
	if !t.pending() || t.begun {
		return time.Time{}
	}
	return t.until
}

// persistAgain has a teardown that has not begun look at the files of workers once more: it may have waited
// for Mesos for long. Also one that a version requested which did not persist.
func (s *State) persistAgain() {
	if s.teardown.requested && !s.teardown.begun && s.teardown.unpersisted != config.LoseUnpersisted {
		s.teardown.persisting, s.teardown.requested = true, false
		s.record.touchRow(frameworkKey)
	}
}

// beginTeardown notes that something left which cannot be undone.
func (s *State) beginTeardown() {
	if s.teardown.requested && !s.teardown.begun {
		s.teardown.begun = true
		s.record.touchRow(frameworkKey)
	}
}

// applyFailed handles the end of the subscription by Mesos. During a teardown the removal of the
// framework ends it; anything else is a failure, after which the framework stops.
func (s *State) applyFailed(e Failed, now time.Time) {
	s.disconnect(e.Message, now)
	if s.teardown.requested && e.Removed {
		s.forgetCluster()
		return
	}
	s.teardown.failure = "Mesos ended the subscription: " + e.Message
}

// finishTeardown sends TEARDOWN once the last task is gone, again and again until Mesos has removed
// the framework.
func (s *State) finishTeardown(d *Decision, now time.Time) {
	switch {
	case !s.teardown.requested || !s.reconciliation.freshness.done || len(s.slots.byTask) > 0 || s.surplusLives() ||
		s.reclaiming(d, now):
	case s.teardown.from.After(now):
		d.wakeBy(s.teardown.from)
	default:
		d.do(Teardown{})
		d.wakeBy(now.Add(teardownAgain))
	}
}

// tornDown is why the framework stops after a teardown.
const tornDown = "the cluster was torn down on request"

// filesAtTheEnd says what becomes of the files that are in workers only; "" when none has served.
func (s *State) filesAtTheEnd(unpersisted config.Unpersisted) string {
	planned, others := 0, 0
	for _, slot := range s.slots.byTask {
		switch {
		case !s.roleRow(slot.Role).Blocks || slot.Task.ServingSince.IsZero():
		case unpersisted != config.LoseUnpersisted && s.endsByPlan(slot):
			planned++
		default:
			others++
		}
	}
	switch {
	case others > 0:
		return "Files that are in workers only are lost.\n"
	case planned > 0:
		return "Files that are in workers only are persisted first; as long as that fails, nothing ends.\n"
	}
	return ""
}
