package e2e

import (
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestSeveralInstancesOfTheFramework runs two instances with their state in ZooKeeper, on a Mesos
// that is found through ZooKeeper as well. The install is one that cannot start, so that no Alluxio
// is needed: what counts is who launches, and with which framework ID.
func TestSeveralInstancesOfTheFramework(t *testing.T) {
	t.Parallel()
	tc := newCluster(t)
	tc.StartZooKeeper()
	zk := tc.ZooKeeper
	tc.Check(tc.Master.Stop())
	tc.StartMaster("--zk=zk://"+zk.Addr()+"/mesos", "--quorum=1")
	tc.AddAgent(realmesos.AgentOptions{Resources: testcluster.AllPorts + ";cpus:4;mem:4096;disk:1000"})

	credentials := "alluxio:" + testcluster.NewSecret()
	lines := []string{
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=/nowhere",
		"alluxio.integration.mesos.state=zk://" + credentials + "@" + zk.Addr() + "/several",
		"alluxio.integration.mesos.zookeeper.session.timeout=8s",
	}
	one, two := tc.NewInstance("one", "several", lines...), tc.NewInstance("two", "several", lines...)
	mesos := "zk://" + zk.Addr() + "/mesos"
	for _, f := range []*testcluster.Framework{one, two} {
		if out, err := f.Start(t.Context(), mesos); err != nil {
			f.Fatalf("%v: %s", err, out)
		}
	}
	failed := func(s *cluster.Status) bool {
		return s.Framework.ID != "" && len(s.Slots) > 0 && s.Slots[0].LastFailure != nil
	}
	before := one.Await("a launch", failed)
	t.Run("the one that stands by points at the one that acts", func(t *testing.T) {
		status := two.Await("the leader's answer", failed)
		if status.Framework.ID != before.Framework.ID {
			t.Errorf("%q, %q", status.Framework.ID, before.Framework.ID)
		}
		client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		response, err := client.Get("http://" + two.APIAddress() + "/v1/status")
		tc.Check(err)
		defer response.Body.Close()
		if response.StatusCode != http.StatusTemporaryRedirect || response.Header.Get("Location") != "http://"+
			one.APIAddress()+"/v1/status" {
			t.Errorf("%d %q", response.StatusCode, response.Header.Get("Location"))
		}
	})
	t.Run("kill -9 of the one that acts lets the other take over with the same framework ID", func(t *testing.T) {
		tc.Check(two.WriteSite(append(append(tc.Site("several"), lines...), "alluxio.integration.mesos.worker.count=2")...))
		tc.Check(syscall.Kill(two.PID(), syscall.SIGHUP)) // it does not act yet
		pid := one.PID()
		killed := time.Now()
		tc.Check(syscall.Kill(pid, syscall.SIGKILL))
		tc.Gone(pid)
		after := two.Await("the takeover", func(s *cluster.Status) bool {
			return s.Mesos.State == "subscribed" && s.Framework.Started.After(killed) &&
				slices.ContainsFunc(s.Slots, func(slot cluster.SlotStatus) bool { return slot.Slot == "alluxio-worker-1" })
		})
		t.Logf("recovery: framework leader kill -9: %.1f s (session timeout + 2 s: %.1f s)", time.Since(killed).Seconds(),
			10.0)
		if after.Framework.ID != before.Framework.ID {
			t.Errorf("%q, %q", after.Framework.ID, before.Framework.ID)
		}
		state, err := tc.Master.State(t.Context())
		tc.Check(err)
		if len(state.Frameworks)+len(state.CompletedFrameworks) != 1 {
			t.Errorf("Mesos knows %d frameworks", len(state.Frameworks)+len(state.CompletedFrameworks))
		}
	})
	t.Run("recover changes the state in ZooKeeper, but not below an instance that acts", func(t *testing.T) {
		const permission = "--kill-unknown-tasks"
		if out, err := two.CLI(t.Context(), "recover", permission); err == nil ||
			!strings.Contains(err.Error(), "an instance of the framework runs and acts") {
			t.Errorf("%v: %s", err, out)
		}
		if out, err := two.Stop(t.Context()); err != nil {
			two.Fatalf("%v: %s", err, out)
		}
		if out, err := two.CLI(t.Context(), "recover", permission); err != nil ||
			!strings.Contains(out, before.Framework.ID) {
			t.Errorf("%v: %s", err, out)
		}
		if out, err := two.Start(t.Context(), mesos); err != nil {
			two.Fatalf("%v: %s", err, out)
		}
		if after := two.Await("a launch", failed); after.Framework.ID != before.Framework.ID {
			t.Errorf("%q, %q", after.Framework.ID, before.Framework.ID)
		}
	})
	for _, f := range []*testcluster.Framework{one, two} {
		if strings.Contains(f.Log(), credentials) {
			t.Error("the credentials are in a log")
		}
	}
	t.Run("a teardown through the one that stands by ends both, and none starts again", func(t *testing.T) {
		if out, err := one.Start(t.Context(), mesos); err != nil {
			one.Fatalf("%v: %s", err, out)
		}
		one.Await("the leader's answer", failed)
		acting := two.PID()
		if out, err := one.Stop(t.Context(), "--teardown", "--yes"); err != nil {
			one.Fatalf("%v: %s", err, out)
		}
		tc.Gone(acting)
		state, err := tc.Master.State(t.Context())
		if err != nil || len(state.Frameworks) != 0 || len(state.CompletedFrameworks) != 1 {
			t.Errorf("after the teardown Mesos has %d frameworks, %d ended ones: %v", len(state.Frameworks),
				len(state.CompletedFrameworks), err)
		}
	})
}
