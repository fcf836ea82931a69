package cluster

import (
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// noteGone removes volumes from the Record that offers show to be gone. It looks at volumes that are
// to be destroyed and at orphaned ones.
func (s *State) noteGone(offers []offer.Offer, now time.Time) {
	watched := s.watched()
	if len(watched) == 0 {
		return
	}
	for i := range offers {
		o := &offers[i]
		for _, v := range watched[o.Host] {
			if v.goneFrom(o) && !s.usedOn(v, o.AgentID) && !s.reservedIn(o) {
				s.volumes.noteGone(o.Host, now)
				s.forgetVolume(v.at())
			}
		}
	}
}

// goneFrom is true for a volume that o shows to be gone: it is not in o, and a DESTROY of it was sent
// to this agent, or no offer ever had it, or its host has a new agent. An offer without disk shows
// nothing: the resources of an agent may be in several offers.
func (v *Volume) goneFrom(o *offer.Offer) bool {
	return v.Host == o.Host && o.DiskMB > 0 && o.FindVolume(v.ID) == nil &&
		(!v.Confirmed || v.DestroySentTo == o.AgentID || v.AgentID != "" && v.AgentID != o.AgentID)
}

// usedOn is true while a task on the agent may use v. Mesos offers no volume that a task uses, so an
// offer without v shows nothing then. Such a task was replaced: the task that replaced it has a later volume.
func (s *State) usedOn(v *Volume, agentID string) bool {
	slot := s.slots.byName[v.Slot]
	if slot != nil && slot.Volume == nil && slot.Task != nil && slot.Task.Relocate &&
		slot.Task.AgentID == agentID {
		return true
	}
	for id := range s.surplus.index.byAgent[agentID] {
		if name, _ := splitTaskID(id); name == v.Slot {
			return true
		}
	}
	return false
}

// reservedIn is true when o has disk that is still reserved for a volume of this cluster and that is
// to be unreserved.
func (s *State) reservedIn(o *offer.Offer) bool {
	full := o.Decode()
	return full != nil && slices.ContainsFunc(full.Resources, func(r mesos.Resource) bool {
		return r.Name == "disk" && s.unreserves(&r, o.Host)
	})
}

// forgetVolume removes a volume that is gone from the Record, and its journal with it. Its slot may
// then be placed on any host.
func (s *State) forgetVolume(at hostVolume) {
	s.forgetUnowned(at)
	if s.journals.remove(at.id) {
		s.record.touchRow(journalKey(at.id))
		s.noteJournalKind()
		if len(s.journals.formatted) == 0 {
			s.setVersion(nil)
		}
	}
	for _, slot := range s.slots.byName {
		if slot.Volume != nil && slot.Volume.at() == at && slot.Task == nil {
			s.unindexHost(slot)
			slot.Volume, slot.Host = nil, ""
			s.touch(slot)
		}
	}
}

// watched are the volumes that are to be destroyed and the orphaned ones, by host.
func (s *State) watched() map[string][]*Volume {
	byHost := map[string][]*Volume{}
	for _, v := range s.toDestroy() {
		byHost[v.Host] = append(byHost[v.Host], v)
	}
	if !s.destroysAll() {
		for host, onHost := range s.volumes.unowned {
			for _, v := range onHost {
				if !v.DestroyRequested && s.mayBeOffered(v) {
					byHost[host] = append(byHost[host], v)
				}
			}
		}
	}
	return byHost
}
