package cluster

import (
	"encoding/json"
	"fmt"
)

// Orphaned and marked volumes have a row each: there may be thousands of them, and a row is small.

// markedPrefix begins the keys of volumes that are marked for destroy.
const markedPrefix = "destroy/"

func markedKey(id string) string { return markedPrefix + digest([]byte(id)) }

// touchOrphan marks the row of a volume that no slot uses as changed.
func (s *State) touchOrphan(at hostVolume) { s.touchVolume(orphanKey(at), at) }

// touchMarked marks the row of a volume that is marked for destroy as changed.
func (s *State) touchMarked(id string) { s.touchVolume(markedKey(id), hostVolume{id: id}) }

// touchVolume marks a row as changed and records its volume: the key has only a digest, and a search
// would have to compute that of every volume.
func (s *State) touchVolume(key string, at hostVolume) {
	s.record.touchRow(key)
	s.volumes.setKey(key, at)
}

// orphanRow is the present value of a key below orphanPrefix, or nil.
func (s *State) orphanRow(key string) any {
	at := s.volumes.keys[key]
	if v := s.volumes.orphaned[at.host][at.id]; v != nil {
		return v
	}
	return nil
}

// markedRow is the present value of a key below markedPrefix, or nil.
func (s *State) markedRow(key string) any {
	if v := s.volumes.destroy.marked[s.volumes.keys[key].id]; v != nil {
		return v
	}
	return nil
}

func (s *State) loadOrphan(key string, data []byte) error {
	var v orphanedVolume
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	if orphanKey(hostVolume{v.ID, v.Host}) != key {
		return fmt.Errorf("volume %q on %q does not belong there", v.ID, v.Host)
	}
	s.volumes.orphaned.add(&v)
	s.volumes.setKey(key, hostVolume{v.ID, v.Host})
	return nil
}

func (s *State) loadMarked(key string, data []byte) error {
	var v markedVolume
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	if markedKey(v.ID) != key {
		return fmt.Errorf("volume %q does not belong there", v.ID)
	}
	s.volumes.mark(&v)
	s.volumes.setKey(key, hostVolume{id: v.ID})
	return nil
}

// splitMarked loads the marked volumes from the framework's row of a Record of version 2. Each gets a
// row of its own with the next save.
func (s *State) splitMarked(volumes map[string]*markedVolume) {
	for id, v := range volumes {
		if v != nil {
			v.ID = id
			s.volumes.mark(v)
			s.touchMarked(id)
		}
		s.record.touchRow(frameworkKey)
	}
}
