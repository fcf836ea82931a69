package mesosagent_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/executor/mesosagent"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakeagent"
)

// running is a client that runs until the test ends.
type running struct {
	*mesosagent.Client
	events chan mesosagent.Event
	ended  chan error
	stop   context.CancelFunc
}

func run(t *testing.T, environ []string) *running {
	t.Helper()
	c, err := mesosagent.FromEnviron(environ)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{mesosagent.New(c, zerolog.Nop()), make(chan mesosagent.Event, 100), make(chan error, 1), cancel}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.ended <- r.Run(ctx, r.events)
	}()
	t.Cleanup(func() { cancel(); <-done })
	return r
}

// next waits for the next event of type T, passing over others.
func next[T mesosagent.Event](t *testing.T, r *running) T {
	t.Helper()
	for deadline := time.After(time.Minute); ; {
		select {
		case e := <-r.events:
			if e, ok := e.(T); ok {
				return e
			}
		case <-deadline:
			t.Fatalf("no %T came", *new(T))
		}
	}
}

func (r *running) end(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(time.Minute):
		t.Fatal("Run does not end")
		return nil
	}
}

func status(id string, state mesos.TaskState, uuid string) mesos.TaskStatus {
	return mesos.TaskStatus{TaskID: mesos.TaskID{Value: id}, State: &state, UUID: []byte(uuid),
		Source: mesos.SOURCE_EXECUTOR.Enum()}
}

func TestEveryEventArrives(t *testing.T) {
	t.Parallel()
	agent := fakeagent.New(t)
	r := run(t, agent.Environ(t.TempDir(), "MESOS_EXECUTOR_AUTHENTICATION_TOKEN=token"))
	s := agent.Subscription()
	if got := s.Header.Get("Authorization"); got != "Bearer token" {
		t.Errorf("Authorization %q", got)
	}
	if s.Call.FrameworkID.Value != "f1" || s.Call.ExecutorID.Value != "e1" {
		t.Errorf("call %v", s.Call)
	}
	next[mesosagent.Subscribed](t, r)
	s.Launch("t1", []byte("spec"))
	if l := next[mesosagent.Launch](t, r); string(l.Task.Data) != "spec" || l.Grouped {
		t.Errorf("launch %v", l)
	}
	s.Kill("t1", 40*time.Second)
	if k := next[mesosagent.Kill](t, r); k != (mesosagent.Kill{TaskID: "t1", Grace: 40 * time.Second}) {
		t.Errorf("kill %v", k)
	}
	s.Send(&executor.Event{Type: executor.Event_HEARTBEAT})
	s.Send(&executor.Event{Type: executor.Event_Type(77)})
	s.Send(&executor.Event{Type: executor.Event_MESSAGE, Message: &executor.Event_Message{Data: []byte("12345")}})
	if m := next[mesosagent.Message](t, r); string(m.Data) != "12345" {
		t.Errorf("message %v", m)
	}
	s.Send(&executor.Event{Type: executor.Event_LAUNCH_GROUP, LaunchGroup: &executor.Event_LaunchGroup{
		TaskGroup: mesos.TaskGroupInfo{Tasks: []mesos.TaskInfo{{TaskID: mesos.TaskID{Value: "t2"}}}},
	}})
	if l := next[mesosagent.Launch](t, r); l.Task.TaskID.Value != "t2" || !l.Grouped {
		t.Errorf("launch group %v", l)
	}
	s.Send(&executor.Event{Type: executor.Event_ERROR, Error: &executor.Event_Error{Message: "no"}})
	if f := next[mesosagent.Failed](t, r); f.Message != "no" {
		t.Errorf("error %v", f)
	}
	s.Send(&executor.Event{Type: executor.Event_SHUTDOWN})
	next[mesosagent.Shutdown](t, r)
	r.Update(status("t1", mesos.TASK_RUNNING, "u1"))
	if u := agent.Update(mesos.TASK_RUNNING); u.TaskID.Value != "t1" {
		t.Errorf("update %v", u)
	}
	if a := next[mesosagent.Acknowledged](t, r); a.TaskID != "t1" || string(a.UUID) != "u1" {
		t.Errorf("acknowledged %v", a)
	}
}

func TestUpdatesArriveInOrder(t *testing.T) {
	t.Parallel()
	agent := fakeagent.New(t)
	r := run(t, agent.Environ(t.TempDir()))
	next[mesosagent.Subscribed](t, r)
	for i := range 50 {
		r.Update(status("t", mesos.TASK_STARTING, string(rune('0'+i))))
	}
	for i := range 50 {
		if u := agent.Update(mesos.TASK_STARTING); string(u.UUID) != string(rune('0'+i)) {
			t.Fatalf("update %d is %q", i, u.UUID)
		}
	}
}

// Unlike an update, a message is not kept: the framework asks again.
func TestAMessageArrivesOnlyWhileThereIsASubscription(t *testing.T) {
	t.Parallel()
	agent := fakeagent.New(t)
	agent.Refuse(func(executor.Call_Type) int { return http.StatusServiceUnavailable })
	r := run(t, agent.Environ(t.TempDir()))
	r.Message([]byte("before there is a subscription"))
	agent.Refuse(nil)
	next[mesosagent.Subscribed](t, r)
	r.Message([]byte("an answer"))
	if data := agent.Message(); string(data) != "an answer" {
		t.Errorf("%s", data)
	}
}

// TestUnacknowledgedTravelInTheNextSubscription, tasks and updates, and what is sent without a
// connection is not lost by it.
func TestUnacknowledgedTravelInTheNextSubscription(t *testing.T) {
	t.Parallel()
	agent := fakeagent.New(t)
	agent.Acknowledge(false)
	r := run(t, agent.Environ(t.TempDir()))
	first := agent.Subscription()
	if n := len(first.Call.Subscribe.UnacknowledgedUpdates); n != 0 {
		t.Errorf("%d updates in the first subscription", n)
	}
	next[mesosagent.Subscribed](t, r)
	kept := []mesos.TaskStatus{status("t1", mesos.TASK_STARTING, "u1"), status("t1", mesos.TASK_RUNNING, "u2")}
	r.Keep([]mesos.TaskInfo{{Name: "n", TaskID: mesos.TaskID{Value: "t1"}}}, kept)
	first.End()
	if d := next[mesosagent.Disconnected](t, r); d.Reason == "" {
		t.Error("no reason")
	}
	again := agent.Subscription().Call.Subscribe
	if len(again.UnacknowledgedTasks) != 1 || again.UnacknowledgedTasks[0].TaskID.Value != "t1" {
		t.Errorf("tasks %v", again.UnacknowledgedTasks)
	}
	if len(again.UnacknowledgedUpdates) != 2 || string(again.UnacknowledgedUpdates[1].Status.UUID) != "u2" {
		t.Errorf("updates %v", again.UnacknowledgedUpdates)
	}
	next[mesosagent.Subscribed](t, r)
}

func TestAnAgentThatStartsAndRecoversIsWaitedFor(t *testing.T) {
	t.Parallel()
	agent := fakeagent.New(t)
	var asked atomic.Int32
	agent.Refuse(func(executor.Call_Type) int {
		switch n := asked.Add(1); {
		case n < 3: // its HTTP routes are not there yet
			return http.StatusNotFound
		case n < 6:
			return http.StatusServiceUnavailable
		}
		return 0
	})
	r := run(t, agent.Environ(t.TempDir()))
	next[mesosagent.Subscribed](t, r)
}

func TestRunEndsWhen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env    string
		before func(*fakeagent.Agent)
		after  func(*fakeagent.Agent, *fakeagent.Subscription)
		want   string
	}{
		"the agent does not come back within the recovery timeout": {
			"MESOS_RECOVERY_TIMEOUT=100ms", nil,
			func(a *fakeagent.Agent, s *fakeagent.Subscription) {
				a.Refuse(func(executor.Call_Type) int { return http.StatusServiceUnavailable })
				s.End()
			}, "has been away for 100ms",
		},
		"the stream breaks and the framework does not checkpoint": {
			"MESOS_CHECKPOINT=0", nil, func(_ *fakeagent.Agent, s *fakeagent.Subscription) { s.End() }, "does not checkpoint",
		},
		"the agent refuses the token": {
			"", func(a *fakeagent.Agent) { a.Refuse(func(executor.Call_Type) int { return http.StatusUnauthorized }) }, nil,
			"401 Unauthorized: refused by the test",
		},
		"the agent does not know the executor any more": {
			"", nil, func(a *fakeagent.Agent, s *fakeagent.Subscription) {
				a.Refuse(func(executor.Call_Type) int { return http.StatusBadRequest })
				s.End()
			}, "refuses this executor",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			agent := fakeagent.New(t)
			if c.before != nil {
				c.before(agent)
			}
			r := run(t, agent.Environ(t.TempDir(), c.env))
			if c.after != nil {
				c.after(agent, agent.Subscription())
			}
			if err := r.end(t); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestHostileBytesEndTheStreamOnly: the client subscribes again.
func TestHostileBytesEndTheStreamOnly(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string][]byte{
		"not a length":                []byte("<html>"),
		"a negative length":           []byte("-1\n"),
		"an empty length":             []byte("\n"),
		"a huge length":               []byte("99999999999999999999\nx"),
		"a panic of mesos-go":         append([]byte("10\n"), 0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
		"an event without its body":   []byte("2\n\x08\x02"),
		"not protobuf":                []byte("3\n\xff\xff\xff"),
		"a launch that is cut in two": []byte("500\n\x08\x02"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			agent := fakeagent.New(t)
			r := run(t, agent.Environ(t.TempDir()))
			s := agent.Subscription()
			s.Raw(raw)
			if bytes.HasPrefix(raw, []byte("500")) {
				s.End()
			}
			next[mesosagent.Disconnected](t, r)
			next[mesosagent.Subscribed](t, r)
		})
	}
}

func TestACallThatFailsLosesNothingElse(t *testing.T) {
	t.Parallel()
	agent := fakeagent.New(t)
	var failed atomic.Bool
	agent.Refuse(func(c executor.Call_Type) int {
		if c == executor.Call_UPDATE && !failed.Swap(true) {
			return http.StatusInternalServerError
		}
		return 0
	})
	r := run(t, agent.Environ(t.TempDir()))
	next[mesosagent.Subscribed](t, r)
	r.Update(status("t", mesos.TASK_STARTING, "u1"))
	r.Update(status("t", mesos.TASK_RUNNING, "u2"))
	agent.Update(mesos.TASK_RUNNING)
	if a := next[mesosagent.Acknowledged](t, r); string(a.UUID) != "u2" {
		t.Errorf("acknowledged %q", a.UUID)
	}
}

// TestNothingLeaks over many subscriptions: every response is closed. Not parallel, it counts goroutines.
func TestNothingLeaks(t *testing.T) {
	agent := fakeagent.New(t)
	r := run(t, agent.Environ(t.TempDir()))
	before := 0
	for i := range 60 {
		s := agent.Subscription()
		next[mesosagent.Subscribed](t, r)
		r.Update(status("t", mesos.TASK_RUNNING, "u"))
		agent.Update(mesos.TASK_RUNNING)
		if i == 10 {
			before = runtime.NumGoroutine()
		}
		s.End()
		next[mesosagent.Disconnected](t, r)
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before+10; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
	r.stop()
	if err := r.end(t); err != nil {
		t.Errorf("Run after its context ended: %v", err)
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	good := fakeagent.New(t).Environ("/sandbox")
	c, err := mesosagent.FromEnviron(good)
	if err != nil || !c.Checkpoint || c.RecoveryTimeout != 15*time.Minute || c.ShutdownGrace != 30*time.Second ||
		c.Sandbox != "/sandbox" {
		t.Errorf("%+v, %v", c, err)
	}
	c, err = mesosagent.FromEnviron(append(slices.Clone(good), "MESOS_RECOVERY_TIMEOUT=",
		"MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD=", "MESOS_SUBSCRIPTION_BACKOFF_MAX=0secs"))
	if err != nil || c.RecoveryTimeout != 15*time.Minute || c.ShutdownGrace != 5*time.Second ||
		c.BackoffMax != 2*time.Second {
		t.Errorf("defaults %+v, %v", c, err)
	}
	_, err = mesosagent.FromEnviron(nil)
	for _, name := range []string{"MESOS_AGENT_ENDPOINT", "MESOS_FRAMEWORK_ID", "MESOS_EXECUTOR_ID", "MESOS_SANDBOX"} {
		if err == nil || !strings.Contains(err.Error(), name+" is not set") {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
	for _, bad := range []string{
		"MESOS_AGENT_ENDPOINT=host", "MESOS_AGENT_ENDPOINT=evil@h:1", "MESOS_AGENT_ENDPOINT=h:0", "MESOS_CHECKPOINT=maybe",
		"MESOS_RECOVERY_TIMEOUT=soon", "MESOS_RECOVERY_TIMEOUT=-5secs", "MESOS_RECOVERY_TIMEOUT=9999999999weeks",
	} {
		if _, err := mesosagent.FromEnviron(append(slices.Clone(good), bad)); err == nil ||
			!strings.Contains(err.Error(), strings.SplitN(bad, "=", 2)[0]) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestCancelledBeforeItBegan(t *testing.T) {
	t.Parallel()
	c, err := mesosagent.FromEnviron(fakeagent.New(t).Environ(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("stop"))
	if err := mesosagent.New(c, zerolog.Nop()).Run(ctx, nil); err != nil {
		t.Error(err)
	}
}
