package cluster

import (
	"fmt"
	"testing"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// BenchmarkSnapshot is what a reader of the status costs the loop in a cluster whose hosts each
// have a worker, or each lack the memory for one.
func BenchmarkSnapshot(b *testing.B) {
	for _, n := range []int{1000, 10000, 50000} {
		for _, mem := range []string{"4096", "100"} {
			b.Run(fmt.Sprintf("hosts=%d/mem=%sMB", n, mem), func(b *testing.B) {
				s, err := NewState(Options{Settings: testSettings(n)}, nil)
				if err != nil {
					b.Fatal(err)
				}
				cycle := func(event Event) {
					s.Apply(event, epoch)
					s.Commit(s.Decide(epoch), epoch)
				}
				cycle(Subscribed{Subscription: 1, FrameworkID: "f1"})
				cycle(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o", "m", nil)}})
				cycle(Updated{Subscription: 1, Status: statusOf("alluxio-master-0.1", "TASK_RUNNING", "agent-m", "",
					nil)})
				offers := make([]offer.Offer, n)
				for i := range offers {
					offers[i] = offerOf(fmt.Sprintf("o%d", i), fmt.Sprintf("h%d", i), map[string]string{"mem": mem})
				}
				cycle(Offered{Subscription: 1, Offers: offers})
				for b.Loop() {
					s.Snapshot(epoch)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/host")
			})
		}
	}
}
