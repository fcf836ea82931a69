package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// Volumes are destroyed on request only: `replace --destroy-volume` marks one for destroy, and
// `uninstall --destroy-volumes` destroys all of this cluster. They are found in offers, and are gone
// when their agent makes an offer without them.

// destroyState is the progress of destroying volumes.
type destroyState struct {
	// all is true when every volume and reservation of this cluster is to be destroyed once its last
	// task is gone; since is the time of the last ReclaimVolumes, or of the last offer that showed a
	// volume gone.
	all   bool
	since time.Time
	// sent has, by host, the ReclaimVolumes of this process that no offer has confirmed yet.
	sent map[string]sentReclaim
}

// sentReclaim is when the last ReclaimVolumes for a host was sent, and how many were. Mesos does not
// answer these operations, not even when its ACLs forbid them.
type sentReclaim struct {
	at    time.Time
	times int
}

// ReclaimVolumes accepts an offer for DESTROY of volumes and UNRESERVE of their disk.
type ReclaimVolumes struct {
	OfferID, AgentID, Host string
	Operations             []mesos.Offer_Operation
	// Volumes are the IDs of the volumes that are destroyed.
	Volumes []string
}

func (a ReclaimVolumes) String() string {
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

// markForDestroy detaches the volume from slot and marks it for destroy: an operator has asked for it.
func (s *State) markForDestroy(slot *Slot) {
	v := s.disown(slot)
	v.DestroyRequested, v.DestroySentTo = true, ""
	v.MesosRole, v.MB = "", 0 // its row has neither
	s.noteUnowned(v)
}

// destroysAll is true once an uninstall may destroy every volume of this cluster: no task is left.
func (s *State) destroysAll() bool {
	return s.volumes.destroy.all && s.teardown.requested && s.reconciliation.freshness.done && len(s.slots.byTask) == 0 &&
		!s.surplusLives()
}

// reclaim uses o to destroy volumes and to unreserve disk. done is false when o has nothing to
// reclaim. again is at most how long to decline o for, 0 for any time: a ReclaimVolumes for the host
// was sent just now, or only a later offer tells whether a volume is gone, see usedOn. A reservation
// is looked for where a volume was never created, or was destroyed without it.
func (m *matcher) reclaim(o *offer.Offer) (done bool, again time.Duration) {
	ends := func(id string) bool {
		_, _, _, ours := m.s.ourVolume(id)
		v := m.s.volumes.unowned[o.Host][id]
		return v != nil && v.DestroyRequested || ours && m.s.destroysAll()
	}
	gone := func(v *Volume) bool { return v.goneFrom(o) }
	if slices.ContainsFunc(m.watched[o.Host], gone) {
		again = refuseSoon
	} else if !m.s.destroysAll() && !slices.ContainsFunc(o.Volumes, func(v offer.Volume) bool { return ends(v.ID) }) {
		return false, 0
	}
	full := o.Decode()
	if full == nil {
		return false, again
	}
	reclaim := ReclaimVolumes{OfferID: o.ID, AgentID: o.AgentID, Host: o.Host}
	for i := range full.Resources {
		r := full.Resources[i]
		if r.Name != "disk" || resource.MesosRoleOf(&r) != m.s.settings.MesosRole {
			continue
		}
		cluster, _ := resource.LabelsOf(&r)
		reserved := cluster == m.s.record.clusterName && cluster != ""
		if id := resource.VolumeIDOf(&r); id != "" {
			if !ends(id) {
				continue
			}
			reclaim.Operations = append(reclaim.Operations, resource.Operation(mesos.Offer_Operation_DESTROY, r))
			reclaim.Volumes = append(reclaim.Volumes, id)
			r.Disk = nil
		} else if !m.s.destroysAll() && !m.s.unreserves(&r, o.Host) {
			continue
		}
		if reserved {
			reclaim.Operations = append(reclaim.Operations, resource.Operation(mesos.Offer_Operation_UNRESERVE, r))
		}
	}
	if len(reclaim.Operations) == 0 {
		return false, again
	}
	if m.now.Before(m.s.volumes.destroy.sent[o.Host].at.Add(reclaimAgain)) {
		return false, reclaimAgain
	}
	m.d.do(reclaim)
	return true, 0
}

// noteReclaim records that a DESTROY of a volume was sent to agentID. The fact is durable: without it
// the next process could not tell that the volume is gone, and would wait for it without end.
func (s *State) noteReclaim(at hostVolume, agentID string) {
	if v := s.volumes.unowned[at.host][at.id]; v != nil {
		v.DestroySentTo = agentID
		s.touchUnowned(v)
	}
	role, index, _, _ := s.ourVolume(at.id)
	if slot := s.slots.byName[slotName(role, index)]; slot != nil && slot.Volume != nil && slot.Volume.at() == at {
		slot.Volume.DestroySentTo = agentID
		s.touch(slot)
	}
}

// toDestroy lists the volumes that are to be destroyed and are not gone yet.
func (s *State) toDestroy() []*Volume {
	var list []*Volume
	if s.destroysAll() {
		for _, v := range s.volumes.unowned.all() {
			if s.mayBeOffered(v) {
				list = append(list, v)
			}
		}
		for _, slot := range s.slots.byName {
			if v := slot.Volume; v != nil && s.mayBeOffered(v) {
				list = append(list, v)
			}
		}
	} else {
		list = slices.AppendSeq(list, maps.Values(s.volumes.marked))
	}
	slices.SortFunc(list, byIDAndHost)
	return list
}

// destroyDemand is the demand for offers with volumes that are to be destroyed.
const destroyDemand = "volumes to destroy"

// demandToDestroy adds destroyDemand to wanting, and returns whether there is any.
func (s *State) demandToDestroy(wanting demand) bool {
	left := len(s.toDestroy())
	if left == 0 && !s.destroysAll() {
		return false
	}
	wanting[destroyDemand] = demandVersion{volumes: left}
	return true
}

// reclaiming is true while a teardown has to wait for volumes: every volume that is to be destroyed,
// known or shown by offers, must be gone first.
func (s *State) reclaiming(d *Decision, now time.Time) bool {
	if !s.destroysAll() {
		return false
	}
	d.reclaiming = true
	quiet := s.volumes.destroy.since.Add(destroyQuiet)
	if len(s.toDestroy()) == 0 && !s.volumes.destroy.since.IsZero() && !now.Before(quiet) {
		return false
	}
	if s.volumes.destroy.since.IsZero() {
		quiet = now.Add(destroyQuiet)
	}
	if now.Before(quiet) {
		d.wakeBy(quiet)
	}
	return true
}

// waitingToDestroy explains for each volume that is to be destroyed why it is not yet.
func (s *State) waitingToDestroy() []Waiting {
	var list []Waiting
	for _, v := range s.toDestroy() {
		role, _, _, _ := s.ourVolume(v.ID)
		w := Waiting{Slot: v.Slot, Role: role,
			Message: fmt.Sprintf("volume %s will be destroyed when host %s offers it", v.ID, v.Host),
			Hint:    "bring " + v.Host + " back"}
		if n := s.volumes.destroy.sent[v.Host].times; n > 1 {
			w.Message = fmt.Sprintf("Mesos was asked %d times to destroy volume %s on %s, and still offers it", n, v.ID, v.Host)
			w.Hint = "see the log of the Mesos master, and its ACLs destroy_volumes and unreserve_resources"
		}
		list = append(list, w)
	}
	return list
}
