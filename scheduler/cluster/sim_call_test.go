package cluster

import (
	"slices"
	"time"
)

// laneOf is the connection of a call: what is about one agent leaves in order, and so does the rest.
func laneOf(a Action) string {
	switch a := a.(type) {
	case Launch:
		return a.AgentID
	case ReclaimVolumes:
		return a.AgentID
	case Kill:
		return a.AgentID
	case Shutdown:
		return a.AgentID
	case SendMasterUpdate:
		return a.AgentID
	case Administer:
		return a.AgentID
	case Acknowledge:
		return a.AgentID
	}
	return ""
}

// do sends an action. A call arrives, fails, arrives although it seems to have failed, or dies with its subscription.
func (p *process) do(a Action) {
	number, lane := p.state.Subscription(), laneOf(a)
	_, last := a.(Teardown)
	arrives := later(p.lanes[lane], p.now.Add(p.between(0, 10*time.Millisecond)))
	if p.chance(0.02) {
		arrives = arrives.Add(p.between(0, 5*time.Second))
	}
	p.lanes[lane] = arrives
	failed, arrived := p.chance(0.01), true
	if failed {
		arrived = p.rng.IntN(2) == 0
	}
	if last && p.hard != nil {
		failed, arrived = p.hard.failTeardown()
	}
	_, launch := a.(Launch)
	// Not modelled: that the call fails which gives the offer of a late launch back.
	if d, ok := a.(Decline); ok && slices.ContainsFunc(d.OfferIDs, func(id string) bool { return p.failed[id] }) {
		failed, arrived = false, true
	}
	p.at(arrives, func() {
		s := p.mesos.stream
		if s == nil || s.process != p || s.number != number {
			return
		}
		if arrived && failed && launch && p.rng.IntN(2) == 0 { // it timed out, and arrives later
			p.after(p.between(0, 10*time.Second), func() {
				if p.mesos.stream == s {
					p.perform(a)
				}
			})
		} else if arrived {
			p.perform(a)
		}
		p.after(p.between(0, 10*time.Millisecond), func() {
			if failed {
				p.receive(CallFailed{Subscription: number, Action: a, Reason: "connection reset"}, "failed: "+a.String())
			} else if launch || last || isReconcileAll(a) {
				p.receive(CallAccepted{Subscription: number, Action: a}, "")
			}
		})
	})
}

func isReconcileAll(a Action) bool {
	r, ok := a.(Reconcile)
	return ok && len(r.Tasks) == 0
}

// perform is what a call does to Mesos.
func (p *process) perform(a Action) {
	m := p.mesos
	switch a := a.(type) {
	case Launch:
		m.accept(a)
	case ReclaimVolumes:
		if o := m.offers[a.OfferID]; o != nil && o.agent.standing == registered {
			delete(m.offers, a.OfferID)
			o.agent.host.operate(a.Operations)
		}
	case Decline:
		m.decline(a)
	case Kill:
		m.kill(a)
	case Shutdown:
		if agent := m.agents[a.AgentID]; agent != nil && agent.standing == registered {
			agent.hear(0.1, func() { agent.shutdownExecutor(a.TaskID) })
		}
	case SendMasterUpdate:
		if agent := m.agents[a.AgentID]; agent != nil && agent.standing == registered {
			agent.hear(0.2, func() { agent.told(a) })
		}
	case Administer:
		if agent := m.agents[a.AgentID]; agent != nil && agent.standing == registered {
			agent.hear(0.2, func() { agent.administer(a) })
		}
	case AcceptInverse:
		m.answered(a.OfferID, 5*time.Minute)
	case DeclineInverse:
		m.answered(a.OfferID, a.Refuse)
	case Acknowledge:
		if agent := m.agents[a.AgentID]; agent != nil && agent.standing == registered {
			agent.hear(0.02, func() { agent.acknowledged(a) })
		}
	case Reconcile:
		m.reconcile(a)
	case Suppress:
		m.suppressed = true
	case Revive:
		m.suppressed, m.filters = false, nil
	case Teardown:
		m.removed = m.framework
		m.closeStream("torn down")
		for _, h := range p.hosts {
			for _, id := range sorted(h.agent.runsOrNone()) {
				h.agent.runs[id].live = false
			}
		}
	}
}

func (a *simAgent) runsOrNone() map[string]*run {
	if a == nil {
		return nil
	}
	return a.runs
}
