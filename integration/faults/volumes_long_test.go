//go:build faults

package faults

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// quorum is a cluster of three members and a worker, all on persistent volumes.
type quorum struct {
	*testcluster.Framework
	release realalluxio.Release
	lines   []string
	// volumes are those of the first start, by slot.
	volumes map[string]cluster.VolumeStatus
}

// TestAQuorumOnPersistentVolumes breaks a cluster whose journals and tiers are on volumes in one
// way after the other. No slot ever leaves its volume, and what was written first can always be
// read. In the end nothing of it is left in Mesos.
func TestAQuorumOnPersistentVolumes(t *testing.T) {
	tc := testcluster.New(t, binary)
	for range 3 {
		tc.AddAgent(realmesos.AgentOptions{
			Resources: "ports:[19200-19200,19998-19999,29998-30000];cpus:4;mem:4096;disk:1000"})
	}
	q := &quorum{release: tc.Release("2.9.6"), volumes: map[string]cluster.VolumeStatus{}}
	q.lines = []string{
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + q.release.Dir,
		"alluxio.integration.mesos.data.dir=",
		"alluxio.integration.mesos.master.node.count=3", "alluxio.integration.mesos.worker.count=1",
		"alluxio.integration.mesos.role=alluxio",
		"alluxio.integration.master.volume.size=256MB", "alluxio.integration.worker.volume.size=400MB",
		"alluxio.master.journal.type=EMBEDDED", "alluxio.master.embedded.journal.election.timeout.min=2s",
		"alluxio.master.embedded.journal.election.timeout.max=4s",
		"alluxio.worker.memory.size=400MB", // Alluxio wants some 256 MB of a tier to be free
	}
	q.Framework = tc.NewFramework("quorum", q.lines...)
	q.Serve()
	first := q.Await("three masters", whole)
	for _, slot := range first.Slots {
		if slot.Volume == nil || slot.Volume.Host != slot.Host || !tc.Volumes()[slot.Volume.ID] {
			t.Fatalf("%s has no volume: %+v", slot.Slot, slot.Volume)
		}
		if slot.Role == config.Master && !strings.Contains(slot.JournalFolder, "/volumes/roles/alluxio/"+slot.Volume.ID+"/") {
			t.Errorf("the journal of %s is in %s", slot.Slot, slot.JournalFolder)
		}
		q.volumes[slot.Slot] = *slot.Volume
	}
	file := filepath.Join(tc.Dir, "file")
	tc.Check(os.WriteFile(file, []byte(written), 0o644))
	q.Shell(q.release, "copyFromLocal", file, "/before")
	for _, p := range []struct {
		name string
		run  func(*quorum)
	}{
		{"kill -9 of the leader", (*quorum).loseLeader},
		{"an agent that ends with its tasks", (*quorum).endAgent},
		{"kill -9 of the framework", (*quorum).loseFramework},
		{"new settings", (*quorum).rollOut},
	} {
		if !t.Run(p.name, func(t *testing.T) {
			part := &quorum{Framework: q.In(t), release: q.release, lines: q.lines, volumes: q.volumes}
			p.run(part)
			part.isWhole()
		}) {
			return // the next one would begin with a broken cluster
		}
	}
	t.Run("uninstall --destroy-volumes", func(t *testing.T) {
		q := q.In(t)
		if out, err := q.CLI(t.Context(), "uninstall", "--destroy-volumes", "--yes"); err != nil ||
			!strings.Contains(out, "the cluster and its framework have ended") {
			q.Fatalf("%v %s", err, out)
		}
		q.Cluster.NothingReserved()
		q.Cluster.OnlyTasks(q, nil)
	})
}

// isWhole checks that every slot serves on the volume that it began with, and that the file is there.
func (q *quorum) isWhole() {
	q.Cluster.T.Helper()
	for _, slot := range q.Await("a whole cluster", whole).Slots {
		if slot.Volume == nil || *slot.Volume != q.volumes[slot.Slot] || slot.Host != slot.Volume.Host {
			q.Cluster.T.Errorf("%s is on %s with the volume %+v, and began with %+v", slot.Slot, slot.Host, slot.Volume,
				q.volumes[slot.Slot])
		}
	}
	q.AwaitFile(q.release, "/before", written)
	if there := q.Cluster.Volumes(); len(there) != len(q.volumes) {
		q.Cluster.T.Errorf("there are the volumes %v", there)
	}
}

func (q *quorum) loseLeader() {
	loseLeaderOf(q.Framework, leaderByJournal, memberOnVolume)
}

// endAgent lets the agent of a standby unregister, which ends its executors; it comes back with the same volumes.
func (q *quorum) endAgent() {
	tc := q.Cluster
	before := status(q.Framework)
	standby := mastersThat(before, launch.Standby)[0]
	agent := tc.AgentAt(standby.Host)
	measure(tc.T, agentOfMember, func() {
		tc.Check(agent.Signal(syscall.SIGUSR1))
		_, err := agent.Wait(tc.T.Context())
		tc.Check(err)
		q.Await("the wait for the host", func(s *cluster.Status) bool {
			return slices.ContainsFunc(s.Waiting, func(waiting cluster.Waiting) bool {
				return waiting.Slot == standby.Slot && strings.Contains(waiting.Message, standby.Host)
			})
		})
		tc.Check(agent.Restart(tc.T.Context()))
	}, func() { q.Await("the same members", whole) })
	if now := q.Slot(status(q.Framework), standby.Slot); now.TaskID == standby.TaskID {
		tc.T.Errorf("before %+v\nafter %+v", standby, now)
	}
}

func (q *quorum) loseFramework() {
	before := testcluster.TaskIDs(status(q.Framework))
	q.KillFramework()
	q.Serve()
	if after := testcluster.TaskIDs(q.Await("the same tasks", serves)); !maps.Equal(before, after) {
		q.Cluster.T.Errorf("before %v, after %v", before, after)
	}
}

// rollOut changes what Alluxio sees: every task is replaced, one member at a time.
func (q *quorum) rollOut() {
	tc := q.Cluster
	before := status(q.Framework)
	tc.Check(q.WriteSite(append(append(tc.Site("quorum"), q.lines...), "alluxio.user.short.circuit.enabled=false")...))
	tc.Check(syscall.Kill(q.PID(), syscall.SIGHUP))
	after := q.Await("the rollout", func(s *cluster.Status) bool {
		if n := testcluster.Serving(s, config.Master); n < 2 {
			q.Fatalf("%d of three members serve: %+v", n, s.Slots)
		}
		return s.Rollout == nil && whole(s) && !slices.ContainsFunc(s.Slots, func(slot cluster.SlotStatus) bool {
			return slot.TaskID == q.Slot(before, slot.Slot).TaskID
		})
	})
	for _, slot := range after.Slots {
		if slot.LastFailure != nil && slot.LastFailure.At.After(before.Now) {
			tc.T.Errorf("%s has failed: %+v", slot.Slot, slot.LastFailure)
		}
	}
}
