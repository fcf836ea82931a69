package e2e

import (
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestAnUnreachableWorkerIsWaitedForAsLongAsTheSettingsSay stops the process of a genuine Mesos
// agent: its worker is kept when it comes back in time, and replaced when it does not; then it is
// killed once it is back.
func TestAnUnreachableWorkerIsWaitedForAsLongAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	tc := newCluster(t)
	tc.Check(tc.Master.Stop())
	tc.StartMaster("--agent_ping_timeout=1secs", "--max_agent_ping_timeouts=8")
	rest := ";cpus:4;mem:2048;disk:1000"
	for _, ports := range []string{"ports:[19998-19999]", "ports:[29998-30000]", "ports:[29998-30000]"} {
		tc.AddAgent(realmesos.AgentOptions{Resources: ports + rest})
	}
	base := []string{"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + tc.Release("1.8.1").Dir,
		"alluxio.integration.mesos.worker.count=1"}
	base = append(base, "alluxio.integration.mesos.hang.timeout=60s")
	f := tc.NewFramework("silent", append(base, "alluxio.integration.worker.unreachable.timeout=5min")...)
	f.Serve()
	status, err := f.Status(t.Context())
	tc.Check(err)
	first := f.Slot(status, "alluxio-worker-0")
	agent := tc.Agents[1]
	if first.Host == tc.Block.IP(3) {
		agent = tc.Agents[2]
	}
	worker := func(what string, done func(cluster.SlotStatus) bool) {
		f.Await(what, func(s *cluster.Status) bool { return done(f.Slot(s, "alluxio-worker-0")) })
	}
	stop := func() {
		t.Helper()
		tc.Check(agent.Signal(syscall.SIGSTOP))
		worker("word that the agent is unreachable", func(s cluster.SlotStatus) bool { return s.State == "unreachable" })
	}
	t.Run("one that was not replaced is kept", func(t *testing.T) {
		stop()
		tc.Check(agent.Signal(syscall.SIGCONT))
		worker("its return", func(s cluster.SlotStatus) bool { return s.State == "serving" && s.TaskID == first.TaskID })
		tc.OnlyTasks(f, map[string]string{"master": "alluxio-master-0.1", "worker": first.TaskID})
	})
	t.Run("one that was replaced is killed when it returns", func(t *testing.T) {
		stop()
		tc.Check(
			f.WriteSite(append(append(tc.Site("silent"), base...), "alluxio.integration.worker.unreachable.timeout=2s")...))
		tc.Check(syscall.Kill(f.PID(), syscall.SIGHUP))
		worker("the replacement", func(s cluster.SlotStatus) bool {
			return s.State == "serving" && s.TaskID != first.TaskID && s.Host != first.Host
		})
		tc.Check(agent.Signal(syscall.SIGCONT))
		tc.OnlyTasks(f, map[string]string{"master": "alluxio-master-0.1", "worker": "alluxio-worker-0.2"})
		status, err := f.Status(t.Context())
		tc.Check(err)
		if testcluster.Serving(status, config.Worker) != 1 {
			t.Errorf("%+v", status.Slots)
		}
	})
	t.Run("one that hangs is not answering until it answers again", func(t *testing.T) { hang(f.In(t)) })
	t.Run("those that die while Mesos is away are unconfirmed", func(t *testing.T) { dieUnseen(f.In(t)) })
	if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
}

// hang stops the JVM of the worker for a time, for which it is not replaced.
func hang(f *testcluster.Framework) {
	status, err := f.Status(f.Cluster.T.Context())
	f.Cluster.Check(err)
	worker := f.Slot(status, "alluxio-worker-0")
	jvm := f.JVM(worker)
	f.Cluster.Check(syscall.Kill(jvm, syscall.SIGSTOP))
	f.Await("word that the worker does not answer", func(s *cluster.Status) bool {
		now := f.Slot(s, "alluxio-worker-0")
		return now.State == "serving" && !now.NotAnsweringSince.IsZero()
	})
	if table, err := f.CLI(f.Cluster.T.Context(), "status"); err != nil ||
		!strings.Contains(table, "serving, not answering for ") {
		f.Cluster.T.Errorf("%v: %s", err, table)
	}
	f.Cluster.Check(syscall.Kill(jvm, syscall.SIGCONT))
	f.Await("word that it answers", func(s *cluster.Status) bool {
		now := f.Slot(s, "alluxio-worker-0")
		return now.State == "serving" && now.NotAnsweringSince.IsZero() && now.TaskID == worker.TaskID
	})
}

// dieUnseen kills every JVM while no Mesos master can tell of it. A framework that goes on and one
// that begins then say what they do not know.
func dieUnseen(f *testcluster.Framework) {
	tc := f.Cluster
	status, err := f.Status(tc.T.Context())
	tc.Check(err)
	if !status.Complete {
		f.Fatalf("the cluster is not complete before: %+v", status)
	}
	tc.Check(tc.Master.Kill(tc.T.Context()))
	for _, slot := range status.Slots {
		tc.Kill(f.JVM(slot))
	}
	unconfirmed := func(s *cluster.Status) bool {
		for _, slot := range s.Slots {
			if slot.State != "serving" || slot.UnconfirmedSince.IsZero() {
				return false
			}
		}
		return !s.Complete
	}
	f.Await("word that the tasks are unconfirmed", unconfirmed)
	f.KillFramework()
	out, err := f.Start(tc.T.Context(), tc.Master.Addr())
	if err != nil && !strings.Contains(out, "keeps trying") {
		f.Fatalf("%v: %s", err, out)
	}
	f.Await("the same of a framework that has just begun", unconfirmed)
	for command, want := range map[string]string{"status": "; 2 unconfirmed; not complete",
		"explain": "serving on " + status.Slots[0].Host + ", unconfirmed since "} {
		if text, err := f.CLI(tc.T.Context(), command); err != nil || !strings.Contains(text, want) {
			tc.T.Errorf("%v: %s: without %q: %s", err, command, want, text)
		}
	}
	tc.Check(tc.Master.Restart(tc.T.Context()))
	f.Await("other tasks that serve", func(now *cluster.Status) bool {
		for _, slot := range status.Slots {
			if after := f.Slot(now, slot.Slot); after.TaskID == slot.TaskID || !after.Confirmed {
				return false
			}
		}
		return now.Complete
	})
}
