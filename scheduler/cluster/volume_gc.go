package cluster

import (
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// noteGone learns from offers which volumes are no more, of those that are to end or that no slot uses.
func (s *State) noteGone(offers []Offer, now time.Time) {
	watched := s.watched()
	if len(watched) == 0 {
		return
	}
	for i := range offers {
		o := &offers[i]
		for _, v := range watched[o.Host] {
			if v.goneFrom(o) && !s.reservedIn(o) {
				s.destroy.since = now
				delete(s.destroy.sent, o.Host)
				s.forgetVolume(hostVolume{v.ID, v.Host})
			}
		}
	}
}

// goneFrom is true for a volume that would be in o if it existed: its end was sent there, or
// nothing has ever shown it, or its host has started again. An offer without any disk says nothing of
// volumes: what an agent has may be in several offers.
func (v *orphanedVolume) goneFrom(o *Offer) bool {
	return v.Host == o.Host && o.DiskMB > 0 && o.holds(v.ID) == nil &&
		(v.Unseen || v.Freed == o.AgentID || v.AgentID != "" && v.AgentID != o.AgentID)
}

// reservedIn is true when o has disk that was reserved for a volume of this cluster and is not wanted.
func (s *State) reservedIn(o *Offer) bool {
	offer := decodeOffer(o)
	return offer != nil && slices.ContainsFunc(offer.Resources, func(r mesos.Resource) bool {
		return r.Name == "disk" && s.unreserves(&r, o.Host)
	})
}

// forgetVolume takes a volume that is gone out of the Record: its journal is no journal any more,
// and its slot may be anywhere.
func (s *State) forgetVolume(at hostVolume) {
	if v := s.destroy.marked[at.id]; v != nil && v.Host == at.host {
		delete(s.destroy.marked, at.id)
		s.touchMarked(at.id)
	}
	s.forgetOrphan(at)
	if _, formatted := s.journals[at.id]; formatted {
		delete(s.journals, at.id)
		s.changed[journalKey(at.id)] = struct{}{}
		s.noteJournalKind()
	}
	for _, slot := range s.slots {
		if slot.Volume != nil && slot.Volume.ID == at.id && slot.Volume.Host == at.host && slot.Task == nil {
			s.unindexHost(slot)
			slot.Volume, slot.Host = nil, ""
			s.touch(slot)
		}
	}
}

// watched are the volumes that are to end and those that no slot uses, by host.
func (s *State) watched() map[string][]orphanedVolume {
	byHost := map[string][]orphanedVolume{}
	for _, v := range s.toDestroy() {
		byHost[v.Host] = append(byHost[v.Host], v)
	}
	if !s.destroysAll() {
		for host, onHost := range s.orphaned {
			for _, v := range onHost {
				if s.mayBeOffered(v.MesosRole) {
					byHost[host] = append(byHost[host], *v)
				}
			}
		}
	}
	return byHost
}
