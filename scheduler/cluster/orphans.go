package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// An orphaned volume is one that no slot uses any more: its slot has moved without it, was removed,
// or has another volume. Orphaned volumes are recorded, so that none is left on a host unnoticed.
// `uninstall --destroy-volumes` destroys them; a slot that has had no later volume takes its own up
// again.

// orphanedVolume is a volume that no slot uses. Its JSON is its row in the Record.
type orphanedVolume struct {
	ID      string  `json:"id"`
	Slot    string  `json:"slot"`
	Host    string  `json:"host"`
	AgentID string  `json:"agentId"`
	MB      float64 `json:"mb"`
	// MesosRole is the role that it is reserved for.
	MesosRole string `json:"mesosRole,omitempty"`
	// Unseen is true while no offer and no task has shown that it was created.
	Unseen bool `json:"unseen,omitempty"`
	// Freed is the agent that a DESTROY of it was sent to, or "".
	Freed string `json:"freed,omitempty"`
}

// hostVolume identifies a volume. The ID alone does not suffice: in older versions a slot that was
// removed and added again reused IDs on another host.
type hostVolume struct{ id, host string }

func orphanKey(at hostVolume) string { return orphanPrefix + digest([]byte(at.id+"@"+at.host)) }

// orphanedVolumes are volumes by host and ID.
type orphanedVolumes map[string]map[string]*orphanedVolume

// all lists them in order.
func (l orphanedVolumes) all() (list []*orphanedVolume) {
	for _, onHost := range l {
		list = slices.AppendSeq(list, maps.Values(onHost))
	}
	slices.SortFunc(list, func(a, b *orphanedVolume) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Host, b.Host))
	})
	return list
}

func (l orphanedVolumes) add(v *orphanedVolume) {
	if l[v.Host] == nil {
		l[v.Host] = map[string]*orphanedVolume{}
	}
	l[v.Host][v.ID] = v
}

// remove removes the volume at, and says whether it was there.
func (l orphanedVolumes) remove(at hostVolume) bool {
	if l[at.host][at.id] == nil {
		return false
	}
	delete(l[at.host], at.id)
	if len(l[at.host]) == 0 {
		delete(l, at.host)
	}
	return true
}

// orphanVolume detaches the volume from slot. It stays on its host.
func (s *State) orphanVolume(slot *Slot) {
	v := slot.Volume
	if v == nil {
		return
	}
	slot.Volume = nil
	s.noteOrphan(&orphanedVolume{ID: v.ID, Slot: slot.Name, Host: v.Host, AgentID: v.AgentID, MB: v.MB,
		MesosRole: v.MesosRole,
		Unseen:    !v.Confirmed, Freed: v.Freed})
}

// noteOrphan records a volume that no slot uses.
func (s *State) noteOrphan(v *orphanedVolume) {
	s.volumes.orphaned.add(v)
	s.touchOrphan(hostVolume{v.ID, v.Host})
}

// seeOrphan records that an offer shows a volume that no slot uses.
func (s *State) seeOrphan(o *offer.Offer, slot string, offered offer.Volume) {
	known := s.volumes.orphaned[o.Host][offered.ID]
	if known != nil && !known.Unseen && known.AgentID == o.AgentID {
		return
	}
	seen := orphanedVolume{ID: offered.ID, Slot: slot, Host: o.Host,
		AgentID: o.AgentID, MB: offered.MB, MesosRole: s.settings.MesosRole}
	if known != nil {
		seen.Freed = known.Freed
	}
	s.noteOrphan(&seen)
}

// forgetOrphan is for one that is gone, or that a slot uses again.
func (s *State) forgetOrphan(at hostVolume) {
	if s.volumes.orphaned.remove(at) {
		s.touchOrphan(at)
	}
}

// volumesHad is how many volumes the slot called name has had, as far as anything tells.
func (s *State) volumesHad(name string, slot *Slot) int {
	had := slot.Volumes
	for _, onHost := range s.volumes.orphaned {
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

// mayBeOffered is true for the role of a volume that is offered to us. After a change of the role
// those of the old one are not: nobody can end them but an operator of Mesos, or a framework of
// that role.
func (s *State) mayBeOffered(mesosRole string) bool {
	return mesosRole == s.settings.MesosRole
}

// orphansText says which volumes no slot uses, or "".
func (s *State) orphansText() string {
	var parts []string
	for _, v := range s.volumes.orphaned.all() {
		text := fmt.Sprintf("%s on %s", v.ID, v.Host)
		switch {
		case !s.mayBeOffered(v.MesosRole):
			text += " (reserved for role " + v.MesosRole + ")"
		case v.Unseen:
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
		"; `alluxio-mesos uninstall --destroy-volumes` ends them with all that is in them"
}
