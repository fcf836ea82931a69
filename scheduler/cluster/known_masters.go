package cluster

import "slices"

// MaxKnownLeaders bounds KnownMasters.Leaders.
const MaxKnownLeaders = 8

// Equal is true for the same masters of the same setting.
func (k KnownMasters) Equal(other KnownMasters) bool {
	return k.Setting == other.Setting && k.ZooKeeper == other.ZooKeeper && slices.Equal(k.Leaders, other.Leaders)
}

// MastersLearned says which Mesos masters are known besides those of MESOS_MASTER, and warns,
// unless Warning is "", that they may not be all.
type MastersLearned struct {
	Masters KnownMasters
	Warning string
}

func (MastersLearned) event() {}

// KnownMasters are the Mesos masters that were found by today's MESOS_MASTER.
func (s *State) KnownMasters() KnownMasters {
	if k := s.connection.knownMasters; k != nil && k.Setting == s.settings.MesosMaster {
		return *k
	}
	return KnownMasters{Setting: s.settings.MesosMaster}
}

// applyMastersLearned records Mesos masters. Without a framework ID nothing is saved, since a Record
// without one belongs to no framework; the first subscription saves it.
func (s *State) applyMastersLearned(e MastersLearned) {
	known := s.connection.knownMasters
	if known != nil && known.Equal(e.Masters) {
		s.connection.know(known, e.Warning)
		return
	}
	s.connection.know(&e.Masters, e.Warning)
	if s.record.frameworkID != "" {
		s.record.touchRow(frameworkKey)
	}
}
