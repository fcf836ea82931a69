package mesosmaster

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func TestOnlyTheCoreAcknowledgesAndNothingWithoutUUID(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{Agents: 1})
	r := run(t, configFor(m.Addr()))
	r.Do(1, launchOf(next[cluster.Offered](r, nil).Offers[0], "a"))
	update := next[cluster.Updated](r, nil)
	r.Do(1, cluster.Reconcile{})
	asked := next[cluster.Updated](r, func(u cluster.Updated) bool {
		return u.Status.GetReason() == mesos.REASON_RECONCILIATION
	})
	if n := m.Count(scheduler.Call_ACKNOWLEDGE); n != 0 {
		t.Errorf("%d acknowledgements before the core asked for one", n)
	}
	agent := asked.Status.AgentID.Value
	r.Do(1, cluster.Acknowledge{AgentID: agent, TaskID: "a", UUID: asked.Status.UUID})
	r.Do(1, cluster.Acknowledge{AgentID: agent, TaskID: "a", UUID: update.Status.UUID})
	next[cluster.Updated](r, func(u cluster.Updated) bool { return u.Status.GetState() == mesos.TASK_RUNNING })
	if n := m.Count(scheduler.Call_ACKNOWLEDGE); n != 1 {
		t.Errorf("%d acknowledgements, want that with a UUID only", n)
	}
}

func TestAnOperationWithoutIDIsPassedOver(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	r := run(t, configFor(m.Addr()))
	next[cluster.Subscribed](r, nil)
	m.Send(&scheduler.Event{Type: scheduler.Event_UPDATE_OPERATION_STATUS,
		UpdateOperationStatus: &scheduler.Event_UpdateOperationStatus{
			Status: mesos.OperationStatus{State: mesos.OPERATION_FINISHED, UUID: &mesos.UUID{Value: make([]byte, 16)}},
		}})
	m.Send(&scheduler.Event{Type: scheduler.Event_RESCIND,
		Rescind: &scheduler.Event_Rescind{OfferID: mesos.OfferID{Value: "o"}}})
	if e := next[cluster.Rescinded](r, nil); e != (cluster.Rescinded{Subscription: 1, OfferID: "o"}) {
		t.Errorf("event %+v", e)
	}
}

func TestASlowReaderOfEventsDoesNotLookLikeASilentMaster(t *testing.T) {
	t.Parallel()
	// A slow machine must not be as slow as the watchdog allows: 2.5 s.
	m := startFake(t, fakemesos.Options{Heartbeat: 500 * time.Millisecond, Agents: 1})
	r := run(t, configFor(m.Addr()))
	next[cluster.Subscribed](r, nil)
	for from := m.Heartbeats(); m.Heartbeats() < from+20; { // four times what the watchdog allows
		time.Sleep(time.Millisecond)
	}
	next[cluster.Offered](r, nil)
	r.Do(1, cluster.Suppress{})
	r.eventually("suppressed", m.Suppressed)
	if n := m.Count(scheduler.Call_SUBSCRIBE); n != 1 {
		t.Errorf("%d subscriptions", n)
	}
}

func TestProxiesOfTheEnvironmentAreNotAsked(t *testing.T) {
	t.Parallel()
	if (&endpoint{}).transport().Proxy != nil {
		t.Error("the transport asks for a proxy")
	}
}

func TestARemovedFrameworkEndsRunAndIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	r := run(t, configFor(m.Addr()))
	next[cluster.Subscribed](r, nil)
	m.End()
	if e := next[cluster.Failed](r, nil); e.Message != "Framework has been removed" {
		t.Errorf("event %+v", e)
	}
	asProblem(t, r.ended(), ErrFrameworkRemoved)
	if n := m.Count(scheduler.Call_SUBSCRIBE); n != 2 {
		t.Errorf("%d subscriptions, want 2", n)
	}
}

// Not parallel: it looks for goroutines of any client.
func TestNoSocketAndNoGoroutineIsLeft(t *testing.T) {
	m := startFake(t, fakemesos.Options{Agents: 1}) // heartbeats far apart: a slow machine must not lose the subscription
	m.OnCall(func(c *scheduler.Call) fakemesos.Answer {
		if c.Type == scheduler.Call_KILL {
			return fakemesos.Answer{Status: http.StatusBadRequest, Body: strings.Repeat("no", 10_000)}
		}
		return fakemesos.Answer{}
	})
	r := run(t, configFor(m.Addr()))
	for i := range 3 {
		s := next[cluster.Subscribed](r, nil)
		const calls = 200
		for range calls {
			r.Do(s.Subscription, cluster.Kill{TaskID: "a", AgentID: "b"})
		}
		failed := 0
		r.eventually("all calls failed", func() bool { failed = m.Count(scheduler.Call_KILL); return failed == calls*(i+1) })
		// Those of the subscription before are on their way out.
		r.eventually("few connections are open", func() bool { return m.Connections() <= 1+9+1 })
		m.Drop()
	}
	m.Silence(true)
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	r.eventually("all connections are closed", func() bool { return m.Connections() == 0 })
	r.eventually("no goroutine is left", func() bool {
		stacks := make([]byte, 4<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for _, of := range []string{"(*Client)", "(*session)", "(*subscription)", "(*persistConn)"} {
			if strings.Contains(string(stacks), of) {
				return false
			}
		}
		return true
	})
}
