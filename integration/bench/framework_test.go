package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
)

// counts are what worker.count may be for a Mesos of n agents.
func counts(n int) map[string]string { return map[string]string{"fixed": fmt.Sprint(n), "all": "all"} }

// serving starts a framework and returns when its master and a worker on each agent serve.
func serving(t testing.TB, agents int, count string) (*fakemesos.Master, *reaper.Process) {
	t.Helper()
	m := startMesos(t, fakemesos.Options{Agents: agents})
	p := startFramework(t, m, "alluxio.integration.mesos.worker.count="+count)
	await(t, "a cluster that serves", func() bool { return m.Running() == agents+1 })
	return m, p
}

// calls is how many calls of any type came in.
func calls(m *fakemesos.Master) (n int) {
	for kind := range scheduler.Call_Type_name {
		n += m.Count(scheduler.Call_Type(kind))
	}
	return n
}

// settled waits until no call has come for two rounds of offers.
func settled(t testing.TB, m *fakemesos.Master) {
	t.Helper()
	last, since := calls(m), time.Now()
	await(t, "a quiet framework", func() bool {
		if now := calls(m); now != last {
			last, since = now, time.Now()
		}
		return time.Since(since) > 3*time.Second
	})
}

// BenchmarkFrameworkMemory is the resident memory of the framework's process with one worker on
// each agent: now, and at its highest.
func BenchmarkFrameworkMemory(b *testing.B) {
	for _, agents := range []int{1000, 10_000} {
		for name, count := range counts(agents) {
			b.Run(fmt.Sprintf("%s/%d", name, agents), func(b *testing.B) {
				for b.Loop() {
					m, p := serving(b, agents, count)
					settled(b, m)
					b.ReportMetric(memoryMB(b, p.PID(), "VmRSS"), "rss-MB")
					b.ReportMetric(memoryMB(b, p.PID(), "VmHWM"), "peak-MB")
					b.ReportMetric(memoryMB(b, p.PID(), "RssAnon"), "anonymous-MB")
				}
			})
		}
	}
}

// BenchmarkQuietMinute counts the calls of a framework of 1,000 workers in a minute in which
// nothing happens, and the processor time.
func BenchmarkQuietMinute(b *testing.B) {
	const agents = 1000
	for name, count := range counts(agents) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				m, p := serving(b, agents, count)
				settled(b, m)
				before, used := calls(m), cpuTime(b, p.PID())
				time.Sleep(time.Minute)
				b.ReportMetric(float64(calls(m)-before), "calls/min")
				b.ReportMetric(100*(cpuTime(b, p.PID())-used).Seconds()/60, "cpu-%")
			}
		})
	}
}
