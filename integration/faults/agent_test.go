package faults

import (
	"maps"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

var (
	agentReturns = &fault{"kill -9 of a Mesos agent, started again at once",
		"it is registered with the same tasks, no JVM was restarted",
		"the time until somebody starts it, within its `--recovery_timeout`"}
	agentMissesAnEnd = &fault{"kill -9 of a Mesos agent, then of a worker's JVM; the agent started again at once",
		"the next one serves on its host",
		"the same, and Alluxio's start"}
	agentLost = &fault{"the host of a worker is lost for good, count fixed", "another worker serves on another host",
		"Mesos's ping timeouts (here 2 s), `worker.unreachable.timeout` (here 5 s), and Alluxio's start"}
)

// killAgents takes one agent after the other away; Alluxio does not notice.
func killAgents(f *testcluster.Framework) {
	tc, before := f.Cluster, status(f)
	pids := jvms(f, before)
	for _, victim := range tc.Agents {
		measure(tc.T, agentReturns, func() { tc.Check(victim.Kill(tc.T.Context())) }, func() {
			tc.Check(victim.Restart(tc.T.Context()))
			tc.OnlyTasks(f, testcluster.TaskIDs(before))
			tc.AwaitAgents()
		})
	}
	if after := jvms(f, f.Await("the cluster", serves)); !maps.Equal(after, pids) {
		tc.T.Errorf("JVMs before %v, after %v", pids, after)
	}
}

// killBelowAnAgentThatIsAway ends a JVM when nobody is there to hear of it: its executor has to
// tell the agent when that is back.
func killBelowAnAgentThatIsAway(f *testcluster.Framework, on *realmesos.Agent, name string) {
	tc := f.Cluster
	after := replaced(f, agentMissesAnEnd, name, func(slot cluster.SlotStatus) {
		jvm := f.JVM(slot)
		tc.Check(on.Kill(tc.T.Context()))
		tc.Kill(jvm)
		tc.Check(on.Restart(tc.T.Context()))
	})
	if !strings.Contains(after.LastFailure.Message, "SIGKILL") {
		tc.T.Errorf("the executor's words are lost: %+v", after.LastFailure)
	}
}

// TestAHostThatIsLostForGood ends an agent and all that ran there; in the end the agent returns, empty.
func TestAHostThatIsLostForGood(t *testing.T) {
	t.Parallel()
	tc := testcluster.New(t, binary)
	tc.Check(tc.Master.Stop())
	tc.StartMaster("--agent_ping_timeout=1secs", "--max_agent_ping_timeouts=2")
	for _, ports := range []string{"ports:[19998-19999]", "ports:[29998-30000]", "ports:[29998-30000]"} {
		tc.AddAgent(realmesos.AgentOptions{Resources: ports + ";cpus:4;mem:2048;disk:1000"})
	}
	f := tc.NewFramework("lost",
		append(install(tc), "alluxio.integration.mesos.worker.count=1",
			"alluxio.integration.worker.unreachable.timeout=5s")...)
	f.Serve()
	write(f)
	before := f.Await("a cluster that serves", serves)
	was := f.Slot(before, "alluxio-worker-0")
	host := tc.Agents[1]
	if was.Host == tc.Block.IP(3) {
		host = tc.Agents[2]
	}
	measure(t, agentLost, func() {
		executor := f.Executor(was)
		tc.Check(host.Kill(t.Context()))
		tc.Kill(executor)
	}, func() {
		f.Await("a worker elsewhere", func(s *cluster.Status) bool {
			now := f.Slot(s, "alluxio-worker-0")
			return confirmed(now) && now.Host != was.Host
		})
	})
	read(f)
	tc.Check(host.Restart(t.Context()))
	tc.AwaitAgents()
	now := f.Await("a cluster that serves", serves)
	if now.Framework.ID != before.Framework.ID || f.Slot(now, "alluxio-worker-0").TaskID != "alluxio-worker-0.2" ||
		f.Slot(now, "alluxio-master-0").TaskID != f.Slot(before, "alluxio-master-0").TaskID {
		t.Errorf("before %v, after %v", testcluster.TaskIDs(before), testcluster.TaskIDs(now))
	}
	tc.OnlyTasks(f, testcluster.TaskIDs(now))
}
