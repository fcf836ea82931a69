package cluster

import (
	"container/heap"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// variant is a kind of cluster that a seed plays.
type variant struct {
	name    string
	workers int
	// dynamic ports are all 0; a shared journal is seen by every host; pin is the master's host.
	dynamic, shared bool
	pin             string
	// constraints are those of workers.
	constraints string
	// election is how three masters elect a leader; without one there is one master.
	election config.Election
	// scale lets the operator change the number of workers when the framework starts.
	scale bool
	// volumes are for every slot.
	volumes bool
}

// simRole is the framework's role in Mesos.
const simRole = "alluxio"

var variants = []variant{
	{name: "every host", workers: config.AllHosts},
	{name: "two workers", workers: 2},
	{name: "two workers, dynamic ports", workers: 2, dynamic: true},
	{name: "every host, dynamic ports, shared journal", workers: config.AllHosts, dynamic: true, shared: true},
	{name: "three workers, shared journal", workers: 3, shared: true},
	{name: "pinned master", workers: 1, pin: "h2"},
	{name: "every host, dynamic ports", workers: config.AllHosts, dynamic: true},
	{name: "scaled", workers: 2, scale: true},
	{name: "a worker in each rack", workers: 2, constraints: "rack:UNIQUE"},
	{name: "every host of two racks, shared journal", workers: config.AllHosts, shared: true,
		constraints: "rack:LIKE:r[01]"},
	{name: "three masters, shared journal", workers: 2, shared: true, election: config.ByZooKeeper},
	{name: "three masters, embedded journal", workers: 2, election: config.ByJournal},
	{name: "three masters, shared journal, every host, dynamic ports", workers: config.AllHosts, dynamic: true,
		shared: true, election: config.ByZooKeeper},
	{name: "three masters, embedded journal, every host, dynamic ports", workers: config.AllHosts, dynamic: true,
		election: config.ByJournal},
	{name: "two workers, volumes", workers: 2, volumes: true},
	{name: "every host, volumes, dynamic ports", workers: config.AllHosts, volumes: true, dynamic: true},
	{name: "spread over three racks", workers: 3, constraints: "rack:GROUP_BY:3"},
	{name: "three masters, embedded journal, volumes", workers: 2, election: config.ByJournal, volumes: true},
}

func (v variant) settings() *config.Settings {
	s := testSettings(v.workers)
	s.Master.Host, s.MesosRole = v.pin, simRole
	if v.volumes {
		s.Master.Volume, s.Worker.Volume = config.GB, 10*config.GB
	}
	var err error
	if s.Worker.Constraints, err = config.ParseConstraints(v.constraints); err != nil {
		panic(err)
	}
	if v.shared {
		s.Journal = config.Journal{Folder: "hdfs://nn/journal", Shared: true}
	}
	v.elect(s)
	if v.dynamic {
		for _, role := range s.Roles.InStartOrder() {
			for i := range s.Of(role).Ports {
				s.Of(role).Ports[i].Number = 0
			}
		}
	}
	return s
}

// world is a model of everything around State: a Mesos, its hosts, and the process that the State
// lives in. All chance comes from its seed.
type world struct {
	seed  uint64
	rng   *rand.Rand
	now   time.Time
	queue happenings
	seq   int
	lines []string

	variant  variant
	settings *config.Settings
	// wild is how many faults there are; calm is set when they have stopped.
	wild float64
	calm bool

	store   saved
	rows    map[string]*Slot // what slotRows has read of store, nil after a save
	hosts   []*simHost
	shared  map[string]bool // shared journals that are formatted
	mesos   *simMesos
	process *process
	lives   int
	known   history
	hard    *hardFaults // nil for a world without
	data    *simData    // nil for a world without
	watched time.Time   // when bounds were looked at last
	// vanished is the host that went for good with the first volume that it should have got, or
	// nil; deaf is set when a framework cannot be sure that it, or the one before it, has heard
	// since whether a task there has begun.
	vanished *simHost
	left     time.Time
	deaf     bool
	// crashes says when the process dies by plan, plant what is broken in it.
	crashes crashPlan
	plant   planted
	roles   bool // the test roles run, too
}

func newWorld(seed uint64) *world { return newWorldOf(seed, nil) }

// newRoleWorld makes worlds in which the test roles run, too.
func newRoleWorld(t testing.TB) func(seed uint64) *world {
	return func(seed uint64) *world {
		return newWorldOf(seed, func(settings *config.Settings) { withRoles(t, settings, testRoles(thirdRole)) })
	}
}

// newWorldOf is the world of a seed, with what roles adds to its settings.
func newWorldOf(seed uint64, roles func(*config.Settings)) *world {
	w := &world{seed: seed, rng: rand.New(rand.NewPCG(seed, 1)), now: epoch, variant: variants[seed%uint64(len(variants))],
		store: saved{}, shared: map[string]bool{}}
	w.settings = w.variant.settings()
	if w.roles = roles != nil; w.roles {
		roles(w.settings)
	}
	w.wild = []float64{0.2, 1, 3}[w.rng.IntN(3)]
	w.known = newHistory(w)
	w.mesos = newSimMesos(w)
	for range 3 + w.rng.IntN(3) {
		w.newHost()
	}
	if w.variant.election != config.NoElection {
		w.elections()
	}
	return w
}

// happening is something that the world does at a time.
type happening struct {
	at  time.Time
	seq int
	do  func()
}

type happenings []happening

func (h happenings) Len() int { return len(h) }
func (h happenings) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].seq < h[j].seq
}
func (h happenings) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *happenings) Push(x any)   { *h = append(*h, x.(happening)) }
func (h *happenings) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

func (w *world) at(when time.Time, do func()) {
	w.seq++
	heap.Push(&w.queue, happening{when, w.seq, do})
}

func (w *world) after(d time.Duration, do func()) { w.at(w.now.Add(d), do) }

// run lets time pass until then, or until done says so, which is asked every few seconds.
func (w *world) run(until time.Time, done func() bool) bool {
	next := w.now
	for happened := 0; ; happened++ {
		if happened > 2_000_000 {
			w.fail("convergence", "more happens than can be: something spins")
		}
		if len(w.queue) == 0 || w.queue[0].at.After(until) {
			w.now = until
			return done != nil && done()
		}
		h := heap.Pop(&w.queue).(happening)
		w.now = h.at
		h.do()
		w.watch()
		if done != nil && !w.now.Before(next) {
			if done() {
				return true
			}
			next = w.now.Add(5 * time.Second)
		}
	}
}

// between is a time of chance.
func (w *world) between(low, high time.Duration) time.Duration {
	return low + time.Duration(w.rng.Int64N(int64(high-low)+1))
}

// chance is true with probability p, more often in a wilder world and never in a calm one.
func (w *world) chance(p float64) bool { return !w.calm && w.rng.Float64() < p*w.wild }

func (w *world) log(format string, args ...any) {
	w.lines = append(w.lines, w.now.Sub(epoch).Truncate(time.Millisecond).String()+" "+fmt.Sprintf(format, args...))
}

// violation ends a world in which an invariant does not hold.
type violation struct{ invariant, what string }

// violated is the error of a recovered panic; other panics go on.
func (w *world) violated(panicked any) error {
	v, ok := panicked.(violation)
	if !ok && panicked != nil {
		panic(panicked)
	}
	if !ok {
		return nil
	}
	return fmt.Errorf("seed %d (%s) violates %q: %s", w.seed, w.variant.name, v.invariant, v.what)
}

func (w *world) fail(invariant, format string, args ...any) {
	panic(violation{invariant, fmt.Sprintf(format, args...)})
}

// tail is the last part of the transcript.
func (w *world) tail(n int) string {
	return strings.Join(w.lines[max(0, len(w.lines)-n):], "\n")
}

// status is what the scheduler says of itself: its slots, what waits and why, and its rollout.
func (w *world) status() string {
	if !w.process.alive {
		return "no process runs"
	}
	status := w.process.state.Snapshot(w.now)
	lines := []string{"the status:"}
	for i := range status.Slots {
		slot := &status.Slots[i]
		lines = append(lines, fmt.Sprintf("%s is %s on %q (%s) %s", slot.Slot, slot.State, slot.Host, slot.TaskID,
			strings.Join(slot.Warnings, "; ")))
	}
	for _, waiting := range status.Waiting {
		lines = append(lines, waiting.Slot+" waits: "+waiting.Message+" "+waiting.Hint)
	}
	if status.Rollout != nil {
		lines = append(lines, fmt.Sprintf("rollout: %+v", *status.Rollout))
	}
	return strings.Join(append(lines, status.Warnings...), "\n")
}

// sorted are the keys of m, so that chance alone decides and not the order of a map.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// oneOf picks one of list; the zero value when there is none.
func oneOf[T any](w *world, list []T) (one T) {
	if len(list) == 0 {
		return one
	}
	return list[w.rng.IntN(len(list))]
}
