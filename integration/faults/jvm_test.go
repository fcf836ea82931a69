package faults

import (
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/world"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

var (
	jvmOfMaster = &fault{"kill -9 of the Alluxio master's JVM", "the next one serves with the same journal, workers untouched",
		"Alluxio's start: at once, without delay"}
	jvmOfWorker  = &fault{"kill -9 of a worker's JVM", "the next one serves on its host", "Alluxio's start: at once, without delay"}
	jvmHangs     = &fault{"SIGSTOP of a worker's JVM", "the next one serves on its host", "75 s, and Alluxio's start"}
	executorDies = &fault{"kill -9 of an executor", "another task serves on its host", "Alluxio's start: at once, without delay"}
)

// TestFaultsOfOneCluster loses each process of a cluster with a master and two workers.
func TestFaultsOfOneCluster(t *testing.T) {
	t.Parallel()
	w := world.New(t, binary)
	w.AddAgent(agent)
	w.AddAgent(agent)
	f := w.NewFramework("one", append(install(w), "alluxio.integration.mesos.worker.count=2")...)
	f.Serve()
	f.Await("two workers", func(s *cluster.Status) bool { return world.Serving(s, config.Worker) == 2 })
	write(f)
	run(t, f,
		part{"kill -9 of the framework", killFramework},
		part{"kill -9 of a worker's JVM", killWorker},
		part{"kill -9 of an executor", killExecutor},
		part{"kill -9 of an agent, which returns", killAgent},
		part{"kill -9 of the master's JVM", killMaster},
	)
}

func killWorker(f *world.Framework) {
	after := replaced(f, jvmOfWorker, "alluxio-worker-0", func(slot cluster.SlotStatus) { f.World.Check(syscall.Kill(f.JVM(slot), syscall.SIGKILL)) })
	if !strings.Contains(after.LastFailure.Message, "SIGKILL") {
		f.World.T.Errorf("%+v", after.LastFailure)
	}
}

func killMaster(f *world.Framework) {
	replaced(f, jvmOfMaster, "alluxio-master-0", func(slot cluster.SlotStatus) { f.World.Check(syscall.Kill(f.JVM(slot), syscall.SIGKILL)) })
	read(f)
}

// killExecutor leaves no JVM behind: nobody could follow it, and it would hold the ports of the next.
func killExecutor(f *world.Framework) {
	var jvm int
	replaced(f, executorDies, "alluxio-worker-1", func(slot cluster.SlotStatus) {
		jvm = f.JVM(slot)
		f.World.Check(syscall.Kill(f.Executor(slot), syscall.SIGKILL))
	})
	f.World.Gone(jvm)
}
