package cluster

import (
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

func TestMastersThatWereLearntSurviveARestart(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	at := func(setting string, record map[string][]byte) *State {
		s, err := NewState(Options{Settings: &config.Settings{
			Roles:       config.AlluxioRoles(),
			MesosMaster: setting, Name: "alluxio", MesosRole: "*",
			Master: config.RoleSettings{Count: 1, CPUs: 1, Mem: config.GB},
			Worker: config.RoleSettings{CPUs: 1, Mem: config.GB},
		}}, record)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := at("m1:5050", nil)
	learnt := KnownMasters{Setting: "m1:5050", Leaders: []string{"m2:5050"}, ZooKeeper: "zk://z1:2181/mesos"}
	s.Apply(MastersLearned{Masters: learnt, Warning: "one address"}, now)
	if changes := s.Changes(); changes != nil {
		t.Errorf("before there is a framework: %q", changes)
	}
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, now)
	record := map[string][]byte(s.Changes())
	if warnings := s.Snapshot(now).Warnings; !strings.Contains(strings.Join(warnings, "\n"), "one address") {
		t.Errorf("status warns of %q", warnings)
	}
	if got := at("m1:5050", record).KnownMasters(); !got.Equal(learnt) {
		t.Errorf("after a restart %+v, want %+v", got, learnt)
	}
	if got := at("m9:5050", record).KnownMasters(); !got.Equal(KnownMasters{Setting: "m9:5050"}) {
		t.Errorf("for another MESOS_MASTER %+v", got)
	}
	s.Apply(MastersLearned{Masters: learnt}, now)
	if changes := s.Changes(); changes != nil {
		t.Errorf("the same again: %q", changes)
	}
	learnt.Leaders = []string{"m3:5050", "m2:5050"}
	s.Apply(MastersLearned{Masters: learnt}, now)
	if changes := s.Changes(); !strings.Contains(string(changes[frameworkKey]), "m3:5050") {
		t.Errorf("another leader: %q", changes)
	}
}
