package cluster

import (
	"errors"
	"strings"
	"testing"
)

func TestOnlyANewClusterIsRejectedForAnUnderStoreInATarball(t *testing.T) {
	t.Parallel()
	inside := testSettings(1)
	inside.UnderStoreInTarball = "the under store is inside"
	for name, c := range map[string]struct {
		known     func(*State)
		rejection bool
	}{
		"a new cluster":              {func(*State) {}, true},
		"a cluster that Mesos knows": {func(s *State) { s.record.frameworkID = "f1" }, false},
		"a cluster with a task": {func(s *State) {
			s.slots.byTask["alluxio-master-0.1"] = s.slots.byName["alluxio-master-0"]
		}, false},
		"a journal that outlived a teardown": {func(s *State) {
			s.journals.formatted["a:/journal"] = journalRecord{Identity: "a:/journal"}
		}, false},
	} {
		s := stateWith(t, inside)
		c.known(s)
		err := s.CheckStart()
		if (err != nil) != c.rejection || err != nil && (!errors.Is(err, ErrUnsafeStart) ||
			!strings.Contains(err.Error(), inside.UnderStoreInTarball)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := stateWith(t, testSettings(1)).CheckStart(); err != nil {
		t.Errorf("an under store outside: %v", err)
	}
}
