package cluster

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// volumeState has the volumes that no slot uses, and what is to be destroyed. The volume of a slot is in
// the Slot.
type volumeState struct {
	unowned volumesByHost
	// marked are those of them that an operator wants destroyed, by ID, as their rows are.
	marked  map[string]*Volume
	destroy destroyState
	// ambiguous has the slots whose task ended in this cycle after an offer of its agent had come.
	// The offer may be older than the end, so it does not tell whether the task's volume was
	// created.
	ambiguous map[string]bool
	// keys has the volumes without a slot by the keys of their rows, see record_volume.go.
	keys map[string]hostVolume
}

// setKey records whose row has this key; forgetKey is for a row that is gone.
func (l *volumeState) setKey(key string, at hostVolume) { l.keys[key] = at }
func (l *volumeState) forgetKey(key string)             { delete(l.keys, key) }

// noteAmbiguous is for a slot whose task ended in this cycle after an offer of its agent had come.
func (l *volumeState) noteAmbiguous(slot string) { l.ambiguous[slot] = true }
func (l *volumeState) forgetAmbiguous()          { clear(l.ambiguous) }

// destroyAll records whether an operator has asked to destroy every volume.
func (l *volumeState) destroyAll(asked bool) { l.destroy.all = asked }

// add records a volume that no slot uses. One that an operator wants destroyed stays marked.
func (l *volumeState) add(v *Volume) {
	if known := l.unowned[v.Host][v.ID]; known != nil && known.DestroyRequested && !v.DestroyRequested {
		return
	}
	if v.DestroyRequested {
		if other := l.marked[v.ID]; other != nil { // on another host: there is one row for an ID
			l.remove(other.at())
		}
		l.marked[v.ID] = v
	}
	if l.unowned[v.Host] == nil {
		l.unowned[v.Host] = map[string]*Volume{}
	}
	l.unowned[v.Host][v.ID] = v
}

// remove forgets the volume at, and returns it; nil when it is not known.
func (l *volumeState) remove(at hostVolume) *Volume {
	v := l.unowned[at.host][at.id]
	if v == nil {
		return nil
	}
	if v.DestroyRequested {
		delete(l.marked, v.ID)
	}
	delete(l.unowned[at.host], at.id)
	if len(l.unowned[at.host]) == 0 {
		delete(l.unowned, at.host)
	}
	return v
}

// noteReclaiming is when the last sign of volumes came: a teardown waits destroyQuiet for more.
func (l *volumeState) noteReclaiming(now time.Time) { l.destroy.since = now }

// noteSent records a ReclaimVolumes for host.
func (l *volumeState) noteSent(host string, now time.Time) {
	l.noteReclaiming(now)
	l.destroy.sent[host] = sentReclaim{now, l.destroy.sent[host].times + 1}
}

// noteGone records that a volume on host is gone.
func (l *volumeState) noteGone(host string, now time.Time) {
	l.noteReclaiming(now)
	delete(l.destroy.sent, host)
}

func newVolumeState() volumeState {
	return volumeState{unowned: volumesByHost{}, marked: map[string]*Volume{}, ambiguous: map[string]bool{},
		keys: map[string]hostVolume{}, destroy: destroyState{sent: map[string]sentReclaim{}}}
}

// volumesByHost are volumes by host and ID.
type volumesByHost map[string]map[string]*Volume

// all lists them in order.
func (l volumesByHost) all() (list []*Volume) {
	for _, onHost := range l {
		list = slices.AppendSeq(list, maps.Values(onHost))
	}
	slices.SortFunc(list, byIDAndHost)
	return list
}

func byIDAndHost(a, b *Volume) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Host, b.Host))
}

// noteUnowned records a volume that no slot uses.
func (s *State) noteUnowned(v *Volume) {
	if known := s.volumes.unowned[v.Host][v.ID]; known != nil { // it may have a row of the other form
		s.touchUnowned(known)
	}
	s.volumes.add(v)
	s.touchUnowned(v)
}

// forgetUnowned is for one that is gone, or that a slot uses again.
func (s *State) forgetUnowned(at hostVolume) {
	if v := s.volumes.remove(at); v != nil {
		s.touchUnowned(v)
	}
}
