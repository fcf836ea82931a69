package cluster

import (
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// mayMove says whether a vacant slot may be placed on another host than its last.
func (s *State) mayMove(slot *Slot, now time.Time) bool {
	switch {
	case slot.Host == "":
		return true
	case s.settings.Of(slot.Role).Count == config.AllHosts:
		return false
	case s.boundByJournal(slot), s.boundByVolume(slot, now):
		return false
	}
	return slot.HostGone || slot.RelocateReason != "" || s.violatesConstraints(slot) ||
		s.backedOff(slot.Host, now) != nil ||
		slot.Failures >= moveAfter || !now.Before(slot.VacantSince.Add(stickyFor))
}

// boundByJournal is true for a master whose only journal is on its host: it can serve nowhere else.
func (s *State) boundByJournal(slot *Slot) bool { return s.boundByJournalWith(nil, slot) }

// boundByJournalWith is boundByJournal as it will be after Commit of d, of which nil places nothing.
func (s *State) boundByJournalWith(d *Decision, slot *Slot) bool {
	if s.isMember(slot) {
		return slot.Host != "" && !s.mayRelocate(d, slot)
	}
	if !s.roleRow(slot.Role).Journal || s.settings.Journal.Shared || s.settings.Journal.AllowLoss {
		return false
	}
	if s.settings.Of(slot.Role).Volume > 0 {
		return s.keepsJournal(slot)
	}
	return s.isFormatted(s.journalIdentity(slot.Host))
}

// boundByVolume is true for a vacant slot that waits for the host of its volume.
func (s *State) boundByVolume(slot *Slot, now time.Time) bool {
	switch {
	case slot.Volume == nil || slot.Volume.Unused || s.settings.Of(slot.Role).Volume == 0:
		return false
	case s.keepsJournal(slot):
		return true
	case s.violatesConstraints(slot): // constraints keep it from its own host
		return false
	}
	return !s.waitEnds(slot) || now.Before(slot.VacantSince.Add(s.settings.ReplaceAfter))
}

// hostLost is true for a vacant slot of count `all` whose host has been unreachable for so long that
// a rollout no longer waits for it.
func (s *State) hostLost(slot *Slot, now time.Time) bool {
	return slot.Task == nil && s.settings.Of(slot.Role).Count == config.AllHosts && !now.Before(slot.lostAt())
}

// lostAt is when the host of a vacant slot counts as lost unless it offers again. If its last task
// was abandoned, the time counts from when its agent became unreachable.
func (s *Slot) lostAt() time.Time {
	if s.SilentSince.IsZero() || s.NotBefore.After(s.VacantSince) {
		return s.retiresAt()
	}
	return s.SilentSince.Add(retireAfter)
}

// waitEnds is true for a slot that abandons its volume when its host has been away for replace.after.
func (s *State) waitEnds(slot *Slot) bool {
	return s.settings.ReplaceAfter > 0 && !s.keepsJournal(slot)
}

// keepsJournal is true for a slot whose volume holds a journal that nothing else has.
func (s *State) keepsJournal(slot *Slot) bool {
	if !s.roleRow(slot.Role).Journal || slot.Volume == nil || s.settings.Journal.AllowLoss {
		return false
	}
	return s.isFormatted(slot.Volume.ID)
}

// awaitsOwnHost is true for a slot that waits for its own host, which is another than o's.
func (m *matcher) awaitsOwnHost(slot *Slot, o *offer.Offer) bool {
	return slot.Host != "" && slot == m.bound[slot.Role] && slot != m.s.slots.byHost[hostKey{slot.Role, o.Host}]
}

// waitsForJournal is true for a slot that waits for the host of its journal.
func (m *matcher) waitsForJournal(slot *Slot, o *offer.Offer) (finding, bool) {
	if !m.awaitsOwnHost(slot, o) || !m.s.boundByJournal(slot) {
		return finding{}, false
	}
	return finding{detail: slot.Host, away: m.s.hostAway(slot, m.now)}, true
}

// waitsForVolume is true for a slot that waits for the host of its volume.
func (m *matcher) waitsForVolume(slot *Slot, o *offer.Offer) (finding, bool) {
	if !m.awaitsOwnHost(slot, o) || !m.s.boundByVolume(slot, m.now) {
		return finding{}, false
	}
	return finding{detail: slot.Host, away: m.s.hostAway(slot, m.now)}, true
}

// volumeWait is how long offers of other hosts are declined for a slot that waits for the host of
// its volume.
func (m *matcher) volumeWait(slot *Slot, _ *offer.Offer) time.Duration {
	if !m.s.waitEnds(slot) {
		return refuseUnfit
	}
	return min(m.waitUntil(slot.VacantSince.Add(m.s.settings.ReplaceAfter)), refuseUnfit)
}

// waitsForOwnHost is true for a slot that waits for its own host, whatever it has there.
func (m *matcher) waitsForOwnHost(slot *Slot, o *offer.Offer) (finding, bool) {
	return finding{detail: slot.Host}, m.awaitsOwnHost(slot, o)
}

// stickyWait is how long slot still prefers its own host.
func (m *matcher) stickyWait(slot *Slot, _ *offer.Offer) time.Duration {
	return m.waitUntil(slot.VacantSince.Add(stickyFor))
}
