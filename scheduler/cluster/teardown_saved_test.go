package cluster

import (
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

func TestSavedTeardownIsTheOneThatTheStateHas(t *testing.T) {
	t.Parallel()
	s, store, now := stateWith(t, testSettings(0)), saved{}, epoch
	pending := func() *PendingTeardown {
		t.Helper()
		store.save(s.Changes())
		p, err := SavedTeardown(store[TeardownRow], now)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := pending(); p != nil {
		t.Errorf("of no state it is %+v", p)
	}
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, now)
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "a", nil)}}, now)
	s.Commit(s.Decide(now), now)
	s.Apply(Updated{Subscription: 1, Status: statusOf("alluxio-master-0.1", "TASK_RUNNING", "agent-a", "",
		[]byte("u"))}, now)
	s.Commit(s.Decide(now), now)
	if p := pending(); p != nil {
		t.Errorf("before it was asked for it is %+v", p)
	}
	until := now.Add(time.Minute)
	s.Apply(TeardownRequested{Until: until}, now)
	if p := pending(); p == nil || p.Begun || !p.Until.Equal(until) {
		t.Errorf("before the first KILL it is %+v", p)
	}
	now = until
	if p := pending(); p != nil {
		t.Errorf("after its deadline it is %+v", p)
	}
	now = epoch
	s.Commit(s.Decide(now), now)
	now = until
	if p := pending(); p == nil || !p.Begun || !p.Until.IsZero() {
		t.Errorf("after the first KILL it is %+v", p)
	}
	s.Apply(Updated{Subscription: 1, Status: statusOf("alluxio-master-0.1", "TASK_KILLED", "agent-a", "",
		[]byte("v"))}, now)
	s.Commit(s.Decide(now), now)
	s.Apply(CallAccepted{Subscription: 1, Action: Teardown{}}, now)
	if p := pending(); p != nil {
		t.Errorf("at the end it is %+v", p)
	}
}
