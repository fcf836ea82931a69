package cluster

import (
	"time"
)

func (s *State) applyCallAccepted(e CallAccepted, now time.Time) {
	if _, last := e.Action.(Teardown); last && e.Subscription == s.connection.subscription { // TEARDOWN ended it
		s.forgetCluster()
	}
	if !s.current(e.Subscription) {
		return
	}
	switch a := e.Action.(type) {
	case Launch:
		s.answer(a, true)
	case Reconcile:
		s.freshnessAnswered(true, now)
	}
}

// answer records that Mesos answered a launch, and whether the launch arrived. From now on its tasks
// may be reconciled.
func (s *State) answer(l Launch, arrived bool) {
	for i := range l.Tasks {
		if slot := s.slots.byTask[l.Tasks[i].TaskID.Value]; slot != nil {
			slot.Task.answered, slot.Task.arrived = true, arrived
		}
	}
}

// applyCallFailed schedules the repetition of a failed call. A failed launch may have arrived all
// the same, so its offer is declined, then its tasks are reconciled: a launch that arrives after the
// decline is void. Kills have their own pace. Decide repeats the other calls from the whole state,
// but only after callAgain: a master that rejects them must not be asked in a loop.
func (s *State) applyCallFailed(e CallFailed, now time.Time) {
	if !s.current(e.Subscription) {
		return
	}
	switch a := e.Action.(type) {
	case ReclaimVolumes:
		s.offers.giveBack(a.OfferID, now)
	case Launch:
		s.answer(a, false)
		s.offers.giveBack(a.OfferID, now)
		for i := range a.Tasks {
			if slot := s.slots.byTask[a.Tasks[i].TaskID.Value]; slot != nil {
				slot.Task.asks.from = now
			}
		}
	case Decline:
		for _, id := range a.OfferIDs {
			s.offers.giveBack(id, now.Add(callAgain))
		}
	case AcceptInverse:
		s.repeatInverse(a.AgentID, a.OfferID, now)
	case DeclineInverse:
		s.repeatInverse(a.AgentID, a.OfferID, now)
	case Reconcile:
		s.freshnessAnswered(false, now)
		if len(a.Tasks) == 0 {
			s.reconciliation.askAll(now.Add(callAgain))
		}
	case Teardown:
		s.teardown.sendFrom(now.Add(callAgain))
	case Suppress:
		s.offers.suppressAgain(now.Add(callAgain))
	case Revive:
		s.offers.reviveAgain()
	}
}
