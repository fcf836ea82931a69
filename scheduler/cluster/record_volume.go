package cluster

import (
	"encoding/json"
	"fmt"
)

// The volume of a slot is in the row of the slot. Orphaned and marked volumes have a row each: there
// may be thousands of them, and a row is small. The three forms differ, and older versions read them.

// unownedRow is the row of a volume that no slot uses.
func (v *Volume) unownedRow() any {
	if v.DestroyRequested {
		return markedRow{ID: v.ID, Slot: v.Slot, Host: v.Host, AgentID: v.AgentID, Unseen: !v.Confirmed,
			SentTo: v.DestroySentTo}
	}
	return orphanedRow{ID: v.ID, Slot: v.Slot, Host: v.Host, AgentID: v.AgentID, MB: v.MB, MesosRole: v.MesosRole,
		Unseen: !v.Confirmed, SentTo: v.DestroySentTo}
}

func (r *orphanedRow) volume() *Volume {
	return &Volume{ID: r.ID, Host: r.Host, AgentID: r.AgentID, MesosRole: r.MesosRole, MB: r.MB, Slot: r.Slot,
		Confirmed: !r.Unseen, DestroySentTo: r.SentTo}
}

func (r *markedRow) volume() *Volume {
	return &Volume{ID: r.ID, Host: r.Host, AgentID: r.AgentID, Slot: r.Slot, DestroyRequested: true,
		Confirmed: !r.Unseen, DestroySentTo: r.SentTo}
}

// markedPrefix begins the keys of volumes that are marked for destroy.
const markedPrefix = "destroy/"

func markedKey(id string) string { return markedPrefix + digest([]byte(id)) }

func orphanKey(at hostVolume) string { return orphanPrefix + digest([]byte(at.id+"@"+at.host)) }

// unownedKey is the key of the row of a volume that no slot uses.
func (v *Volume) unownedKey() string {
	if v.DestroyRequested {
		return markedKey(v.ID)
	}
	return orphanKey(v.at())
}

// touchUnowned marks the row of a volume that no slot uses as changed. It records whose row that is,
// too: the key has only a digest, and a search would have to compute that of every volume.
func (s *State) touchUnowned(v *Volume) {
	key := v.unownedKey()
	s.record.touchRow(key)
	s.volumes.setKey(key, v.at())
}

// unownedRow is the present value of a key below orphanPrefix or markedPrefix, or nil.
func (s *State) unownedRow(key string, marked bool) any {
	at := s.volumes.keys[key]
	if v := s.volumes.unowned[at.host][at.id]; v != nil && v.DestroyRequested == marked {
		return v.unownedRow()
	}
	return nil
}

func (s *State) loadOrphan(key string, data []byte) error {
	var r orphanedRow
	if err := json.Unmarshal(data, &r); err != nil {
		return err
	}
	v := r.volume()
	if v.unownedKey() != key {
		return fmt.Errorf("volume %q on %q does not belong there", r.ID, r.Host)
	}
	if s.volumes.unowned[v.Host][v.ID] != nil { // it is marked: this row goes with the next save
		s.record.touchRow(key)
	}
	s.volumes.add(v)
	s.volumes.setKey(key, v.at())
	return nil
}

func (s *State) loadMarked(key string, data []byte) error {
	var r markedRow
	if err := json.Unmarshal(data, &r); err != nil {
		return err
	}
	v := r.volume()
	if v.unownedKey() != key {
		return fmt.Errorf("volume %q does not belong there", r.ID)
	}
	s.volumes.add(v)
	s.volumes.setKey(key, v.at())
	return nil
}

// splitMarked loads the marked volumes from the framework's row of a Record of version 2. Each gets a
// row of its own with the next save.
func (s *State) splitMarked(volumes map[string]*markedRow) {
	for id, r := range volumes {
		if r != nil {
			r.ID = id
			s.noteUnowned(r.volume())
		}
		s.record.touchRow(frameworkKey)
	}
}
