package fakemesos

import (
	"time"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// Answer is what the script says to a call. The zero value lets the master do what Mesos does.
type Answer struct {
	// Delay comes before anything else.
	Delay time.Duration
	// Status, when not 0, is answered with Body, and nothing is done.
	Status int
	Body   string
	// Lost answers as usual and does nothing: the call gets lost inside Mesos.
	Lost bool
	// Hang never answers.
	Hang bool
}

// OnCall asks answer about every call, SUBSCRIBE included; nil ends that.
func (m *Master) OnCall(answer func(*scheduler.Call) Answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.onCall = answer
}

// Intercept passes every event through f, which answers with the events to send in its place: none
// loses it, two double it, and one that it kept can be sent later with Send. Heartbeats do not
// pass. nil ends that. f is called with the master locked.
func (m *Master) Intercept(f func(*scheduler.Event) []*scheduler.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.intercept = f
}

// Redirect makes this a master that does not lead: every call and question is answered with 307 to
// address, but for /flags. "" ends that.
func (m *Master) Redirect(address string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.redirect = address
}

// Silence holds back heartbeats and events while the stream stays open, as a half-open connection does.
func (m *Master) Silence(silent bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.silent = silent
	if m.stream != nil {
		m.stream.wake()
	}
}

// Drop ends the stream.
func (m *Master) Drop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.disconnect()
}

// Send sends an event past Intercept.
func (m *Master) Send(e *scheduler.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.write(frame(e))
}

// SendBytes sends bytes as they are, which need be no RecordIO.
func (m *Master) SendBytes(b []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.write(b)
}

// End makes the master forget the framework for good: the next SUBSCRIBE with its ID gets the ERROR
// that Mesos sends then.
func (m *Master) End() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.teardown()
}
