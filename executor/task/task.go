package task

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// State is where a task is in its life; see the package comment. States only grow.
type State int

// The states in their order.
const (
	Staging State = iota
	Starting
	Running
	Killing
	Releasing
	Ended
)

// String is the state's name in lower case.
func (s State) String() string {
	return [...]string{"staging", "starting", "running", "killing", "releasing", "ended"}[s]
}

// Config is what a Task is made from.
type Config struct {
	// Slot is the stable name of the place that the task fills; the jitter of its probes comes from it.
	Slot string
	// KillGrace is the time between SIGTERM and SIGKILL unless a request brings its own; <= 0 means 30 s.
	KillGrace time.Duration
	// StartTimeout is the time from launch to serving; <= 0 means 10 min.
	StartTimeout time.Duration
	// HangTimeout is how long a serving JVM may not answer before it is hung; <= 0 means 75 s.
	HangTimeout time.Duration
	// Member is true for a master of several: who of them leads should be known soon.
	Member bool
	// UUID is random and new for every Task; the UUIDs of its updates are made of it.
	UUID [16]byte
}

const (
	defaultKillGrace    = 30 * time.Second
	defaultStartTimeout = 10 * time.Minute
	// defaultHangTimeout is longer than the pauses of a healthy garbage collector.
	defaultHangTimeout = 75 * time.Second
)

// outcome is how a task ends and why.
type outcome struct {
	state  MesosState
	reason string
}

// jvm is the known state of the process.
type jvm int

const (
	noJVM jvm = iota
	startingJVM
	liveJVM
)

// Task is one Alluxio task. It is not safe for concurrent use: one goroutine owns it.
type Task struct {
	config Config
	state  State
	begun  bool // Launched came
	effect []Effect
	timers [timerCount]time.Time

	// What is known of the edges.
	preparing, probing, connected, lost, done bool
	confirm                                   bool // the JVM waits until no update is unacknowledged
	firstStart                                bool // every end of the JVM is SIGKILL
	process                                   jvm

	// What the task says of itself.
	report       launch.Report
	outcome      outcome
	doubts       []string  // warnings that end when Alluxio serves
	wantProgress bool      // phase or report changed since the last update
	lastUpdate   time.Time // when an update was made last
	numbers      int       // of updates made
	unacked      []Update
	known        bool // the agent has acknowledged an update

	attempts int       // readiness probes that failed
	misses   int       // watching probes that failed in a row
	answered time.Time // when Alluxio answered last since it serves
	asked    time.Time // when the last probe left
	why      string    // of the last failed probe
}

// New returns a task that waits for Launched.
func New(c Config) *Task {
	if c.KillGrace <= 0 {
		c.KillGrace = defaultKillGrace
	}
	if c.StartTimeout <= 0 {
		c.StartTimeout = defaultStartTimeout
	}
	if c.HangTimeout <= 0 {
		c.HangTimeout = defaultHangTimeout
	}
	return &Task{config: c, connected: true}
}

// Step takes in a fact and returns what to do, in order. It never fails. A second Launched is
// ignored, and so is every fact before the first.
func (t *Task) Step(fact Fact, now time.Time) []Effect {
	t.effect = nil
	if t.done || (!t.begun && fact.kind() != launched) {
		return nil
	}
	if handle := table[t.state][fact.kind()]; handle != nil {
		handle(t, fact, now)
	}
	t.fire(now)
	return t.effect
}

// State is where the task is.
func (t *Task) State() State { return t.state }

// WakeAt is when Step wants to be called with Woke, or zero for never. After a Step it is later than that Step's now.
func (t *Task) WakeAt() time.Time {
	if t.done {
		return time.Time{}
	}
	var first time.Time
	for _, at := range t.timers {
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// Unacknowledged are the updates that travel in a new subscription, oldest first.
func (t *Task) Unacknowledged() []Update { return slices.Clone(t.unacked) }

// Known is true once the agent has acknowledged any update: before that the task itself travels in a new subscription.
func (t *Task) Known() bool { return t.known }

func (t *Task) do(e Effect) { t.effect = append(t.effect, e) }

// update makes an update, keeps it and sends it; without a connection it travels in the next subscription.
func (t *Task) update(state MesosState, message string, now time.Time) {
	t.numbers++
	u := Update{Number: t.numbers, UUID: t.config.UUID, State: state, Message: message, Report: t.report, At: now}
	u.Report.Warnings = slices.Concat(t.report.Warnings, t.doubts)
	if t.silent() {
		u.Report.NotAnswering, u.Report.Phase = now.Sub(t.answered), t.runningMessage()
	}
	// The last four bytes count; version and variant, which Mesos checks (stout/uuid.hpp,
	// fromBytes), are in bytes 6 and 8.
	binary.BigEndian.PutUint32(u.UUID[12:], uint32(t.numbers))
	u.UUID[6] = u.UUID[6]&0x0f | 0x40
	u.UUID[8] = u.UUID[8]&0x3f | 0x80
	t.unacked = append(t.unacked, u)
	t.wantProgress, t.lastUpdate = false, now
	t.stop(progressTimer)
	if t.connected {
		t.set(resendTimer, now.Add(resendAfter))
		t.do(SendUpdate{u})
	}
}

// acknowledge forgets an update that the agent keeps from now on.
func (t *Task) acknowledge(fact Fact, now time.Time) {
	uuid := fact.(Acknowledged).UUID
	i := slices.IndexFunc(t.unacked, func(u Update) bool { return bytes.Equal(u.UUID[:], uuid) })
	if i < 0 {
		return
	}
	t.known = true
	t.unacked = slices.Delete(t.unacked, i, i+1)
	if len(t.unacked) > 0 {
		return
	}
	t.stop(resendTimer)
	switch {
	case t.state == Ended:
		t.exit()
	case t.state == Staging && t.confirm:
		t.start()
	default:
		t.progress(now)
	}
}

// connect lets updates be sent again. Those that were unacknowledged have just travelled in the
// subscription, but for one made while the subscription was under way.
func (t *Task) connect(_ Fact, now time.Time) {
	t.connected = true
	if len(t.unacked) > 0 {
		t.set(resendTimer, now.Add(resendSoon))
	}
	if t.state == Ended {
		t.set(exitTimer, now.Add(exitAfter))
	}
	t.progress(now)
}

func (t *Task) disconnect(Fact, time.Time) {
	t.connected = false
	t.stop(resendTimer)
	t.stop(exitTimer) // the agent is coming back and wants to know; AgentLost bounds the wait
	t.stop(progressTimer)
}

func (t *Task) exit() {
	t.done = true
	t.do(Exit{})
}
