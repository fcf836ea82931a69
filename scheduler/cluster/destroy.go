package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// Volumes are destroyed on request only: those that `replace --destroy-volume` gave up, one by one, and those of an `uninstall --destroy-volumes`,
// all that are ours. They are found in offers, and gone when their agent makes an offer without them.

// doomedVolume is a volume to destroy when it is offered.
type doomedVolume struct {
	Slot string `json:"slot"`
	Host string `json:"host"`
	// Freed is the agent to which its end was sent, or "".
	Freed string `json:"freed,omitempty"`
}

// destroyState is what is known of volumes that are being destroyed.
type destroyState struct {
	// doomed are the volumes that were given up, by ID.
	doomed map[string]*doomedVolume
	// freed are volumes whose end was sent to Mesos, with their agents.
	freed map[string]string
	// all asks for the end of every volume and reservation of this cluster, once its last task is gone; since is when Mesos last said, or was told, anything
	// about them.
	all   bool
	since time.Time
}

// Free accepts an offer for destroying volumes and giving back what was reserved for them.
type Free struct {
	OfferID, AgentID, Host string
	Operations             []mesos.Offer_Operation
	// Volumes are the IDs of the volumes that end.
	Volumes []string
}

func (a Free) String() string {
	var disk float64
	for i := range a.Operations {
		for _, r := range a.Operations[i].GetUnreserve().GetResources() {
			disk += r.GetScalar().GetValue()
		}
	}
	var parts []string
	if len(a.Volumes) > 0 {
		parts = append(parts, "destroy volume "+strings.Join(a.Volumes, ", "))
	}
	if disk > 0 {
		parts = append(parts, fmt.Sprintf("unreserve %gMB of disk", disk))
	}
	return strings.Join(parts, " and ") + " on " + a.OfferID
}

// doom gives the volume of slot up for destruction.
func (s *State) doom(slot *Slot) {
	s.destroy.doomed[slot.Volume.ID] = &doomedVolume{Slot: slot.Name, Host: slot.Volume.Host}
	s.changed[frameworkKey] = struct{}{}
}

// destroysAll is true when every volume of this cluster is to end now: nothing uses one any more.
func (s *State) destroysAll() bool {
	return s.destroy.all && s.teardown && s.proof.done && len(s.byTask) == 0 && len(s.surplus) == 0
}

// free ends what is to end of the volumes and reservations in o; false when there is nothing of the kind.
func (m *matcher) free(o *Offer) bool {
	ends := func(id string) bool {
		_, _, _, ours := m.ourVolume(id)
		doomed := m.destroy.doomed[id]
		return doomed != nil && doomed.Host == o.Host || ours && m.destroysAll()
	}
	if !m.destroysAll() && !slices.ContainsFunc(o.Volumes, func(v OfferedVolume) bool { return ends(v.ID) }) {
		return false
	}
	offer := decodeOffer(o)
	if offer == nil {
		return false
	}
	free := Free{OfferID: o.ID, AgentID: o.AgentID, Host: o.Host}
	for i := range offer.Resources {
		r := offer.Resources[i]
		if r.Name != "disk" || mesosRoleOf(&r) != m.settings.MesosRole {
			continue
		}
		cluster, _ := labelsOf(&r)
		reserved := cluster == m.clusterName && cluster != ""
		if id := volumeIDOf(&r); id != "" {
			if !ends(id) {
				continue
			}
			free.Operations = append(free.Operations, operation(mesos.Offer_Operation_DESTROY, r))
			free.Volumes = append(free.Volumes, id)
			r.Disk = nil
		} else if !m.destroysAll() {
			continue
		}
		if reserved {
			free.Operations = append(free.Operations, operation(mesos.Offer_Operation_UNRESERVE, r))
		}
	}
	if len(free.Operations) > 0 {
		m.d.do(free)
	}
	return len(free.Operations) > 0
}

// noteFreed learns from an offer whether what was freed on its agent is gone.
func (s *State) noteFreed(o *Offer, now time.Time) {
	for id, agent := range s.destroy.freed {
		if agent != o.AgentID {
			continue
		}
		s.noteFree(id, "")
		if o.holds(id) == nil {
			s.destroy.since = now
			s.forgetVolume(id)
		}
	}
}

// noteFree remembers that the end of a volume was sent to agentID, or with "" that it has to be sent again. It is durable: of a volume that is gone
// nothing else would tell the next process, and it would be waited for without end.
func (s *State) noteFree(id, agentID string) {
	s.recallFreed(id, agentID)
	if v := s.destroy.doomed[id]; v != nil {
		v.Freed = agentID
		s.changed[frameworkKey] = struct{}{}
	}
	role, index, _, _ := s.ourVolume(id)
	if slot := s.slots[slotName(role, index)]; slot != nil && slot.Volume != nil && slot.Volume.ID == id {
		slot.Volume.Freed = agentID
		s.touch(slot)
	}
}

func (s *State) recallFreed(id, agentID string) {
	if agentID == "" {
		delete(s.destroy.freed, id)
	} else {
		s.destroy.freed[id] = agentID
	}
}

// forgetVolume takes a volume that was destroyed out of the Record: its journal is no journal any more, and its slot may be anywhere.
func (s *State) forgetVolume(id string) {
	if s.destroy.doomed[id] != nil {
		delete(s.destroy.doomed, id)
		s.changed[frameworkKey] = struct{}{}
	}
	if _, formatted := s.journals[id]; formatted {
		delete(s.journals, id)
		s.changed[journalKey(id)] = struct{}{}
		s.noteJournalKind()
	}
	for _, slot := range s.slots {
		if slot.Volume != nil && slot.Volume.ID == id && slot.Task == nil {
			s.leaveHost(slot)
			slot.Volume, slot.Host = nil, ""
			s.touch(slot)
		}
	}
}

// toDestroy are the volumes that are to end and are not gone yet, by ID.
func (s *State) toDestroy() map[string]doomedVolume {
	left := map[string]doomedVolume{}
	for id, v := range s.destroy.doomed {
		left[id] = *v
	}
	if s.destroysAll() {
		for _, slot := range s.slots {
			if v := slot.Volume; v != nil {
				left[v.ID] = doomedVolume{Slot: slot.Name, Host: v.Host}
			}
		}
	}
	return left
}

// destroyWish is the wish for offers of volumes that are to end.
const destroyWish = "volumes to destroy"

// wishToDestroy adds to the wishes, and is true when there is something to add.
func (s *State) wishToDestroy(wishes map[string]int) bool {
	left := len(s.toDestroy())
	if left == 0 && !s.destroysAll() {
		return false
	}
	wishes[destroyWish] = left
	return true
}

// freeing keeps a teardown from ending before every volume that is to go with it has gone: those that are known, and those that offers show.
func (s *State) freeing(d *Decision, now time.Time) bool {
	if !s.destroysAll() {
		return false
	}
	d.freeing = true
	quiet := s.destroy.since.Add(destroyQuiet)
	if len(s.toDestroy()) == 0 && !s.destroy.since.IsZero() && !now.Before(quiet) {
		return false
	}
	if s.destroy.since.IsZero() {
		quiet = now.Add(destroyQuiet)
	}
	if now.Before(quiet) {
		d.wakeBy(quiet)
	}
	return true
}

// waitingToDestroy says what keeps volumes from being destroyed.
func (s *State) waitingToDestroy() []Waiting {
	var list []Waiting
	left := s.toDestroy()
	for _, id := range slices.Sorted(maps.Keys(left)) {
		role, _, _, _ := s.ourVolume(id)
		list = append(list, Waiting{Slot: left[id].Slot, Role: role,
			Reason: fmt.Sprintf("volume %s is to be destroyed when host %s offers it", id, left[id].Host), Mend: "bring " + left[id].Host + " back"})
	}
	return list
}
