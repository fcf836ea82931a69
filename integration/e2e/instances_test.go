package e2e

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/operator"
	"github.com/alluxio/alluxio-mesos/integration/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/realzookeeper"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestSeveralInstancesOfTheFramework runs two instances with their state in ZooKeeper, on a Mesos that is found through ZooKeeper as well. The install
// is one that cannot start, so that no Alluxio is needed: what counts is who launches, and with which framework ID.
func TestSeveralInstancesOfTheFramework(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	install, err := realzookeeper.Get(t.Context())
	w.check(err)
	zk, err := install.Start(t.Context(), realzookeeper.Options{Dir: filepath.Join(w.dir, "zookeeper"), IP: w.block.IP(9)})
	w.check(err)
	t.Cleanup(func() { w.ended(zk.Stop()) })
	w.check(w.master.Stop())
	w.startMaster("--zk=zk://"+zk.Addr()+"/mesos", "--quorum=1", "--zk_session_timeout=2secs")
	w.addAgent(realmesos.AgentOptions{Resources: allPorts + ";cpus:4;mem:4096;disk:1000"})

	credentials := "alluxio:" + newSecret()
	lines := []string{
		"alluxio.integration.mesos.framework.name=several",
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=/nowhere",
		"alluxio.integration.mesos.state=zk://" + credentials + "@" + zk.Addr() + "/several",
		"alluxio.integration.mesos.zookeeper.session.timeout=4s",
	}
	one, two := w.newFramework("one", lines...), w.newFramework("two", lines...)
	mesos := "zk://" + zk.Addr() + "/mesos"
	for _, f := range []*framework{one, two} {
		if out, err := f.Start(t.Context(), mesos); err != nil {
			f.fatalf("%v: %s", err, out)
		}
	}
	failed := func(s *cluster.Status) bool {
		return s.Framework.ID != "" && len(s.Slots) > 0 && s.Slots[0].LastFailure != nil
	}
	before := one.await("a launch", failed)
	t.Run("the one that stands by points at the one that acts", func(t *testing.T) {
		status := two.await("the leader's answer", failed)
		if status.Framework.ID != before.Framework.ID {
			t.Errorf("%q, %q", status.Framework.ID, before.Framework.ID)
		}
		client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		response, err := client.Get("http://" + two.apiAddress() + "/v1/status")
		w.check(err)
		defer response.Body.Close()
		if response.StatusCode != http.StatusTemporaryRedirect || response.Header.Get("Location") != "http://"+one.apiAddress()+"/v1/status" {
			t.Errorf("%d %q", response.StatusCode, response.Header.Get("Location"))
		}
	})
	t.Run("kill -9 of the one that acts lets the other take over with the same framework ID", func(t *testing.T) {
		pid := one.pid()
		killed := time.Now()
		w.check(syscall.Kill(pid, syscall.SIGKILL))
		w.gone(pid)
		after := two.await("the takeover", func(s *cluster.Status) bool {
			return s.Mesos.State == "subscribed" && s.Framework.Started.After(killed)
		})
		t.Logf("taken over after %s", time.Since(killed).Round(time.Millisecond))
		if after.Framework.ID != before.Framework.ID {
			t.Errorf("%q, %q", after.Framework.ID, before.Framework.ID)
		}
		state, err := w.master.State(t.Context())
		w.check(err)
		if len(state.Frameworks)+len(state.CompletedFrameworks) != 1 {
			t.Errorf("Mesos knows %d frameworks", len(state.Frameworks)+len(state.CompletedFrameworks))
		}
	})
	for _, f := range []*framework{one, two} {
		if strings.Contains(f.Log(), credentials) {
			t.Error("the credentials are in a log")
		}
	}
	if out, err := two.Stop(t.Context(), "--teardown"); err != nil {
		two.fatalf("%v: %s", err, out)
	}
	state, err := w.master.State(t.Context())
	if err != nil || len(state.Frameworks) != 0 {
		t.Errorf("after the teardown Mesos has %d frameworks: %v", len(state.Frameworks), err)
	}
}

// apiAddress is host:port of the instance's own API.
func (f *framework) apiAddress() string {
	f.w.t.Helper()
	address := ""
	ctx, cancel := context.WithTimeout(f.w.t.Context(), patience)
	defer cancel()
	f.w.check(operator.Await(ctx, "the address of the API", func(context.Context) (bool, error) {
		for _, line := range strings.Split(f.Log(), "\n") {
			if _, after, ok := strings.Cut(line, "the API listens address="); ok {
				_, err := fmt.Sscan(after, &address)
				return err == nil, err
			}
		}
		return false, nil
	}))
	return address
}
