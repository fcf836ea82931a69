package mesosmaster

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func TestACallThatMesosSaysHasNoSubscriptionMakesANewOne(t *testing.T) {
	t.Parallel()
	for status, body := range map[int]string{
		http.StatusForbidden:         "Framework is not subscribed",
		http.StatusBadRequest:        "The stream ID 'x' included in this request didn't match",
		http.StatusTemporaryRedirect: "",
	} {
		m := startFake(t, fakemesos.Options{})
		r := run(t, configFor(m.Addr()))
		next[cluster.Subscribed](r, nil)
		m.OnCall(func(c *scheduler.Call) fakemesos.Answer {
			if c.Type == scheduler.Call_SUBSCRIBE {
				return fakemesos.Answer{}
			}
			return fakemesos.Answer{Status: status, Body: body}
		})
		r.Do(1, cluster.Revive{})
		if e := next[cluster.Disconnected](r, nil); e.Subscription != 1 {
			t.Errorf("%d: %+v", status, e)
		}
		if e := next[cluster.Subscribed](r, nil); e.Subscription != 2 {
			t.Errorf("%d: %+v", status, e)
		}
	}
}

func TestACallThatMesosNeverAnswersFailsInTime(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	m.OnCall(func(c *scheduler.Call) fakemesos.Answer { return fakemesos.Answer{Hang: c.Type == scheduler.Call_KILL} })
	cfg := configFor(m.Addr())
	cfg.Timeout = 5 * time.Second // in which the other calls are answered, also on a slow machine
	r := run(t, cfg)
	next[cluster.Subscribed](r, nil)
	r.Do(1, cluster.Kill{TaskID: "t", AgentID: "a"})
	next[cluster.CallFailed](r, nil)
	r.Do(1, cluster.Suppress{})
	r.eventually("suppressed", m.Suppressed)
}

func TestActionsOfAnotherSubscriptionAreDropped(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	r := run(t, configFor(m.Addr()))
	r.Do(1, cluster.Revive{}) // too early: nothing stands
	next[cluster.Subscribed](r, nil)
	m.Drop()
	next[cluster.Subscribed](r, nil)
	r.Do(1, cluster.Revive{})
	r.Do(3, cluster.Revive{})
	r.Do(2, cluster.Suppress{})
	r.eventually("suppressed", m.Suppressed)
	if n := m.Count(scheduler.Call_REVIVE); n != 0 {
		t.Errorf("%d calls of another subscription", n)
	}
}

func TestCallsKeepTheirOrderPerAgentAndAmongDeclines(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	r := run(t, configFor(m.Addr()))
	next[cluster.Subscribed](r, nil)
	const agents, rounds = 20, 30
	for i := range rounds {
		for a := range agents {
			r.Do(1, cluster.Kill{TaskID: fmt.Sprintf("%03d", i), AgentID: fmt.Sprintf("agent-%d", a)})
		}
		r.Do(1, cluster.Decline{OfferIDs: []string{fmt.Sprintf("%03d", i)}})
		if i%2 == 0 {
			r.Do(1, cluster.Suppress{})
		} else {
			r.Do(1, cluster.Revive{})
		}
	}
	r.eventually("all calls came", func() bool { return len(m.Calls()) == 1+rounds*(agents+2) })
	order := map[string][]string{}
	for _, c := range m.Calls()[1:] {
		switch c.Type {
		case scheduler.Call_KILL:
			order[c.Kill.AgentID.Value] = append(order[c.Kill.AgentID.Value], c.Kill.TaskID.Value)
		case scheduler.Call_DECLINE:
			order[""] = append(order[""], c.Decline.OfferIDs[0].Value)
		default:
			n := len(order[""])
			order[""] = append(order[""], order[""][n-1]+c.Type.String())
		}
	}
	if len(order) != agents+1 {
		t.Fatalf("%d orders", len(order))
	}
	for of, calls := range order {
		if !slices.IsSorted(calls) {
			t.Errorf("%q: %v", of, calls)
		}
	}
}

func TestTooManyWaitingCallsEndTheSubscription(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	m.OnCall(func(c *scheduler.Call) fakemesos.Answer { return fakemesos.Answer{Hang: c.Type == scheduler.Call_KILL} })
	cfg := configFor(m.Addr())
	cfg.QueueLimit = 10
	r := run(t, cfg)
	next[cluster.Subscribed](r, nil)
	for range 11 {
		r.Do(1, cluster.Kill{TaskID: "t", AgentID: "a"})
	}
	if e := next[cluster.Disconnected](r, nil); !strings.Contains(e.Reason, "more than 10 calls wait") {
		t.Errorf("event %+v", e)
	}
	next[cluster.Subscribed](r, nil)
}

func TestOnlyAFailureOfAnAgentIsALostAgent(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{Agents: 1})
	r := run(t, configFor(m.Addr()))
	next[cluster.Subscribed](r, nil)
	m.Send(&scheduler.Event{Type: scheduler.Event_FAILURE, Failure: &scheduler.Event_Failure{
		AgentID: &mesos.AgentID{Value: "other"}, ExecutorID: &mesos.ExecutorID{Value: "e"},
	}})
	m.LoseAgent(0)
	if e := next[cluster.AgentLost](r, nil); e != (cluster.AgentLost{Subscription: 1, AgentID: m.AgentID(0)}) {
		t.Errorf("event %+v", e)
	}
}
