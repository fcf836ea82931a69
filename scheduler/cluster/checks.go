package cluster

import (
	"cmp"
	"strconv"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// The checks of reasonTable that do not belong to another subject, and how long an offer is declined
// for a reason that ends at a time.

// lacksOwnVolume is true for an offer of the host of slot's volume without that volume.
func (m *matcher) lacksOwnVolume(slot *Slot, o *offer.Offer) bool {
	v := slot.Volume
	return v != nil && v.Host == o.Host && m.s.derived.requests[slot.Role].VolumeMB > 0 && o.FindVolume(v.ID) == nil &&
		(v.Confirmed || m.s.volumes.ambiguous[slot.Name])
}

// volumeLost is true for an offer of another agent than the one that had slot's volume, with a journal
// that nothing else has.
func (m *matcher) volumeLost(slot *Slot, o *offer.Offer) (finding, bool) {
	if !m.lacksOwnVolume(slot, o) || slot.Volume.AgentID == o.AgentID || !m.s.keepsJournal(slot) {
		return finding{}, false
	}
	return finding{detail: slot.Volume.ID}, true
}

// volumeAway is true for an offer of the agent of slot's volume without that: it is in another offer, or
// its last task is still ending.
func (m *matcher) volumeAway(slot *Slot, o *offer.Offer) (finding, bool) {
	if !m.lacksOwnVolume(slot, o) || slot.Volume.AgentID != o.AgentID {
		return finding{}, false
	}
	return finding{detail: slot.Volume.ID}, true
}

// lacksVolumeDisk is true for an offer with neither slot's volume nor enough disk for a new one.
func (m *matcher) lacksVolumeDisk(slot *Slot, o *offer.Offer) (finding, bool) {
	size := m.s.derived.requests[slot.Role].VolumeMB
	if size == 0 || o.DiskMB+resource.Epsilon >= size {
		return finding{}, false
	}
	if v := slot.Volume; v != nil && v.Host == o.Host && o.FindVolume(v.ID) != nil {
		return finding{}, false
	}
	return finding{detail: strconv.FormatFloat(o.DiskMB, 'f', -1, 64)}, true
}

// lacksTierDisk is true for an offer without enough disk for slot's tiers and for a volume that is to be
// created there.
func (m *matcher) lacksTierDisk(slot *Slot, o *offer.Offer) (finding, bool) {
	n := m.s.derived.requests[slot.Role]
	if n.DiskMB == 0 {
		return finding{}, false
	}
	size := n.DiskMB
	if v := slot.Volume; v == nil || v.Host != o.Host || o.FindVolume(v.ID) == nil {
		size += n.VolumeMB
	}
	if o.DiskMB+resource.Epsilon >= size {
		return finding{}, false
	}
	return finding{detail: strconv.FormatFloat(o.DiskMB, 'f', -1, 64), diskMB: size}, true
}

// lacksPorts is true for an offer without a port that slot requests.
func (m *matcher) lacksPorts(slot *Slot, o *offer.Offer) (finding, bool) {
	n := m.s.requestOf(slot)
	if m.s.isCompanion(slot) {
		n = m.requestAt(slot, o.Host)
	}
	return finding{}, !n.FitsPorts(o)
}

// lacksMem is true for an offer with less memory than slot requests.
func (m *matcher) lacksMem(slot *Slot, o *offer.Offer) (finding, bool) {
	return finding{}, !m.s.derived.requests[slot.Role].FitsMem(o)
}

// lacksCPUs is true for an offer with fewer processors than slot requests.
func (m *matcher) lacksCPUs(slot *Slot, o *offer.Offer) (finding, bool) {
	return finding{}, !m.s.derived.requests[slot.Role].FitsCPUs(o)
}

// stillEnds is true for an offer of an agent on which a task of ours still runs that was replaced: there
// would be two masters on one journal, or two workers on one ramdisk.
func (m *matcher) stillEnds(slot *Slot, o *offer.Offer) (finding, bool) {
	task := cmp.Or(m.ending[o.AgentID], m.blocked[slot.Name])
	return finding{detail: task}, task != ""
}

// mayStillRun is stillEnds for a task about which Mesos has not answered.
func (m *matcher) mayStillRun(_ *Slot, o *offer.Offer) (finding, bool) {
	task := m.unanswered[o.AgentID]
	return finding{detail: task}, task != ""
}

// outOfPhase is true for a role that may not be launched yet.
func (m *matcher) outOfPhase(slot *Slot, _ *offer.Offer) (finding, bool) {
	ok, why := m.opens(slot.Role)
	return finding{detail: why}, !ok
}

// phaseWait is how long offers are declined for a role that may not be launched yet. What an essential
// role lacks comes soon. Others may lack room for long, and when they do serve, a revive brings the
// offers back.
func (m *matcher) phaseWait(slot *Slot, _ *offer.Offer) time.Duration {
	if gate := m.s.roleRow(m.s.roleRow(slot.Role).After.Role); gate != nil && !gate.Essential {
		return refuseUnfit
	}
	return refuseSoon
}

// delayed is true for a slot that waits after failures.
func (m *matcher) delayed(slot *Slot, _ *offer.Offer) (finding, bool) {
	if !slot.NotBefore.After(m.now) {
		return finding{}, false
	}
	return finding{detail: slot.NotBefore.UTC().Format(time.RFC3339)}, true
}

// restartWait is the rest of the restart delay of slot.
func (m *matcher) restartWait(slot *Slot, _ *offer.Offer) time.Duration {
	return m.waitUntil(slot.NotBefore)
}

// waitUntil is how long an offer is declined that can be used at a time.
func (m *matcher) waitUntil(at time.Time) time.Duration {
	return max(at.Sub(m.now).Round(time.Second), refuseLeast)
}
