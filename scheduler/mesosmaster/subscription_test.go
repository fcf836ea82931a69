package mesosmaster

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func TestARedirectIsFollowedToANewLeaderThatIsKept(t *testing.T) {
	t.Parallel()
	leader := startFake(t, fakemesos.Options{IP: "127.0.0.2", Agents: 1})
	follower := startFake(t, fakemesos.Options{})
	follower.Redirect(leader.Addr())
	cfg := configFor(follower.Addr())
	cfg.FrameworkID = "saved-id" // a new one asks for duplicates first, and is redirected by the answer
	r := run(t, cfg)

	first := next[cluster.Subscribed](r, nil)
	if first.Subscription != 1 || first.Master != (cluster.MesosMaster{Address: leader.Addr(), Version: "1.11.0"}) {
		t.Errorf("first subscription %+v, leader %s", first, leader.Addr())
	}
	offered := next[cluster.Offered](r, nil)
	r.Do(1, launchOf(offered.Offers[0], "a"))
	next[cluster.CallAccepted](r, nil)
	r.Do(1, cluster.Revive{})
	r.eventually("the leader got the calls", func() bool { return leader.Count(scheduler.Call_REVIVE) == 1 })

	leader.Drop()
	if again := next[cluster.Subscribed](r, nil); again.Subscription != 2 || again.FrameworkID != first.FrameworkID {
		t.Errorf("after a drop %+v, want framework %s", again, first.FrameworkID)
	}
	if n := len(follower.Calls()); n != 1 {
		t.Errorf("the follower got %d calls, want the first SUBSCRIBE only", n)
	}
	// The Host header of every call is checked by fakemesos.
}

func TestAFailedCallIsAnEventAndTheSubscriptionStands(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{Agents: 2})
	m.OnCall(func(c *scheduler.Call) fakemesos.Answer {
		switch c.Type {
		case scheduler.Call_DECLINE:
			return fakemesos.Answer{Status: http.StatusBadRequest, Body: "no\nthanks"}
		case scheduler.Call_ACCEPT:
			return fakemesos.Answer{Status: http.StatusInternalServerError}
		}
		return fakemesos.Answer{}
	})
	r := run(t, configFor(m.Addr()))
	offers := next[cluster.Offered](r, nil).Offers
	r.Do(1, cluster.Decline{OfferIDs: []string{offers[0].ID}})
	if e := next[cluster.CallFailed](r, nil); !strings.Contains(e.Reason, `400: "no thanks"`) || e.Subscription != 1 {
		t.Errorf("failed decline %+v", e)
	}
	r.Do(1, launchOf(offers[1], "a"))
	if e := next[cluster.CallFailed](r, nil); e.Action.(cluster.Launch).OfferID != offers[1].ID {
		t.Errorf("failed launch %+v", e)
	}
	m.OnCall(nil)
	r.Do(1, cluster.Suppress{})
	r.eventually("suppressed", m.Suppressed)
	if n := m.Count(scheduler.Call_SUBSCRIBE); n != 1 {
		t.Errorf("%d subscriptions", n)
	}
}

func TestCredentialsThatMesosRefusesEndRunAtOnce(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{Principal: "alluxio", Secret: "right"})
	cfg := configFor(m.Addr())
	r := run(t, cfg)
	if e := next[cluster.Disconnected](r, nil); e.Subscription != 0 || !strings.Contains(e.Reason, "401 Unauthorized") {
		t.Errorf("event %+v", e)
	}
	p := asProblem(t, r.ended(), ErrUnauthorized)
	if !strings.Contains(p.Error(), m.Addr()) || !strings.Contains(p.Hint, "alluxio.integration.mesos.secret") {
		t.Errorf("problem %v", p)
	}
}

func TestASilentMasterIsGivenUpAfterFiveHeartbeats(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{Heartbeat: 10 * time.Millisecond})
	r := run(t, configFor(m.Addr()))
	next[cluster.Subscribed](r, nil)
	m.Silence(true)
	if e := next[cluster.Disconnected](r, nil); e.Subscription != 1 || !strings.Contains(e.Reason, "no sign of life") ||
		!strings.Contains(e.Reason, "50ms") {
		t.Errorf("event %+v", e)
	}
	m.Silence(false)
	next[cluster.Subscribed](r, nil)
}

func TestAMasterThatNeverSaysSubscribedIsGivenUp(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	m.Silence(true)
	cfg := configFor(m.Addr())
	cfg.Heartbeat = 10 * time.Millisecond
	r := run(t, cfg)
	if e := next[cluster.Disconnected](r, nil); e.Subscription != 0 || !strings.Contains(e.Reason, "no sign of life") {
		t.Errorf("event %+v", e)
	}
}

func TestAnEventOfMoreThanFourMiBIsRead(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{Agents: 13_000})
	r := run(t, configFor(m.Addr()))
	offered := next[cluster.Offered](r, nil)
	size := 0
	for _, o := range offered.Offers {
		size += len(o.Wire)
	}
	if len(offered.Offers) != 13_000 || size <= 4<<20 {
		t.Errorf("%d offers in %d bytes", len(offered.Offers), size)
	}
}

func TestAFrameBeyondTheLimitCostsTheSubscriptionAndIsNamed(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	cfg := configFor(m.Addr())
	cfg.MaxFrame = 1 << 20
	r := run(t, cfg)
	next[cluster.Subscribed](r, nil)
	m.SendBytes([]byte("1048577\n"))
	if e := next[cluster.Disconnected](r, nil); !strings.Contains(e.Reason, "limit of 1048576 bytes") {
		t.Errorf("event %+v", e)
	}
	next[cluster.Subscribed](r, nil)
}

func TestTheFrameworkIDAndFailoverTimeoutAreSentAgain(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	cfg := configFor(m.Addr())
	cfg.FrameworkID = "saved-id"
	r := run(t, cfg)
	next[cluster.Subscribed](r, nil)
	m.Drop()
	next[cluster.Subscribed](r, nil)
	for _, c := range m.Calls() {
		info := c.Subscribe.FrameworkInfo
		if c.FrameworkID.GetValue() != "saved-id" || info.GetID().GetValue() != "saved-id" ||
			info.GetFailoverTimeout() != 604800 {
			t.Errorf("SUBSCRIBE %+v", c.Call)
		}
	}
}

func TestDelaysDoubleWithJitterUpToTheLongest(t *testing.T) {
	t.Parallel()
	c := New(Config{})
	for attempt, longest := range map[int]time.Duration{
		1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 5: 1600 * time.Millisecond, 9: 15 * time.Second,
		1 << 30: 15 * time.Second,
	} {
		seen := map[time.Duration]bool{}
		for range 100 {
			d := c.delay(attempt)
			if d < longest/2 || d > longest {
				t.Fatalf("attempt %d waits %s, want %s to %s", attempt, d, longest/2, longest)
			}
			seen[d] = true
		}
		if len(seen) < 2 {
			t.Errorf("attempt %d has no jitter", attempt)
		}
	}
}
