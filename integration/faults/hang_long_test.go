//go:build faults

package faults

import (
	"maps"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestExecutorsThatHang stops the executors of a worker and of the master, and then asks for the
// end of both tasks with a change of the settings. Neither executor can hear a KILL. Mesos destroys
// both containers all the same, the JVMs in them included, and the next tasks serve with the same
// journal. Without any request a restart of the agent ends an executor that hangs.
func TestExecutorsThatHang(t *testing.T) {
	t.Parallel()
	tc := testcluster.New(t, binary)
	tc.AddAgent(agent)
	lines := append(install(tc), "alluxio.integration.mesos.kill.grace=2s", "alluxio.integration.mesos.worker.count=1")
	f := tc.NewFramework("hang", lines...)
	f.Serve()
	f.Await("a worker", serves)
	write(f)
	before := status(f)
	worker, master := f.Slot(before, "alluxio-worker-0"), f.Slot(before, "alluxio-master-0")
	pids := jvms(f, before)
	for _, slot := range []cluster.SlotStatus{worker, master} {
		tc.Check(syscall.Kill(f.Executor(slot), syscall.SIGSTOP))
	}
	next := func(was cluster.SlotStatus) {
		f.Await("the next task of "+was.Slot, func(now *cluster.Status) bool {
			slot := f.Slot(now, was.Slot)
			return slot.TaskID != was.TaskID && confirmed(slot)
		})
		tc.Gone(pids[was.Slot])
	}
	measure(t, executorHangs, func() {
		tc.Check(f.WriteSite(append(append(tc.Site("hang"), lines...), "alluxio.user.short.circuit.enabled=false")...))
		tc.Check(syscall.Kill(f.PID(), syscall.SIGHUP))
	}, func() { next(worker) })
	measure(t, executorOfMasterHangs, func() {}, func() { next(master) })
	read(f)
	after := f.Await("a cluster that serves", serves)
	if now := testcluster.TaskIDs(after); maps.Equal(now, testcluster.TaskIDs(before)) {
		t.Errorf("the tasks are %v still", now)
	}

	worker, pids = f.Slot(after, "alluxio-worker-0"), jvms(f, after)
	measure(t, agentOfHungExecutor, func() {
		tc.Check(syscall.Kill(f.Executor(worker), syscall.SIGSTOP))
		tc.RestartAgent(0, agent)
	}, func() { next(worker) })
	after = f.Await("a cluster that serves", serves)
	if slot := f.Slot(after, "alluxio-master-0"); f.JVM(slot) != pids["alluxio-master-0"] {
		t.Errorf("the master was restarted: %+v", slot)
	}
	tc.OnlyTasks(f, testcluster.TaskIDs(after))
}
