package cluster

import "time"

// volumeState has the volumes that are to be destroyed and those that no slot uses. The volume of a
// slot is in the Slot.
type volumeState struct {
	destroy  destroyState
	orphaned orphanedVolumes
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

// mark has v destroyed when its host offers it: an operator has asked for it.
func (l *volumeState) mark(v *markedVolume) { l.destroy.marked[v.ID] = v }

// unmark is for a volume that is gone.
func (l *volumeState) unmark(id string) { delete(l.destroy.marked, id) }

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
	return volumeState{destroy: destroyState{marked: map[string]*markedVolume{}, sent: map[string]sentReclaim{}},
		orphaned: orphanedVolumes{}, ambiguous: map[string]bool{}, keys: map[string]hostVolume{}}
}
