package faults

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

var (
	jvmOfMaster = &fault{"kill -9 of the Alluxio master's JVM",
		"the next one serves with the same journal, workers untouched",
		"Alluxio's start: at once, without delay"}
	jvmOfWorker = &fault{"kill -9 of a worker's JVM", "the next one serves on its host",
		"Alluxio's start: at once, without delay"}
	jvmHangs = &fault{"SIGSTOP of a worker's JVM", "the next one serves on its host",
		"`hang.timeout` (here 20 s) and a fifth of it, and Alluxio's start"}
	executorHangs = &fault{"SIGSTOP of a worker's executor, and the settings change",
		"the next task serves on its host",
		"`kill.grace` (here 2 s) twice, and 50 s, and Alluxio's start"}
	executorOfMasterHangs = &fault{"... and of the lone Alluxio master's", "the next task serves with the same journal",
		"the same"}
	agentOfHungExecutor = &fault{"SIGSTOP of a worker's executor, and its Mesos agent starts again",
		"the next task serves on its host", "Mesos's `--executor_reregistration_timeout`, 2 s, and Alluxio's start"}
	executorDies = &fault{"kill -9 of an executor", "another task serves on its host",
		"Alluxio's start: at once, without delay"}
)

// TestFaultsOfOneCluster loses each process of a cluster with a master and three workers: each
// worker once, since a second failure within a minute is followed by a delay.
func TestFaultsOfOneCluster(t *testing.T) {
	t.Parallel()
	tc := testcluster.New(t, binary)
	for range 3 {
		tc.AddAgent(agent)
	}
	tmpfs(tc, stateFolder)
	f := tc.NewFramework("one", append(install(tc),
		"alluxio.integration.mesos.worker.count=3",
		"alluxio.integration.mesos.state.dir="+filepath.Join(tc.Dir, stateFolder),
		"alluxio.integration.mesos.hang.timeout=20s")...) // a busy machine lets a healthy JVM wait, but not for so long
	f.Serve()
	f.Await("three workers", func(s *cluster.Status) bool { return testcluster.Serving(s, config.Worker) == 3 })
	write(f)
	run(t, f,
		part{"kill -9 of the framework", killFramework},
		part{"SIGSTOP of a worker's JVM", stopWorker},
		part{"kill -9 of an executor", killExecutor},
		part{"kill -9 of each agent, which returns", killAgents},
		part{"the state's disk is full", fillDisk},
		part{"kill -9 of a worker's JVM", killWorker},
		part{"kill -9 of the master's JVM", killMaster},
	)
}

// stateFolder has the framework's state, on a small disk of its own.
const stateFolder = "state"

// stopWorker makes the JVM of a worker hang.
func stopWorker(f *testcluster.Framework) {
	after := replaced(f, jvmHangs, "alluxio-worker-0", func(slot cluster.SlotStatus) {
		f.Cluster.Check(syscall.Kill(f.JVM(slot), syscall.SIGSTOP))
	})
	if !strings.Contains(after.LastFailure.Message, "hung") {
		f.Cluster.T.Errorf("%+v", after.LastFailure)
	}
}

func killWorker(f *testcluster.Framework) {
	after := replaced(f, jvmOfWorker, "alluxio-worker-2", func(slot cluster.SlotStatus) {
		f.Cluster.Check(syscall.Kill(f.JVM(slot), syscall.SIGKILL))
	})
	if !strings.Contains(after.LastFailure.Message, "SIGKILL") {
		f.Cluster.T.Errorf("%+v", after.LastFailure)
	}
}

func killMaster(f *testcluster.Framework) {
	replaced(f, jvmOfMaster, "alluxio-master-0", func(slot cluster.SlotStatus) {
		f.Cluster.Check(syscall.Kill(f.JVM(slot), syscall.SIGKILL))
	})
	read(f)
}

// killExecutor leaves no JVM behind: nobody could follow it, and it would hold the ports of the next.
func killExecutor(f *testcluster.Framework) {
	var jvm int
	replaced(f, executorDies, "alluxio-worker-1", func(slot cluster.SlotStatus) {
		jvm = f.JVM(slot)
		f.Cluster.Check(syscall.Kill(f.Executor(slot), syscall.SIGKILL))
	})
	f.Cluster.Gone(jvm)
}
