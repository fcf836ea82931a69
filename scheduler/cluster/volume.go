package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// hostVolume identifies a volume.
type hostVolume struct{ id, host string }

// at identifies v.
func (v *Volume) at() hostVolume { return hostVolume{v.ID, v.Host} }

// volumeID names the n-th volume of a slot. A framework ID has no dots, and neither has the name of a slot.
func (s *State) volumeID(slot string, n int) string { return volumeIDIn(s.record.clusterName, slot, n) }

func volumeIDIn(clusterName, slot string, n int) string {
	return fmt.Sprintf("%s.%s.%d", clusterName, slot, n)
}

// ourVolume reads the ID of a volume of this cluster.
func (s *State) ourVolume(id string) (role config.Role, index, n int, ok bool) {
	rest, ours := strings.CutPrefix(id, s.record.clusterName+".")
	name, number, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(number)
	if !ours || s.record.clusterName == "" || err != nil || n < 1 {
		return "", 0, 0, false
	}
	for _, role := range s.roles.InStartOrder() {
		text, _ := strings.CutPrefix(name, string(role)+"-")
		if index, err := strconv.Atoi(text); err == nil && index >= 0 && slotName(role, index) == name &&
			s.volumeID(name, n) == id {
			return role, index, n, true
		}
	}
	return "", 0, 0, false
}

// noteVolumes records which of our volumes are offered. Volumes that were requested do exist. Volumes
// that no slot knows, because the Record was lost or their slot was removed, are adopted by the slots
// that they are named after, of several the last one.
func (s *State) noteVolumes(offers []offer.Offer, now time.Time) {
	for i := range offers {
		o := &offers[i]
		for _, v := range s.lastFirst(o.Volumes) {
			role, index, n, ours := s.ourVolume(v.ID)
			known := s.volumes.unowned[o.Host][v.ID]
			if !ours || known != nil && known.DestroyRequested {
				continue
			}
			slot := s.slots.byName[slotName(role, index)]
			switch {
			case slot != nil && slot.Volume != nil && slot.Volume.ID == v.ID:
				// A volume with this ID on another host was orphaned by an earlier slot of this name.
				if slot.Volume.Host == o.Host && (!slot.Volume.Confirmed || slot.Volume.AgentID != o.AgentID) {
					slot.Volume.Confirmed, slot.Volume.AgentID, slot.Volume.MB = true, o.AgentID, v.MB
					s.touch(slot)
				}
				if slot.Volume.Host != o.Host {
					s.seeOrphan(o, slot.Name, v)
				}
			case s.settings.Of(role).Volume > 0 && !s.teardown.requested && s.adopt(slot, role, index, n, o, v):
				s.forgetUnowned(hostVolume{v.ID, o.Host})
			default:
				s.seeOrphan(o, slotName(role, index), v)
			}
		}
	}
	s.noteGone(offers, now)
}

// lastFirst orders the volumes of an offer by how many their slots have had, the last ones first.
func (s *State) lastFirst(volumes []offer.Volume) []offer.Volume {
	if len(volumes) < 2 {
		return volumes
	}
	return slices.SortedStableFunc(slices.Values(volumes), func(a, b offer.Volume) int {
		_, _, first, _ := s.ourVolume(a.ID)
		_, _, second, _ := s.ourVolume(b.ID)
		return cmp.Compare(second, first)
	})
}

// adopt gives a volume back to the slot that it is named after, unless that slot has had a later
// one, has used another or fills another host.
func (s *State) adopt(slot *Slot, role config.Role, index, n int, o *offer.Offer, v offer.Volume) (adopted bool) {
	if slot == nil && s.settings.Of(role).Count == config.AllHosts {
		slot = s.newSlot(role, index)
	}
	if slot == nil || slot.Task != nil || slot.Volume != nil && !slot.Volume.Unused || slot.Volumes >= n {
		return false
	}
	if other := s.slots.byHost[hostKey{role, o.Host}]; other != nil && other != slot {
		return false
	}
	s.orphanVolume(slot)
	s.unindexHost(slot)
	slot.Host, slot.HostGone, slot.Volumes = o.Host, false, n
	slot.Volume = &Volume{ID: v.ID, Host: slot.Host, AgentID: o.AgentID, MesosRole: s.settings.MesosRole, MB: v.MB,
		Slot: slot.Name, Owned: true, Confirmed: true}
	s.slots.put(slot)
	s.touch(slot)
	return true
}

// volumeFor is the volume of a placement of slot on o: the one that it has there, the one that it has
// requested there and did not get, else a new one.
func (s *State) volumeFor(name string, slot *Slot, o *offer.Offer) (*Volume, int) {
	size := s.derived.requests[slot.Role].VolumeMB
	if size == 0 {
		return nil, slot.Volumes
	}
	if v := slot.Volume; v != nil && v.Host == o.Host {
		known := *v
		known.AgentID = o.AgentID
		if offered := o.FindVolume(v.ID); offered != nil {
			known.MB, known.Confirmed = offered.MB, true
			return &known, slot.Volumes
		}
		if !v.Confirmed {
			known.MB = size
			return &known, slot.Volumes
		}
	}
	n := s.volumesHad(name, slot) + 1
	return &Volume{ID: s.volumeID(name, n), Host: o.Host, AgentID: o.AgentID, MesosRole: s.settings.MesosRole, MB: size,
		Slot: name, Owned: true, Unused: true}, n
}

// noteDisconnectedGap marks volumes as used at a new subscription after a long disconnection: their
// tasks may have started meanwhile, and their agents may be lost since.
func (s *State) noteDisconnectedGap(now time.Time) {
	if s.connection.up {
		return
	}
	for _, slot := range s.slots.byName {
		v, task := slot.Volume, slot.Task
		if v != nil && v.Unused && task != nil && task.UnreachableSince.IsZero() &&
			now.Sub(later(s.connection.since, task.Launched)) > disconnectedGap {
			v.Unused = false
			s.touch(slot)
		}
	}
}

// noteUsed marks the volume of the slot called name as used when the state of its task shows that the
// task has started.
func (s *State) noteUsed(name, agentID string, state mesos.TaskState) {
	slot := s.slots.byName[name]
	if slot == nil || slot.Volume == nil || !slot.Volume.Unused || slot.Volume.AgentID != agentID || neverBegan(state) {
		return
	}
	slot.Volume.Unused = false
	s.touch(slot)
}

// takeVolume takes the volume of a placement, if it has one, from its decoded offer.
func (s *State) takeVolume(wire *mesos.Offer, p *placement) (volume []mesos.Resource, before []mesos.Offer_Operation,
	ok bool) {
	if p.volume == nil {
		return nil, nil, true
	}
	o := resource.Owner{Role: s.settings.MesosRole, Principal: s.settings.Principal, Cluster: s.record.clusterName,
		Slot: p.slot}
	r, before, ok := resource.ConsumeVolume(wire, o,
		resource.VolumeRequest{ID: p.volume.ID, MB: p.volume.MB, Exists: p.volume.Confirmed})
	return []mesos.Resource{r}, before, ok
}

// TakeFrom subtracts a new volume from the largest piece of disk of o, although it may come from another
// one.
func (v *Volume) takeFrom(o *offer.Offer) {
	if v != nil && !v.Confirmed {
		o.DiskMB -= v.MB
	}
}

// launchVolume is v in the LaunchSpec.
func launchVolume(v *Volume) launch.Volume {
	if v == nil {
		return launch.Volume{}
	}
	return launch.Volume{ID: v.ID, Path: resource.VolumePath, Size: config.Bytes(v.MB) * config.MB}
}

// checkVolumes refuses settings under which volumes that exist would never be offered again.
func (s *State) checkVolumes(settings *config.Settings) error {
	for _, slot := range slices.SortedFunc(maps.Values(s.slots.byName), s.inOrder) {
		if v := slot.Volume; v != nil && v.MesosRole != settings.MesosRole && settings.Of(slot.Role).Volume > 0 {
			return fmt.Errorf("%w: volume %s of %s is reserved for role %s, and %s is now %s: it would never be offered; undo "+
				"the change, or begin with new volumes after `alluxio-mesos uninstall`",
				ErrUnsafeChange, v.ID, slot.Name, v.MesosRole, config.KeyMesosRole, settings.MesosRole)
		}
	}
	return nil
}
