package cluster

import (
	"fmt"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// RejectReason is why an offer was not used, as a short stable word.
type RejectReason string

// The reasons, roughly in the order of their checks; see matcher.candidate.
const (
	OnePerHost   RejectReason = "one-per-host"
	PinnedHost   RejectReason = "host"
	JournalHost  RejectReason = "journal-host"
	OwnHost      RejectReason = "own-host"
	Constrained  RejectReason = "constraint"
	VolumeHost   RejectReason = "volume-host"
	VolumeAway   RejectReason = "volume"
	VolumeLost   RejectReason = "volume-lost"
	Disk         RejectReason = "disk"
	TierDisk     RejectReason = "tier-disk"
	Maintained   RejectReason = "maintenance"
	CPUs         RejectReason = "cpus"
	Mem          RejectReason = "mem"
	PortsOffered RejectReason = "ports"
	HostBackoff  RejectReason = "host-backoff"
	Ending       RejectReason = "ending"
	Unanswered   RejectReason = "unanswered"
	PhaseOrder   RejectReason = "phase"
	RestartDelay RejectReason = "restart-delay"
	Malformed    RejectReason = "malformed"
)

// reasonOf is the reason that is named first: what is harder to change.
func reasonOf(s resource.Shortfall) RejectReason {
	switch {
	case s&resource.ShortPorts != 0:
		return PortsOffered
	case s&resource.ShortMem != 0:
		return Mem
	}
	return CPUs
}

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

	refuse time.Duration
	// soon is true when the offer could be used without a change from outside, short when it has too
	// little of a resource.
	soon, short bool
	by          *rejectedBy // of Constrained
	away        bool        // of JournalHost and VolumeHost: that host may be down
	diskMB      float64     // of TierDisk: what is needed
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
func (m *matcher) reject(o *offer.Offer, role config.Role, slot *Slot, r Rejection) {
	r.OfferID, r.AgentID, r.Host, r.Role = o.ID, o.AgentID, o.Host, role
	r.CPUs, r.MemMB, r.Ports = o.CPUs, o.MemMB, o.Ports
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

// Explain says in one sentence why the offer was rejected, and has a hint: one command or property
// that helps, or "" when only time does.
func (s *State) Explain(r *Rejection) (reason, hint string) {
	n := s.derived.requests[r.Role]
	if slot := s.slots.byName[r.Slot]; slot != nil {
		n = s.requestOf(slot)
	}
	switch r.Reason {
	case OnePerHost:
		return fmt.Sprintf("%s already has a task of role %s, and a host gets one", r.Host, r.Role),
			"add hosts, or ask for fewer tasks with " + s.roleRow(r.Role).Keys.Count
	case PinnedHost:
		return fmt.Sprintf("%s is pinned to host %s", r.Role, r.Detail),
			fmt.Sprintf("start with %s as the second argument, or without one", r.Host)
	case JournalHost:
		return fmt.Sprintf("%s waits for host %s, which holds its journal", r.Slot, r.Detail),
			s.hintHost(s.slots.byName[r.Slot], r.Detail, r.away)
	case OwnHost:
		return fmt.Sprintf("%s waits for its own host %s first", r.Slot, r.Detail), ""
	case Constrained:
		return s.explainConstraint(r)
	case VolumeHost, VolumeAway, VolumeLost, Disk:
		return s.explainVolume(r, n)
	case Maintained:
		return fmt.Sprintf("maintenance of %s begins at %s", r.Host, r.Detail),
			"cancel it in Mesos's maintenance schedule, or wait until it is over"
	case TierDisk:
		uses := fmt.Sprintf("tiers of the worker (%s)", s.settings.TierText(true))
		if volumeMB := r.diskMB - n.DiskMB; volumeMB > 0 {
			uses += fmt.Sprintf(" and its volume (%.0fMB)", volumeMB)
		}
		return fmt.Sprintf("needs %.0fMB of disk in one piece for %s; the largest offered is %sMB", r.diskMB, uses,
				r.Detail),
			alternatives(s.hintRestart(r.Host, fmt.Sprintf("more disk, such as --resources='disk:%.0f'", r.diskMB)),
				"lower the quotas of these tiers")
	case CPUs, Mem, PortsOffered:
		return s.explainShortfall(r, n)
	case HostBackoff:
		return r.Host + " would fit, but " + r.Detail, "see the log of the Mesos agent of " + r.Host +
			"; new settings end the wait"
	case Ending:
		return fmt.Sprintf("%s still runs %s, which was replaced and is being ended", r.Host, r.Detail), ""
	case Unanswered:
		return fmt.Sprintf("%s may still run %s, which was replaced while its agent did not answer; Mesos is being "+
			"asked, and nothing is launched there before it answers, for at most %s", r.Host, r.Detail, heldAtMost), ""
	case PhaseOrder:
		return r.Detail, ""
	case RestartDelay:
		return "it waits until " + r.Detail + " after repeated failures", ""
	}
	return "the offer contradicts itself", "see the logs of the Mesos master"
}

func (s *State) explainShortfall(r *Rejection, n *resource.Request) (string, string) {
	o := offer.Offer{CPUs: r.CPUs, MemMB: r.MemMB, Ports: r.Ports}
	short := n.ShortfallIn(&o)
	var reasons, hints []string
	if short&resource.ShortCPUs != 0 {
		reasons = append(reasons, fmt.Sprintf("needs %g cpus, %g are offered", n.CPUs, r.CPUs))
		hints = append(hints, s.hintCPUs(r, n))
	}
	if short&resource.ShortMem != 0 {
		reasons = append(reasons, fmt.Sprintf("needs mem %s; %.0fMB are offered", n.MemoryText(), r.MemMB))
		hints = append(hints, s.hintMem(r, n))
	}
	if short&resource.ShortPorts != 0 {
		reasons = append(reasons, fmt.Sprintf("needs ports %s; %s", n.PortsText(), resource.OfferedText(r.Ports)))
		hints = append(hints, s.hintPorts(r, n))
	}
	if text := s.primaryText(r.Role); text != "" {
		reasons = append(reasons, text)
	}
	return strings.Join(reasons, "; "), strings.Join(hints, "; ")
}
