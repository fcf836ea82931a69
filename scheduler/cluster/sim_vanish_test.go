package cluster

import (
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// vanish takes a host away for good in the midst of the operations that make the first volume there.
func (m *simMesos) vanish(h *simHost, ops []mesos.Offer_Operation) bool {
	if !m.variant.volumes || m.variant.election != config.NoElection || m.vanished != nil || len(ops) == 0 ||
		len(h.disk.volumes) > 0 || len(h.agent.runs) > 0 || m.usable() < 4 || m.calm || m.rng.IntN(2) == 0 {
		return false
	}
	done := m.rng.IntN(len(ops) + 1)
	m.log("mesos: %s vanishes after operation %d of %d", h.name, done, len(ops))
	h.operate(ops[:done])
	m.vanished, m.left = h, m.now
	for _, slot := range m.slotRows() { // an earlier launch may have begun while nobody listened
		m.deaf = m.deaf || slot.Volume != nil && slot.Volume.Host == h.name && !slot.Volume.Unused &&
			slot.Launches > 1
	}
	h.agent.part(1000 * time.Hour)
	return true
}

// usable is how many hosts have room for a master and a worker.
func (w *world) usable() (n int) {
	for _, h := range w.hosts {
		if h.mem > 4000 && len(h.ports) > 1 {
			n++
		}
	}
	return n
}

// giveUpVanished is what an operator does about a host that is gone for good, when a task there may
// have begun while nobody listened.
func (w *world) giveUpVanished() {
	if w.vanished == nil {
		return
	}
	if !w.process.alive { // whether it was deaf is known when it has begun
		w.after(time.Minute, w.giveUpVanished)
		return
	}
	if !w.deaf {
		return
	}
	for _, name := range sorted(w.process.state.slots.byName) {
		slot := w.process.state.slots.byName[name]
		if v := slot.Volume; v != nil && v.Host == w.vanished.name && w.settings.Of(slot.Role).Count != config.AllHosts {
			// one of every host is not missed
			w.process.receive(ReplaceRequested{Slot: name}, "replace "+name)
		}
	}
}

// returnVanished brings a host back after all.
func (w *world) returnVanished() {
	if h := w.vanished; h != nil {
		w.vanished = nil
		w.after(w.between(time.Minute, 5*time.Minute), h.agent.join)
	}
}
