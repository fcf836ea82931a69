package e2e

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestReservedRolesAndSeveralPortResourcesAreUsed runs a cluster that fits only if it takes
// everything that its role may have: resources that agents were started with for it and for a role
// above it, resources that an operator reserved and refined, and unreserved ones beside them. What
// is reserved for others stays untouched. Attributes are with the constraints.
func TestReservedRolesAndSeveralPortResourcesAreUsed(t *testing.T) {
	t.Parallel()
	tc := newCluster(t,
		"cpus(eng/alluxio):0.3;cpus(eng):0.4;cpus:0.3;cpus(other):4;mem(eng/alluxio):512;mem:448;mem(other):4096;disk:1000;"+
			"ports(eng/alluxio):[19998-19998];ports(eng):[19999-19999];ports:[29998-29999];ports(other):[20000-20100];"+
			"ports(eng/alluxio/dev):[30000-30000]",
		"cpus:0.5;mem:512;disk:1000;ports:[29998-30000]",
		"cpus(other):8;mem(other):8192;disk(other):1000;"+"ports(other):[19998-19999,29998-30000]")
	ctx := t.Context()
	second := agentOn(tc, tc.Block.IP(2))
	inEng := []realmesos.Reservation{{Type: "DYNAMIC", Role: "eng"}}
	tc.Check(tc.Master.Reserve(ctx, second.ID, scalarOf("cpus", 0.2, inEng...)))
	tc.Check(tc.Master.Reserve(ctx, second.ID,
		scalarOf("cpus", 0.2, append(inEng, realmesos.Reservation{Type: "DYNAMIC", Role: "eng/alluxio"})...)))
	tc.Check(tc.Master.Reserve(ctx, second.ID,
		scalarOf("mem", 100, realmesos.Reservation{Type: "DYNAMIC", Role: "eng/alluxio"})))

	lines := []string{
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL",
		"alluxio.home=" + tc.Release("1.8.1").Dir,
		"alluxio.integration.mesos.worker.count=1",
	}
	f := tc.NewFramework("reserved", append(slices.Clone(lines), "alluxio.integration.mesos.role=eng/alluxio")...)
	f.Serve()
	state, err := tc.Master.State(ctx)
	tc.Check(err)
	if m, ok := state.Framework("reserved"); !ok || len(m.Roles) != 1 || m.Roles[0] != "eng/alluxio" {
		t.Errorf("the framework in Mesos: %+v", m)
	}
	for ip, want := range map[string]map[string]float64{
		tc.Block.IP(1): {"cpus/eng/alluxio": 0.3, "cpus/eng": 0.2, "mem/eng/alluxio": 448, "ports/eng/alluxio": 1,
			"ports/eng": 1},
		tc.Block.IP(2): {"cpus/eng/alluxio": 0.2, "cpus/*": 0.3, "mem/eng/alluxio": 100, "mem/*": 412, "ports/*": 3},
		tc.Block.IP(3): {},
	} {
		used := realmesos.Sums(agentOn(tc, ip).Used)
		for key := range used {
			used[key] = math.Round(used[key]*1000) / 1000
		}
		if !maps.Equal(used, want) {
			t.Errorf("of %s is used %v, want %v", ip, used, want)
		}
	}
	t.Run("another role at a start keeps the tasks, and the next ones are of that role", func(t *testing.T) {
		tc, f := tc.In(t), f.In(t)
		status, err := f.Status(ctx)
		tc.Check(err)
		before := testcluster.TaskIDs(status)
		if _, err := f.Stop(ctx); err != nil {
			f.Fatalf("%v", err)
		}
		// may use what it had, and more
		tc.Check(
			f.WriteSite(append(append(tc.Site("reserved"), lines...), "alluxio.integration.mesos.role=eng/alluxio/dev")...))
		f.Serve()
		status, err = f.Status(ctx)
		tc.Check(err)
		if after := testcluster.TaskIDs(status); !maps.Equal(after, before) {
			t.Errorf("tasks were %v and are %v", before, after)
		}
		f.KillJVM("alluxio-worker-0")
		f.Await("the next worker", func(s *cluster.Status) bool { return s.Complete })
		state, err := tc.Master.State(ctx)
		tc.Check(err)
		if m, _ := state.Framework("reserved"); len(m.Roles) != 1 || m.Roles[0] != "eng/alluxio/dev" {
			t.Errorf("the framework in Mesos: %+v", m)
		}
	})
	if out, err := f.Stop(ctx, "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
}

func scalarOf(name string, amount float64, reservations ...realmesos.Reservation) realmesos.Resource {
	r := realmesos.Resource{Name: name, Type: "SCALAR", Reservations: reservations}
	r.Scalar = &struct {
		Value float64 `json:"value"`
	}{amount}
	return r
}

// agentOn is the agent of an address with its resources.
func agentOn(tc *testcluster.Cluster, ip string) realmesos.AgentResources {
	tc.T.Helper()
	agents, err := tc.Master.AgentResources(tc.T.Context())
	tc.Check(err)
	for _, a := range agents {
		if a.Hostname == ip {
			return a
		}
	}
	tc.Check(fmt.Errorf("there is no agent on %s", ip))
	return realmesos.AgentResources{}
}
