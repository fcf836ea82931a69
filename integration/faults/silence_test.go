//go:build faults

package faults

import (
	"maps"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/world"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestTheOnlyMesosMasterHangs leaves the framework with a stream that is open and silent: there is
// no other master, and nobody says so.
func TestTheOnlyMesosMasterHangs(t *testing.T) {
	t.Parallel()
	w := world.New(t, binary)
	w.AddAgent(agent)
	f := w.NewFramework("silent", append(install(w), "alluxio.integration.mesos.worker.count=0")...)
	begin(f)
	before := f.Await("the master", serves)
	pids := jvms(f, before)
	measure(t, mesosSilent, func() { w.Check(w.Master.Signal(syscall.SIGSTOP)) }, func() {
		f.Await("word of it", func(s *cluster.Status) bool { return s.Mesos.State != "subscribed" })
	})
	if !strings.Contains(f.Log(), "no sign of life") {
		f.Fatalf("the framework does not say what is wrong")
	}
	w.Check(w.Master.Signal(syscall.SIGCONT))
	after := f.Await("the same task", serves)
	if after.Framework.ID != before.Framework.ID || !maps.Equal(jvms(f, after), pids) {
		t.Errorf("before %v of %s, after %v of %s", pids, before.Framework.ID, jvms(f, after), after.Framework.ID)
	}
	w.OnlyTasks(f, world.TaskIDs(before))
}
