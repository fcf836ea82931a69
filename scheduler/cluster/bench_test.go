package cluster

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// benchOffers are n offers of which about one in sixteen fits a master with default ports.
// scripts/bench/Match.java makes the same.
func benchOffers(n int) []offer.Offer {
	offers := make([]offer.Offer, n)
	for i := range offers {
		o := offer.Offer{ID: fmt.Sprintf("o%d", i), AgentID: fmt.Sprintf("agent-%d", i), Host: fmt.Sprintf("host-%d", i),
			CPUs: 0.5 + float64(i%8)/2, MemMB: float64(512 + i%16*256), Ports: []offer.PortRange{{Begin: 31000, End: 32000}}}
		if i%8 == 7 {
			o.Ports = []offer.PortRange{{Begin: 1025, End: 2180}, {Begin: 2182, End: 3887}, {Begin: 8082, End: 8180},
				{Begin: 19998, End: 19999}, {Begin: 29998, End: 30000}}
		}
		offers[i] = o
	}
	return offers
}

// BenchmarkMatch10000 is the loop that every offer of a big cluster goes through.
// scripts/bench/run.sh compares it with Java.
func BenchmarkMatch10000(b *testing.B) {
	offers, n := benchOffers(10000), resource.RequestsOf(testSettings(1))[config.Master]
	b.ReportAllocs()
	fit := 0
	for b.Loop() {
		fit = 0
		for i := range offers {
			if n.ShortfallIn(&offers[i]) == 0 {
				fit++
			}
		}
	}
	b.ReportMetric(float64(len(offers))*float64(b.N)/b.Elapsed().Seconds(), "offers/s")
	b.ReportMetric(float64(fit), "fit")
}

// TestARefusedOfferCostsNoAllocation: a subscription to a big cluster brings tens of thousands of offers in one event.
func TestARefusedOfferCostsNoAllocation(t *testing.T) {
	offers, n := benchOffers(16), resource.RequestsOf(testSettings(1))[config.Master]
	if got := testing.AllocsPerRun(100, func() {
		for i := range offers {
			n.ShortfallIn(&offers[i])
		}
	}); got != 0 {
		t.Errorf("16 offers cost %g allocations", got)
	}
}

// BenchmarkFrame10000Offers is a whole cycle with an OFFERS event none of whose offers can be used for lack of ports.
func BenchmarkFrame10000Offers(b *testing.B) {
	offers := benchOffers(10000)
	for i := range offers {
		offers[i].Ports = offers[0].Ports
	}
	s := stateWith(b, testSettings(config.AllHosts))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	b.ReportAllocs()
	now := epoch
	for b.Loop() {
		now = now.Add(time.Second)
		s.Apply(Offered{Subscription: 1, Offers: offers}, now)
		cycleOf(s, now)
	}
	b.ReportMetric(float64(len(offers))*float64(b.N)/b.Elapsed().Seconds(), "offers/s")
}

// BenchmarkFrame10000OffersWithConstraints is the same with a constraint that has to look into every offer.
func BenchmarkFrame10000OffersWithConstraints(b *testing.B) {
	offers := benchOffers(10000)
	for i := range offers {
		offers[i].Wire = wireAt(wireOf(&offers[i]), "rack:r1;level:4;os:linux", "eu", "z1")
	}
	settings := testSettings(config.AllHosts)
	settings.Master.Constraints, _ = config.ParseConstraints("rack:IS:r2")
	s := stateWith(b, settings)
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	b.ReportAllocs()
	now := epoch
	for b.Loop() {
		now = now.Add(time.Second)
		s.Apply(Offered{Subscription: 1, Offers: offers}, now)
		cycleOf(s, now)
	}
	b.ReportMetric(float64(len(offers))*float64(b.N)/b.Elapsed().Seconds(), "offers/s")
}

// aboutToLaunch is a cluster whose master serves, with an offer for each of n workers.
func aboutToLaunch(t testing.TB, n int) *State {
	t.Helper()
	s := stateWith(t, testSettings(n))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("m", "master", nil)}}, epoch)
	cycleOf(s, epoch)
	s.Apply(Updated{Subscription: 1, Status: statusOf("alluxio-master-0.1", "TASK_RUNNING", "agent-master", "", nil)},
		epoch)
	offers := make([]offer.Offer, n)
	for i := range offers {
		offers[i] = offerOf(fmt.Sprintf("o%d", i), fmt.Sprintf("host-%d", i), nil)
	}
	s.Apply(Offered{Subscription: 1, Offers: offers}, epoch)
	return s
}

// BenchmarkFrame10000Launches is a cycle that launches a worker on each of 10,000 agents.
func BenchmarkFrame10000Launches(b *testing.B) {
	const n = 10_000
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		s := aboutToLaunch(b, n)
		b.StartTimer()
		if d := cycleOf(s, epoch); len(d.placements) != n {
			b.Fatalf("%d launches, want %d", len(d.placements), n)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "launches/s")
}

// TestALaunchCostsTheSameBesideManyOthers counts bytes, which are the same on every machine.
func TestALaunchCostsTheSameBesideManyOthers(t *testing.T) {
	bytesEach := func(n int) uint64 {
		s := aboutToLaunch(t, n)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		d := cycleOf(s, epoch)
		runtime.ReadMemStats(&after)
		if len(d.placements) != n {
			t.Fatalf("%d launches, want %d", len(d.placements), n)
		}
		return (after.TotalAlloc - before.TotalAlloc) / uint64(n)
	}
	few, many := bytesEach(250), bytesEach(4000)
	if many > few*3/2 {
		t.Errorf("a launch beside 3,999 others costs %d bytes, one beside 249 costs %d", many, few)
	}
}

func cycleOf(s *State, now time.Time) Decision {
	s.Apply(Woke{}, now)
	d := s.Decide(now)
	s.Commit(d, now)
	s.Changes()
	return d
}

// crowd is a cluster with n serving workers.
func crowd(b *testing.B, n int) (*State, time.Time) {
	b.Helper()
	s, now := stateWith(b, testSettings(n)), epoch
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, now)
	for i := 0; i <= n; i += 1000 {
		var offers []offer.Offer
		for j := i; j < min(i+1000, n+1); j++ {
			offers = append(offers, offerOf(fmt.Sprintf("o%d", j), fmt.Sprintf("host-%d", j), nil))
		}
		s.Apply(Offered{Subscription: 1, Offers: offers}, now)
		for range 2 {
			for id, slot := range s.slots.byTask {
				s.Apply(Updated{Subscription: 1, Status: statusOf(id, "TASK_RUNNING", slot.Task.AgentID, "", nil)}, now)
			}
			cycleOf(s, now)
		}
	}
	for i, more := 0, true; more; i++ {
		if i > 20 {
			b.Fatal("the crowd does not gather")
		}
		more = false
		for name, slot := range s.slots.byName {
			if slot.Task == nil {
				s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("p"+name, "more-"+name, nil)}}, now)
				more = true
			}
		}
		cycleOf(s, now)
		for id, slot := range s.slots.byTask {
			s.Apply(Updated{Subscription: 1, Status: statusOf(id, "TASK_RUNNING", slot.Task.AgentID, "", nil)}, now)
		}
	}
	cycleOf(s, now)
	return s, now
}

// BenchmarkFrame10000Updates is a cycle in which every one of 10,000 tasks says something, as after
// a failover of the Mesos master.
func BenchmarkFrame10000Updates(b *testing.B) {
	s, now := crowd(b, 9999)
	updates := make([]Updated, 0, len(s.slots.byTask))
	for id, slot := range s.slots.byTask {
		updates = append(updates,
			Updated{Subscription: 1, Status: statusOf(id, "TASK_RUNNING", slot.Task.AgentID, "", []byte("sixteen bytes...."))})
	}
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Second)
		for _, u := range updates {
			s.Apply(u, now)
		}
		cycleOf(s, now)
	}
	b.ReportMetric(float64(len(updates))*float64(b.N)/b.Elapsed().Seconds(), "updates/s")
}

// BenchmarkIdleFrame10000 is what any small event costs a big cluster that is at rest.
func BenchmarkIdleFrame10000(b *testing.B) {
	s, now := crowd(b, 9999)
	b.ReportAllocs()
	for b.Loop() {
		cycleOf(s, now)
	}
}

// BenchmarkRelaunch10000 is what the failure of one of 10,000 tasks costs: a cycle that takes note
// of it, and one that launches the next on the offer of what it has left.
func BenchmarkRelaunch10000(b *testing.B) {
	s, now := crowd(b, 9999)
	slot := s.slots.byName["alluxio-worker-5000"]
	offers := []offer.Offer{offerOf("o", slot.Host, map[string]string{"agent": slot.Task.AgentID})}
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(2 * healthyAfter)
		s.Apply(Updated{Subscription: 1, Status: statusOf(slot.Task.ID, "TASK_FAILED", slot.Task.AgentID, "", nil)}, now)
		cycleOf(s, now)
		s.Apply(Offered{Subscription: 1, Offers: offers}, now)
		cycleOf(s, now)
		s.Apply(Updated{Subscription: 1, Status: statusOf(slot.Task.ID, "TASK_RUNNING", slot.Task.AgentID, "", nil)}, now)
		cycleOf(s, now)
	}
}

// BenchmarkSnapshot10000 is a picture of 10,000 slots for a reader.
func BenchmarkSnapshot10000(b *testing.B) {
	s, now := crowd(b, 9999)
	b.ReportAllocs()
	for b.Loop() {
		if !s.Snapshot(now).Complete {
			b.Fatal("the crowd is not complete")
		}
	}
}

// BenchmarkSnapshot10000Waiting is the same when nothing fits: every slot waits, and every agent was refused.
func BenchmarkSnapshot10000Waiting(b *testing.B) {
	s := stateWith(b, testSettings(10000))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	offers := benchOffers(10000)
	for i := range offers {
		offers[i].CPUs = 0.1
	}
	s.Apply(Offered{Subscription: 1, Offers: offers}, epoch)
	cycleOf(s, epoch)
	b.ReportAllocs()
	for b.Loop() {
		s.Snapshot(epoch)
	}
}
