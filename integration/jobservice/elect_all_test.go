//go:build testall

package jobservice

import (
	"errors"
	"slices"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realzookeeper"
)

// Job masters elect a leader by a journal of their own, without any master. It may begin empty at
// one, two or all of them: nothing about jobs is in it.
func TestJobMastersElectALeaderByTheirOwnEmbeddedJournal(t *testing.T) {
	t.Parallel()
	p := newParts(t, 3, config.ByJournal, config.KeyJournalType, "EMBEDDED")
	p.electAndElectAgain(3, [][]int{{0}, {0, 1}, {0, 1, 2}})
}

// With ZooKeeper each job master has a journal of its own, too.
func TestJobMastersElectALeaderThroughZooKeeper(t *testing.T) {
	t.Parallel()
	zookeeper := realzookeeper.StartForTest(t, realzookeeper.Options{})
	p := newParts(t, 2, config.ByZooKeeper, config.KeyZooKeeperEnabled, "true",
		config.KeyZooKeeperAddress, zookeeper.Addr(), config.KeyJournalFolder, "/the/masters/journal",
		"alluxio.zookeeper.election.path", "/a/election", "alluxio.zookeeper.leader.path", "/a/leader",
		"alluxio.zookeeper.session.timeout", "4s")
	p.electAndElectAgain(2, [][]int{{0}, {0, 1}})
}

// electAndElectAgain starts job masters, and kills and starts those of each round again: of a round,
// 0 is the leader, 1 and 2 are those after it.
func (p *parts) electAndElectAgain(count int, rounds [][]int) {
	p.t.Helper()
	var list []*part
	for i := range count {
		list = append(list, p.start(config.JobMaster, p.block.IP(i+1)))
	}
	leader := p.oneLeads(list)
	for _, round := range rounds {
		var killed []int
		for _, n := range round {
			killed = append(killed, (leader+n)%count)
			p.kill(list[killed[len(killed)-1]])
		}
		if len(killed) == 1 {
			rest := slices.Delete(slices.Clone(list), killed[0], killed[0]+1)
			p.eventually("another job master leads", func() error {
				if !slices.ContainsFunc(rest, (*part).leads) {
					return errors.New("none leads")
				}
				return nil
			})
		}
		for _, i := range killed {
			list[i] = p.start(config.JobMaster, p.block.IP(i+1))
		}
		leader = p.oneLeads(list)
	}
}

// oneLeads waits until one of the job masters leads and the others stand by, and returns which.
func (p *parts) oneLeads(list []*part) int {
	p.t.Helper()
	p.await(list...)
	leader := slices.IndexFunc(list, (*part).leads)
	if leader < 0 {
		p.t.Fatal("no job master leads, though all serve")
	}
	return leader
}
