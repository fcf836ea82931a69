package cluster

import (
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// Every reason has a message, and where an operator can help, the exact hint.
func TestExplain(t *testing.T) {
	t.Parallel()
	fixed, dynamic := stateWith(t, testSettings(2)), stateWith(t, variant{workers: 2, dynamic: true}.settings())
	settings := testSettings(2)
	settings.MesosRole, settings.Worker.Volume = "alluxio", 300*config.MB
	settings.Folders = []config.Folder{{Level: 1, Path: "/ssd", Disk: true, Size: 200 * config.MB}}
	disks := stateWith(t, settings)
	explained := map[RejectReason]bool{}
	for _, s := range []*State{fixed, dynamic, disks} {
		s.connection.master.Version = "1.11.0"
	}
	fits := []offer.PortRange{{Begin: 19998, End: 19999}, {Begin: 29998, End: 30000}}
	for _, c := range []struct {
		state        *State
		rejection    Rejection
		reason, hint string
	}{
		{fixed, Rejection{Reason: OnePerHost, Role: config.Worker, Host: "a"},
			"a already runs a task of role alluxio-worker, and each host gets at most one",
			"add hosts, or ask for fewer tasks with alluxio.integration.mesos.worker.count"},
		{fixed, Rejection{Reason: PinnedHost, Role: config.Master, Host: "b", Detail: "a"},
			"alluxio-master is pinned to host a", "start with b as the second argument, or without one"},
		{fixed, Rejection{Reason: JournalHost, Role: config.Master, Slot: "alluxio-master-0", Detail: "a",
			away: true},
			"alluxio-master-0 waits for host a, which holds its journal",
			"bring a back, or give its journal up for ever with --lose-journal"},
		{fixed, Rejection{Reason: JournalHost, Role: config.Master, Slot: "alluxio-master-0", Detail: "a"},
			"alluxio-master-0 waits for host a, which holds its journal",
			"it starts there with the next offer that fits; `alluxio-mesos explain a` says why its offers were " +
				"not used"},
		{fixed, Rejection{Reason: VolumeHost, Role: config.Worker, Slot: "alluxio-worker-0", Detail: "a", away: true},
			"alluxio-worker-0 waits for host a, which holds its volume",
			"bring a back, or start the slot on another host with `alluxio-mesos replace alluxio-worker-0`"},
		{fixed, Rejection{Reason: OwnHost, Role: config.Worker, Slot: "alluxio-worker-0", Detail: "a"},
			"alluxio-worker-0 waits for its own host a first", ""},
		{fixed,
			Rejection{Reason: Constrained, Role: config.Worker, Host: "a",
				by: &rejectedBy{&config.Constraint{Field: "rack", Text: "rack:IS:r1"}, "r2", true}},
			"alluxio-worker wants rack:IS:r1, and the rack of a is r2",
			"change alluxio.integration.worker.constraints, if that host is meant to have one"},
		{fixed, Rejection{Reason: VolumeLost, Role: config.Master, Slot: "alluxio-master-0", Host: "a", Detail: "v1"},
			"volume v1, which holds the journal of alluxio-master-0, is gone: a is back as another agent",
			"start the agent of a with its old work_dir, or give the journal of alluxio-master-0 up for ever with " +
				"`alluxio-mesos replace alluxio-master-0 --destroy-volume`"},
		{fixed, Rejection{Reason: VolumeAway, Role: config.Worker, Slot: "alluxio-worker-0", Host: "a", Detail: "v1"},
			"alluxio-worker-0 waits for its volume v1, which is not in the offer of a",
			"if the volume was destroyed, `alluxio-mesos replace alluxio-worker-0 --destroy-volume` begins with a new one"},
		{disks, Rejection{Reason: Disk, Role: config.Worker, Host: "a", Detail: "100"},
			"needs 300MB of disk in one piece for a volume; the largest offered is 100MB",
			"restart the agent with more disk, such as --resources='disk(alluxio):300', all else as today, and " +
				"--reconfiguration_policy=additive (from Mesos 1.5 on): its tasks go on, or set " +
				"alluxio.integration.worker.volume.size to at most 100MB"},
		{disks, Rejection{Reason: TierDisk, Role: config.Worker, Host: "a", Detail: "100", diskMB: 500},
			"needs 500MB of disk in one piece for tiers of the worker (200MB of level 1) and its volume (300MB); the largest " +
				"offered is 100MB",
			"restart the agent with more disk, such as --resources='disk:500', all else as today, and " +
				"--reconfiguration_policy=additive (from Mesos 1.5 on): its tasks go on, or lower the quotas of these tiers"},
		{fixed, Rejection{Reason: Maintained, Role: config.Worker, Host: "a", Detail: "2024-05-01T12:10:05Z"},
			"maintenance of a begins at 2024-05-01T12:10:05Z",
			"cancel it in Mesos's maintenance schedule, or wait until it is over"},
		{fixed, Rejection{Reason: HostBackoff, Role: config.Worker, Host: "a", Detail: "it is passed over"},
			"a would fit, but it is passed over", "see the log of the Mesos agent of a; new settings end the wait"},
		{fixed, Rejection{Reason: CPUs, Role: config.Master, CPUs: 0.5, MemMB: 4096, Ports: fits},
			"needs 1 cpus, 0.5 are offered", "set alluxio.integration.master.resource.cpu to at most 0.5, or restart " +
				"the agent with cpus in its --resources raised by 0.5, all else as today, and " +
				"--reconfiguration_policy=additive (from Mesos 1.5 on): its tasks go on"},
		{fixed, Rejection{Reason: Mem, Role: config.Worker, CPUs: 4, MemMB: 1500, Ports: fits},
			"needs mem 2048MB: JVM share 1024MB = heap 532MB + direct 261MB + JVM 199MB + executor 32MB, and ramdisk 1024MB " +
				"on top; 1500MB are offered",
			"set alluxio.worker.ramdisk.size to at most 476MB, or restart the agent with mem in its --resources " +
				"raised by 548MB (if the host has them), all else as today, and " +
				"--reconfiguration_policy=additive (from Mesos 1.5 on): its tasks go on"},
		{fixed, Rejection{Reason: Mem, Role: config.Worker, CPUs: 4, MemMB: 1800, Ports: fits},
			"needs mem 2048MB: JVM share 1024MB = heap 532MB + direct 261MB + JVM 199MB + executor 32MB, and ramdisk " +
				"1024MB on top; 1800MB are offered",
			"set alluxio.integration.worker.resource.mem to at most 776MB, or set alluxio.worker.ramdisk.size to at " +
				"most 776MB, or restart the agent with mem in its --resources raised by 248MB (if the host " +
				"has them), " +
				"all else as today, and --reconfiguration_policy=additive (from Mesos 1.5 on): its tasks go on"},
		{fixed, Rejection{Reason: PortsOffered, Role: config.Master, CPUs: 4, MemMB: 4096},
			"needs ports 19998 (alluxio.master.port), 19999 (alluxio.master.web.port); no ports are offered",
			"restart the agent with --resources='ports:[19998-19999,29998-30000]', all else as today, and " +
				"--reconfiguration_policy=additive (from Mesos 1.5 on): its tasks go on, " +
				"or set alluxio.master.port, alluxio.master.web.port to 0 for any offered port"},
		{fixed, Rejection{Reason: PortsOffered, Role: config.Master, CPUs: 4, MemMB: 4096,
			Ports: []offer.PortRange{{Begin: 19999, End: 20000}, {Begin: 31000, End: 32000}}},
			"needs ports 19998 (alluxio.master.port), 19999 (alluxio.master.web.port); [19999-20000,31000-32000] " +
				"are offered",
			"restart the agent with --resources='ports:[19998-20000,29998-30000,31000-32000]', all else as " +
				"today, and " +
				"--reconfiguration_policy=additive (from Mesos 1.5 on): its tasks go on, " +
				"or set alluxio.master.port, alluxio.master.web.port to 0 for any offered port"},
		{dynamic,
			Rejection{Reason: PortsOffered, Role: config.Master, CPUs: 4, MemMB: 4096,
				Ports: []offer.PortRange{{Begin: 31000, End: 31000}}},
			"needs ports any (alluxio.master.port=0), any (alluxio.master.web.port=0); [31000-31000] are offered",
			"restart the agent with ports that no other framework takes, such as --resources='ports:[31000-32000]', " +
				"all else as today, and --reconfiguration_policy=additive (from Mesos 1.5 on): its tasks go on"},
		{fixed, Rejection{Reason: Ending, Role: config.Worker, Host: "a", Detail: "alluxio-worker-0.1"},
			"a still runs alluxio-worker-0.1, which was replaced and is being ended", ""},
		{fixed, Rejection{Reason: Unanswered, Role: config.Worker, Host: "a", Detail: "alluxio-worker-0.1"},
			"a may still run alluxio-worker-0.1, which was replaced while its agent did not answer; nothing is launched " +
				"there until Mesos says whether it has ended, for at most 10m0s", ""},
		{fixed,
			Rejection{Reason: PhaseOrder, Role: config.Worker, Detail: `phase "masters" is not complete (0 of 1 serving)`},
			`phase "masters" is not complete (0 of 1 serving)`, ""},
		{fixed, Rejection{Reason: RestartDelay, Role: config.Worker, Detail: "2024-05-01T12:10:05Z"},
			"it waits until 2024-05-01T12:10:05Z after repeated failures", ""},
		{fixed, Rejection{Reason: Malformed, Role: config.Worker},
			"the offer contradicts itself; the log of the Mesos master may say why", ""},
	} {
		explained[c.rejection.Reason] = true
		t.Run(string(c.rejection.Reason), func(t *testing.T) {
			if reason, hint := c.state.Explain(&c.rejection); reason != c.reason || hint != c.hint {
				t.Errorf("it says\n%s\nhint: %s", reason, hint)
			}
		})
	}
	for i := range reasonTable {
		if reason := reasonTable[i].reason; !explained[reason] {
			t.Errorf("no case explains %s", reason)
		}
	}
}

// An agent before Mesos 1.5 takes other resources with an empty work folder only, and that may hold
// a volume or a journal of ours.
func TestHintsSpareTheDataOfAnAgentThatCannotBeReconfigured(t *testing.T) {
	t.Parallel()
	const lost = "restart the agent with --resources='ports:[19998-19999,29998-30000]' and a new --work_dir: all " +
		"tasks of this agent are lost, or "
	const keys = "set alluxio.worker.port, alluxio.worker.data.port, alluxio.worker.web.port to 0 for any offered port"
	for _, c := range []struct {
		what, version, hint string
		change              func(*State)
	}{
		{"Mesos 1.4.3", "1.4.3", lost + keys, func(*State) {}},
		{"Mesos 0.28.2", "0.28.2", lost + keys, func(*State) {}},
		{"a version that cannot be read", "?", lost + keys, func(*State) {}},
		{"a host with a volume of a slot", "1.4.3", keys, func(s *State) {
			s.slots.byName["alluxio-worker-0"].Volume = &Volume{ID: "v", Host: "a", MB: 1}
		}},
		{"a host with a volume that no slot uses", "1.4.3", keys, func(s *State) {
			s.volumes.add(&Volume{ID: "v", Host: "a"})
		}},
		{"a host with a volume to be destroyed", "1.4.3", keys, func(s *State) {
			s.volumes.add(&Volume{ID: "v", Host: "a", DestroyRequested: true})
		}},
		{"a host with a journal", "1.4.3", keys, func(s *State) {
			s.journals.formatted["a:/j"] = journalRecord{Identity: "a:/j"}
		}},
		{"the host of a master", "1.4.3", keys, func(s *State) { s.slots.byName["alluxio-master-0"].Host = "a" }},
		{"data elsewhere", "1.4.3", lost + keys, func(s *State) { s.slots.byName["alluxio-master-0"].Host = "b" }},
	} {
		s := stateWith(t, testSettings(1))
		s.connection.master.Version = c.version
		c.change(s)
		if _, hint := s.Explain(&Rejection{Reason: PortsOffered, Role: config.Worker, Host: "a", CPUs: 4,
			MemMB: 4096}); hint != c.hint {
			t.Errorf("%s: %s", c.what, hint)
		}
	}
}

func TestAMemoryHintNamesTheKeyOfTheVersion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ version, site, key string }{
		{"", "", config.KeyRamdiskSize},
		{"1.8.1", "", config.KeyMemorySize},
		{"2.3.0", "", config.KeyMemorySize},
		{"2.4.0", "", config.KeyRamdiskSize},
		{"2.9.6", config.KeyMemorySize, config.KeyMemorySize},
		{"1.8.1", config.KeyRamdiskSize, config.KeyRamdiskSize},
		{"2.9.6", keyTopQuota, keyTopQuota},
	} {
		settings := testSettings(1)
		settings.Install.Version = c.version
		if c.site != "" {
			settings.Site = append(settings.Site, config.Property{Key: c.site, Value: "1GB"})
		}
		_, hint := stateWith(t, settings).Explain(&Rejection{Reason: Mem, Role: config.Worker, Host: "a", CPUs: 4,
			MemMB: 1500, Ports: []offer.PortRange{{Begin: 29998, End: 30000}}})
		if !strings.HasPrefix(hint, "set "+c.key+" to at most 476MB, or restart the agent") {
			t.Errorf("%+v: %s", c, hint)
		}
	}
}

// Where nothing of ours would fit whatever is set, and no agent is to lose its data, other agents
// are all that helps.
func TestAHintIsNeverEmptyForWhatAnOperatorCanChange(t *testing.T) {
	t.Parallel()
	s := stateWith(t, testSettings(1))
	s.connection.master.Version = "1.4.3"
	s.slots.byName["alluxio-master-0"].Host = "a"
	_, hint := s.Explain(&Rejection{Reason: Mem, Role: config.Worker, Host: "a",
		Ports: []offer.PortRange{{Begin: 29998, End: 30000}}})
	if hint != "use agents that offer as many; use agents that offer as much" {
		t.Errorf("%s", hint)
	}
}

// A host that was lost a moment ago, or whose offer was refused for an hour, is well: nothing is to
// be given up for it.
func TestNothingIsGivenUpForAHostThatIsWell(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what    string
		slot    Slot
		silence time.Duration // since the subscription
		away    bool
	}{
		{"just vacant", Slot{VacantSince: epoch}, time.Minute, false},
		{"silent for long", Slot{VacantSince: epoch}, awayAfter, true},
		{"it offered, and was refused for an hour", Slot{VacantSince: epoch, lastOffer: epoch.Add(time.Minute)}, time.Hour,
			false},
		{"it offered, and not again", Slot{VacantSince: epoch, lastOffer: epoch.Add(time.Minute)}, 2 * time.Hour, true},
		{"gone", Slot{VacantSince: epoch, HostGone: true}, 0, true},
		{"before a long outage of Mesos", Slot{VacantSince: epoch.Add(-24 * time.Hour)}, time.Minute, false},
	} {
		s := stateWith(t, testSettings(1))
		s.connection.since = epoch
		if away := s.hostAway(&c.slot, epoch.Add(c.silence)); away != c.away {
			t.Errorf("%s: away is %v", c.what, away)
		}
	}
}

// What was lacking for a role of which nothing is wanted any more is no news: "everything serves"
// stands alone.
func TestStatusForgetsWhatRefusedARoleThatIsServed(t *testing.T) {
	t.Parallel()
	s := stateWith(t, testSettings(1))
	cycle := func(event Event) {
		s.Apply(event, epoch)
		s.Commit(s.Decide(epoch), epoch)
	}
	cycle(Subscribed{Subscription: 1, FrameworkID: "f1"})
	cycle(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "small", map[string]string{"mem": "100"}),
		offerOf("o2", "a", nil)}})
	cycle(Updated{Subscription: 1, Status: statusOf("alluxio-master-0.1", "TASK_RUNNING", "agent-a", "", nil)})
	cycle(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o3", "small", map[string]string{"mem": "100"})}})
	if got := s.Snapshot(epoch).Rejections; len(got) != 2 || got[0].Role != config.Worker ||
		got[1].Role != config.Worker {
		t.Errorf("while a worker is wanted: %+v", got)
	}
	cycle(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o4", "b", nil)}})
	cycle(Updated{Subscription: 1, Status: statusOf("alluxio-worker-0.1", "TASK_RUNNING", "agent-b", "", nil)})
	if got := s.Snapshot(epoch); len(got.Rejections) > 0 || !got.Complete {
		t.Errorf("complete is %v, and refused are %+v", got.Complete, got.Rejections)
	}
}

// A refusal names what was left for the role, not what the whole offer was.
func TestARefusalCountsWhatTheRoleBeforeItHasTaken(t *testing.T) {
	t.Parallel()
	s := stateWith(t, testSettings(1))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "a", map[string]string{"mem": "2500"})}}, epoch)
	d := s.Decide(epoch)
	if len(d.Rejections) != 1 || d.Rejections[0].MemMB != 1476 || d.Rejections[0].CPUs != 3 {
		t.Errorf("rejections are %+v", d.Rejections)
	}
}
