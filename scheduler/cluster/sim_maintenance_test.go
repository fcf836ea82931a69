package cluster

import (
	"fmt"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// simInverse is an inverse offer that waits for an answer.
type simInverse struct{ agent *simAgent }

// maintainAgent puts a host into the maintenance schedule. When the time has come its operator may
// turn it off, or forget about it; some are cancelled.
func (w *world) maintainAgent() {
	h := w.running()
	if h == nil || h.agent.standing != registered {
		return
	}
	a, m := h.agent, w.mesos
	begins, lasts := w.between(0, 90*time.Minute), w.between(time.Minute, 20*time.Minute)
	a.unavailable = w.now.Add(begins)
	w.log("operator: maintenance of %s begins in %s", a.id, begins.Truncate(time.Second))
	m.reoffer(a)
	end := begins + lasts
	if w.rng.IntN(4) == 0 {
		end = w.between(0, end)
	} else if w.rng.IntN(2) == 0 {
		w.after(begins, func() {
			if h.agent == a && !a.unavailable.IsZero() && !w.calm && h != w.vanished { // which never comes back
				h.crash(lasts, false, true)
			}
		})
	}
	w.after(end, func() { m.endMaintenance(a) })
}

// reoffer voids what is offered and asked of an agent whose maintenance has changed. Mesos: maintenance.md.
func (m *simMesos) reoffer(a *simAgent) {
	for _, id := range sorted(m.offers) {
		if m.offers[id].agent == a {
			m.rescind(id)
		}
	}
	for _, id := range sorted(m.inverse) {
		if m.inverse[id].agent == a && m.stream != nil {
			delete(m.inverse, id)
			m.send(InverseRescinded{Subscription: m.stream.number, OfferID: id}, "inverse offer rescinded "+id)
		}
	}
	delete(m.inverseFilters, a)
}

func (m *simMesos) endMaintenance(a *simAgent) {
	if !a.unavailable.IsZero() {
		m.log("operator: maintenance of %s is over", a.id)
		a.unavailable = time.Time{}
		m.reoffer(a)
	}
}

// askBack makes inverse offers of agents in maintenance on which the framework has tasks.
func (m *simMesos) askBack() {
	if m.stream == nil {
		return
	}
	busy := map[*simAgent]bool{}
	for _, task := range m.tasks {
		busy[task.agent] = busy[task.agent] || !over(task.state)
	}
	for _, inverse := range m.inverse {
		delete(busy, inverse.agent)
	}
	for _, id := range sorted(m.agents) {
		if a := m.agents[id]; busy[a] && a.standing == registered && !a.unavailable.IsZero() &&
			!m.inverseFilters[a].After(m.now) {
			m.offerCount++
			id := fmt.Sprintf("i%d", m.offerCount)
			m.inverse[id] = &simInverse{a}
			announced := offer.Inverse{ID: id, AgentID: a.id, Start: a.unavailable}
			m.send(InverseOffered{Subscription: m.stream.number, Offers: []offer.Inverse{announced}},
				"inverse offer "+id+" of "+a.id)
		}
	}
}

// answered takes the answer to an inverse offer.
func (m *simMesos) answered(id string, refuse time.Duration) {
	if inverse := m.inverse[id]; inverse != nil {
		delete(m.inverse, id)
		m.inverseFilters[inverse.agent] = m.now.Add(refuse)
	}
}

// checkMaintenance: what may go elsewhere is not launched where maintenance is near; a worker with a volume may not.
func (h *history) checkMaintenance(p *process, l *Launch, role config.Role) {
	if role != config.Worker || h.settings.Worker.Count == config.AllHosts || h.settings.Worker.Volume > 0 {
		return
	}
	o := p.held[l.OfferID+l.Tasks[0].TaskID.Value]
	if !o.Unavailable.IsZero() && !p.now.Before(o.Unavailable.Add(-maintenanceAhead)) {
		h.fail("nothing new where maintenance is near", "%s at %s, and maintenance begins at %s", l, p.now, o.Unavailable)
	}
}

// checkRelocations: it is decided that a worker of a fixed count, without a volume, ends for maintenance
// only when as many others serve as the settings ask for. What a change of the settings ends in the
// same cycle served until then, and is bounded by the checks of rollouts.
func (h *history) checkRelocations(d *Decision) {
	if h.settings.Worker.Count == config.AllHosts || h.settings.Worker.Volume > 0 {
		return
	}
	replaced := map[string]bool{}
	for _, a := range d.Actions {
		if k, ok := a.(Kill); ok && strings.HasPrefix(k.Reason, "the settings of") && !h.asked[k.TaskID] {
			replaced[k.TaskID] = true
		}
	}
	for _, a := range d.Actions {
		k, _ := a.(Kill)
		l := h.launched[k.TaskID]
		if !strings.HasPrefix(k.Reason, "maintenance of") || l == nil || l.role != config.Worker || h.ended[k.TaskID] {
			continue
		}
		h.ended[k.TaskID] = true
		serving, left := 0, false // left by clients while another served in its place
		for _, slot := range h.slotRows() {
			left = left || slot.Task != nil && slot.Task.ID == k.TaskID && slot.Task.End.leaves()
			if slot.Role != config.Worker || slot.Task == nil || !h.word(slot.Task.ID).serving {
				continue
			}
			if slot.Task.KillReason == "" || replaced[slot.Task.ID] {
				serving++
			}
		}
		if serving < h.settings.Worker.Count && !left {
			h.fail("replaced before it leaves", "%s, and %d others serve", k, serving)
		}
	}
}

// checkAccepts: an inverse offer is accepted only when nothing of ours is known to be on the agent.
func (h *history) checkAccepts(a AcceptInverse) {
	for _, id := range h.ids {
		if l := h.launched[id]; l.agent == a.AgentID && !h.replaceable(l) {
			h.fail("accepted when it is true", "%s, and nobody said that %s is over", a, id)
		}
	}
}

// leaves is true for a task that is about to make room for another.
func (h *history) leaves(id string) bool {
	for _, slot := range h.slotRows() {
		if slot.Task != nil && slot.Task.ID == id {
			return !slot.MaintenanceStart.IsZero()
		}
	}
	return false
}
