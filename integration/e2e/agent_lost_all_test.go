//go:build testall

package e2e

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// hostLostWithin bounds the time until a host that makes no offer keeps no change waiting: ten
// minutes by the policy of the scheduler, twice when they do not begin with the loss, and a margin.
const hostLostWithin = 30 * time.Minute

// TestALostHostWithAVolumeBlocksNoLaterChange has a worker with a volume on every host, and loses
// one of the hosts for good. A change of the settings after that says which worker and host it
// waits for, then goes on without them. The worker that is left serves with its volume.
func TestALostHostWithAVolumeBlocksNoLaterChange(t *testing.T) {
	t.Parallel()
	tc := newCluster(t)
	tc.Check(tc.Master.Stop())
	tc.StartMaster("--agent_ping_timeout=1secs", "--max_agent_ping_timeouts=2")
	for _, ports := range []string{"ports:[19998-19999]", "ports:[29998-30000]", "ports:[29998-30000]"} {
		tc.AddAgent(realmesos.AgentOptions{Resources: ports + ";cpus:4;mem:2048;disk:600"})
	}
	release := tc.Release("1.8.1")
	lines := []string{"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + release.Dir,
		"alluxio.integration.mesos.role=alluxio", "alluxio.integration.mesos.worker.count=all",
		"alluxio.integration.worker.volume.size=400MB", "alluxio.integration.worker.unreachable.timeout=5s"}
	f := tc.NewFramework("every", lines...)
	f.Serve()
	before := f.Await("two workers", func(s *cluster.Status) bool { return testcluster.Serving(s, config.Worker) == 2 })
	master := f.Slot(before, "alluxio-master-0")
	lost, left := f.Slot(before, "alluxio-worker-0"), f.Slot(before, "alluxio-worker-1")
	executor := f.Executor(lost)
	tc.Check(tc.AgentAt(lost.Host).Kill(t.Context()))
	tc.Kill(executor)
	f.Await("the worker without a host", func(s *cluster.Status) bool { return f.Slot(s, lost.Slot).State == "waiting" })

	tc.Check(f.WriteSite(append(append(tc.Site("every"), lines...), "alluxio.user.short.circuit.enabled=false")...))
	tc.Check(syscall.Kill(f.PID(), syscall.SIGHUP))
	f.Await("the rollout that names what it waits for", func(s *cluster.Status) bool {
		return s.Rollout != nil && strings.Contains(s.Rollout.Waiting, lost.Slot) &&
			strings.Contains(s.Rollout.Waiting, lost.Host)
	})
	ctx, cancel := context.WithTimeout(t.Context(), hostLostWithin)
	defer cancel()
	var after *cluster.Status
	begun := time.Now()
	tc.Check(clitest.Await(ctx, "the end of the rollout", func(ctx context.Context) (bool, error) {
		s, err := f.Status(ctx)
		if err != nil {
			return false, err
		}
		after = s
		now := testcluster.TaskIDs(s)
		return s.Rollout == nil && now[left.Slot] != left.TaskID && now[master.Slot] != master.TaskID &&
			testcluster.Serving(s, config.Worker) == 1 && testcluster.Serving(s, config.Master) == 1, nil
	}))
	t.Logf("the change went on without the lost host after %.0f s", time.Since(begun).Seconds())
	if now := f.Slot(after, left.Slot); now.Host != left.Host || now.Volume == nil || now.Volume.ID != left.Volume.ID {
		t.Errorf("%s was %+v and is %+v", left.Slot, left, now)
	}
	if now := f.Slot(after, lost.Slot); now.State != "waiting" || now.Volume == nil || now.Volume.ID != lost.Volume.ID {
		t.Errorf("%s was %+v and is %+v", lost.Slot, lost, now)
	}

	t.Run("the host returns", func(t *testing.T) {
		f := f.In(t)
		tc.Check(tc.AgentAt(lost.Host).Restart(t.Context()))
		s := f.Await("its worker on its volume", func(s *cluster.Status) bool {
			return s.Rollout == nil && testcluster.Serving(s, config.Worker) == 2
		})
		if now := f.Slot(s, lost.Slot); now.Host != lost.Host || now.Volume == nil || now.Volume.ID != lost.Volume.ID ||
			now.TaskID == lost.TaskID {
			t.Errorf("%s was %+v and is %+v", lost.Slot, lost, now)
		}
	})
}
