package cluster

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// crashPlan kills the process at one moment of its story: before the save of cycle number cycle, or
// before action number action leaves; both count from 1, and 0 is never. A process that dies after
// its last action is one that dies before its next save.
type crashPlan struct{ cycle, action, cycles, actions int }

func (c *crashPlan) beforeSave() bool {
	c.cycles++
	return c.cycles == c.cycle
}

func (c *crashPlan) beforeAction() bool {
	c.actions++
	return c.actions == c.action
}

// TestACrashAtEveryMomentComesToTheSameEnd plays the story of every kind of cluster without other
// faults, and again with a process that dies before each save and before each action in it (with
// less than 1000 seeds: some of them). Nothing that serves is restarted, nothing is doubled, and
// the end is the same.
func TestACrashAtEveryMomentComesToTheSameEnd(t *testing.T) {
	t.Parallel()
	moments := 0
	for seed := uint64(1); seed <= uint64(len(variants)); seed++ {
		whole, err := simulateCrash(seed, crashPlan{})
		if err != nil {
			t.Fatal(err)
		}
		var plans []crashPlan
		for cycle := range whole.crashes.cycles {
			plans = append(plans, crashPlan{cycle: cycle + 1})
		}
		for action := range whole.crashes.actions {
			plans = append(plans, crashPlan{action: action + 1})
		}
		if *simSeeds < 1000 {
			plans = slices.DeleteFunc(plans, func(p crashPlan) bool { return (p.cycle+p.action+int(seed))%5 != 0 })
		}
		var next atomic.Int64
		var players sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			players.Go(func() {
				for i := next.Add(1) - 1; i < int64(len(plans)); i = next.Add(1) - 1 {
					if w, err := simulateCrash(seed, plans[i]); err != nil {
						t.Errorf("a crash at %+v: %v\n%s", plans[i], err, w.tail(60))
					}
				}
			})
		}
		players.Wait()
		moments += len(plans)
	}
	t.Logf("%d moments", moments)
}

// simulateCrash plays a first start, a worker that fails, another that is cut off for so long that
// it is replaced and comes back, and new settings.
func simulateCrash(seed uint64, plan crashPlan) (w *world, err error) {
	w = newWorld(seed)
	defer func() { err = w.violated(recover()) }()
	w.variant.scale = false
	w.calm, w.wild = true, 0
	w.crashes = plan
	w.begin()
	w.checkConvergence()
	w.checkNothingRestarted()
	w.once(func(r *run) { r.become(mesos.TASK_FAILED, "it just ended") })
	w.checkConvergence()
	w.once(func(r *run) { r.agent.part(12 * time.Minute) })
	w.run(w.now.Add(13*time.Minute), nil)
	w.checkConvergence()
	settings := *w.settings
	settings.Site = []config.Property{{Key: simProperty, Value: "1"}}
	w.reconfigure(&settings, "new settings")
	w.checkConvergence()
	counted := w.crashes
	w.crashes = crashPlan{}
	w.checkCrashEquivalence()
	w.crashes = counted
	return w, nil
}

// once does something to the last worker.
func (w *world) once(do func(*run)) {
	for _, r := range slices.Backward(w.alive()) {
		if strings.HasPrefix(r.slot, "alluxio-worker") {
			do(r)
			return
		}
	}
	w.fail("convergence", "no worker lives")
}

// checkNothingRestarted: so far nothing has failed but the framework, so no slot has had two tasks that ran.
func (w *world) checkNothingRestarted() {
	ran := map[string]string{}
	for _, line := range w.lines {
		if _, id, ok := strings.Cut(line, " runs "); ok {
			slot, _ := splitTaskID(id)
			if other := ran[slot]; other != "" {
				w.fail("crash equivalence", "%s ran, and then %s", other, id)
			}
			ran[slot] = id
		}
	}
	if len(ran) == 0 {
		w.fail("crash equivalence", "nothing ran")
	}
}
