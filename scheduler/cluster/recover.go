package cluster

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// The functions here change the Record of a framework that does not run, for `alluxio-mesos recover`.
// Each returns the changes to save, and a message for the operator.

// KillUnknown permits the next process on this Record to kill tasks of its framework that the
// Record does not know, once.
func KillUnknown(record map[string][]byte) (Changes, string, error) {
	s := emptyState(config.AlluxioRoles())
	if err := s.load(record); err != nil {
		return nil, "", err
	}
	if s.record.frameworkID == "" {
		return nil, "", errors.New("the saved state has no framework ID, so no task belongs to it")
	}
	s.reconciliation.permitUnknown(true)
	s.record.touchRow(frameworkKey)
	return s.Changes(),
		fmt.Sprintf("The next start kills the tasks of framework %s that the saved state does not know, once.\n",
			s.record.frameworkID), nil
}

// TakeOver gives an empty Record the ID of a framework that Mesos knows and whose Record is lost. The
// facts about tasks and journals in the lost Record stay lost.
func TakeOver(record map[string][]byte, frameworkID string) (Changes, string, error) {
	s := emptyState(config.AlluxioRoles())
	if err := s.load(record); err != nil {
		return nil, "", err
	}
	if s.record.frameworkID != "" || s.everLaunched() {
		return nil, "",
			fmt.Errorf("the saved state is not empty: it belongs to framework %q and knows %d slots; move it away first",
				s.record.clusterName, len(s.slots.byName))
	}
	s.record.setFrameworkID(frameworkID)
	return s.Changes(),
		fmt.Sprintf("The next start takes over framework ID %s. On hosts it uses the folders of %s, "+
			"such as a default journal.\n", frameworkID, s.record.clusterName), nil
}

// NewLife turns the Record of a framework that Mesos has removed into that of a new one. It removes
// the framework ID and the tasks, and keeps the hosts of masters and volumes, and the journals: their
// data is still there.
func NewLife(record map[string][]byte) (Changes, string, error) {
	s := emptyState(config.AlluxioRoles())
	if err := s.load(record); err != nil {
		return nil, "", err
	}
	if s.record.frameworkID == "" {
		return nil, "", errors.New("there is no framework ID to give up: the next start gets a new one")
	}
	var message strings.Builder
	fmt.Fprintf(&message, "Framework ID %s is given up; the next start gets a new one.\n", s.record.frameworkID)
	for _, slot := range slices.SortedFunc(maps.Values(s.slots.byName), s.inOrder) {
		if slot.Task != nil {
			fmt.Fprintf(&message, "Task %s on %s is forgotten.\n", slot.Task.ID, slot.Host)
		}
	}
	s.forgetCluster()
	for _, slot := range slices.SortedFunc(maps.Values(s.slots.byName), s.inOrder) {
		if slot.Volume != nil {
			fmt.Fprintf(&message, "%s stays at %s, on volume %s.\n", slot.Name, slot.Host, slot.Volume.ID)
			continue
		}
		fmt.Fprintf(&message, "%s stays at %s.\n", slot.Name, slot.Host)
	}
	for _, identity := range slices.Sorted(maps.Keys(s.journals.formatted)) {
		fmt.Fprintf(&message, "Journal %s is kept and will not be formatted.\n", identity)
	}
	return s.Changes(), message.String(), nil
}
