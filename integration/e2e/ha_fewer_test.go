package e2e

import (
	"slices"
	"strings"
	"syscall"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// becomeOne asks for one master instead of three while that one is starting: the leader leads until
// the one that stays serves, and that one has every file.
func (c *several) becomeOne(lines []string) {
	tc, t := c.Cluster, c.Cluster.T
	t.Helper()
	stays := c.Slot(c.Await("a leader", c.whole), "alluxio-master-0")
	tc.Check(syscall.Kill(c.JVM(stays), syscall.SIGKILL))
	starting := c.Await("the next task of the master that stays", func(s *cluster.Status) bool {
		now := c.Slot(s, stays.Slot)
		return now.TaskID != stays.TaskID && now.State == "starting"
	})
	jvm := c.JVM(c.Slot(starting, stays.Slot))
	tc.Check(syscall.Kill(jvm, syscall.SIGSTOP))
	leader := masters(c.Await("a leader among the others", func(s *cluster.Status) bool {
		return len(masters(s, launch.Leading)) == 1 && masters(s, launch.Leading)[0].Slot != stays.Slot
	}), launch.Leading)[0]

	begun := len(c.Log())
	tc.Check(c.WriteSite(slices.Concat(tc.Site("zookeeper"), lines, []string{
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + c.release.Dir,
		"alluxio.integration.mesos.worker.count=2", "alluxio.user.file.buffer.bytes=2MB",
	})...)) // one master is the default
	tc.Check(syscall.Kill(c.PID(), syscall.SIGHUP))
	c.Await("the leader that waits for the other", func(s *cluster.Status) bool {
		return len(s.Slots) == 4 && strings.Contains(strings.Join(c.Slot(s, leader.Slot).Warnings, "\n"),
			"this task ends when another master serves")
	})
	c.reads()
	tc.Check(syscall.Kill(jvm, syscall.SIGCONT))
	after := c.Await("one master", func(s *cluster.Status) bool {
		if one := c.Slot(s, stays.Slot); one.State != "serving" && len(masters(s, launch.Leading)) == 0 {
			c.Fatalf("no master serves: %+v", s.Slots)
		}
		return s.Complete && s.Rollout == nil && len(s.Slots) == 3 && c.Slot(s, stays.Slot).ElectionState == launch.Leading
	})
	if testcluster.Serving(after, config.Worker) != 2 {
		t.Errorf("%+v", after.Slots)
	}
	if log := c.Log()[begun:]; !strings.Contains(log, "kill "+leader.TaskID+": the settings ask for 1 of alluxio-master") {
		t.Errorf("the leader %s was not killed for the settings:\n%s", leader.TaskID, log)
	}
	tc.OnlyTasks(c.Framework, testcluster.TaskIDs(after))
	c.reads()
}
