//go:build faults

package faults

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestTheLeadingAlluxioMasterIsLostWithZooKeeper kills one of three masters that share a journal.
func TestTheLeadingAlluxioMasterIsLostWithZooKeeper(t *testing.T) {
	tc := testcluster.New(t, binary)
	tc.StartZooKeeper()
	loseLeader(tc, leaderByZooKeeper, "1.8.1",
		map[string]string{"alluxio.zookeeper.enabled": "true", "alluxio.zookeeper.address": tc.ZooKeeper.Addr()},
		"alluxio.zookeeper.enabled=true", "alluxio.zookeeper.address="+tc.ZooKeeper.Addr(),
		"alluxio.zookeeper.session.timeout=4s",
		"alluxio.master.journal.folder="+filepath.Join(tc.Folder("shared"), "journal"),
		"alluxio.integration.mesos.journal.shared=true")
}

// TestTheLeadingAlluxioMasterIsLostWithTheEmbeddedJournal kills one of three members.
func TestTheLeadingAlluxioMasterIsLostWithTheEmbeddedJournal(t *testing.T) {
	tc := testcluster.New(t, binary)
	loseLeader(tc, leaderByJournal, "2.9.6", nil, "alluxio.master.journal.type=EMBEDDED",
		"alluxio.master.embedded.journal.election.timeout.min=2s", "alluxio.master.embedded.journal.election.timeout.max=4s")
}

// loseLeader measures until another master leads, and until the lost one stands by.
func loseLeader(tc *testcluster.Cluster, row *fault, version string, client map[string]string, lines ...string) {
	t := tc.T
	t.Helper()
	for range 3 {
		tc.AddAgent(realmesos.AgentOptions{
			Resources: "ports:[19200-19200,19998-19999,29998-30000];cpus:4;mem:4096;disk:1000"})
	}
	f := tc.NewFramework("several",
		append(lines, "alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home="+tc.Release(version).Dir,
			"alluxio.integration.mesos.master.node.count=3", "alluxio.integration.mesos.worker.count=1")...)
	f.Client = client
	f.Serve()
	f.Await("three masters", whole)
	file := filepath.Join(tc.Dir, "file")
	tc.Check(os.WriteFile(file, []byte(written), 0o644))
	f.Shell(tc.Release(version), "copyFromLocal", file, "/before")
	loseLeaderOf(f, row, leaderReturns)
	f.AwaitFile(tc.Release(version), "/before", written)
}

// loseLeaderOf kills the leader of a whole cluster.
func loseLeaderOf(f *testcluster.Framework, row, returns *fault) {
	tc, t := f.Cluster, f.Cluster.T
	t.Helper()
	before := f.Await("three masters", whole)
	lost := mastersThat(before, launch.Leading)[0]
	var after *cluster.Status
	measure(t, returns, func() {
		measure(t, row, func() { tc.Check(syscall.Kill(f.JVM(lost), syscall.SIGKILL)) }, func() {
			tc.Await("another leader", func(ctx context.Context) (bool, error) {
				return slices.ContainsFunc(mastersThat(before, launch.Standby), func(m cluster.SlotStatus) bool {
					return testcluster.LeadsAt(ctx, m.Web)
				}), nil
			})
		})
	}, func() {
		f.Await("word of the failure", func(s *cluster.Status) bool { return f.Slot(s, lost.Slot).TaskID != lost.TaskID })
		after = f.Await("the lost master as a standby", whole)
	})
	if back := f.Slot(after, lost.Slot); back.Host != lost.Host || back.TaskID == lost.TaskID ||
		back.ElectionState != launch.Standby {
		t.Errorf("before %+v\nafter %+v", lost, back)
	}
	was, is := testcluster.TaskIDs(before), testcluster.TaskIDs(after)
	delete(was, lost.Slot)
	delete(is, lost.Slot)
	if !maps.Equal(was, is) {
		t.Errorf("before %v, after %v", was, is)
	}
}

// whole is true when all serve, one of the masters as the leader.
func whole(s *cluster.Status) bool {
	return serves(s) && testcluster.Serving(s, config.Worker) == 1 && len(mastersThat(s, launch.Leading)) == 1 &&
		len(mastersThat(s, launch.Standby)) == 2
}

// mastersThat are the slots of the masters of one standing.
func mastersThat(s *cluster.Status, standing launch.ElectionState) (list []cluster.SlotStatus) {
	for _, slot := range s.Slots {
		if slot.Role == config.Master && slot.State == "serving" && slot.ElectionState == standing {
			list = append(list, slot)
		}
	}
	return list
}
