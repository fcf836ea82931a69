//go:build faults

package faults

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// maintain announces the maintenance of the host of a worker without a master, waits until it is
// free, and ends the maintenance.
func maintain(f *testcluster.Framework) {
	tc, t := f.Cluster, f.Cluster.T
	t.Helper()
	now := status(f)
	master := f.Slot(now, "alluxio-master-0").Host
	at := slices.IndexFunc(now.Slots, func(slot cluster.SlotStatus) bool {
		return slot.Role == config.Worker && slot.Host != master
	})
	host := now.Slots[at].Host
	tc.Check(tc.Master.ScheduleMaintenance(t.Context(), time.Now().Add(10*time.Minute), time.Hour,
		realmesos.Machine{Hostname: host, IP: host}))
	f.Await("the host to be free", func(*cluster.Status) bool { return accepted(tc, t.Context(), host) })
}

// onlyLiveWorkers waits until Alluxio lists no worker that has ended: it does for
// alluxio.master.worker.timeout, and a client that connects meanwhile tries them.
func onlyLiveWorkers(f *testcluster.Framework) {
	tc := f.Cluster
	tc.T.Helper()
	tc.Await("a master that lists no worker of the past", func(ctx context.Context) (bool, error) {
		s := status(f)
		listed, err := listedWorkers(ctx, f.Slot(s, "alluxio-master-0").Web)
		return err == nil && listed == testcluster.Serving(s, config.Worker), err
	})
}

// listedWorkers is how many workers the master at a web address lists.
func listedWorkers(ctx context.Context, web string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, web+"/api/v1/master/info", nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	var info struct{ Workers []json.RawMessage }
	err = json.NewDecoder(response.Body).Decode(&info)
	return len(info.Workers), err
}

// TestPlannedChangesUnderAClient rolls, maintains and scales Alluxio 2.9.6 with its job service
// while a client writes in each of the ways that matter.
func TestPlannedChangesUnderAClient(t *testing.T) {
	tc := testcluster.New(t, binary)
	for range 4 {
		tc.AddAgent(realmesos.AgentOptions{Resources: "ports:[19998-20003,29998-30003];cpus:4;mem:4096;disk:1000"})
	}
	release := tc.Release("2.9.6")
	s := &site{lines: []string{
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + release.Dir,
		"alluxio.integration.mesos.job.enabled=auto", "alluxio.integration.mesos.worker.count=3", room,
		"alluxio.integration.mesos.worker.unpersisted=persist", refreshKey + "=" + refresh,
		"alluxio.integration.job.master.java.opts=-XX:TieredStopAtLevel=1",
		"alluxio.integration.job.worker.java.opts=-XX:TieredStopAtLevel=1",
		// the next change begins when Alluxio has forgotten the workers of the one before
		"alluxio.master.worker.timeout=1min"}}
	s.f = tc.NewFramework("planned", s.lines...)
	s.f.Serve()
	run(t, s.f,
		part{"a rolling change", func(f *testcluster.Framework) {
			jobWorkers(f, 3)
			underLoad(f, release, "roll", func() { s.in(f).roll(config.Worker, "alluxio.integration.worker.resource.cpu=0.6") },
				lanes("roll", rollThrough, rollThrough2, rollAsync, rollAsync2, rollWaiting)...)
		}},
		part{"maintenance of a worker's host", func(f *testcluster.Framework) {
			onlyLiveWorkers(f)
			jobWorkers(f, 3)
			underLoad(f, release, "move", func() { maintain(f) },
				lanes("move", moveThrough, moveAsync, moveAsync2, moveWaiting)...)
			tc.Check(tc.Master.ScheduleMaintenance(t.Context(), time.Now(), time.Hour))
		}},
		part{"three workers become one", func(f *testcluster.Framework) {
			onlyLiveWorkers(f)
			jobWorkers(f, 3)
			underLoad(f, release, "scale", func() { s.in(f).scale("1", 1) },
				lanes("scale", scaleThrough, scaleAsync, scaleWaiting, scaleMemory)...)
		}},
	)
}

// in is s as a part of the test sees it.
func (s *site) in(f *testcluster.Framework) *site {
	s.f = f
	return s
}

// jobWorkers waits until as many serve.
func jobWorkers(f *testcluster.Framework, count int) {
	f.Cluster.T.Helper()
	f.Await("the job workers", func(s *cluster.Status) bool { return testcluster.Serving(s, config.JobWorker) == count })
}

// TestPlannedChangesOf181UnderAClient rolls and scales Alluxio 1.8.1.
func TestPlannedChangesOf181UnderAClient(t *testing.T) {
	tc := testcluster.New(t, binary)
	for range 3 {
		tc.AddAgent(agent)
	}
	release := tc.Release("1.8.1")
	s := &site{lines: append(install(tc), "alluxio.integration.mesos.worker.count=3", room,
		"alluxio.master.worker.timeout=1min")}
	s.f = tc.NewFramework("planned18", s.lines...)
	s.f.Serve()
	run(t, s.f,
		part{"a rolling change", func(f *testcluster.Framework) {
			underLoad(f, release, "roll", func() { s.in(f).roll(config.Worker, "alluxio.integration.worker.resource.cpu=0.6") },
				lanes("roll", rollThrough18, rollMemory18)...)
		}},
		part{"three workers become one", func(f *testcluster.Framework) {
			onlyLiveWorkers(f)
			underLoad(f, release, "scale", func() { s.in(f).scale("1", 1) }, lanes("scale", scaleThrough18, scaleMemory18)...)
		}},
	)
}

// TestThreeEmbeddedMastersAreRolledUnderAClient replaces each master of three.
func TestThreeEmbeddedMastersAreRolledUnderAClient(t *testing.T) {
	tc := testcluster.New(t, binary)
	for range 3 {
		tc.AddAgent(realmesos.AgentOptions{
			Resources: "ports:[19200-19200,19998-19999,29998-30000];cpus:4;mem:4096;disk:1000"})
	}
	release := tc.Release("2.9.6")
	s := &site{lines: []string{
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + release.Dir,
		"alluxio.master.journal.type=EMBEDDED", "alluxio.integration.mesos.master.node.count=3",
		"alluxio.integration.mesos.worker.count=1", room,
		"alluxio.worker.register.to.all.masters=true", "alluxio.standby.master.grpc.enabled=true"}}
	s.f = tc.NewFramework("masters", s.lines...)
	s.f.Serve()
	s.f.Await("three masters", whole)
	underLoad(s.f, release, "masters", func() { s.roll(config.Master, "alluxio.integration.master.resource.cpu=0.6") },
		lanes("masters", mastersRolled)...)
}
