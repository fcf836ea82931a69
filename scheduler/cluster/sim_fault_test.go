package cluster

import (
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// trouble makes faults until the world is calm.
func (w *world) trouble() {
	if w.calm {
		return
	}
	w.after(w.between(time.Second, time.Duration(float64(4*time.Minute)/w.wild)), w.trouble)
	w.known.checkSurplus()
	faults := []func(){w.failTask, w.failTask, w.cutAgent, w.cutAgent, w.crashHost, w.moveHost, w.maintainAgent,
		w.mesos.failover, w.dropStream, w.dropStream,
		w.crashProcess, w.useMemory, w.sayError, w.replaceWorker, w.changeSettings}
	faults[w.rng.IntN(len(faults))]()
}

func (w *world) failTask() {
	r := oneOf(w, w.alive())
	if r != nil && r.canReceiveUpdate == hearsAll {
		r.become(oneOf(w, []mesos.TaskState{mesos.TASK_FAILED, mesos.TASK_FAILED, mesos.TASK_FINISHED, mesos.TASK_KILLED}),
			"it just ended")
	}
}

// running is a host whose machine is on and on the network, or nil.
func (w *world) running() *simHost {
	var list []*simHost
	for _, h := range w.hosts {
		if h.agent != nil && !h.agent.cut {
			list = append(list, h)
		}
	}
	return oneOf(w, list)
}

func (w *world) cutAgent() {
	h := w.running()
	if h == nil {
		return
	}
	longest := oneOf(w, []time.Duration{20 * time.Second, 5 * time.Minute, 30 * time.Minute})
	if w.rng.IntN(4) == 0 { // the agent's own process starts again: its tasks live on
		h.agent.reconnect()
		return
	}
	h.agent.part(w.between(time.Second, longest))
}

func (w *world) crashHost() {
	if h := w.running(); h != nil {
		h.crash(w.between(10*time.Second, 20*time.Minute), w.rng.IntN(4) == 0, w.rng.IntN(2) == 0)
	}
}

// moveHost lets hosts come, or go by an operator's word.
func (w *world) moveHost() {
	if len(w.hosts) < 8 {
		w.newHost()
		return
	}
	h := w.running()
	if h == nil || h.agent.standing != registered {
		return
	}
	agent := h.agent
	agent.lost(gone, mesos.TASK_GONE_BY_OPERATOR, mesos.REASON_AGENT_REMOVED_BY_OPERATOR)
	agent.shutdown()
}

func (w *world) dropStream() { w.mesos.closeStream("connection reset by peer") }

func (w *world) crashProcess() { w.process.crash("kill -9") }

// useMemory lets another framework take memory for a while.
func (w *world) useMemory() {
	if h := w.running(); h != nil {
		agent := h.agent
		agent.others = 7000
		w.after(w.between(time.Minute, 20*time.Minute), func() { agent.others = 0 })
	}
}

func (w *world) sayError() {
	if s := w.mesos.stream; s != nil && w.rng.IntN(3) == 0 {
		w.mesos.send(Failed{Subscription: s.number, Message: "Framework failed over"}, "error")
	}
}

// heal ends all faults: machines, networks and masters come back. What an operator has to decide is decided.
func (w *world) heal() {
	w.log("---- faults stop ----")
	w.calm = true
	if w.hard != nil {
		w.hard.heal()
	}
	for _, h := range w.hosts {
		if h == w.vanished {
			continue
		}
		if h.agent == nil {
			h.start(true)
		}
		h.agent.others = 0
		w.mesos.endMaintenance(h.agent)
		h.agent.join()
	}
	if w.vanished != nil {
		w.after(15*time.Minute, w.giveUpVanished)
	}
	w.decideOnJournals()
	w.after(time.Minute, w.decideOnJournals) // on what agents that were away have told only now
}

// decideOnJournals lets the operator give up a journal that was formatted and is gone: its executor says so, and stops.
func (w *world) decideOnJournals() {
	lost := w.journalLost()
	for _, h := range w.hosts {
		for key := range w.store {
			for _, member := range []string{"", "/alluxio-master-0", "/alluxio-master-1", "/alluxio-master-2"} {
				identity := h.name + ":default:" + w.process.state.record.clusterName + member
				lost = lost || key == journalKey(identity) && !h.journals[identity]
			}
		}
	}
	if lost && !w.variant.shared && !w.settings.Journal.AllowLoss {
		w.log("operator: starts with --lose-journal")
		settings := *w.settings
		settings.Journal.AllowLoss = true
		w.settings = &settings
		w.variant.scale = false
		w.process.crash("the operator restarts it")
	}
}
