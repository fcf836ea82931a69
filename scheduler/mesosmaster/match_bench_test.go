package mesosmaster

import (
	"os"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// benchmarkSettings want workers that no usual agent can hold, and nothing else.
func benchmarkSettings(workers int) *config.Settings {
	return &config.Settings{
		Roles:       config.AlluxioRoles(),
		MesosMaster: "m:5050", Name: "alluxio", User: "root", MesosRole: "*", FailoverTimeout: time.Hour,
		Master: config.RoleSettings{Name: "AlluxioMaster", CPUs: 1, Mem: config.GB, Ports: []config.Port{
			{Name: config.MasterRPC, Number: 19998}, {Name: config.MasterWeb, Number: 19999},
		}},
		Worker: config.RoleSettings{Name: "AlluxioWorker", Count: workers, CPUs: 9, Mem: config.GB, Ports: []config.Port{
			{Name: config.WorkerRPC, Number: 29999}, {Name: config.WorkerWeb, Number: 30000},
			{Name: config.WorkerData, Number: 29998},
		}},
		Ramdisk: config.Ramdisk{Size: config.GB}, Install: config.Install{Home: "/opt/alluxio"}, Bind: config.BindAny,
		KillGrace: 30 * time.Second, StartTimeout: 10 * time.Minute,
	}
}

// BenchmarkDecodeAndMatch goes from the bytes of an OFFERS event of 10,000 agents to the decision
// of the frame, in which none fits. "full" is mesos-go's decoding alone, for the ratio. With
// BENCH_OFFERS it writes the bytes to that file, for scripts/bench/Match.java.
func BenchmarkDecodeAndMatch(b *testing.B) {
	const n = 10_000
	frame := fakemesos.OffersEvent(n)
	if file := os.Getenv("BENCH_OFFERS"); file != "" {
		if err := os.WriteFile(file, frame, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	perSecond := func(b *testing.B) { b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "offers/s") }
	b.Run("ours", func(b *testing.B) {
		now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
		state, err := cluster.NewState(cluster.Options{Settings: benchmarkSettings(n), Started: now}, nil)
		if err != nil {
			b.Fatal(err)
		}
		state.Apply(cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}, now)
		d := decoder{offers: offer.NewReader(nil)}
		b.ReportAllocs()
		for b.Loop() {
			e, err := d.decode(frame, 1)
			if err != nil {
				b.Fatal(err)
			}
			state.Apply(e.event, now)
			decision := state.Decide(now)
			state.Commit(decision, now)
			if len(decision.Actions) > 3 {
				b.Fatalf("%d actions, want one decline", len(decision.Actions))
			}
		}
		perSecond(b)
	})
	b.Run("full", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := new(scheduler.Event).Unmarshal(frame); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b)
	})
}

// Not parallel: it measures what is kept.
func TestRejectionsKeepNothingOfTheEventThatBroughtTheirOffers(t *testing.T) {
	const n = 10_000
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	state, err := cluster.NewState(cluster.Options{Settings: benchmarkSettings(n), Started: now}, nil)
	if err != nil {
		t.Fatal(err)
	}
	state.Apply(cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}, now)
	d := decoder{offers: offer.NewReader(nil)}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var events []weak.Pointer[byte]
	for range 3 { // the first rejection of an agent and its repetition are kept in different ways
		frame := fakemesos.OffersEvent(n)
		events = append(events, weak.Make(&frame[0]))
		e, err := d.decode(frame, 1)
		if err != nil {
			t.Fatal(err)
		}
		state.Apply(e.event, now)
		decision := state.Decide(now)
		if len(decision.Rejections) != n {
			t.Fatalf("%d rejections, want %d", len(decision.Rejections), n)
		}
		state.Commit(decision, now)
	}
	runtime.GC()
	runtime.GC() // the first may have begun before the end of the last cycle
	runtime.ReadMemStats(&after)
	for i, event := range events {
		if event.Value() != nil {
			t.Errorf("the bytes of event %d are kept", i+1)
		}
	}
	const most = 2 << 10 // bytes for an agent: its names, its rejection, its ports
	if kept := (int(after.HeapAlloc) - int(before.HeapAlloc)) / n; kept > most {
		t.Errorf("%d bytes are kept for each rejection, at most %d are expected", kept, most)
	}
	if got := len(state.Snapshot(now).Waiting); got == 0 {
		t.Error("nothing is explained")
	}
}
