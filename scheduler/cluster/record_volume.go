package cluster

import (
	"encoding/json"
	"fmt"
)

// Volumes without a slot have a row each: a cluster may leave thousands of them, and a row is
// small.

// doomedPrefix begins the keys of volumes that were given up and are still to be destroyed.
const doomedPrefix = "destroy/"

func doomedKey(id string) string { return doomedPrefix + digest([]byte(id)) }

// touchOrphan marks the row of a volume that no slot uses as changed.
func (s *State) touchOrphan(at hostVolume) { s.touchVolume(orphanKey(at), at) }

// touchDoomed marks the row of a volume that is to be destroyed as changed.
func (s *State) touchDoomed(id string) { s.touchVolume(doomedKey(id), hostVolume{id: id}) }

// touchVolume notes which volume the row is of: that cannot be read off its key, and to look for it
// would take a digest of every volume there is.
func (s *State) touchVolume(key string, at hostVolume) {
	s.changed[key] = struct{}{}
	s.volumeKeys[key] = at
}

// orphanRow is the present value of a key below orphanPrefix, or nil.
func (s *State) orphanRow(key string) any {
	at := s.volumeKeys[key]
	if v := s.orphaned[at.host][at.id]; v != nil {
		return v
	}
	return nil
}

// doomedRow is the present value of a key below doomedPrefix, or nil.
func (s *State) doomedRow(key string) any {
	if v := s.destroy.doomed[s.volumeKeys[key].id]; v != nil {
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
	s.orphaned.add(&v)
	s.volumeKeys[key] = hostVolume{v.ID, v.Host}
	return nil
}

func (s *State) loadDoomed(key string, data []byte) error {
	var v doomedVolume
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	if doomedKey(v.ID) != key {
		return fmt.Errorf("volume %q does not belong there", v.ID)
	}
	s.destroy.doomed[v.ID] = &v
	s.volumeKeys[key] = hostVolume{id: v.ID}
	return nil
}

// splitDoomed takes in the volumes that Records of version 2 have in the row of the framework; each
// gets a row of its own with the next save.
func (s *State) splitDoomed(volumes map[string]*doomedVolume) {
	for id, v := range volumes {
		if v != nil {
			v.ID = id
			s.destroy.doomed[id] = v
			s.touchDoomed(id)
		}
		s.changed[frameworkKey] = struct{}{}
	}
}
