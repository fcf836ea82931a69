package cluster

import (
	"math/rand/v2"
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// hardFaults are faults that only hard worlds have: executors that do not listen, hosts on which no
// task starts, and fewer masters or workers while some are away. They draw from a random stream of
// their own, so that the plain world of a seed keeps its story.
type hardFaults struct {
	*world
	rng *rand.Rand
	// rootless are journals that the first start left without a root, served those that a master
	// has served from.
	rootless, served map[string]bool
	// teardowns is how many calls of TEARDOWN fail, whether they arrive or not.
	teardowns int
}

// hearing is what an executor listens to.
type hearing int

const (
	hearsAll hearing = iota
	// hearsAgent is an executor whose process is stopped: KILL and messages do not reach it, but
	// the agent ends it on SHUTDOWN.
	hearsAgent
	// hearsNothing is one in D state: it ends with its host.
	hearsNothing
)

// newHardWorld is the world of a seed with hard faults besides the others.
func newHardWorld(seed uint64) *world {
	w := newWorld(seed)
	w.hard = &hardFaults{world: w, rng: rand.New(rand.NewPCG(seed, 2)), rootless: map[string]bool{},
		served: map[string]bool{}}
	return w
}

// span is a time of the stream of hard faults.
func (f *hardFaults) span(low, high time.Duration) time.Duration {
	return low + time.Duration(f.rng.Int64N(int64(high-low)+1))
}

// trouble makes hard faults until the world is calm.
func (f *hardFaults) trouble() {
	if f.calm {
		return
	}
	f.after(f.span(30*time.Second, 6*time.Minute), f.trouble)
	faults := []func(){f.hang, f.hang, f.dropLaunches, f.dropLaunches, f.fewerMasters, f.startWithFewer}
	oneIn(f.rng, faults)()
}

// hang stops an executor, for a while or until something ends it.
func (f *hardFaults) hang() {
	list := slices.DeleteFunc(f.alive(), func(r *run) bool { return r.killing || r.state != mesos.TASK_RUNNING })
	if len(list) == 0 {
		return
	}
	r := oneIn(f.rng, list)
	if r.canReceiveUpdate = hearsAgent; f.rng.IntN(3) == 0 {
		r.canReceiveUpdate = hearsNothing
	}
	f.log("executor: %s hangs, and a shutdown ends it: %v", r.id, r.canReceiveUpdate == hearsAgent)
	f.after(f.span(time.Minute, 40*time.Minute), func() {
		if r.canReceiveUpdate == hearsAgent {
			f.log("executor: %s listens again", r.id)
			r.listen()
		}
	})
}

// dropLaunches makes a host where no task starts for a while, as when its agent does not know the
// user.
func (f *hardFaults) dropLaunches() {
	h := oneIn(f.rng, f.hosts)
	h.drops = oneIn(f.rng, []mesos.TaskState{mesos.TASK_DROPPED, mesos.TASK_GONE, mesos.TASK_LOST})
	h.dropsUntil = f.now.Add(f.span(time.Minute, 20*time.Minute))
	f.log("agent: tasks on %s are %s until %s", h.name, h.drops, h.dropsUntil.Sub(epoch).Truncate(time.Second))
}

func oneIn[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

// fewerMasters takes the host of the first master away, asks for fewer masters meanwhile, and for
// as many as before later.
func (f *hardFaults) fewerMasters() {
	before := f.settings.Master.Count
	if f.settings.Election != config.ByZooKeeper || before == 1 {
		return
	}
	for _, r := range f.alive() {
		if r.slot == slotName(config.Master, 0) && !r.agent.cut {
			r.agent.host.crash(f.span(10*time.Second, 20*time.Minute), false, f.rng.IntN(2) == 0)
		}
	}
	f.after(f.span(0, 2*time.Minute), func() { f.setMasters(1 + f.rng.IntN(before-1)) })
	f.after(f.span(5*time.Minute, 20*time.Minute), func() { f.setMasters(before) })
}

func (f *hardFaults) setMasters(count int) {
	if f.calm {
		return
	}
	settings := *f.settings
	settings.Master.Count = count
	f.reconfigure(&settings, "new settings: fewer or more masters")
}

// startWithFewer ends the process and starts it with a worker less, and with one master of several.
func (f *hardFaults) startWithFewer() {
	settings := *f.settings
	if settings.Worker.Count > 1 {
		settings.Worker.Count--
	}
	if settings.Election == config.ByZooKeeper {
		settings.Master.Count = 1
	}
	if !f.process.alive || settings.Worker.Count == f.settings.Worker.Count &&
		settings.Master.Count == f.settings.Master.Count {
		return
	}
	f.process.crash("to start it with fewer workers or masters")
	f.known.scaled(f.settings, &settings)
	f.settings = &settings
}

// heal ends hard faults: executors that were stopped go on, hosts with one in D state are rebooted.
func (f *hardFaults) heal() {
	for _, h := range f.hosts {
		h.dropsUntil = time.Time{}
	}
	for _, r := range f.alive() {
		if r.canReceiveUpdate == hearsNothing && !r.agent.cut {
			f.log("operator: reboots %s, where %s hangs", r.agent.host.name, r.id)
			r.agent.host.crash(time.Minute, false, true)
		}
		r.listen()
	}
}

// listen lets an executor go on; it tells who leads, which may have changed meanwhile.
func (r *run) listen() {
	was := r.canReceiveUpdate
	r.canReceiveUpdate = hearsAll
	if was != hearsAll && r.live && r.up {
		r.become(r.state, "")
	}
}

// resistAtMost is how long a host with a hung executor is not rebooted during a teardown.
const resistAtMost = 8 * time.Minute

// resist makes a teardown hard: TEARDOWN fails up to three times, and an executor hangs until its
// host is rebooted.
func (f *hardFaults) resist() {
	f.teardowns = f.rng.IntN(4)
	list := f.alive()
	if len(list) == 0 {
		return
	}
	r := oneIn(f.rng, list)
	r.canReceiveUpdate = hearsNothing
	f.log("executor: %s hangs", r.id)
	f.after(resistAtMost, func() {
		if r.live {
			f.log("operator: reboots %s, where %s hangs", r.agent.host.name, r.id)
			r.agent.host.crash(time.Minute, false, false)
		}
	})
}

// failTeardown says whether a TEARDOWN gets no answer, and whether it arrives all the same.
func (f *hardFaults) failTeardown() (failed, arrived bool) {
	if f.teardowns == 0 {
		return false, true
	}
	f.teardowns--
	return true, f.rng.IntN(2) == 0
}

// shutdownExecutor is what an agent does on SHUTDOWN: it destroys the container after the grace
// period of the executor.
func (a *simAgent) shutdownExecutor(id string) {
	r := a.runs[id]
	if r == nil || !r.live || r.canReceiveUpdate == hearsNothing || r.ending {
		return
	}
	r.ending = true
	a.after(40*time.Second, func() {
		if r.live && a.host.agent == a {
			r.become(mesos.TASK_FAILED, "Executor terminated")
		}
	})
}

// dropped is what an agent says of a task that it cannot start.
func (a *simAgent) dropped(r *run) {
	a.log("agent: %s does not start %s", a.id, r.id)
	r.become(a.host.drops, "Could not launch the task")
}

// formats is a format of the journal of r: the first start after it may be cut off. One behind a
// URI that Alluxio begins without a format leaves no mark, and needs the operator's word then.
func (f *hardFaults) formats(r *run) {
	journal := r.spec.Journal
	f.served[journal.Identity] = false
	cutOff := !f.calm && r.spec.Election != config.ByJournal && f.rng.IntN(3) == 0
	f.rootless[journal.Identity] = cutOff && (journal.Folder == "" || journal.Format)
}

// checkPermission: only a journal that never served is formatted though it is there.
func (h *history) checkPermission(r *run) {
	if h.hard == nil || h.hard.served[r.spec.Journal.Identity] {
		h.fail("journal never formatted twice", "%s formats %s, which has served", r.id, r.spec.Journal.Identity)
	}
}
