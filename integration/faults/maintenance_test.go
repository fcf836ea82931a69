package faults

import (
	"context"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

var maintenance = &fault{"maintenance of a worker's host is announced, ten minutes ahead",
	"another worker serves elsewhere, the first has ended, and Mesos is told that the host is free",
	"Alluxio's start and its end; nothing is away meanwhile"}

// TestMaintenanceOfAHost puts the host of a worker into Mesos's maintenance schedule: at no time
// does fewer serve than before.
func TestMaintenanceOfAHost(t *testing.T) {
	t.Parallel()
	tc := testcluster.New(t, binary)
	tc.AddAgent(realmesos.AgentOptions{Resources: "ports:[19998-19999];cpus:4;mem:2048;disk:1000"})
	for range 2 {
		tc.AddAgent(realmesos.AgentOptions{Resources: "ports:[29998-30000];cpus:4;mem:2048;disk:1000"})
	}
	f := tc.NewFramework("maintained", append(install(tc), "alluxio.integration.mesos.worker.count=1")...)
	f.Serve()
	write(f)
	before := status(f)
	first := f.Slot(before, "alluxio-worker-0")
	measure(t, maintenance, func() {
		tc.Check(tc.Master.ScheduleMaintenance(t.Context(), time.Now().Add(10*time.Minute), time.Hour,
			realmesos.Machine{Hostname: first.Host, IP: first.Host}))
	}, func() {
		f.Await("the host to be free", func(s *cluster.Status) bool {
			if testcluster.Serving(s, config.Worker) < 1 {
				f.Fatalf("no worker serves: %+v", s.Slots)
			}
			return accepted(tc, t.Context(), first.Host)
		})
	})
	now := status(f)
	second := f.Slot(now, "alluxio-worker-1")
	if !confirmed(second) || second.Host == first.Host ||
		f.Slot(now, "alluxio-master-0").TaskID != f.Slot(before, "alluxio-master-0").TaskID {
		t.Errorf("%+v", now.Slots)
	}
	tc.OnlyTasks(f, map[string]string{"master": "alluxio-master-0.1", "worker": second.TaskID})
	read(f)
}

// accepted is true when the framework has accepted the inverse offer of a host.
func accepted(tc *testcluster.Cluster, ctx context.Context, host string) bool {
	tc.T.Helper()
	machines, err := tc.Master.Maintenance(ctx)
	tc.Check(err)
	for _, m := range machines {
		if m.ID.Hostname == host && len(m.Statuses) > 0 && m.Statuses[0].Status == "ACCEPT" {
			return true
		}
	}
	return false
}
