package cluster

import (
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Several Alluxio masters in the model: they elect a leader among those that are up, and members of
// an embedded journal only while more than half of them are.

// elect makes the settings those of several masters.
func (v variant) elect(s *config.Settings) {
	if v.election == config.NoElection {
		return
	}
	s.Election, s.Master.Count = v.election, 3
	if v.election == config.ByJournal {
		s.Master.Ports = append(s.Master.Ports,
			config.Port{Name: config.MasterRaft, Number: 19200, Key: config.KeyMasterRaft})
	}
}

// upMasters are the masters whose JVMs have come up.
func (w *world) upMasters() (list []*run) {
	for _, r := range w.alive() {
		if r.role == config.Master && r.up {
			list = append(list, r)
		}
	}
	return list
}

// leader is the master that leads, or nil.
func (w *world) leader() *run {
	for _, r := range w.upMasters() {
		if r.standing == launch.Leading {
			return r
		}
	}
	return nil
}

// quorum is true when the masters that are up can elect.
func (w *world) quorum() bool {
	return w.variant.election != config.ByJournal || len(w.upMasters()) > w.settings.Master.Count/2
}

// elections go on for as long as the world does: when the leader is gone, another one leads and says so.
func (w *world) elections() {
	w.after(w.between(time.Second, 20*time.Second), w.elections)
	if w.leader() != nil || !w.quorum() {
		return
	}
	if r := oneOf(w, w.upMasters()); r != nil {
		r.standing = launch.Leading
		w.log("alluxio: %s leads", r.id)
		if r.state == mesos.TASK_RUNNING && r.canReceiveUpdate == hearsAll {
			r.become(mesos.TASK_RUNNING, "")
		}
	}
}

// stand is where a master of several, whose JVM is up, comes to serve: as the leader, or behind one.
func (r *run) stand() {
	r.up = true
	leader := r.agent.leader()
	if leader == nil {
		if r.agent.now.Sub(r.since) > 10*time.Minute {
			r.become(mesos.TASK_FAILED, "it does not serve 10m0s after its launch")
			return
		}
		r.next(5*time.Second, r.stand)
		return
	}
	if leader != r {
		r.standing = launch.Standby
	}
	r.become(mesos.TASK_RUNNING, "")
}

// told is what an executor does with a message.
func (a *simAgent) told(t SendMasterUpdate) {
	r := a.runs[t.TaskID]
	if r == nil || !r.live || r.killing || r.canReceiveUpdate != hearsAll ||
		r.state != mesos.TASK_STARTING && r.state != mesos.TASK_RUNNING {
		return
	}
	r.moved = launch.AddressText(t.Masters)
	r.become(r.state, "")
}

// knows is where the executor of r believes the masters to be.
func (r *run) knows() string {
	if r.moved != "" {
		return r.moved
	}
	return launch.AddressText(r.spec.Masters())
}

// missingMasters says what is not as several masters should be; "" when nothing is.
func (w *world) missingMasters(r *run) string {
	masters := launch.AddressText(w.process.state.mastersWith(nil))
	switch {
	case w.leader() == nil:
		return "no master leads"
	case r.knows() != masters:
		return r.id + " was not told of all masters"
	case w.variant.election == config.ByJournal && sortedList(launch.AddressText(r.spec.Masters())) != sortedList(masters):
		return r.id + " knows other members"
	}
	return ""
}

// checkOneFormats: of the masters that share a journal which is not known to be formatted yet, one
// at a time begins with it.
func (h *history) checkOneFormats(spec *launch.Spec) {
	if spec.Role != config.Master || h.store[journalKey(spec.Journal.Identity)] != nil ||
		h.variant.election != config.ByZooKeeper {
		return
	}
	for _, id := range h.ids {
		if old := h.launched[id]; old.role == config.Master && old.begins && !h.replaceable(old) {
			h.fail("journal never formatted twice", "%s begins with it beside %s", spec.Slot, id)
		}
	}
}

// checkQuorum: the first member of an embedded journal is launched when all have a place, and each
// with the list of all.
func (h *history) checkQuorum(spec *launch.Spec) {
	if h.variant.election == config.ByJournal && len(spec.Masters()) != h.settings.Master.Count {
		h.fail("members are launched together", "%s is launched and knows %d of %d members", spec.Slot, len(spec.Masters()),
			h.settings.Master.Count)
	}
}

// sameAddress is true for the list of this address alone.
func sameAddress(list []launch.Address, lone launch.Address) bool {
	return len(list) == 1 && list[0] == lone
}
