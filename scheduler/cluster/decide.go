package cluster

import (
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Decision is the outcome of one cycle.
type Decision struct {
	// Actions leave in this order, after the cycle was saved.
	Actions []Action
	// Rejections has an entry for each offer and role that wants an offer and did not use this one.
	Rejections []Rejection
	// Warnings are to be said before the actions leave.
	Warnings []string
	// ends are the planned ends that change, by slot; nil for one that is dropped.
	ends map[string]*PlannedEnd
	// endCounts counts planned ends as they are after Commit, nil before somebody asks.
	endCounts *endCounts
	// backup is what becomes of the backup that is to be made; nil for no change.
	backup *backupState
	// WakeAt is when to decide again without an event; zero for never.
	WakeAt time.Time
	// TeardownDropped is true when the deadline of a teardown request has passed before the teardown
	// began: nothing was ended.
	TeardownDropped bool
	// Stop ends the process after the actions have left, when it is not nil.
	Stop *Stop

	placements    []*placement
	placed        map[string]*placement // by slot
	killed        map[string]bool       // the tasks of kills
	crowding      []*Slot               // companions that keep their vacant primaries from their hosts
	placedMembers []*Slot               // members of an embedded journal that get a place
	// located are the addresses of those among both that other roles read, by slot.
	located map[string]launch.Address
	// locations counts the changes of located.
	locations int
	// reconcileAll is when to ask about everything next; zero without a subscription.
	reconcileAll time.Time
	wanting      demand
	reclaiming   bool // volumes are being destroyed
	eligible     bool // an offer came that could be used now or soon for an essential role
}

// Stop is why the framework ends by itself.
type Stop struct {
	// Reason is for people.
	Reason string
	// Failed is false for an end that was asked for.
	Failed bool
	// Cause is for errors.Is, or nil: ErrNotCurrent.
	Cause error
}

// Decide looks at the whole state, never at the event alone, so that restart, failover and lost
// messages need no code of their own. It is pure: the same state and time always give the same
// decision, and after Commit of that decision an empty one.
func (s *State) Decide(now time.Time) Decision {
	var d Decision
	if s.teardown.failure != "" {
		d.Stop = &Stop{Reason: s.teardown.failure, Failed: true}
		return d
	}
	if s.teardown.ended {
		d.Stop = &Stop{Reason: tornDown}
		return d
	}
	if d.Stop = s.notCurrent(); d.Stop != nil {
		return d
	}
	if at := s.teardown.dropAt(); !at.IsZero() {
		d.wakeBy(at)
	}
	d.TeardownDropped = s.teardown.dropped
	if !s.connection.up {
		s.wakeForSlots(&d, now)
		return d
	}
	s.acknowledge(&d)
	s.returnOffers(&d, now)
	s.reconcileIfDue(&d, now)
	s.matchOffers(&d, now)
	s.killUnwanted(&d, now)
	s.warnOfRemoval(&d)
	s.warnOfVersions(&d)
	s.warnOfOutage(&d)
	s.sendMasterUpdates(&d, now)
	s.answerInverseOffers(&d, now)
	s.backUp(&d, now)
	s.adjustDemand(&d, now)
	s.finishTeardown(&d, now)
	s.wakeForSlots(&d, now)
	return d
}

func (d *Decision) do(a Action) {
	d.Actions = append(d.Actions, a)
	if kill, ok := a.(Kill); ok {
		if d.killed == nil {
			d.killed = map[string]bool{}
		}
		d.killed[kill.TaskID] = true
	}
}

// wakeBy makes sure that the next cycle comes no later than at.
func (d *Decision) wakeBy(at time.Time) {
	if d.WakeAt.IsZero() || at.Before(d.WakeAt) {
		d.WakeAt = at
	}
}

func (s *State) acknowledge(d *Decision) {
	for _, a := range s.record.unacked {
		d.do(a)
	}
}

// returnOffers declines offers whose last call failed. It comes before any reconciliation, on the
// same connection: a launch that arrives later than both finds its offer void.
func (s *State) returnOffers(d *Decision, now time.Time) {
	var ids []string
	for _, r := range s.offers.returns {
		if r.at.After(now) {
			d.wakeBy(r.at)
		} else {
			ids = append(ids, r.offerID)
		}
	}
	if len(ids) > 0 {
		d.do(Decline{OfferIDs: ids, Refuse: refuseLeast, Reason: "its last call failed"})
	}
}

// wakeForSlots sets WakeAt for the timers of active slots.
func (s *State) wakeForSlots(d *Decision, now time.Time) {
	for _, slot := range s.activeInOrder() {
		switch task := slot.Task; {
		case task == nil && !d.places(slot.Name):
			for _, at := range []time.Time{slot.NotBefore, slot.VacantSince.Add(stickyFor)} {
				if at.After(now) {
					d.wakeBy(at)
				}
			}
			if s.settings.Of(slot.Role).Count == config.AllHosts && !s.hostLost(slot, now) {
				d.wakeBy(slot.lostAt()) // from then on no change waits for it
			}
			if at := slot.rolloutWaitsUntil(); s.isCompanion(slot) && at.After(now) {
				d.wakeBy(at) // then a rollout no longer waits for it
			}
			switch {
			case s.boundByVolume(slot, now):
				if s.waitEnds(slot) {
					d.wakeBy(slot.VacantSince.Add(s.settings.ReplaceAfter))
				}
			case s.reconciliation.freshness.done && s.settings.Of(slot.Role).Count == config.AllHosts:
				d.wakeBy(slot.retiresAt())
			}
		case task != nil && !task.UnreachableSince.IsZero() && !s.overdue(slot, now):
			d.wakeBy(s.unreachableDeadline(slot))
		}
	}
}
