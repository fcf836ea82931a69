package cluster

import (
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// Every requirement has a sentence, and where an operator can help, the exact mend.
func TestExplain(t *testing.T) {
	t.Parallel()
	fixed, dynamic := stateWith(t, testSettings(2)), stateWith(t, variant{workers: 2, dynamic: true}.settings())
	fits := []PortRange{{19998, 19999}, {29998, 30000}}
	for _, c := range []struct {
		state        *State
		refused      Refused
		reason, mend string
	}{
		{fixed, Refused{Requirement: OnePerHost, Role: config.Worker, Host: "a"},
			"a already has a task of role alluxio-worker, and a host gets one", "add hosts, or ask for fewer tasks with alluxio.integration.mesos.worker.count"},
		{fixed, Refused{Requirement: PinnedHost, Role: config.Master, Host: "b", Detail: "a"},
			"alluxio-master is pinned to host a", "start with b as the second argument, or without one"},
		{fixed, Refused{Requirement: JournalHost, Role: config.Master, Slot: "alluxio-master-0", Detail: "a"},
			"alluxio-master-0 waits for host a, which holds its journal", "bring a back, or give its journal up for ever with --lose-journal"},
		{fixed, Refused{Requirement: OwnHost, Role: config.Worker, Slot: "alluxio-worker-0", Detail: "a"},
			"alluxio-worker-0 waits for its own host a first", ""},
		{fixed, Refused{Requirement: Constrained, Role: config.Worker, Host: "a", by: &refusedBy{&config.Constraint{Field: "rack", Text: "rack:IS:r1"}, "r2", true}},
			"alluxio-worker wants rack:IS:r1, and the rack of a is r2", "change alluxio.integration.worker.constraints, if that host is meant to have one"},
		{fixed, Refused{Requirement: CPUs, Role: config.Master, CPUs: 0.5, MemMB: 4096, Ports: fits},
			"needs 1 cpus, 0.5 are offered", "lower alluxio.integration.master.resource.cpu"},
		{fixed, Refused{Requirement: Mem, Role: config.Worker, CPUs: 4, MemMB: 1500, Ports: fits},
			"needs mem 2048MB: JVM share 1024MB = heap 532MB + direct 261MB + JVM 199MB + executor 32MB, and ramdisk 1024MB on top; 1500MB are offered",
			"lower alluxio.integration.worker.resource.mem or alluxio.worker.memory.size"},
		{fixed, Refused{Requirement: PortsOffered, Role: config.Master, CPUs: 4, MemMB: 4096},
			"needs ports 19998 (alluxio.master.port), 19999 (alluxio.master.web.port); no ports are offered",
			"start the agent with --resources='ports:[19998-19999,29998-30000]', or set alluxio.master.port, alluxio.master.web.port to 0 for any offered port"},
		{dynamic, Refused{Requirement: PortsOffered, Role: config.Master, CPUs: 4, MemMB: 4096, Ports: []PortRange{{31000, 31000}}},
			"needs ports any (alluxio.master.port=0), any (alluxio.master.web.port=0); [31000-31000] are offered",
			"start the agent with ports that no other framework takes, such as --resources='ports:[31000-32000]'"},
		{fixed, Refused{Requirement: Ending, Role: config.Worker, Host: "a", Detail: "alluxio-worker-0.1"},
			"a still runs alluxio-worker-0.1, which was replaced and is being ended", ""},
		{fixed, Refused{Requirement: PhaseOrder, Role: config.Worker, Detail: `phase "masters" is not complete (0 of 1 serving)`},
			`phase "masters" is not complete (0 of 1 serving)`, ""},
		{fixed, Refused{Requirement: RestartDelay, Role: config.Worker, Detail: "2024-05-01T12:10:05Z"},
			"it waits until 2024-05-01T12:10:05Z after repeated failures", ""},
		{fixed, Refused{Requirement: Malformed, Role: config.Worker}, "the offer contradicts itself", "see the logs of the Mesos master"},
	} {
		t.Run(string(c.refused.Requirement), func(t *testing.T) {
			if reason, mend := c.state.Explain(&c.refused); reason != c.reason || mend != c.mend {
				t.Errorf("it says\n%s\nmend: %s", reason, mend)
			}
		})
	}
}

// A refusal names what was left for the role, not what the whole offer was.
func TestARefusalCountsWhatTheRoleBeforeItHasTaken(t *testing.T) {
	t.Parallel()
	s := stateWith(t, testSettings(1))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	s.Apply(Offered{Subscription: 1, Offers: []Offer{offerOf("o1", "a", map[string]string{"mem": "2500"})}}, epoch)
	d := s.Decide(epoch)
	if len(d.Refused) != 1 || d.Refused[0].MemMB != 1476 || d.Refused[0].CPUs != 3 {
		t.Errorf("refused are %+v", d.Refused)
	}
}
