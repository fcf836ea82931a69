package cluster

import (
	"fmt"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// An orphaned volume is one that no slot uses any more and that nobody has asked to destroy: its slot
// has moved without it, was removed, or has another volume. Orphaned volumes are recorded, so that
// none is left on a host unnoticed. `uninstall --destroy-volumes` destroys them; a slot that has had
// no later volume takes its own up again.

// orphanVolume detaches the volume from slot. It stays on its host.
func (s *State) orphanVolume(slot *Slot) {
	if v := s.disown(slot); v != nil {
		s.noteUnowned(v)
	}
}

// disown takes the volume of slot, or nil, which says then what a row without an owner can say.
func (s *State) disown(slot *Slot) *Volume {
	v := slot.Volume
	if v == nil {
		return nil
	}
	slot.Volume = nil
	v.Slot, v.Owned, v.Unused = slot.Name, false, false
	return v
}

// seeOrphan records that an offer shows a volume that no slot uses.
func (s *State) seeOrphan(o *offer.Offer, slot string, offered offer.Volume) {
	known := s.volumes.unowned[o.Host][offered.ID]
	if known != nil && known.Confirmed && known.AgentID == o.AgentID {
		return
	}
	seen := Volume{ID: offered.ID, Host: o.Host, AgentID: o.AgentID, MesosRole: s.settings.MesosRole, MB: offered.MB,
		Slot: slot, Confirmed: true}
	if known != nil {
		seen.DestroySentTo = known.DestroySentTo
	}
	s.noteUnowned(&seen)
}

// volumesHad is how many volumes the slot called name has had, as far as anything tells.
func (s *State) volumesHad(name string, slot *Slot) int {
	had := slot.Volumes
	for _, onHost := range s.volumes.unowned {
		for _, v := range onHost {
			if _, _, n, ok := s.ourVolume(v.ID); ok && v.Slot == name {
				had = max(had, n)
			}
		}
	}
	return had
}

// unreserves is true for disk that was reserved for a slot of this cluster whose volume was never
// made and is not wanted there any more. No data can be on it, so nobody has to ask for its end.
func (s *State) unreserves(r *mesos.Resource, host string) bool {
	cluster, name := resource.LabelsOf(r)
	if r.Disk != nil || cluster != s.record.clusterName || cluster == "" {
		return false
	}
	slot := s.slots.byName[name]
	return slot == nil || slot.Volume == nil || slot.Volume.Host != host || slot.Volume.Confirmed
}

// mayBeOffered is true for a volume that is offered to us. After a change of the role those of the old
// one are not: nobody can end them but an operator of Mesos, or a framework of that role. The row of
// a volume that an operator wants destroyed does not have its role.
func (s *State) mayBeOffered(v *Volume) bool {
	return v.DestroyRequested || v.MesosRole == s.settings.MesosRole
}

// orphansText says which volumes no slot uses, or "".
func (s *State) orphansText() string {
	var parts []string
	for _, v := range s.volumes.unowned.all() {
		if v.DestroyRequested {
			continue
		}
		text := fmt.Sprintf("%s on %s", v.ID, v.Host)
		switch {
		case !s.mayBeOffered(v):
			text += " (reserved for role " + v.MesosRole + ")"
		case !v.Confirmed:
			text += " (asked for, never seen)"
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return ""
	}
	const most = 10
	if more := len(parts) - most; more > 0 {
		parts = append(parts[:most], fmt.Sprintf("%d more", more))
	}
	return "volumes that no slot uses: " + strings.Join(parts, ", ") +
		"; `alluxio-mesos uninstall --destroy-volumes` destroys them with their data"
}
