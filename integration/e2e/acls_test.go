package e2e

import (
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestVolumesThatTheACLsOfMesosForbidAreExplained has a genuine Mesos refuse to reserve disk, then
// to create volumes. It says so in its own log only, and fails the launch for want of resources.
func TestVolumesThatTheACLsOfMesosForbidAreExplained(t *testing.T) {
	t.Parallel()
	nobody := `[{"principals": {"type": "ANY"}, "roles": {"type": "NONE"}}]`
	for action, acls := range map[string]string{
		"reserve_resources": `{"reserve_resources": ` + nobody + `}`,
		"create_volumes":    `{"create_volumes": ` + nobody + `}`,
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			tc := newCluster(t)
			tc.Check(tc.Master.Stop())
			tc.StartMaster("--acls=" + acls)
			tc.AddAgent(realmesos.AgentOptions{Resources: testcluster.AllPorts + ";cpus:4;mem:4096;disk:1000"})
			f := tc.NewFramework(strings.ReplaceAll(action, "_", "-"), "alluxio.integration.mesos.alluxio.jar.url=LOCAL",
				"alluxio.home="+tc.Release("1.8.1").Dir, "alluxio.integration.mesos.role=alluxio",
				"alluxio.integration.mesos.data.dir=", "alluxio.integration.master.volume.size=256MB")
			if out, err := f.Start(t.Context(), tc.Address()); err != nil {
				f.Fatalf("%v: %s", err, out)
			}
			status := f.Await("the error of Mesos", func(s *cluster.Status) bool {
				return f.Slot(s, "alluxio-master-0").LastFailure != nil
			})
			slot := f.Slot(status, "alluxio-master-0")
			if slot.LastFailure.State != "TASK_ERROR" || slot.NextLaunch.After(slot.LastFailure.At.Add(testcluster.Patience)) {
				t.Errorf("%+v, tried again at %s", slot.LastFailure, slot.NextLaunch)
			}
			explain, err := f.CLI(t.Context(), "explain")
			for _, word := range []string{
				"it failed and is tried again at", "for role alluxio (alluxio.integration.mesos.role)",
				"as principal alluxio (alluxio.integration.mesos.principal)",
				"ACLs reserve_resources and create_volumes",
			} {
				if err != nil || !strings.Contains(explain, word) {
					t.Errorf("%v; without %q:\n%s", err, word, explain)
				}
			}
			if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
				f.Fatalf("%v: %s", err, out)
			}
		})
	}
}
