package cluster

import (
	"cmp"
	"strconv"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// offerChecks say why an offer is not used for the slot that it could fill, in this order: first what
// only an operator or another framework can change, then what passes. The first Rejection counts. A
// check changes nothing.
var offerChecks = []struct {
	// ofHost is true for a check of the host itself, which companions leave to their primaries.
	ofHost bool
	check  func(m *matcher, slot *Slot, o *offer.Offer) Rejection
}{
	{true, (*matcher).constrain},
	{true, (*matcher).volumeShortfall},
	{true, (*matcher).tierDiskShortfall},
	{false, (*matcher).maintained},
	{false, (*matcher).resourceShortfall},
	{false, (*matcher).passesOver},
	{false, (*matcher).stillEnds},
	{false, (*matcher).outOfPhase},
	{false, (*matcher).delayed},
}

// check is the first Rejection of o for slot, or the zero Rejection when o can be used now.
func (m *matcher) check(slot *Slot, o *offer.Offer) Rejection {
	for i := range offerChecks {
		c := &offerChecks[i]
		if c.ofHost && m.s.isCompanion(slot) {
			continue
		}
		if rejection := c.check(m, slot, o); rejection.Reason != "" {
			return rejection
		}
	}
	return Rejection{}
}

// tierDiskShortfall is the rejection of an offer without enough disk for slot's tiers and a volume
// that is to be created there, or the zero Rejection.
func (m *matcher) tierDiskShortfall(slot *Slot, o *offer.Offer) Rejection {
	n := m.s.requestOf(slot)
	size := n.DiskMB
	if v := slot.Volume; size > 0 && (v == nil || v.Host != o.Host || o.FindVolume(v.ID) == nil) {
		size += n.VolumeMB
	}
	if n.DiskMB == 0 || o.DiskMB+resource.Epsilon >= size {
		return Rejection{}
	}
	return Rejection{Reason: TierDisk, Detail: strconv.FormatFloat(o.DiskMB, 'f', -1, 64), diskMB: size,
		refuse: refuseUnfit}
}

// resourceShortfall is the rejection of an offer with too little of what slot requests.
func (m *matcher) resourceShortfall(slot *Slot, o *offer.Offer) Rejection {
	n := m.s.requestOf(slot)
	if m.s.isCompanion(slot) {
		n = m.requestAt(slot, o.Host)
	}
	if short := n.ShortfallIn(o); short != 0 {
		return Rejection{Reason: reasonOf(short), short: true, refuse: refuseUnfit}
	}
	return Rejection{}
}

// stillEnds is the rejection of an offer of an agent on which a task of ours may still run that was
// replaced: there would be two masters on one journal, or two workers on one ramdisk.
func (m *matcher) stillEnds(slot *Slot, o *offer.Offer) Rejection {
	if task := cmp.Or(m.ending[o.AgentID], m.blocked[slot.Name]); task != "" {
		return Rejection{Reason: Ending, Detail: task, soon: true, refuse: refuseSoon}
	}
	if task := m.unanswered[o.AgentID]; task != "" {
		return Rejection{Reason: Unanswered, Detail: task, soon: true, refuse: refuseSoon}
	}
	return Rejection{}
}

// outOfPhase is the rejection of an offer for a role that may not be launched yet.
func (m *matcher) outOfPhase(slot *Slot, _ *offer.Offer) Rejection {
	if ok, why := m.opens(slot.Role); !ok {
		return Rejection{Reason: PhaseOrder, Detail: why, soon: true, refuse: m.phaseRefuse(slot.Role)}
	}
	return Rejection{}
}

// delayed is the rejection of an offer for a slot that waits after failures.
func (m *matcher) delayed(slot *Slot, _ *offer.Offer) Rejection {
	if wait := slot.NotBefore.Sub(m.now); wait > 0 {
		return Rejection{Reason: RestartDelay, Detail: slot.NotBefore.UTC().Format(time.RFC3339), soon: true,
			refuse: max(wait.Round(time.Second), refuseLeast)}
	}
	return Rejection{}
}

// phaseRefuse is how long offers are declined for a role that may not be launched yet. What an
// essential role lacks comes soon. Others may lack room for long, and when they do serve, a revive
// brings the offers back.
func (m *matcher) phaseRefuse(role config.Role) time.Duration {
	if gate := m.s.roleRow(m.s.roleRow(role).After.Role); gate != nil && !gate.Essential {
		return refuseUnfit
	}
	return refuseSoon
}
