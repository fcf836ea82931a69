package cluster

import (
	"errors"
	"fmt"
)

// ErrUnsafeStart is wrapped by the error of CheckStart for settings that a cluster must not begin
// its life with.
var ErrUnsafeStart = errors.New("a new cluster is not started with these settings")

// CheckStart refuses settings that would lose the data of a cluster that has none yet: an under
// store inside of an unpacked tarball. A cluster that Mesos knows, or that has a task or a
// formatted journal, goes on, for its files may be there already; the settings warn.
func (s *State) CheckStart() error {
	if s.settings.UnderStoreInTarball == "" || s.frameworkID != "" || len(s.journals) > 0 || len(s.byTask) > 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrUnsafeStart, s.settings.UnderStoreInTarball)
}
