package cluster

import (
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// Rejection says why one offer was not used for a role.
type Rejection struct {
	OfferID, AgentID, Host string
	Role                   config.Role
	// Slot is the slot that the offer could have filled, or "" for a new one.
	Slot   string
	Reason RejectReason
	// Detail completes Reason: a host name, a constraint, a phase, a time.
	Detail string
	// CPUs, MemMB and Ports are what was offered.
	CPUs, MemMB float64
	Ports       []offer.PortRange
	// First is false when the agent's last offer was rejected for the same reason and detail.
	First bool

	// What explain and hint need besides, see finding.
	by     *rejectedBy
	away   bool
	diskMB float64
}

// keptRejection is the last Rejection of an agent for a role, and since when and how often it repeats.
type keptRejection struct {
	Rejection
	since, last time.Time
	count       int
}

// agentRejections are those of one agent, at most one for each role.
type agentRejections []*keptRejection

// same is the kept rejection that r repeats, or nil when r is new.
func (a agentRejections) same(r *Rejection) *keptRejection {
	for _, was := range a {
		if was.Role == r.Role && was.Reason == r.Reason && was.Detail == r.Detail {
			return was
		}
	}
	return nil
}

// reject records that o was not used for role.
func (m *matcher) reject(o *offer.Offer, role config.Role, slot *Slot, f *finding) {
	r := Rejection{OfferID: o.ID, AgentID: o.AgentID, Host: o.Host, Role: role, Reason: f.row.reason, Detail: f.detail,
		CPUs: o.CPUs, MemMB: o.MemMB, Ports: o.Ports, by: f.by, away: f.away, diskMB: f.diskMB}
	if slot != nil {
		r.Slot = slot.Name
	}
	r.First = m.s.offers.rejections[r.AgentID].same(&r) == nil
	if m.d.Rejections == nil { // growing it step by step would cost more than all else of a cycle with many offers
		m.d.Rejections = make([]Rejection, 0, len(m.s.offers.pending))
	}
	m.d.Rejections = append(m.d.Rejections, r)
}

// keepRejections merges the rejections of a decision, which are in the order of its offers, into the
// known ones. Those that the agent's last offer did not repeat are removed.
func (s *State) keepRejections(d *Decision, now time.Time) {
	rest := d.Rejections
	offers := s.offers.pending
	for i := range offers {
		o, n := &offers[i], 0
		for n < len(rest) && rest[n].OfferID == o.ID {
			n++
		}
		if known := s.offers.rejections[o.AgentID]; n > 0 || known != nil {
			s.keepAgent(o.AgentID, known, rest[:n], now)
		}
		rest = rest[n:]
	}
}

// keepAgent is keepRejections for one offer. In a large cluster most rejections repeat known ones,
// which must not allocate.
func (s *State) keepAgent(agentID string, known agentRejections, rejections []Rejection, now time.Time) {
	changed := len(known) != len(rejections)
	for i := range rejections {
		r := &rejections[i]
		if was := known.same(r); was != nil {
			was.CPUs, was.MemMB, was.Ports, was.Slot, was.by, was.away, was.diskMB = r.CPUs, r.MemMB, r.Ports, r.Slot,
				r.by, r.away, r.diskMB
			was.last = now
			was.count++
		} else {
			changed = true
		}
	}
	switch {
	case len(rejections) == 0:
		s.offers.reject(agentID, nil)
	case changed:
		fresh := make(agentRejections, len(rejections))
		for i := range rejections {
			if fresh[i] = known.same(&rejections[i]); fresh[i] == nil {
				fresh[i] = &keptRejection{Rejection: rejections[i], since: now, last: now, count: 1}
				fresh[i].OfferID = "" // it shares the bytes of the whole event, which must not live as long as a rejection
			}
		}
		s.offers.reject(agentID, fresh)
	}
}

func (s *State) forgetRejections(agentID string) { s.offers.reject(agentID, nil) }
