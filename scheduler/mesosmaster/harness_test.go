package mesosmaster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// generous bounds every wait of these tests; none is ever that long.
const generous = time.Minute

func startFake(t *testing.T, o fakemesos.Options) *fakemesos.Master {
	t.Helper()
	if o.Allocation == 0 {
		o.Allocation = 5 * time.Millisecond
	}
	m, err := fakemesos.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, v := range m.Violations() {
			t.Errorf("the scheduler broke a duty: %s", v)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func configFor(masters ...string) Config {
	return Config{
		Masters: masters, FirstDelay: time.Millisecond, MaxDelay: 20 * time.Millisecond,
		Framework: func(string) *mesos.FrameworkInfo {
			timeout, checkpoint := (7 * 24 * time.Hour).Seconds(), true
			return &mesos.FrameworkInfo{
				User: "root", Name: "test", FailoverTimeout: &timeout, Checkpoint: &checkpoint,
				Capabilities: []mesos.FrameworkInfo_Capability{{Type: mesos.FrameworkInfo_Capability_PARTITION_AWARE}},
			}
		},
	}
}

// running is a client with its Run.
type running struct {
	*Client
	t      *testing.T
	events chan cluster.Event
	cancel context.CancelFunc
	result chan error
}

func run(t *testing.T, cfg Config) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{Client: New(cfg), t: t, events: make(chan cluster.Event), cancel: cancel, result: make(chan error, 1)}
	go func() {
		r.result <- r.Run(ctx, r.events)
		close(r.result)
	}()
	t.Cleanup(func() { r.stop() })
	return r
}

// stop ends Run and waits for it.
func (r *running) stop() error {
	r.cancel()
	select {
	case err := <-r.result:
		return err
	case <-time.After(generous):
		r.t.Error("Run does not end")
		return nil
	}
}

// ended waits for Run to give up, throwing events away.
func (r *running) ended() error {
	r.t.Helper()
	timeout := time.After(generous)
	for {
		select {
		case err := <-r.result:
			return err
		case <-r.events:
		case <-timeout:
			r.t.Fatal("Run does not give up")
		}
	}
}

// next waits for the next event of type T that ok likes, and throws all others away.
func next[T cluster.Event](r *running, ok func(T) bool) T {
	r.t.Helper()
	var seen []string
	timeout := time.After(generous)
	for {
		select {
		case e := <-r.events:
			if e, is := e.(T); is && (ok == nil || ok(e)) {
				return e
			}
			if _, is := e.(cluster.Offered); !is {
				seen = append(seen, fmt.Sprintf("%T%+v", e, e))
			}
		case err := <-r.result:
			r.t.Fatalf("Run ended with %v; events %s", err, strings.Join(seen, ", "))
		case <-timeout:
			var want T
			r.t.Fatalf("no %T; events %s", want, strings.Join(seen, ", "))
		}
	}
}

// eventually polls, while events are thrown away.
func (r *running) eventually(what string, ok func() bool) {
	r.t.Helper()
	timeout := time.After(generous)
	for !ok() {
		select {
		case <-r.events:
		case <-time.After(time.Millisecond):
		case <-timeout:
			r.t.Fatalf("not: %s", what)
		}
	}
}

func asProblem(t *testing.T, err, kind error) *Problem {
	t.Helper()
	var p *Problem
	if !errors.As(err, &p) || !errors.Is(err, kind) {
		t.Fatalf("error %v, want a Problem of kind %q", err, kind)
	}
	return p
}

// launchOf makes the Launch of one task on an offer.
func launchOf(o offer.Offer, taskID string) cluster.Launch {
	scalar := func(name string, v float64) mesos.Resource {
		return mesos.Resource{Name: name, Type: mesos.SCALAR.Enum(), Scalar: &mesos.Value_Scalar{Value: v}}
	}
	return cluster.Launch{OfferID: o.ID, AgentID: o.AgentID, Host: o.Host, Tasks: []mesos.TaskInfo{{
		Name: taskID, TaskID: mesos.TaskID{Value: taskID}, AgentID: mesos.AgentID{Value: o.AgentID},
		Resources: []mesos.Resource{scalar("cpus", 1), scalar("mem", 1024)},
		Executor: &mesos.ExecutorInfo{Type: mesos.ExecutorInfo_CUSTOM, ExecutorID: mesos.ExecutorID{Value: taskID},
			Command: &mesos.CommandInfo{}},
	}}}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
