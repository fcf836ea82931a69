package cluster

import (
	"errors"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// versionedState has a master that serves with version, while the settings name named.
func versionedState(t *testing.T, version, named string) *State {
	t.Helper()
	tr := newTranscript(t)
	tr.fact("plan alluxio-master=1 alluxio-worker=0 version=" + named)
	tr.fact("subscribed")
	tr.fact("offer o1 host=a")
	tr.cycle()
	tr.fact("update alluxio-master-0.1 TASK_RUNNING journal=a:default:f1 alluxio=" + version)
	return tr.state
}

// checkVersions checks whether settings that name a version are refused.
func checkVersions(t *testing.T, s *State, settings *config.Settings, refused map[string]bool) {
	t.Helper()
	for version, want := range refused {
		changed := *settings
		changed.Install.Version = version
		if err := s.CheckSettings(&changed); errors.Is(err, ErrUnsafeChange) != want {
			t.Errorf("%q: %v", version, err)
		}
	}
}

func TestSettingsThatAreWrongAboutTheVersionAreAcceptedAgain(t *testing.T) {
	t.Parallel()
	s := versionedState(t, "2.9.6", "2.7.3") // which the executor warns of
	again, err := NewState(Options{Settings: s.settings, Started: epoch}, allRows(s))
	if err != nil {
		t.Fatal(err)
	}
	checkVersions(t, again, s.settings, map[string]bool{"2.7.3": false, "2.9.6": false, "2.8.0": true, "": false})
}

func TestTheVersionIsThatOfTheMastersWhenTheRecordHasNone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		served, named string
		refused       bool
	}{
		{"1.8.1", "2.9.6", true},
		{"2.9.6", "1.8.1", true},
		{"2.7.3", "2.9.6", false},
		{"2.9.6", "2.7.3", false}, // they may have been wrong all the time
		{"1.8.1", "", false},
	} {
		s := versionedState(t, c.served, c.served)
		s.setVersion(nil)
		settings := *s.settings
		settings.Install.Version = c.named
		again, err := NewState(Options{Settings: &settings, Started: epoch}, allRows(s))
		if errors.Is(err, ErrUnsafeChange) != c.refused {
			t.Errorf("%s to %s: %v", c.served, c.named, err)
		}
		if err == nil && again.servedVersion() != c.served {
			t.Errorf("%s is taken for %q", c.served, again.servedVersion())
		}
	}
}

func TestAJournalThatIsGivenUpMayBeginWithAnyVersion(t *testing.T) {
	t.Parallel()
	for name, abandon := range map[string]func(s *State){
		"--lose-journal": func(s *State) { s.settings.Journal.AllowLoss = true },
		"recover --format-journal": func(s *State) {
			s.setFormat(&journalFormat{Identity: "a:default:f1", Granted: epoch})
		},
		"its volume was destroyed": func(s *State) {
			s.journals.formatted = map[string]journalRecord{"v": {Identity: "v"}}
			s.forgetVolume(hostVolume{id: "v"})
		},
	} {
		s := versionedState(t, "2.9.6", "2.9.6")
		abandon(s)
		checkVersions(t, s, s.settings, map[string]bool{"1.8.1": false})
		p := &placement{slot: "alluxio-master-0", reading: &reading{}, role: config.Master, host: "a"}
		if spec := s.spec(p, &offer.Offer{}); spec.Journal.ServedBy != "" {
			t.Errorf("%s: the executor wants %s", name, spec.Journal.ServedBy)
		}
		s.noteVersion(&launch.Report{AlluxioVersion: "1.8.1"})
		if got := s.journals.version.Served; got != "1.8.1" {
			t.Errorf("%s: %s has served", name, got)
		}
	}
}

func TestTheExecutorOfAMasterIsToldWhichVersionHasServed(t *testing.T) {
	t.Parallel()
	s := versionedState(t, "1.8.1", "")
	p := &placement{slot: "alluxio-master-0", reading: &reading{}, role: config.Master, host: "a"}
	if spec := s.spec(p, &offer.Offer{}); spec.Journal.ServedBy != "1.8.1" {
		t.Errorf("%+v", spec.Journal)
	}
	s.noteVersion(&launch.Report{AlluxioVersion: "1.7.1"})
	if got := s.servedVersion(); got != "1.8.1" {
		t.Errorf("an earlier version took the place of the later: %s", got)
	}
}
