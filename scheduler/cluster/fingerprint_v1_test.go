package cluster

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// Properties that one role sees, and one that both see.
const (
	ofMasters = "alluxio.master.heartbeat.timeout"
	ofWorkers = "alluxio.worker.block.heartbeat.interval"
	ofBoth    = "alluxio.user.x"
)

// rewriteFingerprints gives every task the fingerprint that the version before gave it with these
// settings.
func (s *State) rewriteFingerprints(settings *config.Settings) {
	for _, slot := range s.slots.byTask {
		digest := earlierDigest(settings, slot.Role, settings.Election)
		slot.Task.Fingerprint = earlierVersion + placementDigest(digest, slot.Host, slot.Ports)
		s.touch(slot)
	}
}

// recordOfEarlier is the Record that the version before had of a cluster with one task of each role.
func recordOfEarlier(t *testing.T, settings *config.Settings) saved {
	t.Helper()
	s, err := NewState(Options{Settings: settings}, recordWithTasks(t, settings))
	if err != nil {
		t.Fatal(err)
	}
	s.rewriteFingerprints(settings)
	return rowsOf(s)
}

func withSite(lines ...string) *config.Settings {
	settings := testSettings(1)
	for _, line := range lines {
		key, value, _ := strings.Cut(line, "=")
		settings.Site = append(settings.Site, config.Property{Key: key, Value: value})
	}
	return settings
}

// versionsIn are the versions of the fingerprints in the rows of slots.
func versionsIn(t *testing.T, rows saved) string {
	t.Helper()
	versions := map[string]bool{}
	for key, data := range rows {
		var slot Slot
		if strings.HasPrefix(key, slotPrefix) {
			if err := json.Unmarshal(data, &slot); err != nil {
				t.Fatal(err)
			}
		}
		if slot.Task != nil {
			versions[slot.Task.Fingerprint[:len(fingerprintVersion)]] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(versions)), " ")
}

func TestAnUpgradeWithTheSameSettingsRestartsNothingAndSavesTodaysFingerprints(t *testing.T) {
	t.Parallel()
	settings := withSite(ofMasters+"=1min", ofWorkers+"=2s", ofBoth+"=x")
	record := recordOfEarlier(t, settings)
	s, outdated := outdatedAfter(t, record, settings)
	if len(outdated) > 0 {
		t.Errorf("%v are outdated", outdated)
	}
	saved := s.Changes()
	for _, role := range []config.Role{config.Master, config.Worker} {
		if _, saves := saved[slotKey(slotName(role, 0))]; !saves {
			t.Errorf("the row of %s is not saved", role)
		}
	}
	if got := versionsIn(t, rowsOf(s)); got != fingerprintVersion {
		t.Errorf("the fingerprints are of %s", got)
	}
}

// With the first start of this version a changed property replaces what the version before would
// have replaced, whoever sees it; from then on those who see it.
func TestAPropertyThatIsChangedWithAnUpgradeOutdatesEveryRole(t *testing.T) {
	t.Parallel()
	before := withSite(ofMasters + "=1min")
	after := withSite(ofMasters + "=2min")
	s, outdated := outdatedAfter(t, recordOfEarlier(t, before), after)
	if want := []string{"alluxio-master-0", "alluxio-worker-0"}; !slices.Equal(outdated, want) {
		t.Errorf("%v are outdated, want %v", outdated, want)
	}
	if got := versionsIn(t, rowsOf(s)); got != earlierVersion {
		t.Errorf("the fingerprints are of %s", got)
	}
	if got := outdatedRoles(t, recordWithTasks(t, before), after); !slices.Equal(got, []config.Role{config.Master}) {
		t.Errorf("with today's fingerprints %v are outdated", got)
	}
	s.Apply(Reconfigured{Settings: before}, epoch)
	if got := slices.Sorted(maps.Keys(s.slots.outdated)); len(got) > 0 {
		t.Errorf("with the settings of before %v are outdated", got)
	}
	if got := versionsIn(t, rowsOf(s)); got != fingerprintVersion {
		t.Errorf("with the settings of before the fingerprints are of %s", got)
	}
}

// A lone master with ZooKeeper was first taken for one without an election.
func TestATaskOfALoneMasterWithZooKeeperIsNotReplacedByAnUpgrade(t *testing.T) {
	t.Parallel()
	settings, lone := withSite(), withSite()
	settings.Election, settings.Journal = config.ByZooKeeper, config.Journal{Folder: "hdfs://nn/j", Shared: true}
	lone.Journal = settings.Journal
	for _, former := range []*config.Settings{settings, lone} {
		s, outdated := outdatedAfter(t, recordOfEarlier(t, former), settings)
		if got := versionsIn(t, rowsOf(s)); len(outdated) > 0 || got != fingerprintVersion {
			t.Errorf("from %q: %v are outdated, the fingerprints are of %s", former.Election, outdated, got)
		}
	}
	three := *settings
	three.Master.Count = 3
	if _, outdated := outdatedAfter(t, recordOfEarlier(t, lone), &three); len(outdated) != 2 {
		t.Errorf("one of three counts as lone: %v are outdated", outdated)
	}
}

// The states of bbac074 are of clusters whose settings are not changed.
func TestAnUpgradeFromBbac074RestartsNothing(t *testing.T) {
	t.Parallel()
	for name, plan := range earlierStates {
		tr := newTranscript(t)
		tr.fact(plan)
		s, err := NewState(Options{Settings: tr.settings, Started: epoch.Add(time.Hour)}, earlierRows(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := versionsIn(t, rowsOf(s)); len(s.slots.outdated) > 0 || strings.Contains(got, earlierVersion) {
			t.Errorf("%s: %v are outdated, the fingerprints are of %s", name, slices.Sorted(maps.Keys(s.slots.outdated)), got)
		}
	}
}
