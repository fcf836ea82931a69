package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// BenchmarkRestart kills the framework of 10,000 workers with SIGKILL, starts it again, and
// measures from before its process is made until it has heard of every task.
func BenchmarkRestart(b *testing.B) {
	const agents = 10_000
	b.Run(fmt.Sprint(agents), func(b *testing.B) {
		for b.Loop() {
			m, p := serving(b, agents, fmt.Sprint(agents))
			settled(b, m)
			ctx, cancel := context.WithTimeout(b.Context(), limit)
			defer cancel()
			check(b, p.Kill(ctx))
			await(b, "the end of the subscription", func() bool { return !m.Subscribed() })
			launched, asked := m.Count(scheduler.Call_ACCEPT), m.Count(scheduler.Call_RECONCILE)
			begun := time.Now()
			check(b, p.Restart(ctx))
			await(b, "both questions", func() bool { return m.Count(scheduler.Call_RECONCILE) >= asked+2 })
			settled(b, m)
			status := statusOf(b, filepath.Dir(p.Log()))
			// All were told of in answer to the first question, so nothing was asked for by name, and nothing launched.
			if n := m.Count(scheduler.Call_RECONCILE) - asked; n != 2 || m.Count(scheduler.Call_ACCEPT) != launched ||
				!status.Complete || len(status.Slots) != agents+1 {
				b.Errorf("%d reconciliations, %d launches, %d slots, complete %v", n, m.Count(scheduler.Call_ACCEPT)-launched,
					len(status.Slots), status.Complete)
			}
			b.ReportMetric(float64(status.Framework.Reconciled.Sub(begun).Microseconds())/1000, "restart-ms")
			b.ReportMetric(float64(cpuTime(b, p.PID()).Milliseconds()), "cpu-ms")
		}
	})
}

// statusOf asks the framework whose home is dir.
func statusOf(b *testing.B, dir string) *cluster.Status {
	b.Helper()
	process, err := store.ReadProcess(filepath.Join(dir, "mesos-state"))
	check(b, err)
	resp, err := http.Get(process.URL() + "/v1/status")
	check(b, err)
	defer resp.Body.Close()
	status := new(cluster.Status)
	check(b, json.NewDecoder(resp.Body).Decode(status))
	return status
}
