package fakemesos_test

import (
	"context"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/mesosmaster"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

const generous = time.Minute

// framework is a client that runs against a fake.
type framework struct {
	*mesosmaster.Client
	*fakemesos.Master
	t      testing.TB
	events chan cluster.Event
}

func start(t testing.TB, o fakemesos.Options) *framework {
	t.Helper()
	if o.Allocation == 0 {
		o.Allocation = 5 * time.Millisecond
	}
	m, err := fakemesos.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	timeout := 3600.0
	c := mesosmaster.New(mesosmaster.Config{
		Masters: []string{m.Addr()}, FirstDelay: time.Millisecond, MaxDelay: 10 * time.Millisecond,
		Framework: func(string) *mesos.FrameworkInfo {
			return &mesos.FrameworkInfo{User: "u", Name: "n", FailoverTimeout: &timeout}
		},
	})
	f := &framework{Client: c, Master: m, t: t, events: make(chan cluster.Event, 1000)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx, f.events) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func next[T cluster.Event](f *framework, ok func(T) bool) T {
	f.t.Helper()
	timeout := time.After(generous)
	for {
		select {
		case e := <-f.events:
			if e, is := e.(T); is && (ok == nil || ok(e)) {
				return e
			}
		case <-timeout:
			var want T
			f.t.Fatalf("no %T", want)
		}
	}
}

func state(want mesos.TaskState) func(cluster.Updated) bool {
	return func(u cluster.Updated) bool { return u.Status.GetState() == want }
}

func acknowledge(u cluster.Updated) cluster.Acknowledge {
	return cluster.Acknowledge{AgentID: u.Status.AgentID.GetValue(), TaskID: u.Status.TaskID.Value, UUID: u.Status.UUID}
}

func launch(o offer.Offer, id string) cluster.Launch {
	scalar := func(name string, v float64) mesos.Resource {
		return mesos.Resource{Name: name, Type: mesos.SCALAR.Enum(), Scalar: &mesos.Value_Scalar{Value: v}}
	}
	return cluster.Launch{OfferID: o.ID, AgentID: o.AgentID, Tasks: []mesos.TaskInfo{{
		Name: id, TaskID: mesos.TaskID{Value: id}, AgentID: mesos.AgentID{Value: o.AgentID},
		Resources: []mesos.Resource{scalar("cpus", 1), scalar("mem", 1024), {
			Name: "ports", Type: mesos.RANGES.Enum(),
			Ranges: &mesos.Value_Ranges{Range: []mesos.Value_Range{{Begin: 29999, End: 30000}}},
		}},
	}}}
}

func TestATaskLivesAndDiesAsInMesos(t *testing.T) {
	t.Parallel()
	f := start(t, fakemesos.Options{Agents: 1, Resend: 20 * time.Millisecond})
	o := next[cluster.Offered](f, nil).Offers[0]
	f.Do(1, launch(o, "a"))

	starting := next(f, state(mesos.TASK_STARTING))
	if again := next(f, state(mesos.TASK_STARTING)); string(again.Status.UUID) != string(starting.Status.UUID) {
		t.Error("an update that is sent again has another UUID")
	}
	f.Do(1, acknowledge(starting))
	f.Do(1, acknowledge(next(f, state(mesos.TASK_RUNNING))))
	f.Rescind() // it was offered while the updates came
	rest := next(f, func(e cluster.Offered) bool { return e.Offers[0].CPUs < 8 }).Offers[0]
	if rest.CPUs != 7 || rest.MemMB != 15360 ||
		rest.Ports.String() != "[19998-20003,29998-29998,30001-30003,39999-39999]" {
		t.Errorf("the rest of the agent %+v", rest)
	}
	f.Do(1, cluster.Decline{OfferIDs: []string{rest.ID}, Refuse: time.Hour})

	f.Do(1, cluster.Reconcile{Tasks: []cluster.TaskRef{{TaskID: "a"}, {TaskID: "b", AgentID: o.AgentID}}})
	if u := next(f, state(mesos.TASK_RUNNING)); u.Status.GetReason() != mesos.REASON_RECONCILIATION ||
		u.Status.UUID != nil {
		t.Errorf("reconciliation %+v", u.Status)
	}
	next(f, state(mesos.TASK_GONE))

	f.LoseAgent(0)
	next(f, state(mesos.TASK_UNREACHABLE))
	next[cluster.AgentLost](f, nil)
	f.ReturnAgent(0)
	next(f, state(mesos.TASK_RUNNING))

	f.Do(1, cluster.Kill{TaskID: "a", AgentID: o.AgentID})
	f.Do(1, acknowledge(next(f, state(mesos.TASK_KILLED))))
	if o := next[cluster.Offered](f, nil).Offers[0]; o.CPUs != 8 {
		t.Errorf("the whole agent, which no filter holds back: %+v", o)
	}
	if v := f.Violations(); len(v) > 0 {
		t.Error(v)
	}
}

func TestFiltersAndSuppressAreHonoured(t *testing.T) {
	t.Parallel()
	f := start(t, fakemesos.Options{Agents: 1, Allocation: time.Millisecond})
	f.Do(1, cluster.Decline{OfferIDs: []string{next[cluster.Offered](f, nil).Offers[0].ID}, Refuse: time.Hour})
	f.AddAgents(1)
	second := next[cluster.Offered](f, nil).Offers
	if len(second) != 1 || second[0].AgentID != f.AgentID(1) {
		t.Errorf("after the decline %+v", second)
	}
	f.Do(1, cluster.Decline{OfferIDs: []string{second[0].ID}, Refuse: time.Hour})
	f.Do(1, cluster.Suppress{})
	f.Do(1, cluster.Revive{})
	both := 0
	for both < 2 {
		both += len(next[cluster.Offered](f, nil).Offers)
	}
	if n := f.Count(scheduler.Call_DECLINE); n != 2 {
		t.Errorf("%d declines", n)
	}
}

func TestBrokenDutiesAreListed(t *testing.T) {
	t.Parallel()
	f := start(t, fakemesos.Options{Agents: 1})
	o := next[cluster.Offered](f, nil).Offers[0]
	f.Do(1, launch(o, "a"))
	f.Do(1, launch(o, "b"))
	next(f, state(mesos.TASK_DROPPED))
	if v := f.Violations(); len(v) != 1 || !strings.Contains(v[0], "ACCEPT uses offer "+o.ID) {
		t.Errorf("violations %q", v)
	}
}

func TestEventsAreLostDoubledAndLateByScript(t *testing.T) {
	t.Parallel()
	f := start(t, fakemesos.Options{Agents: 1})
	o := next[cluster.Offered](f, nil).Offers[0]
	late := make(chan *scheduler.Event, 1)
	f.Intercept(func(e *scheduler.Event) []*scheduler.Event {
		switch {
		case e.Type != scheduler.Event_UPDATE:
			return []*scheduler.Event{e}
		case e.Update.Status.GetState() == mesos.TASK_STARTING:
			late <- e
			return nil
		}
		return []*scheduler.Event{e, e}
	})
	f.Do(1, launch(o, "a"))
	f.Send(<-late)
	f.Do(1, acknowledge(next(f, state(mesos.TASK_STARTING))))
	next(f, state(mesos.TASK_RUNNING))
	next(f, state(mesos.TASK_RUNNING))
}

// BenchmarkLaunch is one launch on each of 1,000 agents, to all running and acknowledged.
func BenchmarkLaunch(b *testing.B) {
	const agents = 1000
	for b.Loop() {
		f := start(b, fakemesos.Options{Agents: agents, Forget: true})
		launched := 0
		take := func(e cluster.Event) {
			switch e := e.(type) {
			case cluster.Offered:
				for _, o := range e.Offers {
					if o.CPUs == 8 {
						f.Do(1, launch(o, "task-"+o.AgentID))
						launched++
						continue
					}
					f.Do(1, cluster.Decline{OfferIDs: []string{o.ID}, Refuse: time.Hour})
				}
			case cluster.Updated:
				f.Do(1, acknowledge(e))
			}
		}
		for launched < agents || f.Running() < agents {
			select {
			case e := <-f.events:
				take(e)
			case <-time.After(time.Millisecond):
			}
		}
	}
	b.ReportMetric(agents*float64(b.N)/b.Elapsed().Seconds(), "launches/s")
}
