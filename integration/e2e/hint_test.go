package e2e

import (
	"regexp"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestTheHintAboutPortsWorksAndTasksGoOn does with a genuine Mesos agent what explain says: the
// agent recovers with more ports, the master on it is not touched, and the worker starts.
func TestTheHintAboutPortsWorksAndTasksGoOn(t *testing.T) {
	t.Parallel()
	const rest = ";cpus:4;mem:2048;disk:1000"
	tc := newCluster(t, "ports:[19998-19999]"+rest)
	f := tc.NewFramework("hint", "alluxio.integration.mesos.alluxio.jar.url=LOCAL",
		"alluxio.home="+tc.Release("1.8.1").Dir)
	if out, err := f.Start(t.Context(), tc.Address()); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
	before := f.Await("the master, and a refused worker", func(s *cluster.Status) bool {
		return testcluster.Serving(s, config.Master) == 1 && len(s.Rejections) == 1 &&
			s.Rejections[0].Reason == string(cluster.PortsOffered)
	})
	jvm := f.JVM(f.Slot(before, "alluxio-master-0"))
	explain, err := f.CLI(t.Context(), "explain")
	hint := regexp.MustCompile(`--resources='(ports:[^']*)'.* (--reconfiguration_policy=additive)`).FindStringSubmatch(
		explain)
	if err != nil || hint == nil {
		f.Fatalf("no hint: %v: %s", err, explain)
	}
	tc.RestartAgent(0, realmesos.AgentOptions{Resources: hint[1] + rest, Flags: hint[2:]})
	after := f.Await("the worker", func(s *cluster.Status) bool { return testcluster.Serving(s, config.Worker) == 1 })
	if master := f.Slot(after, "alluxio-master-0"); master.TaskID != "alluxio-master-0.1" || f.JVM(master) != jvm {
		t.Errorf("the master was %+v and is %+v", before.Slots[0], master)
	}
	if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
}
