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
	"github.com/alluxio/alluxio-mesos/integration/testkit/world"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestTheLeadingAlluxioMasterIsLostWithZooKeeper kills one of three masters that share a journal.
func TestTheLeadingAlluxioMasterIsLostWithZooKeeper(t *testing.T) {
	w := world.New(t, binary)
	w.StartZooKeeper()
	loseLeader(w, leaderByZooKeeper, "1.8.1",
		map[string]string{"alluxio.zookeeper.enabled": "true", "alluxio.zookeeper.address": w.ZooKeeper.Addr()},
		"alluxio.zookeeper.enabled=true", "alluxio.zookeeper.address="+w.ZooKeeper.Addr(),
		"alluxio.zookeeper.session.timeout=4s",
		"alluxio.master.journal.folder="+filepath.Join(w.Folder("shared"), "journal"),
		"alluxio.integration.mesos.journal.shared=true")
}

// TestTheLeadingAlluxioMasterIsLostWithTheEmbeddedJournal kills one of three members.
func TestTheLeadingAlluxioMasterIsLostWithTheEmbeddedJournal(t *testing.T) {
	w := world.New(t, binary)
	loseLeader(w, leaderByJournal, "2.9.6", nil, "alluxio.master.journal.type=EMBEDDED",
		"alluxio.master.embedded.journal.election.timeout.min=2s", "alluxio.master.embedded.journal.election.timeout.max=4s")
}

// loseLeader measures until another master leads, and until the lost one stands by.
func loseLeader(w *world.World, row *fault, version string, client map[string]string, lines ...string) {
	t := w.T
	t.Helper()
	for range 3 {
		w.AddAgent(realmesos.AgentOptions{Resources: "ports:[19200-19200,19998-19999,29998-30000];cpus:4;mem:4096;disk:1000"})
	}
	f := w.NewFramework("several",
		append(lines, "alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home="+w.Release(version).Dir,
			"alluxio.integration.mesos.master.node.count=3", "alluxio.integration.mesos.worker.count=1")...)
	f.Client = client
	f.Serve()
	f.Await("three masters", whole)
	file := filepath.Join(w.Dir, "file")
	w.Check(os.WriteFile(file, []byte(written), 0o644))
	f.Shell(w.Release(version), "copyFromLocal", file, "/before")
	loseLeaderOf(f, row, leaderReturns)
	f.AwaitFile(w.Release(version), "/before", written)
}

// loseLeaderOf kills the leader of a whole cluster.
func loseLeaderOf(f *world.Framework, row, returns *fault) {
	w, t := f.World, f.World.T
	t.Helper()
	before := f.Await("three masters", whole)
	lost := mastersThat(before, launch.Leading)[0]
	var after *cluster.Status
	measure(t, returns, func() {
		measure(t, row, func() { w.Check(syscall.Kill(f.JVM(lost), syscall.SIGKILL)) }, func() {
			w.Await("another leader", func(ctx context.Context) (bool, error) {
				return slices.ContainsFunc(mastersThat(before, launch.Standby), func(m cluster.SlotStatus) bool {
					return world.LeadsAt(ctx, m.Web)
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
	was, is := world.TaskIDs(before), world.TaskIDs(after)
	delete(was, lost.Slot)
	delete(is, lost.Slot)
	if !maps.Equal(was, is) {
		t.Errorf("before %v, after %v", was, is)
	}
}

// whole is true when all serve, one of the masters as the leader.
func whole(s *cluster.Status) bool {
	return serves(s) && world.Serving(s, config.Worker) == 1 && len(mastersThat(s, launch.Leading)) == 1 &&
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
