package task

import (
	"bytes"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// world plays the edges and the agent, and checks what must always hold.
type world struct {
	t    *Task
	now  time.Time
	fail func(format string, args ...any)

	preparing, alive, probeOut, releasing, exited bool
	readyProbe                                    bool // a readiness probe was answered with yes
	termAt                                        time.Time
	sent                                          map[[16]byte]Update
	acked                                         map[[16]byte]bool
	terminal                                      []Update
	states                                        []State
}

func newWorld(fail func(string, ...any)) *world {
	return &world{
		t:    New(Config{Slot: "alluxio-worker-3", KillGrace: 30 * time.Second, StartTimeout: time.Minute}),
		now:  time.Unix(1e9, 0),
		fail: fail, sent: map[[16]byte]Update{}, acked: map[[16]byte]bool{},
	}
}

func (w *world) step(f Fact) {
	before := w.t.Unacknowledged()
	effects := w.t.Step(f, w.now)
	for _, e := range effects {
		if w.exited {
			w.fail("%v after exit", e)
		}
		w.effect(e)
	}
	for _, u := range before {
		kept := slices.ContainsFunc(w.t.Unacknowledged(), func(v Update) bool { return v.UUID == u.UUID })
		a, isAck := f.(Acknowledged)
		if !kept && (!isAck || !bytes.Equal(a.UUID, u.UUID[:])) {
			w.fail("%T lost the unacknowledged update %d", f, u.Number)
		}
	}
	if n := len(w.states); n > 0 && w.t.State() < w.states[n-1] {
		w.fail("%T took the task back from %v to %v", f, w.states[n-1], w.t.State())
	}
	w.states = append(w.states, w.t.State())
	if at := w.t.WakeAt(); !at.IsZero() && !at.After(w.now) {
		w.fail("%T leaves a timer that is due", f)
	}
	w.updates()
}

// updates looks at every update that was made, sent or not.
func (w *world) updates() {
	for _, u := range w.t.Unacknowledged() {
		if _, seen := w.sent[u.UUID]; seen {
			continue
		}
		w.sent[u.UUID] = u
		switch {
		case len(w.terminal) > 0:
			w.fail("update %s after the terminal one", u.State)
		case u.State.Terminal():
			w.terminal = append(w.terminal, u)
			if w.alive || w.preparing && !w.releasing {
				w.fail("terminal update while something runs")
			}
		case u.State == TaskRunning && !w.readyProbe:
			w.fail("RUNNING before a ready probe")
		}
	}
}

func (w *world) effect(e Effect) {
	switch e := e.(type) {
	case Prepare:
		w.preparing = true
	case StartProcess:
		if w.alive || w.preparing {
			w.fail("started twice, or before it was prepared")
		}
		w.alive = true
	case Probe:
		if w.probeOut && w.alive {
			w.fail("two probes are out")
		}
		w.probeOut = true
	case Signal:
		if !e.Kill && w.termAt.IsZero() {
			w.termAt = w.now
		}
	case Release:
		if w.alive {
			w.fail("released under a live JVM")
		}
		w.releasing = true
	case Exit:
		w.exited = true
		if len(w.terminal) != 1 {
			w.fail("exit with %d terminal updates", len(w.terminal))
		}
	}
}

// play turns one byte into the next thing that happens; only what the edges can really say is said.
func (w *world) play(b byte) {
	switch b % 19 {
	case 0:
		w.step(Launched{})
	case 1:
		w.step(
			Progressed{launch.Report{Phase: fmt.Sprint("fetching ", b, " %"), JournalFormatted: []string{"", "j"}[b/19%2]}})
	case 2, 3:
		if w.preparing {
			w.preparing = false
			w.step(Prepared{Confirm: b%2 == 0})
		}
	case 4:
		if w.preparing {
			w.preparing = false
			w.step(PrepareFailed{"404"})
		}
	case 5:
		if w.alive {
			w.step(Started{})
		}
	case 6:
		if w.alive && w.t.process == startingJVM {
			w.alive = false
			w.step(StartFailed{"no such file"})
		}
	case 7:
		w.exit()
	case 8, 9:
		if w.probeOut {
			w.probeOut = false
			ok := b%19 == 9
			w.readyProbe = w.readyProbe || ok && w.t.State() == Starting
			w.step(Probed{OK: ok, Why: "refused"})
		}
	case 10:
		w.step(KillRequested{time.Duration(b) * 100 * time.Millisecond})
	case 11:
		w.step(ShutdownRequested{Reason: "shut down"})
	case 12, 13:
		w.ack(int(b))
	case 14:
		w.step(Disconnected{})
	case 15:
		w.step(Connected{})
	case 16:
		if w.releasing {
			w.step(Released{})
		}
	case 17:
		w.now = w.now.Add(time.Duration(b) * 20 * time.Millisecond)
		w.step(Woke{})
	case 18:
		w.wake()
	}
}

func (w *world) exit() {
	if w.alive && w.t.process == liveJVM {
		w.alive = false
		w.step(Exited{Code: 1})
	}
}

func (w *world) ack(n int) {
	if u := w.t.Unacknowledged(); len(u) > 0 {
		w.acked[u[n%len(u)].UUID] = true
		w.step(Acknowledged{u[n%len(u)].UUID[:]})
	}
}

func (w *world) wake() {
	if at := w.t.WakeAt(); !at.IsZero() {
		w.now = at
		w.step(Woke{})
	}
}

// finish lets the world be kind after a KILL: everything that was asked for answers. The task must
// then end in bounded steps.
func (w *world) finish(acknowledge bool) {
	if !w.t.begun {
		return
	}
	w.step(Connected{})
	asked := w.now
	w.step(KillRequested{})
	for range 200 {
		switch {
		case w.exited:
			return
		case acknowledge && len(w.t.Unacknowledged()) > 0:
			w.ack(0)
		case w.preparing && w.t.State() == Killing:
			w.preparing = false
			w.step(PrepareFailed{"canceled"})
		case w.alive && w.t.process == startingJVM:
			w.step(Started{})
		case w.alive && w.t.process == liveJVM && (w.killed() || w.now.Sub(asked) > 10*time.Minute):
			w.exit()
		case w.releasing && w.t.State() == Releasing:
			w.step(Released{})
		default:
			w.wake()
		}
	}
	w.fail("does not end after KILL: %v", w.t.State())
}

// killed is true when SIGKILL has been sent: the stubborn JVM of these tests ignores SIGTERM.
func (w *world) killed() bool {
	return !w.termAt.IsZero() && !w.now.Before(w.termAt.Add(30*time.Second))
}

// FuzzFacts: terminal is terminal, exactly one terminal update, every update kept until
// acknowledged, never RUNNING before a ready probe, states only move forward, no timer is left due,
// KILL in every state ends.
func FuzzFacts(f *testing.F) {
	f.Add([]byte{0, 2, 5, 18, 9, 12, 13, 10, 7, 16, 12}, true)
	f.Add([]byte{0, 1, 20, 10, 4, 16}, false)
	f.Add([]byte{0, 14, 3, 5, 18, 18, 18, 8, 15, 11, 18, 18, 7}, false)
	f.Fuzz(func(t *testing.T, script []byte, acknowledge bool) {
		w := newWorld(func(format string, args ...any) { t.Fatalf(format, args...) })
		for _, b := range script {
			w.play(b)
		}
		w.finish(acknowledge)
	})
}

// TestRandomFacts runs the same property over many seeds in every test run; a failing seed prints itself.
func TestRandomFacts(t *testing.T) {
	t.Parallel()
	for seed := range int64(4000) {
		r := rand.New(rand.NewSource(seed))
		script := make([]byte, 1+r.Intn(120))
		r.Read(script)
		w := newWorld(func(format string, args ...any) { t.Fatalf("seed %d: %s", seed, fmt.Sprintf(format, args...)) })
		w.play(0)
		for _, b := range script {
			w.play(b)
		}
		w.finish(seed%2 == 0)
	}
}

// TestUnacknowledgedUpdatesAreResent: in every state, until acknowledged, and never after.
func TestUnacknowledgedUpdatesAreResent(t *testing.T) {
	t.Parallel()
	task := New(Config{Slot: "s"})
	now := time.Unix(1e9, 0)
	task.Step(Launched{}, now)
	for range 3 {
		now = task.WakeAt()
		effects := task.Step(Woke{}, now)
		if len(effects) != 1 || effects[0].(SendUpdate).Update.Number != 1 {
			t.Fatalf("not sent again: %v", effects)
		}
	}
	task.Step(Acknowledged{task.Unacknowledged()[0].UUID[:]}, now)
	if at := task.WakeAt(); at.Before(now.Add(time.Minute)) {
		t.Fatalf("still wakes at %v", at)
	}
}

// TestSIGKILLFollowsTheGrace with the task's own grace, a request's and a shutdown's.
func TestSIGKILLFollowsTheGrace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fact  Fact
		grace time.Duration
	}{
		"the task's own":     {KillRequested{}, 7 * time.Second},
		"of the kill policy": {KillRequested{90 * time.Second}, 90 * time.Second},
		"of a shutdown":      {ShutdownRequested{Grace: 3 * time.Second}, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			task, start := New(Config{Slot: "s", KillGrace: 7 * time.Second}), time.Unix(1e9, 0)
			for _, f := range []Fact{Launched{}, Prepared{}, Started{}, Acknowledged{task.config.UUID[:]}, c.fact} {
				task.Step(f, start)
			}
			for now := start; ; {
				now = task.WakeAt()
				if slices.Contains(task.Step(Woke{}, now), Effect(Signal{Kill: true})) {
					if got := now.Sub(start); got != c.grace {
						t.Errorf("SIGKILL after %v, want %v", got, c.grace)
					}
					return
				}
			}
		})
	}
}

// TestASilentJVMIsKilledInTime: from its last answer to SIGKILL, whether probes fail at once or
// only when their time is up.
func TestASilentJVMIsKilledInTime(t *testing.T) {
	t.Parallel()
	for _, limit := range []time.Duration{0, 5 * time.Second, 10 * time.Minute} {
		for _, hangs := range []bool{false, true} {
			task, start := New(Config{Slot: "s", HangTimeout: limit}), time.Unix(1e9, 0)
			want := task.config.HangTimeout
			for _, f := range []Fact{Launched{}, Prepared{}, Started{}, Acknowledged{task.config.UUID[:]}} {
				task.Step(f, start)
			}
			now, answered := task.WakeAt(), time.Time{}
			for killed := false; !killed; {
				var effects []Effect
				for _, effect := range task.Step(Woke{}, now) {
					switch probe, ok := effect.(Probe); {
					case !ok:
					case !probe.Watch:
						answered = now
						effects = task.Step(Probed{OK: true}, now)
						task.Step(Acknowledged{task.Unacknowledged()[0].UUID[:]}, now)
					case hangs:
						now = now.Add(probe.Within)
						fallthrough
					default:
						effects = task.Step(Probed{}, now)
					}
				}
				killed = slices.Contains(effects, Effect(Signal{Kill: true}))
				if !killed {
					now = task.WakeAt()
				}
			}
			if took := now.Sub(answered); took < want || took > want*6/5 {
				t.Errorf("limit %v, hangs %v: killed %v after its last answer", want, hangs, took)
			}
		}
	}
}

// TestUpdateUUIDs: all different, of a version that Mesos accepts.
func TestUpdateUUIDs(t *testing.T) {
	t.Parallel()
	task := New(Config{Slot: "s", UUID: [16]byte{0xff, 15: 0xff, 6: 0xff, 8: 0xff}})
	now := time.Unix(1e9, 0)
	for _, f := range []Fact{Launched{}, PrepareFailed{"x"}, Released{}} {
		task.Step(f, now)
	}
	u := task.Unacknowledged()
	if len(u) != 2 || u[0].UUID == u[1].UUID || u[0].UUID[6]>>4 != 4 || u[0].UUID[8]>>6 != 2 {
		t.Errorf("UUIDs: %v", u)
	}
}

// A JVM that answers now and then must not flood the agent and the framework with updates: two
// misses and an answer make two of them.
func TestMissedProbesCauseFewUpdates(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewSource(1))
	now := time.Unix(1e9, 0)
	task := New(Config{Slot: "alluxio-worker-3"})
	updates, probes := 0, 0
	step := func(f Fact) {
		for _, e := range task.Step(f, now) {
			switch e := e.(type) {
			case SendUpdate:
				updates++
				task.Step(Acknowledged{e.Update.UUID[:]}, now)
			case Probe:
				probes++
			}
		}
	}
	for _, f := range []Fact{Launched{}, Prepared{}, Started{PID: 7}} {
		step(f)
	}
	for probes < 10000 {
		now = task.WakeAt()
		step(Woke{})
		step(Probed{OK: task.State() == Starting || task.misses == maxMisses-1 || random.Intn(2) == 0,
			Why: "no answer"})
	}
	if task.State() != Running || updates > 5+probes*2/3 || updates < probes/10 {
		t.Errorf("%v: %d updates after %d probes", task.State(), updates, probes)
	}
}
