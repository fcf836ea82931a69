// Package fakeagent is a small scripted Mesos agent for tests of the executor: it does what a real
// one cannot be made to do, such as breaking a stream at a chosen byte.
package fakeagent

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
)

// limit bounds every wait; it is generous because machines are slow, and nothing is timed.
const limit = time.Minute

// Agent is a fake agent for one executor.
type Agent struct {
	server *httptest.Server
	t      testing.TB

	mu          sync.Mutex
	current     *Subscription
	acknowledge bool
	refuse      func(executor.Call_Type) int

	subscriptions chan *Subscription
	updates       chan mesos.TaskStatus
	messages      chan []byte
}

// Subscription is one event stream as the agent sees it.
type Subscription struct {
	// Call is the SUBSCRIBE call, Header its HTTP header.
	Call   *executor.Call
	Header http.Header

	mu    sync.Mutex
	w     http.ResponseWriter
	ended chan struct{}
	once  sync.Once
}

// New starts an agent that acknowledges every update. It ends with the test.
func New(t testing.TB) *Agent {
	a := &Agent{t: t, acknowledge: true, subscriptions: make(chan *Subscription, 1000),
		updates: make(chan mesos.TaskStatus, 100000), messages: make(chan []byte, 1000)}
	a.server = httptest.NewServer(http.HandlerFunc(a.serve))
	t.Cleanup(func() {
		a.Disconnect()
		a.server.CloseClientConnections()
		a.server.Close()
	})
	return a
}

// Environ is the environment that a real agent gives its executor, and extra, of which the last value of a name counts.
func (a *Agent) Environ(sandbox string, extra ...string) []string {
	return append([]string{
		"MESOS_AGENT_ENDPOINT=" + strings.TrimPrefix(a.server.URL, "http://"), "MESOS_FRAMEWORK_ID=f1",
		"MESOS_EXECUTOR_ID=e1",
		"MESOS_CHECKPOINT=1", "MESOS_RECOVERY_TIMEOUT=15mins", "MESOS_SUBSCRIPTION_BACKOFF_MAX=10ms",
		"MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD=30secs", "MESOS_SANDBOX=" + sandbox, "MESOS_DIRECTORY=" + sandbox,
	}, extra...)
}

// Acknowledge switches the acknowledgement of updates on or off.
func (a *Agent) Acknowledge(on bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.acknowledge = on
}

// Refuse answers calls with the HTTP status that f returns; 0 treats a call as usual.
func (a *Agent) Refuse(f func(executor.Call_Type) int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refuse = f
}

// Subscription waits for the next one.
func (a *Agent) Subscription() *Subscription {
	a.t.Helper()
	select {
	case s := <-a.subscriptions:
		return s
	case <-time.After(limit):
		a.t.Fatal("the executor does not subscribe")
		return nil
	}
}

// Update waits for the next update in TaskState want, passing over others.
func (a *Agent) Update(want mesos.TaskState) mesos.TaskStatus {
	a.t.Helper()
	deadline := time.After(limit)
	var seen []string
	for {
		select {
		case s := <-a.updates:
			if s.GetState() == want {
				return s
			}
			seen = append(seen, fmt.Sprint(s.GetState(), " ", s.GetMessage()))
		case <-deadline:
			a.t.Fatalf("no %v came, only %q", want, seen)
		}
	}
}

// Message waits for the next message of the executor to its framework.
func (a *Agent) Message() []byte {
	a.t.Helper()
	select {
	case data := <-a.messages:
		return data
	case <-time.After(limit):
		a.t.Fatal("no message came")
		return nil
	}
}

// Ended returns the message of a task that has ended. It does not wait, and drops all other updates.
func (a *Agent) Ended() (message string, ended bool) {
	for {
		select {
		case s := <-a.updates:
			switch s.GetState() {
			case mesos.TASK_STARTING, mesos.TASK_RUNNING, mesos.TASK_KILLING:
			default:
				return fmt.Sprint(s.GetState(), " ", s.GetMessage()), true
			}
		default:
			return "", false
		}
	}
}

// Disconnect ends the current stream, if there is one.
func (a *Agent) Disconnect() {
	a.mu.Lock()
	s := a.current
	a.mu.Unlock()
	if s != nil {
		s.End()
	}
}

func (a *Agent) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	call := &executor.Call{}
	if err == nil {
		err = call.Unmarshal(body)
	}
	if err != nil || r.URL.Path != "/api/v1/executor" || r.Method != http.MethodPost {
		http.Error(w, fmt.Sprint("not a call: ", err), http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	refuse, acknowledge := a.refuse, a.acknowledge
	a.mu.Unlock()
	if refuse != nil {
		if status := refuse(call.Type); status != 0 {
			http.Error(w, "refused by the test", status)
			return
		}
	}
	switch call.Type {
	case executor.Call_SUBSCRIBE:
		a.subscribe(w, r, call, acknowledge)
	case executor.Call_UPDATE:
		w.WriteHeader(http.StatusAccepted)
		a.updates <- call.Update.Status
		if acknowledge {
			a.ack(call.Update.Status)
		}
	case executor.Call_MESSAGE:
		w.WriteHeader(http.StatusAccepted)
		a.messages <- call.Message.Data
	default:
		http.Error(w, "unexpected call", http.StatusBadRequest)
	}
}

func (a *Agent) subscribe(w http.ResponseWriter, r *http.Request, call *executor.Call, acknowledge bool) {
	s := &Subscription{Call: call, Header: r.Header, w: w, ended: make(chan struct{})}
	w.WriteHeader(http.StatusOK)
	a.mu.Lock()
	a.current = s
	a.mu.Unlock()
	s.Send(&executor.Event{Type: executor.Event_SUBSCRIBED,
		Subscribed: &executor.Event_Subscribed{AgentInfo: mesos.AgentInfo{Hostname: "host"}}})
	for _, u := range call.Subscribe.UnacknowledgedUpdates {
		a.updates <- u.Status
		if acknowledge {
			a.ack(u.Status)
		}
	}
	a.subscriptions <- s
	select {
	case <-s.ended:
	case <-r.Context().Done():
		s.End()
	}
	s.mu.Lock() // nobody writes any more
	defer s.mu.Unlock()
}

func (a *Agent) ack(status mesos.TaskStatus) {
	a.mu.Lock()
	s := a.current
	a.mu.Unlock()
	if s != nil {
		s.Send(&executor.Event{
			Type:         executor.Event_ACKNOWLEDGED,
			Acknowledged: &executor.Event_Acknowledged{TaskID: status.TaskID, UUID: status.UUID},
		})
	}
}

// Send sends an event.
func (s *Subscription) Send(e *executor.Event) {
	data, err := e.Marshal()
	if err != nil {
		panic(err) // the test wrote an event that cannot be
	}
	s.Raw(append(fmt.Appendf(nil, "%d\n", len(data)), data...))
}

// Launch hands over a task with data.
func (s *Subscription) Launch(taskID string, data []byte) {
	s.Send(&executor.Event{Type: executor.Event_LAUNCH, Launch: &executor.Event_Launch{
		Task: mesos.TaskInfo{Name: "task", TaskID: mesos.TaskID{Value: taskID}, AgentID: mesos.AgentID{Value: "a1"},
			Data: data},
	}})
}

// Kill asks to end a task; grace 0 sends no kill policy.
func (s *Subscription) Kill(taskID string, grace time.Duration) {
	kill := &executor.Event_Kill{TaskID: mesos.TaskID{Value: taskID}}
	if grace > 0 {
		kill.KillPolicy = &mesos.KillPolicy{GracePeriod: &mesos.DurationInfo{Nanoseconds: int64(grace)}}
	}
	s.Send(&executor.Event{Type: executor.Event_KILL, Kill: kill})
}

// Message hands over a message of the framework.
func (s *Subscription) Message(data []byte) {
	s.Send(&executor.Event{Type: executor.Event_MESSAGE, Message: &executor.Event_Message{Data: data}})
}

// Raw sends bytes as they are.
func (s *Subscription) Raw(data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.ended:
		return
	default:
	}
	_, _ = s.w.Write(data) // an executor that is gone is what some tests want
	if f, ok := s.w.(http.Flusher); ok {
		f.Flush()
	}
}

// End ends the stream.
func (s *Subscription) End() { s.once.Do(func() { close(s.ended) }) }
