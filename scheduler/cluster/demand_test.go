package cluster

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// TestACallThatFailedIsMadeAgain: nobody else would notice that Mesos was never told, and offers
// would come for ever, or never.
func TestACallThatFailedIsMadeAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence      string
		failed, again Action
		serves        bool // then nothing is wanted
		within        time.Duration
	}{
		{"suppress, but not at once: a master that refuses it would be asked without end", Suppress{}, Suppress{}, true,
			callAgain},
		{"revive", Revive{}, Revive{Reason: "1 slot waits (alluxio-master-0)"}, false, reviveAtMost},
		{"reconcile everything", Reconcile{}, Reconcile{}, true, callAgain},
		{"decline: Mesos may hold the offer for as long as the subscription stands",
			Decline{OfferIDs: []string{"o0"}, Refuse: time.Hour},
			Decline{OfferIDs: []string{"o0"}, Refuse: refuseLeast, Reason: "its last call failed"}, true, callAgain},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			s, now := stateWith(t, testSettings(0)), epoch
			s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, now)
			if c.serves {
				s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "a", nil)}}, now)
				s.Commit(s.Decide(now), now)
				s.Apply(Updated{Subscription: 1, Status: statusOf("alluxio-master-0.1", "TASK_RUNNING", "agent-a", "", nil)}, now)
			}
			s.Commit(s.Decide(now), now)
			s.Apply(CallFailed{Subscription: 1, Action: c.failed, Reason: "connection reset"}, now)
			s.Commit(s.Decide(now), now)
			now = now.Add(c.within)
			s.Apply(Woke{}, now)
			if got := s.Decide(now).Actions; fmt.Sprint(got) != fmt.Sprint([]Action{c.again}) {
				t.Errorf("%s later it says %v", c.within, got)
			}
		})
	}
}

// A subscription may end and another begin before the next cycle.
func TestAnOfferOfAnEarlierSubscriptionIsNotUsed(t *testing.T) {
	t.Parallel()
	s := stateWith(t, testSettings(0))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "a", nil)}}, epoch)
	s.Apply(Disconnected{Subscription: 1, Reason: "connection reset"}, epoch)
	s.Apply(Subscribed{Subscription: 2, FrameworkID: "f1"}, epoch)
	for _, a := range s.Decide(epoch).Actions {
		if _, revives := a.(Revive); !revives {
			t.Errorf("it says %s", a)
		}
	}
}

// An operator may turn a machine off once its maintenance was accepted.
func TestMaintenanceIsNotAcceptedWhileATaskThatWasReplacedRunsThere(t *testing.T) {
	t.Parallel()
	s := stateWith(t, testSettings(0))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	s.surplus.set(&surplusTask{ID: "alluxio-worker-0.1", AgentID: "agent-a",
		Reason: "it fills no slot", lives: true})
	s.Apply(InverseOffered{Subscription: 1,
		Offers: []offer.Inverse{{ID: "i1", AgentID: "agent-a", Start: epoch.Add(time.Hour)}}}, epoch)
	accepts := func() bool {
		d := s.Decide(epoch)
		s.Commit(d, epoch)
		return strings.Contains(fmt.Sprint(d.Actions), "accept inverse offer i1")
	}
	if accepts() {
		t.Error("it is accepted at once")
	}
	s.Apply(Updated{Subscription: 1, Status: statusOf("alluxio-worker-0.1", "TASK_KILLED", "agent-a", "", nil)}, epoch)
	if !accepts() {
		t.Error("it is not accepted after the end of the task")
	}
}
