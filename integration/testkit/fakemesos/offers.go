package fakemesos

import (
	"fmt"
	"math"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

type agent struct {
	Agent
	id   string
	lost bool
	free share
	// refused is until when the framework wants none of it.
	refused time.Time
}

// give returns resources.
func (a *agent) give(s share) { a.free.add(s) }

type offer struct {
	agent *agent
	share share
}

// AddAgents adds n agents after those that are there.
func (m *Master) AddAgents(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for range n {
		i := len(m.agents)
		a := &agent{Agent: m.o.Agent(i), id: fmt.Sprintf("6f2bb2a5-6a4c-4a7b-8b68-a5b8dc7e4a7c-S%d", i)}
		a.free.add(share{a.CPUs, a.MemMB, a.Ports})
		m.agents = append(m.agents, a)
		m.byID[a.id] = a
	}
}

// AgentID is the ID of agent i, "" when there is none.
func (m *Master) AgentID(i int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i < 0 || i >= len(m.agents) {
		return ""
	}
	return m.agents[i].id
}

// LoseAgent cuts agent i off: its offers are rescinded, its tasks unreachable. Mesos:
// src/master/master.cpp, _markUnreachable.
func (m *Master) LoseAgent(i int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.agents[i]
	a.lost = true
	for id, o := range m.offers {
		if o.agent == a {
			a.give(o.share)
			delete(m.offers, id)
			m.send(&scheduler.Event{Type: scheduler.Event_RESCIND,
				Rescind: &scheduler.Event_Rescind{OfferID: mesos.OfferID{Value: id}}})
		}
	}
	for _, t := range m.tasks {
		if t.agent == a {
			m.sendStatus(t, mesos.TaskStatus{
				State: mesos.TASK_UNREACHABLE.Enum(), Source: mesos.SOURCE_MASTER.Enum(), Reason: mesos.REASON_AGENT_REMOVED.Enum(),
			})
		}
	}
	m.send(&scheduler.Event{Type: scheduler.Event_FAILURE,
		Failure: &scheduler.Event_Failure{AgentID: &mesos.AgentID{Value: a.id}}})
}

// ReturnAgent brings agent i back with the tasks that it had.
func (m *Master) ReturnAgent(i int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.agents[i]
	a.lost = false
	for _, t := range m.tasks {
		if t.agent == a {
			m.sendStatus(t,
				mesos.TaskStatus{State: t.state.Enum(), Source: mesos.SOURCE_MASTER.Enum(),
					Reason: mesos.REASON_AGENT_REREGISTERED.Enum()})
		}
	}
}

// Rescind takes every outstanding offer back.
func (m *Master) Rescind() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, o := range m.offers {
		o.agent.give(o.share)
		delete(m.offers, id)
		m.send(&scheduler.Event{Type: scheduler.Event_RESCIND,
			Rescind: &scheduler.Event_Rescind{OfferID: mesos.OfferID{Value: id}}})
	}
}

// Offers is how many are outstanding.
func (m *Master) Offers() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.offers)
}

// allocate offers all free resources to frameworks that want offers.
func (m *Master) allocate(now time.Time) {
	if m.stream == nil || m.suppressed {
		return
	}
	var offers []mesos.Offer
	for _, a := range m.agents {
		if a.lost || a.free.empty() || now.Before(a.refused) {
			continue
		}
		m.serial++
		o := m.offer(a, fmt.Sprintf("6f2bb2a5-6a4c-4a7b-8b68-a5b8dc7e4a7c-O%d", m.serial))
		offers = append(offers, o)
		if len(offers) == m.o.MaxOffers {
			m.sendOffers(offers)
			offers = nil
		}
	}
	m.sendOffers(offers)
}

func (m *Master) sendOffers(offers []mesos.Offer) {
	if len(offers) > 0 {
		m.send(&scheduler.Event{Type: scheduler.Event_OFFERS, Offers: &scheduler.Event_Offers{Offers: offers}})
	}
}

// offer takes all that an agent has free into an offer.
func (m *Master) offer(a *agent, id string) mesos.Offer {
	m.offers[id] = &offer{agent: a, share: a.free}
	role := "*"
	o := mesos.Offer{
		ID: mesos.OfferID{Value: id}, FrameworkID: mesos.FrameworkID{Value: m.frameworkID},
		AgentID:  mesos.AgentID{Value: a.id},
		Hostname: a.Host, Resources: a.free.resources(), AllocationInfo: &mesos.Resource_AllocationInfo{Role: &role},
		URL: &mesos.URL{Scheme: "http", Address: mesos.Address{Hostname: &a.Host, IP: &a.IP, Port: 5051}},
	}
	if !a.Unavailable.IsZero() {
		o.Unavailability = &mesos.Unavailability{Start: mesos.TimeInfo{Nanoseconds: a.Unavailable.UnixNano()}}
	}
	a.free = share{}
	return o
}

// use takes an offer that a call names out of those outstanding; nil when there is none (any more).
func (m *Master) use(id string, by scheduler.Call_Type) *offer {
	o := m.offers[id]
	if o == nil {
		if m.used[id] {
			m.violation("%s uses offer %s, which an earlier call has used", by, id)
		}
		return nil
	}
	m.used[id] = true
	delete(m.offers, id)
	return o
}

// decline gives an offer back, and keeps the agent away for a time. Mesos's default filter is 5 s.
func (m *Master) decline(o *offer, rest share, filters *mesos.Filters) {
	o.agent.give(rest)
	seconds := 5.0
	if filters != nil && filters.RefuseSeconds != nil {
		seconds = *filters.RefuseSeconds
	}
	o.agent.refused = time.Now().Add(time.Duration(min(seconds, math.MaxInt64/1e9/2) * float64(time.Second)))
}
