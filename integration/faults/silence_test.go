//go:build faults

package faults

import (
	"maps"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestTheOnlyMesosMasterHangs leaves the framework with a stream that is open and silent: there is
// no other master, and nobody says so.
func TestTheOnlyMesosMasterHangs(t *testing.T) {
	t.Parallel()
	tc := testcluster.New(t, binary)
	tc.AddAgent(agent)
	f := tc.NewFramework("silent", append(install(tc), "alluxio.integration.mesos.worker.count=0")...)
	begin(f)
	before := f.Await("the master", serves)
	pids := jvms(f, before)
	measure(t, mesosSilent, func() { tc.Check(tc.Master.Signal(syscall.SIGSTOP)) }, func() {
		f.Await("word of it", func(s *cluster.Status) bool { return s.Mesos.State != "subscribed" })
	})
	if !strings.Contains(f.Log(), "no sign of life") {
		f.Fatalf("the framework does not say what is wrong")
	}
	tc.Check(tc.Master.Signal(syscall.SIGCONT))
	after := f.Await("the same task", serves)
	if after.Framework.ID != before.Framework.ID || !maps.Equal(jvms(f, after), pids) {
		t.Errorf("before %v of %s, after %v of %s", pids, before.Framework.ID, jvms(f, after), after.Framework.ID)
	}
	tc.OnlyTasks(f, testcluster.TaskIDs(before))
}
