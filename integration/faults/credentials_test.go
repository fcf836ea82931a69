package faults

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
)

var (
	credentialsWrong = &fault{"wrong credentials for Mesos at a start", "the start has failed and says why; no second try",
		"at once"}
	credentialsGone = &fault{"credentials that Mesos no longer takes, counted from its leader's start",
		"the framework has ended and says why; tasks go on",
		"15 s"}
	credentialsRight = &fault{"... and right ones at the next start",
		"the same tasks are confirmed to the same framework ID", "15 s"}
)

const refused = "answers SUBSCRIBE with 401 Unauthorized"

// rejections counts the answers that f got.
func rejections(f *testcluster.Framework) int {
	return strings.Count(f.Log(), `not subscribed to Mesos reason="Mesos master `+f.Cluster.Master.Addr()+" "+refused)
}

// TestCredentialsThatMesosRefuses changes the secret that Mesos takes under a framework that runs,
// then starts it with the wrong and the right one.
func TestCredentialsThatMesosRefuses(t *testing.T) {
	t.Parallel()
	tc := testcluster.New(t, binary)
	file := filepath.Join(tc.Dir, "credentials.json")
	takes := func(secret string) {
		tc.Check(os.WriteFile(file, fmt.Appendf(nil, `{"credentials":[{"principal":"alluxio","secret":%q}]}`, secret), 0o600))
	}
	takes("first")
	tc.Check(tc.Master.Stop())
	// Mesos: an agent that was given its master's address, not ZooKeeper's, comes back to a new
	// master when pings are overdue, by default after 75 s.
	tc.StartMaster("--agent_ping_timeout=2secs", "--max_agent_ping_timeouts=5", "--authenticate_http_frameworks",
		"--http_framework_authenticators=basic", "--credentials="+file)
	tc.AddAgent(agent)
	lines := append(install(tc), "alluxio.integration.mesos.worker.count=0")
	f := tc.NewFramework("guarded", append(lines, "alluxio.integration.mesos.secret=first")...)
	begin(f)
	before := f.Await("the master", serves)
	pids := jvms(f, before)

	tc.Check(tc.Master.Kill(t.Context()))
	takes("second")
	measure(t, credentialsGone, func() { tc.Check(tc.Master.Restart(t.Context())) }, func() { tc.AwaitEnd(f) })
	if n := rejections(f); n != 1 {
		f.Fatalf("Mesos was asked %d times", n)
	}

	measure(t, credentialsWrong, func() {}, func() {
		out, err := f.Start(t.Context(), tc.Address())
		var exit *clitest.ExitError
		if !errors.As(err, &exit) || exit.Code != 1 || !strings.Contains(out, refused) {
			t.Errorf("%v: %s", err, out)
		}
	})
	if n := rejections(f); n != 2 || !f.Ended() {
		f.Fatalf("it was tried again: Mesos was asked %d times", n)
	}

	tc.Check(f.WriteSite(append(append(tc.Site("guarded"), lines...), "alluxio.integration.mesos.secret=second")...))
	tc.AwaitAgents()
	measure(t, credentialsRight, func() { begin(f) }, func() { f.Await("the master", serves) })
	now := status(f)
	if now.Framework.ID != before.Framework.ID || !maps.Equal(jvms(f, now), pids) {
		t.Errorf("before %v of %s, after %v of %s", pids, before.Framework.ID, jvms(f, now), now.Framework.ID)
	}
	tc.OnlyTasks(f, testcluster.TaskIDs(before))
}
