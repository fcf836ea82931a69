package fakemesos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// Master is a running fake. All methods may be called at any time by any goroutine, but not from
// within its own callbacks.
type Master struct {
	o      Options
	addr   string
	server *http.Server
	stop   chan struct{}
	done   sync.WaitGroup
	beats  atomic.Int64

	mu         sync.Mutex
	connected  map[net.Conn]struct{}
	calls      []Call
	counts     map[scheduler.Call_Type]int
	violations []string

	// The script.
	onCall    func(*scheduler.Call) Answer
	intercept func(*scheduler.Event) []*scheduler.Event
	redirect  string
	silent    bool

	// The framework.
	frameworkID string
	info        *mesos.FrameworkInfo
	ended       map[string]bool
	stream      *stream
	streams     int
	suppressed  bool

	agents  []*agent
	byID    map[string]*agent
	offers  map[string]*offer
	used    map[string]bool // offers that a call has used
	tasks   map[string]*task
	pending map[string]*task // tasks with unacknowledged updates
	serial  int
}

// Call is one that came in.
type Call struct {
	*scheduler.Call
	At time.Time
	// Status is what it was answered with.
	Status int
}

// Start starts a master on a free port.
func Start(o Options) (*Master, error) {
	o.setDefaults()
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort(o.IP, "0"))
	if err != nil {
		return nil, fmt.Errorf("start a fake Mesos master: %w", err)
	}
	m := &Master{
		o: o, addr: l.Addr().String(), stop: make(chan struct{}), connected: map[net.Conn]struct{}{},
		counts: map[scheduler.Call_Type]int{},
		ended:  map[string]bool{}, byID: map[string]*agent{}, offers: map[string]*offer{}, used: map[string]bool{},
		tasks:   map[string]*task{},
		pending: map[string]*task{},
	}
	m.AddAgents(o.Agents)
	m.server = &http.Server{Handler: m.handler(), ConnState: m.connState, ReadHeaderTimeout: time.Minute}
	m.done.Go(func() { _ = m.server.Serve(l) }) // ends with Close
	m.done.Go(m.run)
	return m, nil
}

// Close ends the master and every connection to it.
func (m *Master) Close() error {
	m.mu.Lock()
	if m.stream != nil {
		m.stream.close()
	}
	m.mu.Unlock()
	close(m.stop)
	err := m.server.Close()
	m.done.Wait()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("stop the fake Mesos master: %w", err)
	}
	return nil
}

// Addr is its ip:port.
func (m *Master) Addr() string { return m.addr }

// run is the clock: rounds of offers and of updates that nobody has acknowledged.
func (m *Master) run() {
	offers := time.NewTicker(m.o.Allocation)
	defer offers.Stop()
	resend := time.NewTicker(max(m.o.Resend/4, time.Millisecond))
	defer resend.Stop()
	for {
		select {
		case <-m.stop:
			return
		case now := <-offers.C:
			m.mu.Lock()
			m.allocate(now)
			m.mu.Unlock()
		case now := <-resend.C:
			m.mu.Lock()
			m.resend(now)
			m.mu.Unlock()
		}
	}
}

func (m *Master) connState(c net.Conn, s http.ConnState) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch s {
	case http.StateNew:
		m.connected[c] = struct{}{}
	case http.StateClosed, http.StateHijacked:
		delete(m.connected, c)
	}
}

// Connections is how many are open.
func (m *Master) Connections() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.connected)
}

// Calls are all that came in, in order, also those that were refused.
func (m *Master) Calls() []Call {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Call(nil), m.calls...)
}

// Count is how many calls of a type came in.
func (m *Master) Count(t scheduler.Call_Type) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counts[t]
}

// Violations are the duties of a scheduler that were broken, one sentence each.
func (m *Master) Violations() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.violations...)
}

func (m *Master) violation(format string, args ...any) {
	m.violations = append(m.violations, fmt.Sprintf(format, args...))
}

// FrameworkInfo is the one of the last SUBSCRIBE that was taken, nil before.
func (m *Master) FrameworkInfo() *mesos.FrameworkInfo {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.info
}

// Subscribed is true while a stream is open.
func (m *Master) Subscribed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stream != nil
}

// Heartbeats is how many were sent.
func (m *Master) Heartbeats() int { return int(m.beats.Load()) }

// Suppressed is true while the framework wants no offers.
func (m *Master) Suppressed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.suppressed
}
