package cluster

import (
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// Apply records one fact. It is bookkeeping only: it cannot fail, block or decide.
func (s *State) Apply(event Event, now time.Time) {
	s.offers.dropHintFacts()
	if s.teardown.ended { // no event is for the next framework
		return
	}
	switch e := event.(type) {
	case Woke:
		s.expire(now)
	case Subscribed:
		s.applySubscribed(e, now)
	case Disconnected:
		if e.Subscription == 0 || e.Subscription == s.connection.subscription {
			s.disconnect(e.Reason, now)
		}
	case Failed:
		if e.Subscription == 0 || s.current(e.Subscription) {
			s.applyFailed(e, now)
		}
	case Offered:
		if s.current(e.Subscription) {
			s.applyOffers(e.Offers, now)
		}
	case Rescinded:
		if s.current(e.Subscription) {
			s.offers.rescind(e.OfferID)
		}
	case InverseOffered:
		if s.current(e.Subscription) {
			s.applyInverseOffers(e.Offers, now)
		}
	case InverseRescinded:
		if s.current(e.Subscription) {
			s.applyInverseRescinded(e.OfferID, now)
		}
	case Updated:
		if s.current(e.Subscription) {
			s.applyUpdate(e.Status, now)
		}
	case Administered:
		if s.current(e.Subscription) {
			if !s.applyBackupAnswer(e.Answer, now) {
				s.applyAnswer(e.Answer, now)
			}
		}
	case AgentLost:
		if s.current(e.Subscription) {
			s.forgetRejections(e.AgentID)
		}
	case CallAccepted:
		s.applyCallAccepted(e, now)
	case CallFailed:
		s.applyCallFailed(e, now)
	case MastersLearned:
		s.applyMastersLearned(e)
	default:
		s.applyRequest(event, now)
	}
}

// applyRequest records what an operator asks for.
func (s *State) applyRequest(event Event, now time.Time) {
	switch e := event.(type) {
	case Reconfigured:
		s.configure(e.Settings)
		s.forgetDelays(now)
		s.expire(now) // the unreachable timeouts may be shorter now
		s.offers.reviveAgain()
	case TeardownRequested:
		s.applyTeardown(s.volumes.destroy.all, e.Unpersisted, e.Until, now)
	case UninstallRequested:
		s.applyTeardown(e.DestroyVolumes, e.Unpersisted, e.Until, now)
	case TeardownCancelled:
		if s.CheckCancelTeardown() == nil { // it was accepted, but its cycle may have begun with the deadline
			s.cancelTeardown()
		}
	case ReplaceRequested:
		s.applyReplace(e, now)
	case BackupRequested:
		s.applyBackup(now)
	}
}

func (s *State) applyOffers(offers []offer.Offer, now time.Time) {
	s.offers.add(offers)
	s.noteHosts(offers, now)
	s.noteReturns(offers, now)
	s.noteVolumes(offers, now)
}

// current is true for the number of the present subscription.
func (s *State) current(subscription uint64) bool {
	return s.connection.up && subscription == s.connection.subscription
}

func (s *State) applySubscribed(e Subscribed, now time.Time) {
	if e.Subscription <= s.connection.subscription {
		return
	}
	s.noteDisconnectedGap(now)
	s.disconnect("", now)
	lost := s.connection.since
	s.connection.begin(e.Subscription, e.Master, now)
	s.record.setFrameworkID(e.FrameworkID)
	for _, slot := range s.slots.byName {
		if task := slot.Task; task != nil {
			if task.confirmed {
				task.lastConfirmed = lost
			}
			task.confirmed, task.asks = false, askPace{from: now}
			task.kill.resubscribed()
			s.index(slot)
		}
	}
	s.resubscribeSurplus(now)
	s.slots.chooseExcessAgain()
	s.offers.setDemand(demandState{})
	s.teardown.sendFrom(time.Time{})
	s.persistAgain()
	s.suspendMaintenance(now.Add(maintenanceGrace))
	s.reconciliation.resubscribed(now.Add(reconcileEvery))
	if s.everLaunched() { // explicitly first; then whether there is anything that we do not know
		s.reconciliation.askAll(now.Add(reconcileFirst))
	}
}

// everLaunched is true when this cluster has had a task. One that was abandoned may live although
// the Record does not know it.
func (s *State) everLaunched() bool {
	for _, slot := range s.slots.byName {
		if slot.Incarnation > 0 {
			return true
		}
	}
	return s.record.incarnation > 0
}

// disconnect forgets what belonged to the subscription. Mesos sends unacknowledged updates and offers again.
func (s *State) disconnect(reason string, now time.Time) {
	s.connection.end(reason, now)
	s.suspendMaintenance(time.Time{})
	s.offers.disconnected()
	s.volumes.forgetAmbiguous()
	s.record.forgetUnacked()
}

// noteHosts records which hosts of slots make offers. A host that offers under another agent ID than
// that of its unreachable task has a new agent: what ran there is over. Under the same agent ID the
// task is reconciled: a Mesos master that was elected while the agent was away sends no update for a
// task that never reached the agent.
func (s *State) noteHosts(offers []offer.Offer, now time.Time) {
	s.offers.noteOffered()
	for i := range offers {
		s.noteMaintenance(&offers[i], now)
		for _, role := range s.roles.InStartOrder() {
			slot := s.slots.byHost[hostKey{role, offers[i].Host}]
			switch {
			case slot == nil:
			case slot.Task == nil:
				slot.lastOffer = now
				if !slot.SilentSince.IsZero() {
					slot.SilentSince = time.Time{}
					s.touch(slot)
				}
			case slot.Task.UnreachableSince.IsZero():
			case slot.Task.AgentID != offers[i].AgentID && s.surplusFull():
			case slot.Task.AgentID != offers[i].AgentID:
				s.abandon(slot, "its host has come back as another agent", now)
				slot.SilentSince = time.Time{} // the host is not silent
			default:
				slot.Task.confirmed, slot.Task.asks = false, askPace{from: now}
			}
			if slot != nil {
				s.learnAttributes(slot, &offers[i])
			}
		}
	}
}

// forgetDelays ends the restart delay of every vacant slot and the backoff of every host, as a
// start of the framework does: new settings may have removed the cause. NotBefore becomes now, not
// zero, since the host counts as silent only from then on: until now its offers were declined.
func (s *State) forgetDelays(now time.Time) {
	s.offers.forgetBackoffs()
	for _, slot := range s.activeInOrder() {
		if slot.Task == nil && slot.NotBefore.After(now) {
			slot.NotBefore = now
			s.touch(slot)
		}
	}
}
