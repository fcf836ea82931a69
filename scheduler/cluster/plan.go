package cluster

import (
	"fmt"

	"github.com/alluxio/alluxio-mesos/config"
)

// roles in the order in which they are brought up.
var roles = []config.Role{config.Master, config.Worker}

// phase is one part of the plan: the slots of one role. A phase begins when the one before it is complete.
type phase struct {
	name string
	role config.Role
	// everyHost is true for a role whose slots are born as hosts offer themselves.
	everyHost bool
}

// plan is the target in order, a function of the settings alone. Whether a phase is complete is derived, never stored.
func plan(settings *config.Settings) []phase {
	phases := []phase{{name: "masters", role: config.Master}, {name: "workers", role: config.Worker}}
	for i := range phases {
		phases[i].everyHost = settings.Of(phases[i].role).Count == config.AllHosts
	}
	return phases
}

// open says whether the role may be launched now, else why not.
func (s *State) open(role config.Role) (bool, string) {
	if s.teardown {
		return false, "the cluster is being torn down"
	}
	if !s.proof.done {
		return false, "Mesos is being asked whether the saved state is current"
	}
	if role == config.Worker && s.leading == 0 {
		if n := s.servingCount[config.Master]; n > 0 {
			return false, fmt.Sprintf("no Alluxio master leads (%d of %d stand by)", n, s.settings.Master.Count)
		}
		return false, fmt.Sprintf("phase %q is not complete (0 of %d serving)", "masters", s.settings.Master.Count)
	}
	return true, ""
}

// wanted says whether the plan has a place for slot, else why not.
func (s *State) wanted(slot *Slot) (bool, string) {
	switch count := s.settings.Of(slot.Role).Count; {
	case s.teardown:
		return false, "the cluster is being torn down"
	case s.surges(slot) && !slot.Leaving.IsZero():
		return false, maintenanceText(slot.Host, slot.Leaving)
	case count != config.AllHosts && s.extra[slot.Name], slot.Role == config.Master && slot.Index >= count:
		return false, fmt.Sprintf("the settings ask for %d of %s", count, slot.Role)
	}
	return true, ""
}
