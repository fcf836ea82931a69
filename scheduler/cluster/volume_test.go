package cluster

import (
	"errors"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/offered"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// volumeSettings are those of a cluster with a volume for each slot.
func volumeSettings(workers int) *config.Settings {
	s := testSettings(workers)
	s.MesosRole, s.Principal, s.Master.Volume, s.Worker.Volume = "eng/alluxio", "alluxio", config.GB, config.GB
	return s
}

func TestOnlyNamesThatWeGiveAreVolumesOfOurs(t *testing.T) {
	t.Parallel()
	s := stateWith(t, volumeSettings(1))
	s.record.clusterName = "c-0001"
	if role, index, n, ok := s.ourVolume("c-0001.alluxio-worker-12.3"); !ok || role != config.Worker || index != 12 ||
		n != 3 {
		t.Errorf("%s %d %d %v", role, index, n, ok)
	}
	for _, id := range []string{"", "data", "c-0001", "c-0001.alluxio-worker-12", "c-0001.alluxio-worker-12.0",
		"c-0001.alluxio-worker-012.3", "c-0001.alluxio-worker--1.3",
		"c-0002.alluxio-worker-12.3", "c-0001.alluxio-fuse-1.3", "c-0001.alluxio-worker-12.3.4",
		"c-0001.alluxio-worker-12.+3", "c-0001.alluxio-worker-12.03"} {
		if _, _, _, ok := s.ourVolume(id); ok {
			t.Errorf("%q is ours", id)
		}
	}
	s.record.clusterName = ""
	if _, _, _, ok := s.ourVolume(".alluxio-worker-1.1"); ok {
		t.Error("a cluster without a name has a volume")
	}
}

func TestSettingsThatWouldPartAClusterFromItsVolumesAreRefused(t *testing.T) {
	t.Parallel()
	s := stateWith(t, volumeSettings(1))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	slot := s.slots.byName["alluxio-master-0"]
	slot.Volume, slot.Host = &Volume{ID: "f1.alluxio-master-0.1", Host: "a", AgentID: "agent-a", MesosRole: "eng/alluxio",
		MB: 1024, Confirmed: true}, "a"
	s.journals.formatted[slot.Volume.ID] = journalRecord{Identity: slot.Volume.ID}
	s.noteJournalKind()
	for _, c := range []struct {
		sentence string
		change   func(*config.Settings)
		want     string
	}{
		{"another role", func(c *config.Settings) {
			c.MesosRole = "alluxio"
		},
			"volume f1.alluxio-master-0.1 of alluxio-master-0 is reserved for role eng/alluxio, and " +
				"alluxio.integration.mesos.role is now alluxio"},
		{"no volume for the journal", func(c *config.Settings) {
			c.Master.Volume = 0
		}, "is kept as UFS in persistent volumes, and the settings now say UFS in the default folder"},
		{"another size", func(c *config.Settings) { c.Master.Volume = 2 * config.GB }, ""},
		{"no volume for workers", func(c *config.Settings) { c.Worker.Volume = 0 }, ""},
	} {
		changed := volumeSettings(1)
		c.change(changed)
		err := s.CheckSettings(changed)
		if (err == nil) != (c.want == "") || err != nil &&
			(!errors.Is(err, ErrUnsafeChange) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", c.sentence, err)
		}
	}
}

func TestAnotherSizeRestartsNothingAndAVolumeForWorkersDoes(t *testing.T) {
	t.Parallel()
	with, without := volumeSettings(1), volumeSettings(1)
	larger := volumeSettings(1)
	without.Worker.Volume, larger.Worker.Volume = 0, 2*config.GB
	plain := testSettings(1)
	if settingsDigest(with, config.Worker) != settingsDigest(larger, config.Worker) {
		t.Error("a larger volume makes workers outdated: theirs keep their size")
	}
	if settingsDigest(with, config.Worker) == settingsDigest(without, config.Worker) {
		t.Error("a volume where there was none does not make workers outdated")
	}
	if settingsDigest(without, config.Worker) != settingsDigest(plain, config.Worker) {
		t.Error("settings without volumes have another fingerprint than before there were any")
	}
}

// A volume that was given up holds what was true once: a journal of before, blocks of files that have changed since.
func TestAVolumeThatIsFoundGoesToItsSlotUnlessThatHasHadALaterOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence   string
		had, found int
		adopted    bool
	}{
		{"the store was lost, and nothing is remembered", 0, 1, true},
		{"the store is an old copy", 1, 2, true},
		{"it was given up", 1, 1, false},
		{"it was given up, and so was the one after it", 2, 1, false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			s := stateWith(t, volumeSettings(1))
			s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
			slot := s.slots.byName["alluxio-worker-0"]
			slot.Volumes = c.had
			o := offerOf("o1", "a", nil)
			o.Volumes = []offer.Volume{{ID: s.volumeID(slot.Name, c.found), MB: 1024}}
			s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{o}}, epoch)
			if got := slot.Volume != nil; got != c.adopted {
				t.Errorf("it has %+v", slot.Volume)
			}
		})
	}
}

func TestAVolumeIsWaitedForByPolicy(t *testing.T) {
	t.Parallel()
	hour := time.Hour
	for _, c := range []struct {
		sentence  string
		role      config.Role
		formatted bool
		change    func(*config.Settings)
		gone      time.Duration
		bound     bool
	}{
		{"a worker, for ever", config.Worker, false, nil, 1000 * hour, true},
		{"a worker within its window", config.Worker, false, func(s *config.Settings) {
			s.ReplaceAfter = hour
		}, hour - 1, true},
		{"a worker after its window", config.Worker, false, func(s *config.Settings) { s.ReplaceAfter = hour }, hour, false},
		{"a worker when volumes are not wanted any more", config.Worker, false, func(s *config.Settings) {
			s.Worker.Volume = 0
		}, 0, false},
		{"a master with its journal, also after the window", config.Master, true, func(s *config.Settings) {
			s.ReplaceAfter = hour
		}, 1000 * hour, true},
		{"a master whose journal was never made", config.Master, false, func(s *config.Settings) {
			s.ReplaceAfter = hour
		}, hour, false},
		{"a master whose journal was given up", config.Master, true, func(s *config.Settings) {
			s.Journal.AllowLoss, s.ReplaceAfter = true, hour
		}, hour, false},
	} {
		settings := volumeSettings(1)
		if c.change != nil {
			c.change(settings)
		}
		s := stateWith(t, settings)
		slot := s.slots.byName[slotName(c.role, 0)]
		slot.Volume, slot.Host, slot.VacantSince = &Volume{ID: "v", Host: "a", AgentID: "x"}, "a", epoch
		if c.formatted {
			s.journals.formatted["v"] = journalRecord{Identity: "v"}
		}
		if got := s.boundByVolume(slot, epoch.Add(c.gone)); got != c.bound {
			t.Errorf("%s: %v", c.sentence, got)
		}
	}
}

func TestOnlyWhatATaskMayHaveBegunOnIsWaitedFor(t *testing.T) {
	t.Parallel()
	for state, begins := range map[mesos.TaskState]bool{
		mesos.TASK_STAGING: false, mesos.TASK_UNREACHABLE: false, mesos.TASK_UNKNOWN: false, mesos.TASK_DROPPED: false,
		mesos.TASK_ERROR: false, mesos.TASK_GONE: false,
		mesos.TASK_STARTING: true, mesos.TASK_RUNNING: true, mesos.TASK_KILLING: true, mesos.TASK_KILLED: true,
		mesos.TASK_FAILED: true, mesos.TASK_FINISHED: true, mesos.TASK_LOST: true,
	} {
		for _, late := range []bool{false, true} { // whether the task was given up before Mesos said so
			s := stateWith(t, volumeSettings(0))
			s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
			s.reconciliation.freshness.done = true
			o := withDisk(t, offerOf("o1", "a", nil), 4096)
			s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{o}}, epoch)
			s.Commit(s.Decide(epoch), epoch)
			slot := s.slots.byName["alluxio-master-0"]
			if slot.Task == nil || !slot.Volume.Unused {
				t.Fatalf("%+v", slot)
			}
			id := slot.Task.ID
			if late {
				s.abandon(slot, "", epoch)
			}
			s.Apply(Updated{Subscription: 1, Status: statusOf(id, state.String(), "agent-a", "", nil)}, epoch)
			slot.Task = nil
			if bound := s.boundByVolume(slot, epoch.Add(1000*time.Hour)); bound != begins {
				t.Errorf("after %s, late: %v, its volume is waited for: %v", state, late, bound)
			}
			again, err := NewState(Options{Settings: volumeSettings(0)}, s.savedRecord(t))
			if err != nil || again.slots.byName[slot.Name].Volume.Unused == begins {
				t.Errorf("after %s the next process knows otherwise: %v", state, err)
			}
		}
	}
}

func TestAVolumeOfAnOlderRecordMayBeUsed(t *testing.T) {
	t.Parallel()
	s, err := NewState(Options{Settings: volumeSettings(1)}, map[string][]byte{
		"framework": []byte(`{"id":"f1","cluster":"f1"}`),
		"slot/alluxio-worker-0": []byte(`{"name":"alluxio-worker-0","role":"alluxio-worker","index":0,"host":"a",` +
			`"volumes":1,"volume":{"id":"f1.alluxio-worker-0.1","host":"a","agentId":"x","mesosRole":"eng/alluxio","mb":1024}}`),
	})
	if err != nil || !s.boundByVolume(s.slots.byName["alluxio-worker-0"], epoch.Add(1000*time.Hour)) {
		t.Errorf("it is not waited for: %v", err)
	}
}

// record is everything that a process would load that began now.
func (s *State) savedRecord(t *testing.T) saved {
	t.Helper()
	store := saved{}
	store.save(s.Changes())
	return store
}

// withDisk adds unreserved disk to an offer.
func withDisk(t *testing.T, o offer.Offer, mb float64) offer.Offer {
	t.Helper()
	full := o.Decode()
	if full == nil {
		t.Fatal("the offer cannot be read")
	}
	full.Resources = append(full.Resources, offered.Scalar("disk", mb, ""))
	o.Wire, _ = full.Marshal()
	o.DiskMB = mb
	return o
}

// A slot that was removed and added again has forgotten how many volumes it has had.
func TestAVolumeThatWaitsForItsEndKeepsItsID(t *testing.T) {
	t.Parallel()
	s := stateWith(t, volumeSettings(1))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	slot := s.slots.byName["alluxio-worker-0"]
	slot.Volume = &Volume{ID: s.volumeID(slot.Name, 1), Host: "a", AgentID: "agent-a", MesosRole: "eng/alluxio", MB: 1024}
	s.markForDestroy(slot)
	o := offerOf("o1", "a", nil)
	if v, n := s.volumeFor(slot.Name, slot, &o); v.ID != "f1.alluxio-worker-0.2" || n != 2 {
		t.Errorf("it gets %s, its volume number %d", v.ID, n)
	}
}

// Older versions gave a slot that was removed and added again the same IDs on another host.
func TestAVolumeIsDestroyedOnItsOwnHostAlone(t *testing.T) {
	t.Parallel()
	s := stateWith(t, volumeSettings(1))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	slot := s.slots.byName["alluxio-worker-0"]
	id := s.volumeID(slot.Name, 1)
	slot.Volume = &Volume{ID: id, Host: "a", AgentID: "agent-a", MesosRole: "eng/alluxio", MB: 1024}
	s.markForDestroy(slot)
	slot.Volume = &Volume{ID: id, Host: "b", AgentID: "agent-b", MesosRole: "eng/alluxio", MB: 1024, Slot: slot.Name,
		Owned: true}
	o := offerOf("o1", "b", nil)
	o.Volumes = []offer.Volume{{ID: id, MB: 1024}}
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{o}}, epoch)
	if !slot.Volume.Confirmed {
		t.Error("its volume was offered, and does not count as created")
	}
}
