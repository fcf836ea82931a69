package cluster

import (
	"errors"
	"fmt"
)

// ErrUnsafeStart is wrapped by the error of CheckStart for settings with which a new cluster must not
// start.
var ErrUnsafeStart = errors.New("a new cluster is not started with these settings")

// CheckStart refuses settings under which a new cluster would lose data: an under store inside an
// unpacked tarball. A cluster with a framework ID, a task or a formatted journal goes on, since its
// files may be there already; for it the settings have a warning.
func (s *State) CheckStart() error {
	if s.settings.UnderStoreInTarball == "" || s.record.frameworkID != "" || len(s.journals.formatted) > 0 ||
		len(s.slots.byTask) > 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrUnsafeStart, s.settings.UnderStoreInTarball)
}
