package cluster

import (
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

const (
	// killBound is how long a task may live after its end was asked for, while its agent can be
	// reached: KILL is sent again once or twice, then SHUTDOWN. After that its host has to be
	// named.
	killBound = 5 * time.Minute
	// serveBound is how long a wanted slot may be without a task that runs while a host that fits
	// is free: a slot that failed waits for 5 minutes, a host that dropped tasks for 10.
	serveBound = 16 * time.Minute
	watchEvery = 30 * time.Second
)

// watch looks at the bounds. It puts nothing into the queue and draws no chance: it changes no
// story.
func (w *world) watch() {
	if w.now.Sub(w.watched) < watchEvery {
		return
	}
	w.watched = w.now
	w.known.checkKillsEnd()
	if w.roles {
		w.known.checkFollows()
	}
	w.known.checkSlotsServe()
}

// lasts returns how long what is called key has been true, watch by watch, and not since before
// from.
func (h *history) lasts(key string, from time.Time) time.Duration {
	if h.since[key].IsZero() {
		h.since[key] = h.now
	}
	h.seen[key] = true
	return h.now.Sub(later(h.since[key], from))
}

// connected is when the subscription of the process began, or false while there is none.
func (h *history) connected() (since time.Time, ok bool) {
	s := h.mesos.stream
	if s == nil || s.process != h.process || !h.process.alive {
		return time.Time{}, false
	}
	return s.since, true
}

// forgetUnseen ends what is not true any more, of those whose key begins with prefix.
func (h *history) forgetUnseen(prefix string) {
	for key := range h.since {
		if strings.HasPrefix(key, prefix) && !h.seen[key] {
			delete(h.since, key)
		}
	}
	clear(h.seen)
}

// checkKillsEnd: a task whose end was asked for ends soon, or status names it and its host.
func (h *history) checkKillsEnd() {
	connected, ok := h.connected()
	for _, r := range h.alive() {
		if !ok || !h.asked[r.id] || !h.unhindered(r) {
			continue
		}
		if d := h.lasts("kill "+r.id, connected); d > killBound && !h.named(r.id, r.agent.host.name) {
			h.fail("every kill ends", "%s was asked to end, lives for %s more on %s, and status says nothing of it",
				r.id, d, r.agent.host.name)
		}
	}
	h.forgetUnseen("kill ")
}

// named is true when one line of the status has all those words.
func (h *history) named(words ...string) bool {
	status := h.process.state.Snapshot(h.now)
	lines := status.Warnings
	for _, w := range status.Waiting {
		lines = append(lines, w.Slot+" "+w.Message+" "+w.Hint)
	}
	for i := range status.Slots {
		for _, warning := range status.Slots[i].Warnings {
			lines = append(lines, status.Slots[i].TaskID+" "+status.Slots[i].Host+" "+warning)
		}
	}
	for _, line := range lines {
		all := true
		for _, word := range words {
			all = all && strings.Contains(line, word)
		}
		if all {
			return true
		}
	}
	return false
}

// checkSlotsServe: a slot that waits while a host that fits is free gets a task that runs.
func (h *history) checkSlotsServe() {
	if connected, ok := h.connected(); ok {
		rows := h.process.state.slots.byName
		for _, name := range sorted(rows) {
			h.checkServes(rows, rows[name], later(connected, h.failed[name]))
		}
		if h.settings.Worker.Count == config.AllHosts && h.leads() {
			for _, host := range h.hosts {
				h.checkServes(rows, &Slot{Name: "a worker on " + host.name, Role: config.Worker, Host: host.name},
					connected)
			}
		}
	}
	h.forgetUnseen("serve ")
}

func (h *history) checkServes(rows map[string]*Slot, slot *Slot, from time.Time) {
	if !h.lacking(slot) {
		return
	}
	for _, host := range h.hosts {
		if !h.fits(rows, slot, host) {
			continue
		}
		if d := h.lasts("serve "+slot.Name+" "+host.agent.id, from); d > serveBound {
			h.fail("a slot with a free host serves", "%s has had no task that runs for %s, and %s was free and fits",
				slot.Name, d, host.name)
		}
	}
}

// leads is true when workers may be launched: a master leads, and the scheduler was told. One that
// was asked to end does not count, be it that it hangs for ever: its host is named, see
// checkKillsEnd.
func (h *history) leads() bool {
	for _, r := range h.alive() {
		if r.role == config.Master && h.word(r.id).serving && !h.asked[r.id] &&
			(h.settings.Election == config.NoElection || h.word(r.id).leads) {
			return true
		}
	}
	return false
}

// lacking is true for a slot that should have a task and has none that runs, as far as the
// scheduler can know. What is under way, or cannot be reached, is judged by other invariants.
func (h *history) lacking(slot *Slot) bool {
	wanted, _ := h.process.state.wanted(slot)
	rejection := slot.LastFailure != nil && slot.LastFailure.State == mesos.TASK_ERROR.String() &&
		slot.NotBefore.After(h.now)
	switch {
	case !wanted || rejection:
		return false
	case slot.Role == config.Master && h.settings.Election != config.NoElection: // these wait for each other
		return false
	case h.roles && h.companionWaits(slot):
		return false
	case slot.Role == config.Worker && !h.leads():
		return false
	}
	// Of a task that was saved and never sent Mesos says nothing while it waits for the agent to come
	// back to a new master.
	if t := slot.Task; t != nil {
		if agent := h.mesos.agents[t.AgentID]; agent != nil && agent.standing == recovering {
			return false
		}
	}
	for _, id := range h.ids {
		l := h.launched[id]
		if l.slot != slot.Name {
			continue
		}
		host := h.hostOf(l.host)
		r := host.agent.runsOrNone()[id]
		away := host.agent == nil || host.agent.id != l.agent || host.agent.cut || host.agent.standing != registered
		if r != nil && r.live && (r.state == mesos.TASK_RUNNING || h.asked[id]) || away && !h.replaceable(l) {
			return false
		}
	}
	return true
}

func (w *world) hostOf(name string) *simHost {
	for _, h := range w.hosts {
		if h.name == name {
			return h
		}
	}
	return nil
}

// fits is true for a host that slot could be served on: it is there, has room, and nothing binds
// the slot to another.
func (h *history) fits(rows map[string]*Slot, slot *Slot, host *simHost) bool {
	a, settings := host.agent, h.settings.Of(slot.Role)
	switch {
	case a == nil || a.cut || a.standing != registered || !a.unavailable.IsZero() || a.others > 0 ||
		host.dropsUntil.After(h.now):
		return false
	case settings.Host != "" && settings.Host != host.name:
		return false
	case settings.Count == config.AllHosts && slot.Host != host.name:
		return false
	case h.roles && !h.besidePrimary(slot, host.name):
		return false
	case slot.Role == config.Master && !h.variant.shared && h.formatted() && slot.Host != host.name:
		return false
	}
	for _, r := range h.alive() {
		if r.agent.host == host && (r.role == slot.Role || h.asked[r.id]) {
			return false
		}
	}
	for _, other := range rows { // hosts of other slots are theirs
		if other.Host == host.name && other.Name != slot.Name &&
			(other.Role == slot.Role || h.settings.Election == config.ByJournal) {
			return false
		}
	}
	return h.admits(slot, host) && h.hasRoom(slot, a) && h.hasVolume(slot, host)
}

// formatted is true once a journal is.
func (h *history) formatted() bool {
	for key := range h.store {
		if strings.HasPrefix(key, journalPrefix) {
			return true
		}
	}
	return false
}

func (h *history) admits(slot *Slot, host *simHost) bool {
	others := map[string]int{}
	for _, id := range h.ids {
		if l := h.launched[id]; l.role == slot.Role && l.slot != slot.Name && !h.replaceable(l) && !h.leaves(id) {
			others[h.rackOf(l.host)]++
		}
	}
	for _, c := range h.settings.Of(slot.Role).Constraints {
		if !c.Admits(host.rack, true) || c.Counts() && !c.AdmitsBeside(host.rack, others) {
			return false
		}
	}
	return true
}

// hasRoom is true when what tasks leave of an agent is enough.
func (h *history) hasRoom(slot *Slot, a *simAgent) bool {
	left := offer.Offer{CPUs: a.host.cpus, MemMB: a.host.mem, Ports: a.host.ports}
	for _, id := range sorted(h.mesos.tasks) {
		if task := h.mesos.tasks[id]; task.agent == a && !over(task.state) {
			(&resource.Request{CPUs: task.claim.cpus, MemMB: task.claim.mem}).TakeFrom(&left, nil)
			for _, p := range task.claim.ports {
				new(resource.Request).TakeFrom(&left, portsOf(p))
			}
		}
	}
	n := h.process.state.derived.requests[slot.Role]
	if primary := h.process.state.primaryOf(slot); primary != nil {
		n = n.WithPorts(primary.CompanionPorts)
	}
	return n.ShortfallIn(&left) == 0
}

// hasVolume is true when the volume of slot is there and free, or can be made.
func (h *history) hasVolume(slot *Slot, host *simHost) bool {
	size := h.settings.Of(slot.Role).Volume
	v := slot.Volume
	switch {
	case size == 0:
		return true
	case v != nil && v.Host == host.name:
		if _, exists := host.disk.volumes[v.ID]; exists {
			return true
		}
		if h.process.state.keepsJournal(slot) { // no other volume holds it
			return false
		}
	case v != nil && !v.Unused:
		return false
	}
	return host.disk.plain() >= size.Megabytes()
}
