package cluster

import (
	"fmt"
	"maps"
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// simOffer is an offer that stands.
type simOffer struct {
	offer.Offer
	agent *simAgent
	wire  *mesos.Offer
}

// claim is what a task takes, with its executor.
type claim struct {
	cpus, mem float64
	ports     []uint16
}

func claimOf(info *mesos.TaskInfo) claim {
	var c claim
	for _, list := range [][]mesos.Resource{info.Resources, info.Executor.Resources} {
		for i := range list {
			switch r := &list[i]; r.Name {
			case "cpus":
				c.cpus += r.Scalar.Value
			case "mem":
				c.mem += r.Scalar.Value
			case "ports":
				for _, rng := range r.Ranges.Range {
					for p := rng.Begin; p <= rng.End; p++ {
						c.ports = append(c.ports, uint16(p))
					}
				}
			}
		}
	}
	c.cpus = offer.Round(c.cpus)
	slices.Sort(c.ports)
	return c
}

// claimOfSpec is what a task takes, as its agent knows it.
func claimOfSpec(spec *launch.Spec) claim {
	c := claim{cpus: 0.5, mem: 512, ports: slices.Sorted(maps.Values(spec.Ports))} // of a test role
	switch spec.Role {
	case config.Master:
		c.cpus, c.mem = 1, 1024
	case config.Worker:
		c.cpus, c.mem = 1, 2048
	}
	return c
}

func portCount(ranges []offer.PortRange) int {
	count := 0
	for _, r := range ranges {
		count += int(r.End) - int(r.Begin) + 1
	}
	return count
}

// free is what nobody uses of an agent and nobody is offered.
func (m *simMesos) free(a *simAgent) offer.Offer {
	left := offer.Offer{CPUs: a.host.cpus, MemMB: a.host.mem - a.others, Ports: a.host.ports}
	take := func(c claim) {
		(&resource.Request{CPUs: c.cpus, MemMB: c.mem}).TakeFrom(&left, nil)
		for _, p := range c.ports {
			new(resource.Request).TakeFrom(&left, portsOf(p))
		}
	}
	for _, id := range sorted(m.tasks) {
		if task := m.tasks[id]; task.agent == a && !over(task.state) {
			take(task.claim)
		}
	}
	for _, id := range sorted(m.offers) {
		if o := m.offers[id]; o.agent == a {
			take(claim{cpus: o.CPUs, mem: o.MemMB})
			for _, r := range o.Ports {
				for p := int(r.Begin); p <= int(r.End); p++ {
					new(resource.Request).TakeFrom(&left, portsOf(uint16(p)))
				}
			}
		}
	}
	m.freeDisk(a, &left)
	return left
}

// allocate offers what is free, again and again.
func (m *simMesos) allocate() {
	m.after(m.between(2*time.Second, 6*time.Second), m.allocate)
	m.askBack()
	if m.stream == nil || m.suppressed {
		return
	}
	var offers []offer.Offer
	for _, id := range sorted(m.agents) {
		agent := m.agents[id]
		if agent.standing != registered {
			continue
		}
		free := m.free(agent)
		if free.CPUs < 0.01 || free.MemMB < 1 || m.filtered(agent, &free) {
			continue
		}
		if free.CPUs > 2 && m.chance(0.1) { // resources of one agent may come in several offers
			half := free
			half.CPUs, half.MemMB, half.Ports, half.DiskMB, half.Volumes = 1.5, free.MemMB/2, nil, 0, nil
			if last := len(free.Ports) - 1; last > 0 {
				half.Ports, free.Ports = free.Ports[last:], free.Ports[:last]
			}
			offers = append(offers, m.offer(agent, half))
			free.CPUs -= half.CPUs
			free.MemMB -= half.MemMB
		}
		offers = append(offers, m.offer(agent, free))
	}
	if len(offers) > 0 {
		line := "offers"
		for i := range offers {
			line += fmt.Sprintf(" %s@%s(%g,%g,%s)", offers[i].ID, offers[i].Host, offers[i].CPUs, offers[i].MemMB,
				offers[i].Ports.String())
		}
		m.send(Offered{Subscription: m.stream.number, Offers: offers}, line)
	}
}

func (m *simMesos) filtered(a *simAgent, free *offer.Offer) bool {
	kept := m.filters[:0]
	hit := false
	for _, f := range m.filters {
		if !f.until.After(m.now) {
			continue
		}
		kept = append(kept, f)
		hit = hit || f.agent == a && free.CPUs <= f.cpus+0.001 && free.MemMB <= f.mem && portCount(free.Ports) <= f.ports &&
			len(free.Volumes) <= f.volumes
	}
	m.filters = kept
	return hit
}

func (m *simMesos) offer(a *simAgent, what offer.Offer) offer.Offer {
	m.offerCount++
	what.ID, what.AgentID, what.Host, what.IP = fmt.Sprintf("o%d", m.offerCount), a.id, a.host.name, "10.0.0.1"
	what.Unavailable = a.unavailable
	what.CPUs, what.MemMB = offer.Round(what.CPUs), offer.Round(what.MemMB)
	o := &simOffer{agent: a, wire: a.host.wire(&what)}
	if what.DiskMB > 0 {
		for _, mb := range a.host.disk.reserved {
			what.DiskMB = max(what.DiskMB, mb)
		}
	}
	o.Offer = what
	wire, err := o.wire.Marshal()
	if err != nil {
		panic(err)
	}
	o.Wire = wire
	m.offers[what.ID] = o
	if m.chance(0.02) {
		id := what.ID
		m.after(m.between(0, time.Second), func() { m.rescind(id) })
	}
	return o.Offer
}

func (m *simMesos) rescind(id string) {
	if m.offers[id] != nil && m.stream != nil {
		delete(m.offers, id)
		m.send(Rescinded{Subscription: m.stream.number, OfferID: id}, "rescinded "+id)
	}
}

// wire says o in several resources of one name, some of them reserved.
func (h *simHost) wire(o *offer.Offer) *mesos.Offer {
	plain := offer.Offer{ID: o.ID, AgentID: o.AgentID, Host: o.Host, CPUs: o.CPUs, MemMB: o.MemMB, Ports: o.Ports}
	full := new(mesos.Offer)
	if err := full.Unmarshal(wireAt(wireOf(&plain), "rack:"+h.rack, "", "")); err != nil {
		panic(err)
	}
	if !h.reserved {
		full.Resources = append(full.Resources, h.diskPieces(o)...)
		return full
	}
	var pieces []mesos.Resource
	for _, r := range full.Resources {
		if r.Scalar != nil && r.Scalar.Value > 0.5 {
			part, role, kind := r, simRole, mesos.Resource_ReservationInfo_STATIC
			part.Scalar = &mesos.Value_Scalar{Value: offer.Round(min(r.Scalar.Value-0.1, 0.5))}
			part.Reservations = []mesos.Resource_ReservationInfo{{Type: &kind, Role: &role}}
			r.Scalar = &mesos.Value_Scalar{Value: offer.Round(r.Scalar.Value - part.Scalar.Value)}
			pieces = append(pieces, r, part)
			continue
		}
		pieces = append(pieces, r)
	}
	full.Resources = append(pieces, h.diskPieces(o)...)
	return full
}
