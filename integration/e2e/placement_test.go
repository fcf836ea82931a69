package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// domain is the --domain flag of a Mesos master or agent.
func domain(region, zone string) string {
	return fmt.Sprintf(`--domain={"fault_domain":{"region":{"name":%q},"zone":{"name":%q}}}`, region, zone)
}

// TestAttributesAndFaultDomainsDecideWhereTasksRun places a master by zone and workers by rack,
// on genuine Mesos and genuine Alluxio.
func TestAttributesAndFaultDomainsDecideWhereTasksRun(t *testing.T) {
	t.Parallel()
	tc := newCluster(t)
	tc.Check(tc.Master.Stop())
	tc.StartMaster(domain("eu", "z1"))
	small := ";cpus:4;mem:2048;disk:1000"
	for _, a := range []struct{ attributes, zone, ports string }{
		{"rack:r1;level:1", "z1", testcluster.AllPorts},
		{"rack:r1;level:2", "z2", testcluster.AllPorts},
		{"rack:r2;level:2", "z3", testcluster.AllPorts},
		{"rack:gpu-1", "z3", testcluster.AllPorts},
	} {
		tc.AddAgent(realmesos.AgentOptions{Resources: a.ports + small, Attributes: a.attributes,
			Flags: []string{domain("eu", a.zone)}})
	}
	lines := []string{
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + tc.Release("1.8.1").Dir,
		"alluxio.integration.mesos.worker.count=3",
		`alluxio.integration.master.constraints=[["@region","IS","eu"],["@zone","LIKE","z[23]"],["level","IS","2.0"],` +
			`["rack","UNLIKE","r1"]]`,
		"alluxio.integration.worker.constraints=rack:UNLIKE:gpu-.*;rack:UNIQUE",
	}
	f := tc.NewFramework("placed", lines...)
	f.Serve()
	status := f.Await("two workers in two racks", func(s *cluster.Status) bool {
		return testcluster.Serving(s, "alluxio-worker") == 2
	})
	if master := f.Slot(status, "alluxio-master-0"); master.Host != tc.Block.IP(3) {
		t.Errorf("the master is at %s, and level 2 in zone z2 or z3 but not in rack r1 is %s", master.Host, tc.Block.IP(3))
	}
	racks := map[string]string{tc.Block.IP(1): "r1", tc.Block.IP(2): "r1", tc.Block.IP(3): "r2", tc.Block.IP(4): "gpu-1"}
	got := map[string]int{}
	for _, slot := range status.Slots {
		if slot.Role == "alluxio-worker" && slot.State == "serving" {
			got[racks[slot.Host]]++
		}
	}
	if got["r1"] != 1 || got["r2"] != 1 {
		t.Errorf("workers are in racks %v", got)
	}
	t.Run("explain names the constraint that refused each agent", func(t *testing.T) {
		explain, err := f.CLI(t.Context(), "explain")
		for _, want := range []string{
			"constraint: alluxio-worker wants rack:UNIQUE, and the rack of " + tc.Block.IP(2) +
				" is r1, where enough of them are",
			"constraint: alluxio-worker wants rack:UNLIKE:gpu-.*, and the rack of " + tc.Block.IP(4) + " is gpu-1",
			"hint: add agents with another rack, or change alluxio.integration.worker.constraints",
		} {
			// Either of the agents of rack r1 may have the worker.
			if err != nil || !strings.Contains(explain, want) &&
				!strings.Contains(explain, strings.ReplaceAll(want, tc.Block.IP(2), tc.Block.IP(1))) {
				t.Errorf("%v: without %q:\n%s", err, want, explain)
			}
		}
	})
	t.Run("new constraints replace no task", func(t *testing.T) {
		before := testcluster.TaskIDs(status)
		tc.Check(
			f.WriteSite(append(append(tc.Site("placed"), lines[:4]...),
				"alluxio.integration.worker.constraints=rack:LIKE:r1")...))
		tc.Check(syscall.Kill(f.PID(), syscall.SIGHUP))
		after := f.Await("a warning for the worker in rack r2", func(s *cluster.Status) bool {
			for _, slot := range s.Slots {
				if strings.Contains(strings.Join(slot.Warnings, "\n"),
					"rack:LIKE:r1 (alluxio.integration.worker.constraints) would no longer place it on "+tc.Block.IP(3)) {
					return true
				}
			}
			return false
		})
		for name, id := range before {
			if id != "" && testcluster.TaskIDs(after)[name] != id {
				t.Errorf("%s had %s and has %s", name, id, testcluster.TaskIDs(after)[name])
			}
		}
	})
	if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
	tc.OnlyTasks(f, nil)
}
