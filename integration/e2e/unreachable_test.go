package e2e

import (
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/world"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestAnUnreachableWorkerIsWaitedForAsLongAsTheSettingsSay stops the process of a genuine Mesos agent: its worker is kept when it comes back in time,
// and replaced when it does not; then it is killed once it is back.
func TestAnUnreachableWorkerIsWaitedForAsLongAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Check(w.Master.Stop())
	w.StartMaster("--agent_ping_timeout=1secs", "--max_agent_ping_timeouts=8")
	rest := ";cpus:4;mem:2048;disk:1000"
	for _, ports := range []string{"ports:[19998-19999]", "ports:[29998-30000]", "ports:[29998-30000]"} {
		w.AddAgent(realmesos.AgentOptions{Resources: ports + rest})
	}
	base := []string{"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + w.Release("1.8.1").Dir, "alluxio.integration.mesos.worker.count=1"}
	f := w.NewFramework("silent", append(base, "alluxio.integration.worker.unreachable.timeout=5min")...)
	f.Serve()
	status, err := f.Status(t.Context())
	w.Check(err)
	first := f.Slot(status, "alluxio-worker-0")
	agent := w.Agents[1]
	if first.Host == w.Block.IP(3) {
		agent = w.Agents[2]
	}
	worker := func(what string, done func(cluster.SlotStatus) bool) {
		f.Await(what, func(s *cluster.Status) bool { return done(f.Slot(s, "alluxio-worker-0")) })
	}
	stop := func() {
		t.Helper()
		w.Check(agent.Signal(syscall.SIGSTOP))
		worker("word that the agent is unreachable", func(s cluster.SlotStatus) bool { return s.State == "unreachable" })
	}
	t.Run("one that was not replaced is kept", func(t *testing.T) {
		stop()
		w.Check(agent.Signal(syscall.SIGCONT))
		worker("its return", func(s cluster.SlotStatus) bool { return s.State == "serving" && s.TaskID == first.TaskID })
		w.OnlyTasks(f, map[string]string{"master": "alluxio-master-0.1", "worker": first.TaskID})
	})
	t.Run("one that was replaced is killed when it returns", func(t *testing.T) {
		stop()
		w.Check(f.WriteSite(append(append(w.Site("silent"), base...), "alluxio.integration.worker.unreachable.timeout=2s")...))
		w.Check(syscall.Kill(f.PID(), syscall.SIGHUP))
		worker("the replacement", func(s cluster.SlotStatus) bool {
			return s.State == "serving" && s.TaskID != first.TaskID && s.Host != first.Host
		})
		w.Check(agent.Signal(syscall.SIGCONT))
		w.OnlyTasks(f, map[string]string{"master": "alluxio-master-0.1", "worker": "alluxio-worker-0.2"})
		status, err := f.Status(t.Context())
		w.Check(err)
		if world.Serving(status, config.Worker) != 1 {
			t.Errorf("%+v", status.Slots)
		}
	})
	if out, err := f.Stop(t.Context(), "--teardown"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
}
