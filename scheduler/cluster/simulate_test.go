package cluster

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

var (
	simSeeds = flag.Uint64("seeds", 300,
		"how many seeds TestSimulate plays; from 1000 on other simulations are played in full, too")
	simFirst = flag.Uint64("first", 1, "the first seed that TestSimulate and "+
		"TestACopyOfTheStateEndsNothingThatLives play")
	simSeed = flag.Uint64("seed", 0, "the only seed that TestSimulate plays; 0 for all")
)

// TestSimulate plays worlds of chance. A seed that fails prints itself, and -seed=N plays it again;
// -v prints its whole story.
func TestSimulate(t *testing.T) {
	t.Parallel()
	playSeeds(t, simulate)
}

// TestSimulateHardFaults plays the same seeds with hard faults as well, see hardFaults.
func TestSimulateHardFaults(t *testing.T) {
	t.Parallel()
	playSeeds(t, simulateHard)
}

// TestSimulateRoles plays the same seeds with the roles of testRoles as well: a role with a count, and
// companions of workers and of masters.
func TestSimulateRoles(t *testing.T) {
	t.Parallel()
	playSeeds(t, func(seed uint64) (*world, error) {
		w := newRoleWorld(t)(seed)
		return w, w.play()
	})
}

// TestSimulateData plays the same seeds with files of clients and planned ends as well, see simData.
func TestSimulateData(t *testing.T) {
	t.Parallel()
	playSeeds(t, func(seed uint64) (*world, error) {
		w := newDataWorld(seed)
		return w, w.play()
	})
}

// playSeeds plays the seeds that the flags ask for.
func playSeeds(t *testing.T, simulate func(seed uint64) (*world, error)) {
	first, last := *simFirst, *simFirst+*simSeeds-1
	if *simSeed != 0 {
		first, last = *simSeed, *simSeed
	}
	var next atomic.Uint64
	next.Store(first)
	var players sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		players.Go(func() {
			for seed := next.Add(1) - 1; seed <= last; seed = next.Add(1) - 1 {
				w, err := simulate(seed)
				if *simSeed != 0 {
					t.Log(strings.Join(w.lines, "\n"))
				}
				if err != nil {
					t.Errorf("%v\n\nplay it again with: go test ./scheduler/cluster -run '%s$' -seed=%d -v\n%s\n%s", err,
						t.Name(), seed, w.tail(60), w.status())
				}
			}
		})
	}
	players.Wait()
}

// TestSameSeedSameTranscript: nothing but the seed decides what happens, not even the order of a map.
func TestSameSeedSameTranscript(t *testing.T) {
	t.Parallel()
	for seed := uint64(1); seed <= uint64(len(variants)); seed++ {
		one, _ := simulate(seed)
		two, _ := simulate(seed)
		if said := sameTranscript(one, two); said != "" {
			t.Fatal(said)
		}
	}
}

// sameTranscript says where the stories of two worlds of one seed part, or "".
func sameTranscript(one, two *world) string {
	for i := range max(len(one.lines), len(two.lines)) {
		if i >= min(len(one.lines), len(two.lines)) || one.lines[i] != two.lines[i] {
			return fmt.Sprintf("same seed, same transcript: seed %d parts at line %d: %q and %q", one.seed, i,
				strings.Join(one.lines[min(i, len(one.lines)):min(i+1, len(one.lines))], ""),
				strings.Join(two.lines[min(i, len(two.lines)):min(i+1, len(two.lines))], ""))
		}
	}
	return ""
}

// simulate plays the world of a seed.
func simulate(seed uint64) (*world, error) {
	w := newWorld(seed)
	return w, w.play()
}

// simulateHard plays the hard world of a seed.
func simulateHard(seed uint64) (*world, error) {
	w := newHardWorld(seed)
	return w, w.play()
}

// play is an hour of faults, then calm, then a restart, then for some a teardown.
func (w *world) play() (err error) {
	defer func() { err = w.violated(recover()) }()
	w.begin()
	w.after(w.between(0, time.Minute), w.trouble)
	if w.hard != nil {
		w.after(w.hard.span(0, time.Minute), w.hard.trouble)
	}
	if w.data != nil {
		w.after(w.data.span(0, time.Minute), w.data.write)
	}
	w.run(w.now.Add(time.Hour), nil)
	w.heal()
	w.checkConvergence()
	if w.data != nil {
		w.data.checkNoneStaysDecommissioned()
	}
	w.checkQuiet()
	w.checkCrashEquivalence()
	if w.variant.volumes {
		w.checkUninstall()
	} else if w.seed%4 == 0 {
		w.checkTeardown()
	}
	return nil
}

// patience is how long a plan may take to complete after the last fault and the last restart delay:
// the sum of what one agent that never comes back may cost, 10 min until Mesos has missed it
// (agent_reregister_timeout) and 10 min until its task is given up, and the rollout. dataPatience is it where
// clients have minutes to learn of each worker of a rollout.
const (
	patience     = 30 * time.Minute
	dataPatience = 90 * time.Minute
)

// checkConvergence: when faults stop, the plan completes in bounded time.
func (w *world) checkConvergence() {
	w.run(w.now.Add(10*time.Second), nil) // what is under way may still bring a delay
	until, patience := w.now, patience
	if w.data != nil {
		patience = dataPatience
	}
	for _, slot := range w.process.state.slots.byName {
		until = later(until, slot.NotBefore)
	}
	if !w.run(until.Add(patience), func() bool { w.known.checkSurplus(); return w.missing() == "" }) {
		w.fail("convergence", "%s after the faults stopped: %s", patience, w.missing())
	}
	w.log("---- converged ----")
}

// missing says what is not as the settings want it, in reality and in the store; "" when nothing is.
func (w *world) missing() string {
	if !w.process.alive || w.mesos.stream == nil || w.mesos.stream.process != w.process {
		return "there is no subscription"
	}
	if h := w.vanished; h != nil && h.agent.standing != agentUnreachable { // offers of it still come, and are used
		return "Mesos has not missed " + h.name
	}
	slots, masters := w.slotRows(), 0
	workers, living := map[string]bool{}, 0
	for _, slot := range slots {
		if slot.Task != nil {
			living--
		}
		if !slot.MaintenanceStart.IsZero() {
			return slot.Name + " leaves"
		}
		if slot.Task != nil && slot.Task.End != nil {
			return slot.Name + " ends by plan"
		}
	}
	for _, r := range w.alive() {
		slot := slots[r.slot]
		if slot == nil || slot.Task == nil || slot.Task.ID != r.id {
			return r.id + " lives, but fills no slot"
		}
		if propertyOf(r.spec.Site) != propertyOf(w.settings.Site) {
			return r.id + " has older settings"
		}
		if slot.Task.KillReason != "" || slot.Task.State.String() != "TASK_RUNNING" || r.state != slot.Task.State {
			return r.id + " does not serve"
		}
		if w.variant.election != config.NoElection {
			if what := w.missingMasters(r); what != "" {
				return what
			}
		}
		switch r.role {
		case config.Worker:
			if master := slots[slotName(config.Master, 0)]; w.variant.election == config.NoElection &&
				!sameAddress(r.spec.Masters(), w.process.state.addressOf(config.Master, master.Host, master.Ports)) {
				return r.id + " points at another master"
			}
			workers[r.agent.host.name] = true
		case config.Master:
			masters++
		}
		if what := w.displacedRun(r, slots); what != "" {
			return what
		}
		living++
	}
	if living != 0 {
		return "a slot has a task that does not live"
	}
	if count := w.settings.Worker.Count; masters != w.settings.Master.Count || count != config.AllHosts &&
		len(workers) != count {
		return fmt.Sprintf("%d masters and %d workers live", masters, len(workers))
	}
	if what := w.missingCompanion(); what != "" {
		return what
	}
	for _, h := range w.hosts {
		for _, id := range sorted(h.agent.runsOrNone()) {
			if r := h.agent.runs[id]; len(r.pending) > 0 || !r.live {
				return id + " has updates that are not acknowledged"
			}
		}
	}
	for _, h := range w.hosts {
		if w.settings.Worker.Count == config.AllHosts && h != w.vanished && !workers[h.name] && h.mem > 4000 &&
			len(h.ports) > 1 && h.admitted() {
			return h.name + " has no worker"
		}
	}
	return ""
}

// admitted is true for a host that the constraints of workers admit, other workers apart.
func (h *simHost) admitted() bool {
	for _, c := range h.settings.Worker.Constraints {
		if !c.Admits(h.rack, true) {
			return false
		}
	}
	return true
}

// checkQuiet: a cluster that is complete makes no calls but a reconciliation every quarter of an
// hour; with every host, a decline now and then.
func (w *world) checkQuiet() {
	until := w.now
	for _, slot := range w.process.state.slots.byName { // one of a test role may wait for an hour after TASK_ERROR
		until = later(until, slot.NotBefore)
	}
	w.run(until.Add(masterUpdateMost), nil) // what is under way, and the last repetition of what was lost
	w.known.calls = nil
	w.run(w.now.Add(time.Hour), nil)
	declines, asks, silent := 0, 0, 0
	for _, call := range w.known.calls {
		switch {
		case strings.HasPrefix(call, "decline") && (w.settings.Worker.Count == config.AllHosts || w.lacksRoom()):
			declines++
		case strings.HasPrefix(call, "reconcile everything"):
			asks++
		// A replaced task on an agent that has not come back to a new Mesos master yet: Mesos tells
		// after agent_reregister_timeout, 10 min, and is asked each minute until then.
		case strings.HasPrefix(call, "reconcile "):
			silent++
		default:
			w.fail("convergence", "a complete cluster still says %q, and %d calls in an hour", call, len(w.known.calls))
		}
	}
	if asks > 5 || silent > 10 || declines > 2*len(w.hosts) {
		w.fail("convergence", "a complete cluster makes %d calls in an hour", len(w.known.calls))
	}
}

// checkCrashEquivalence: a process that begins with the Record of another and reconciles comes to the same fixed point.
func (w *world) checkCrashEquivalence() {
	before := w.taskIDs()
	w.variant.scale = false
	w.known.calls = nil
	w.process.crash("to compare")
	w.run(w.now.Add(2*time.Minute), nil)
	if w.missing() != "" || w.taskIDs() != before {
		w.fail("crash equivalence", "before: %s; after: %s; missing: %q", before, w.taskIDs(), w.missing())
	}
	for _, call := range w.known.calls {
		if strings.HasPrefix(call, "launch") || strings.HasPrefix(call, "kill") {
			w.fail("crash equivalence", "a new process on a complete cluster says %q", call)
		}
	}
}

func (w *world) taskIDs() string {
	var ids []string
	for _, r := range w.alive() {
		ids = append(ids, r.id)
	}
	return strings.Join(ids, " ")
}

// checkTeardown: workers end before masters, then the framework does, also when a process dies in the middle.
func (w *world) checkTeardown() { w.endBy(TeardownRequested{}, "teardown") }

func (w *world) endBy(request Event, line string) {
	limit := 12 * time.Minute
	if w.hard != nil {
		w.hard.resist()
		limit += resistAtMost
	}
	if w.data != nil {
		w.data.writeOnce()
		limit += persistAtMost
	}
	w.process.receive(request, line)
	w.after(w.between(10*time.Millisecond, time.Minute), func() { w.process.crash("amid the " + line) })
	ended := w.run(w.now.Add(limit), func() bool { return w.process.state.teardown.ended })
	if !ended || len(w.alive()) > 0 || w.mesos.removed == "" {
		w.fail("every teardown ends", "%s after the %s the framework has ended: %v, Mesos has removed %q, and these "+
			"live: %s", limit, line, ended, w.mesos.removed, w.taskIDs())
	}
}
