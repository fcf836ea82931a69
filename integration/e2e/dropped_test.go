package e2e

import (
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestLaunchesThatMesosCannotMakeAreDelayedAndExplained asks a genuine Mesos for what no agent can
// do: it drops each task of a user whom the agent does not know, and fails each task whose executor
// is not there. Both end in a fraction of a second.
func TestLaunchesThatMesosCannotMakeAreDelayedAndExplained(t *testing.T) {
	t.Parallel()
	tc := newCluster(t, testcluster.AllPorts+";cpus:4;mem:4096;disk:1000")
	host := tc.Block.IP(1)
	for name, c := range map[string]struct{ line, state, says string }{
		"unknown-user": {"alluxio.integration.mesos.user=nosuchuser", "TASK_DROPPED",
			"No such user 'nosuchuser'; tasks run as nosuchuser (alluxio.integration.mesos.user): " +
				"add that user on " + host + ", or change the property"},
		"missing-executor": {"alluxio.integration.mesos.executor.path=/no/such/alluxio-mesos", "TASK_FAILED",
			"is alluxio.integration.mesos.executor.path=/no/such/alluxio-mesos an executable file on " + host + "?"},
	} {
		t.Run(name, func(t *testing.T) {
			f := tc.In(t).NewFramework(name, "alluxio.integration.mesos.alluxio.jar.url=LOCAL",
				"alluxio.home="+tc.Release("1.8.1").Dir, c.line)
			if out, err := f.Start(t.Context(), tc.Address()); err != nil {
				f.Fatalf("%v: %s", err, out)
			}
			status := f.Await("a delay", func(s *cluster.Status) bool {
				slot := f.Slot(s, "alluxio-master-0")
				if slot.Restarts > 10 {
					f.Fatalf("%d tasks were launched", slot.Restarts)
				}
				return slot.Restarts >= 2 && slot.NextLaunch.After(s.Now)
			})
			last := f.Slot(status, "alluxio-master-0").LastFailure
			if last == nil || last.State != c.state || !strings.Contains(last.Message, c.says) {
				t.Errorf("the last failure is %+v", last)
			}
			explain, err := f.CLI(t.Context(), "explain")
			for word, want := range map[string]bool{
				"Mesos has made no offer": false, "times in a row and is tried again at": true, c.says: true,
			} {
				if err != nil || strings.Contains(explain, word) != want {
					t.Errorf("%v; %q is there, or missing:\n%s", err, word, explain)
				}
			}
			text, err := f.CLI(t.Context(), "status")
			passed := strings.Contains(text, "host "+host+": it is passed over until")
			if err != nil || passed != (c.state == "TASK_DROPPED") || !strings.Contains(text, c.says) {
				t.Errorf("%v:\n%s", err, text)
			}
			if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
				f.Fatalf("%v: %s", err, out)
			}
		})
	}
}
