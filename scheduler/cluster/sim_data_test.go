package cluster

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// simData are the files of clients in worlds in which the executors of masters run administration
// commands. It draws from a random stream of its own, so that the plain world of a seed keeps its story
// until the first planned end.
type simData struct {
	*world
	rng *rand.Rand
	// answers are the last ones of each executor, by task and request.
	answers map[string]map[string]launch.AdminAnswer
	// killed are the tasks whose end by plan was looked at.
	killed map[string]bool
	// runs has the request that the executor of a task runs.
	runs map[string]string
}

// newDataWorld is the world of a seed in which clients write files, and planned ends take their steps.
func newDataWorld(seed uint64) *world {
	w := newWorld(seed)
	w.data = &simData{world: w, rng: rand.New(rand.NewPCG(seed, 3)), answers: map[string]map[string]launch.AdminAnswer{},
		runs: map[string]string{}, killed: map[string]bool{}}
	return w
}

func (f *simData) span(low, high time.Duration) time.Duration {
	return low + time.Duration(f.rng.Int64N(int64(high-low)+1))
}

// leading is the master that leads in reality; a lone one does while it serves.
func (f *simData) leading() *run {
	if f.variant.election != config.NoElection {
		return f.leader()
	}
	for _, r := range f.alive() {
		if r.role == config.Master && r.state == mesos.TASK_RUNNING {
			return r
		}
	}
	return nil
}

// isDecommissioned is true for a worker that the leading master has told clients to leave alone.
func (f *simData) isDecommissioned(r *run) bool {
	leader := f.leading()
	return r.decommissionedBy != "" && leader != nil && leader.id == r.decommissionedBy
}

// write has clients write files to workers, and the job service persist them, until the world is calm.
func (f *simData) write() {
	if f.calm {
		return
	}
	f.after(f.span(10*time.Second, 2*time.Minute), f.write)
	for _, r := range f.alive() {
		if r.role != config.Worker || r.state != mesos.TASK_RUNNING || f.isDecommissioned(r) {
			continue
		}
		if f.rng.IntN(3) == 0 {
			r.files += 1 + f.rng.IntN(3)
		} else if f.rng.IntN(2) == 0 {
			r.files = 0
		}
	}
}

// persistAtMost is how long the files of all workers may take to be persisted when one try in a few fails.
const persistAtMost = time.Hour

// writeOnce has clients write one file or a few to each worker.
func (f *simData) writeOnce() {
	for _, r := range f.alive() {
		if r.role == config.Worker && r.state == mesos.TASK_RUNNING {
			r.files += 1 + f.rng.IntN(3)
		}
	}
}

// administer is what the executor of a master does with a request.
func (a *simAgent) administer(m Administer) {
	f, r := a.data, a.runs[m.TaskID]
	if f == nil || r == nil || !r.live || r.killing || r.canReceiveUpdate != hearsAll || r.state != mesos.TASK_RUNNING {
		return
	}
	id := m.Request.ID
	if f.answers[r.id] == nil {
		f.answers[r.id] = map[string]launch.AdminAnswer{}
	}
	switch known, done := f.answers[r.id][id]; {
	case done:
		f.say(r, known)
	case f.runs[r.id] == id:
		f.say(r, launch.AdminAnswer{ID: id, State: launch.AdminRunning})
	case f.runs[r.id] != "":
		f.say(r, launch.AdminAnswer{ID: id, State: launch.AdminBusy})
	default:
		f.runs[r.id] = id
		f.after(f.span(time.Second, 10*time.Second), func() { f.decommission(r, m.Request) })
		f.after(f.span(10*time.Second, time.Minute), func() {
			f.runs[r.id] = ""
			if !r.live || r.killing {
				return
			}
			answer := f.answer(r, m.Request)
			f.log("alluxio: %s answers %s: %s", r.id, id, answer.State)
			f.answers[r.id][id] = answer
			f.say(r, answer)
		})
	}
}

// say sends an answer, which may be lost.
func (f *simData) say(r *run, answer launch.AdminAnswer) {
	if f.rng.IntN(5) == 0 {
		return
	}
	f.after(f.span(0, 50*time.Millisecond), func() {
		if s := f.mesos.stream; s != nil && f.mesos.up && !r.agent.cut && r.agent.standing == registered {
			f.mesos.send(Administered{Subscription: s.number, Answer: answer}, "answer "+answer.ID)
		}
	})
}

// decommission is the effect of a command that takes a worker out: it looks at its host alone.
func (f *simData) decommission(master *run, request launch.AdminRequest) {
	worker := f.workerOf(request)
	if request.Operation != launch.AdminDecommission || !master.live || worker == nil || f.leading() != master ||
		f.isDecommissioned(worker) || f.rng.IntN(10) == 0 {
		return
	}
	if f.rng.IntN(4) == 0 { // a client that has not learnt of it yet
		worker.files++
	}
	worker.decommissionedBy, worker.decommissionedAt = master.id, f.now
}

// workerOf is the worker that a request is about.
func (f *simData) workerOf(request launch.AdminRequest) (worker *run) {
	for _, r := range f.alive() {
		if r.role == config.Worker && r.agent.host.name == request.Worker.Host && r.state == mesos.TASK_RUNNING {
			worker = r
		}
	}
	return worker
}

// answer is how a command ends.
func (f *simData) answer(master *run, request launch.AdminRequest) launch.AdminAnswer {
	a := launch.AdminAnswer{ID: request.ID, State: launch.AdminDone}
	worker := f.workerOf(request)
	if f.rng.IntN(10) == 0 || worker == nil || f.leading() != master {
		a.State = launch.AdminFailed
		return a
	}
	switch request.Operation {
	case launch.AdminDecommission:
		if !f.isDecommissioned(worker) {
			a.State = launch.AdminFailed
			a.Decommission = &launch.DecommissionResult{}
			return a
		}
		a.Decommission = &launch.DecommissionResult{Decommissioned: true, Idle: f.rng.IntN(5) > 0}
	case launch.AdminPersist:
		if f.isDecommissioned(worker) && f.now.After(worker.decommissionedAt.Add(jobWorkersForget)) {
			a.State = launch.AdminFailed
			return a
		}
		files := launch.FileCount{Files: worker.files}
		worker.files = 0
		a.Files = &launch.FilesResult{Complete: f.rng.IntN(10) > 0, Found: files, Persisted: files}
	}
	return a
}

// jobWorkersForget is how long after its decommission job workers still find a worker.
const jobWorkersForget = 10 * time.Minute

// maxLeaving is how many workers the settings of this model let leave at a time.
const maxLeaving = 2

// checkPlannedEnds: a worker that ends by plan has no file that is nowhere else, as far as anybody can
// know, and few workers leave at a time.
func (h *history) checkPlannedEnds(p *process, d *Decision) {
	if h.data == nil {
		return
	}
	for _, a := range d.Actions {
		kill, ok := a.(Kill)
		slot := p.state.slots.byTask[kill.TaskID]
		if !ok || slot == nil || h.data.killed[kill.TaskID] {
			continue
		}
		h.data.killed[kill.TaskID] = true
		if slot.Task.State != mesos.TASK_RUNNING || !slot.Task.UnreachableSince.IsZero() || !plannedKill(kill.Reason) {
			continue
		}
		for _, r := range h.alive() {
			excess := !strings.HasPrefix(kill.Reason, "the settings of ")
			if r.id == kill.TaskID && r.files > 0 && (h.data.isDecommissioned(r) || excess && r.decommissionedBy == "") {
				h.fail("a planned end loses no file", "%s, and %d files are on it alone", kill, r.files)
			}
		}
	}
	leaving := 0
	for _, r := range h.alive() {
		if slot := p.state.slots.byTask[r.id]; h.data.isDecommissioned(r) && slot != nil && slot.Task.KillReason == "" {
			leaving++
		}
	}
	if leaving > maxLeaving {
		h.fail("few workers leave at a time", "clients were told to leave %d workers alone", leaving)
	}
}

// plannedKill is true for the reasons for which a worker is killed that the leading master knows.
func plannedKill(reason string) bool {
	return slices.ContainsFunc([]string{"the settings ask for ", "the settings of ", "it starts again in place",
		"its slot is replaced", "maintenance of", "the cluster is being torn down"},
		func(begin string) bool { return strings.HasPrefix(reason, begin) })
}

// checkNoneStaysDecommissioned: when faults have stopped and the plan is complete, every worker serves
// clients.
func (f *simData) checkNoneStaysDecommissioned() {
	for _, r := range f.alive() {
		if r.role == config.Worker && f.isDecommissioned(r) {
			f.fail("none stays decommissioned", "%s is still", r.id)
		}
	}
}
