package e2e

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// memberPorts is what an agent needs for Alluxio with the embedded journal on default ports.
const memberPorts = "ports:[19200-19200,19998-19999,29998-30000];cpus:4;mem:4096;disk:1000"

// several is a cluster of three Alluxio masters and two workers on three hosts.
type several struct {
	*testcluster.Framework
	release realalluxio.Release
	text    string // of a file that was written while the first leader led
}

// TestSeveralAlluxioMastersWithZooKeeper has three masters of Alluxio 1.8.1 on one journal, and
// goes on to new settings: standbys before the leader.
func TestSeveralAlluxioMastersWithZooKeeper(t *testing.T) {
	t.Parallel()
	tc := newCluster(t, memberPorts, memberPorts, memberPorts)
	tc.StartZooKeeper()
	zookeeper := map[string]string{"alluxio.zookeeper.enabled": "true", "alluxio.zookeeper.address": tc.ZooKeeper.Addr()}
	lines := []string{
		"alluxio.zookeeper.enabled=true", "alluxio.zookeeper.address=" + tc.ZooKeeper.Addr(),
		"alluxio.zookeeper.session.timeout=8s",
		"alluxio.master.journal.folder=" + filepath.Join(tc.Folder("shared"), "journal"),
		"alluxio.integration.mesos.journal.shared=true",
	}
	c := newSeveral(tc, "zookeeper", "1.8.1", zookeeper, lines...)
	t.Run("three masters are one Alluxio", func(t *testing.T) { c.in(t).areOne() })
	t.Run("workers are told of no master: they find the leader through ZooKeeper", func(t *testing.T) {
		c := c.in(t)
		site := c.siteOf("alluxio-worker-0")
		if strings.Contains(site, "alluxio.master.hostname=") || !strings.Contains(site, "alluxio.zookeeper.address=") {
			t.Error(site)
		}
	})
	t.Run("kill -9 of the leader", func(t *testing.T) {
		c.in(t).loseLeader("19.2 s with a 6 s session (measured without us)")
	})
	t.Run("new settings reach standbys before the leader", func(t *testing.T) { c.in(t).standbysFirst(lines) })
	t.Run("three masters become one, which is away", func(t *testing.T) { c.in(t).becomeOne(lines) })
}

// TestSeveralAlluxioMastersWithTheEmbeddedJournal has three masters of Alluxio 2.9.6, each with a
// copy of the journal of its own.
func TestSeveralAlluxioMastersWithTheEmbeddedJournal(t *testing.T) {
	t.Parallel()
	tc := newCluster(t, memberPorts, memberPorts, memberPorts)
	c := newSeveral(tc, "embedded", "2.9.6", nil, "alluxio.master.journal.type=EMBEDDED",
		"alluxio.master.embedded.journal.election.timeout.min=2s", "alluxio.master.embedded.journal.election.timeout.max=4s")
	t.Run("three masters are one Alluxio", func(t *testing.T) { c.in(t).areOne() })
	t.Run("every member and worker knows all of them", func(t *testing.T) {
		c := c.in(t)
		for slot, key := range map[string]string{"alluxio-master-0": "alluxio.master.embedded.journal.addresses",
			"alluxio-worker-1": "alluxio.master.rpc.addresses"} {
			for _, host := range c.masterHosts() {
				if site := c.siteOf(slot); !regexp.MustCompile(regexp.QuoteMeta(key) + "=.*" +
					regexp.QuoteMeta(host)).MatchString(site) {
					t.Errorf("%s of %s lacks %s:\n%s", key, slot, host, site)
				}
			}
		}
	})
	t.Run("kill -9 of the leader", func(t *testing.T) { c.in(t).loseLeader("14.5 s (measured without us)") })
}

// newSeveral starts the cluster and writes the file. A client finds the leader by the properties of
// client, or by a list of all masters.
func newSeveral(tc *testcluster.Cluster, name, version string, client map[string]string, lines ...string) *several {
	tc.T.Helper()
	c := &several{release: tc.Release(version)}
	lines = append(lines, "alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home="+c.release.Dir,
		"alluxio.integration.mesos.master.node.count=3", "alluxio.integration.mesos.worker.count=2")
	c.Framework = tc.NewFramework(name, lines...)
	c.Client = client
	c.Serve()
	c.Await("three masters, one of them the leader, and two workers", c.whole)
	file := filepath.Join(tc.Dir, "file")
	c.text = strings.Repeat("written while the first leader led\n", 10000)
	tc.Check(os.WriteFile(file, []byte(c.text), 0o644))
	c.Shell(c.release, "copyFromLocal", file, "/before")
	return c
}

// in is c as a part of the test sees it.
func (c *several) in(t *testing.T) *several {
	return &several{Framework: c.In(t), release: c.release, text: c.text}
}

// whole is true when everything serves and exactly one master leads.
func (c *several) whole(s *cluster.Status) bool {
	return testcluster.Serving(s, config.Master) == 3 && testcluster.Serving(s, config.Worker) == 2 &&
		len(masters(s, launch.Leading)) == 1 && len(masters(s, launch.Standby)) == 2
}

// masters are the slots of the masters of one standing.
func masters(s *cluster.Status, standing launch.ElectionState) (list []cluster.SlotStatus) {
	for _, slot := range s.Slots {
		if slot.Role == config.Master && slot.State == "serving" && slot.ElectionState == standing {
			list = append(list, slot)
		}
	}
	return list
}

func (c *several) now() *cluster.Status {
	c.Cluster.T.Helper()
	s, err := c.Status(c.Cluster.T.Context())
	c.Cluster.Check(err)
	return s
}

func (c *several) masterHosts() (hosts []string) {
	for _, slot := range c.now().Slots {
		if slot.Role == config.Master {
			hosts = append(hosts, slot.Host)
		}
	}
	return hosts
}

// siteOf is the site file of the task of a slot.
func (c *several) siteOf(slot string) string {
	c.Cluster.T.Helper()
	data, err := os.ReadFile(filepath.Join(c.Sandbox(c.Slot(c.now(), slot).TaskID), "conf/alluxio-site.properties"))
	c.Cluster.Check(err)
	return string(data)
}

// reads checks that the file is there.
func (c *several) reads() {
	c.Cluster.T.Helper()
	c.AwaitFile(c.release, "/before", c.text)
}

// areOne checks that the masters are on hosts of their own, that one of them leads, as Alluxio
// itself says, and that status shows it.
func (c *several) areOne() {
	c.Cluster.T.Helper()
	hosts := c.masterHosts()
	slices.Sort(hosts)
	if len(slices.Compact(hosts)) != 3 {
		c.Cluster.T.Errorf("masters on %v", hosts)
	}
	c.Await("one who leads, in its own words and in ours", func(s *cluster.Status) bool {
		return c.whole(s) && !slices.ContainsFunc(s.Slots, func(slot cluster.SlotStatus) bool {
			return slot.Role == config.Master &&
				testcluster.LeadsAt(c.Cluster.T.Context(), slot.Web) != (slot.ElectionState == launch.Leading)
		})
	})
	table, err := c.CLI(c.Cluster.T.Context(), "status")
	if err != nil || strings.Count(table, "serving (leading)") != 1 || strings.Count(table, "serving (standby)") != 2 {
		c.Cluster.T.Errorf("%v\n%s", err, table)
	}
	c.reads()
}

// loseLeader kills the JVM of the leader: another master leads, the lost one comes back to its host
// as a standby, and nothing else happens.
func (c *several) loseLeader(alluxios string) {
	t := c.Cluster.T
	t.Helper()
	before, lost, begun := c.killLeader()
	for c.leader(before).Slot == lost.Slot {
		// it was back before the others had elected one of them, which is as good, but shows less
		before, lost, begun = c.killLeader()
	}
	t.Logf("recovery: kill -9 of the leading Alluxio master, until another leads: %.1f; Alluxio's own: %s",
		time.Since(begun).Seconds(), alluxios)
	c.reads()
	c.Await("word of another leader", func(s *cluster.Status) bool {
		leading := masters(s, launch.Leading)
		return len(leading) == 1 && leading[0].Slot != lost.Slot
	})
	t.Logf("recovery: kill -9 of the leading Alluxio master, until status says who leads: %.1f",
		time.Since(begun).Seconds())
	after := c.Await("the lost master as a standby", c.whole)
	t.Logf("recovery: kill -9 of the leading Alluxio master, until the lost one stands by: %.1f",
		time.Since(begun).Seconds())
	back := c.Slot(after, lost.Slot)
	if back.Host != lost.Host || back.TaskID == lost.TaskID || back.ElectionState != launch.Standby ||
		back.LastFailure == nil || !strings.Contains(back.LastFailure.Message, "SIGKILL") {
		t.Errorf("before %+v\nafter %+v", lost, back)
	}
	was, is := testcluster.TaskIDs(before), testcluster.TaskIDs(after)
	delete(was, lost.Slot)
	delete(is, lost.Slot)
	if !maps.Equal(was, is) {
		t.Errorf("before %v, after %v", was, is)
	}
	c.reads()
}

// killLeader kills the JVM of the leader as soon as everything serves.
func (c *several) killLeader() (before *cluster.Status, lost cluster.SlotStatus, begun time.Time) {
	c.Cluster.T.Helper()
	before = c.Await("a leader", c.whole)
	lost, begun = masters(before, launch.Leading)[0], time.Now()
	c.Cluster.Check(syscall.Kill(c.JVM(lost), syscall.SIGKILL))
	return before, lost, begun
}

// leader waits until one of the masters of s leads.
func (c *several) leader(s *cluster.Status) (leader cluster.SlotStatus) {
	c.Cluster.T.Helper()
	c.Cluster.Await("a leader", func(ctx context.Context) (bool, error) {
		at := slices.IndexFunc(s.Slots, func(m cluster.SlotStatus) bool {
			return m.Role == config.Master && testcluster.LeadsAt(ctx, m.Web)
		})
		if at >= 0 {
			leader = s.Slots[at]
		}
		return at >= 0, nil
	})
	return leader
}

// standbysFirst changes the settings: workers are replaced, then the masters that stand by, and the leader last.
func (c *several) standbysFirst(lines []string) {
	t := c.Cluster.T
	t.Helper()
	before := c.Await("a leader", c.whole)
	leader := masters(before, launch.Leading)[0].TaskID
	c.Cluster.Check(c.WriteSite(slices.Concat(c.Cluster.Site("zookeeper"), lines, []string{
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + c.release.Dir,
		"alluxio.integration.mesos.master.node.count=3",
		"alluxio.integration.mesos.worker.count=2", "alluxio.user.file.buffer.bytes=2MB",
	})...))
	begun := len(c.Log())
	c.Cluster.Check(syscall.Kill(c.PID(), syscall.SIGHUP))
	after := c.Await("the rollout", func(s *cluster.Status) bool {
		for slot, id := range testcluster.TaskIDs(s) {
			if id == testcluster.TaskIDs(before)[slot] {
				return false
			}
		}
		return s.Complete && s.Rollout == nil && c.whole(s)
	})
	var order []string
	for _, found := range regexp.MustCompile(`(?m)kill (alluxio-\S+): the settings`).FindAllStringSubmatch(c.Log()[begun:],
		-1) {
		order = append(order, found[1])
	}
	if len(order) != 5 || !strings.HasPrefix(order[0], "alluxio-worker") ||
		!strings.HasPrefix(order[1], "alluxio-worker") || order[4] != leader {
		t.Errorf("the leader was %s, and the order is %v", leader, order)
	}
	if masters(after, launch.Leading)[0].TaskID == leader {
		t.Error("the leader was not replaced")
	}
	c.reads()
}
