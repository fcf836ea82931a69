package bench

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
)

// clock notes when what first and last happened in a scripted Mesos.
type clock struct {
	mu    sync.Mutex
	times map[string][]time.Time
	body  []byte // of a worker's ACCEPT
}

func (c *clock) note(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.times[what] = append(c.times[what], time.Now())
}

// last is when what happened last, and how often it did.
func (c *clock) last(what string) (time.Time, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.times[what]); n > 0 {
		return c.times[what][n-1], n
	}
	return time.Time{}, 0
}

// span is from the first event with the offers of most agents after the master's launch to the
// first ACCEPT after it, and to the last of all.
func (c *clock) span() (first, last time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	accepts := c.times["ACCEPT"]
	after := func(times []time.Time, t time.Time) time.Time {
		for len(times) > 1 && !times[0].After(t) {
			times = times[1:]
		}
		return times[0]
	}
	begun := after(c.times["many offers"], accepts[0])
	return after(accepts, begun).Sub(begun), accepts[len(accepts)-1].Sub(begun)
}

// watch notes every call as it arrives, by its type, and every OFFERS event before it is encoded.
func watch(m *fakemesos.Master, agents int) *clock {
	c := &clock{times: map[string][]time.Time{}}
	m.OnCall(func(call *scheduler.Call) fakemesos.Answer {
		c.note(call.Type.String())
		c.mu.Lock()
		if call.Type == scheduler.Call_ACCEPT && len(c.times["ACCEPT"]) == 2 { // the first worker
			c.body, _ = call.Marshal() // it was just decoded
		}
		c.mu.Unlock()
		return fakemesos.Answer{}
	})
	m.Intercept(func(e *scheduler.Event) []*scheduler.Event {
		if e.Type == scheduler.Event_OFFERS {
			c.note("offers")
			if len(e.Offers.Offers) > agents/2 {
				c.note("many offers")
			}
		}
		return []*scheduler.Event{e}
	})
	return c
}

// BenchmarkLaunches is how many workers per second the framework launches on as many agents, from
// the offers to the last ACCEPT, beside the rate of bare POSTs of the same size over as many
// connections to a server that does nothing. In "silent" no worker's executor sends updates, so
// that ACCEPTs are all there is; in "updates" there are two for each, and until-acknowledged is how
// many times longer it takes until all run and every update is acknowledged.
func BenchmarkLaunches(b *testing.B) {
	const agents = 10_000
	silent := func(task *mesos.TaskInfo) []mesos.TaskStatus {
		if strings.HasPrefix(task.TaskID.Value, "alluxio-worker-") {
			return nil
		}
		return []mesos.TaskStatus{{State: mesos.TASK_RUNNING.Enum()}}
	}
	for name, statuses := range map[string]func(*mesos.TaskInfo) []mesos.TaskStatus{"silent": silent, "updates": nil} {
		b.Run(fmt.Sprintf("%s/%d", name, agents), func(b *testing.B) {
			for b.Loop() {
				m := startMesos(b, fakemesos.Options{Agents: agents, Statuses: statuses})
				c := watch(m, agents)
				startFramework(b, m, fmt.Sprintf("alluxio.integration.mesos.worker.count=%d", agents))
				accepts := func() int { _, n := c.last("ACCEPT"); return n }
				await(b, "all launches", func() bool { return accepts() == agents+1 })
				if statuses == nil {
					await(b, "a cluster that serves", func() bool { return m.Running() == agents+1 })
				}
				running := time.Now()
				first, took := c.span()
				b.ReportMetric(1000*first.Seconds(), "ms-to-first")
				rate, bare := float64(agents)/took.Seconds(), posts(b, c.body)
				b.ReportMetric(rate, "launches/s")
				b.ReportMetric(bare, "posts/s")
				if statuses == nil {
					last, _ := c.last("ACCEPT")
					b.ReportMetric((took+running.Sub(last)).Seconds()/took.Seconds(), "x-until-acknowledged")
				}
			}
		})
	}
}

// posts is how many POSTs of body a second 8 connections carry.
func posts(b *testing.B, body []byte) float64 {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	const connections, n = 8, 40_000
	t := &http.Transport{MaxIdleConnsPerHost: connections}
	defer t.CloseIdleConnections()
	var left atomic.Int64
	left.Store(n)
	var done sync.WaitGroup
	begun := time.Now()
	for range connections {
		done.Go(func() {
			for left.Add(-1) >= 0 {
				resp, err := t.RoundTrip(httptest.NewRequest(http.MethodPost, server.URL, bytes.NewReader(body)))
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
	done.Wait()
	return n / time.Since(begun).Seconds()
}

// BenchmarkRelaunch lets one worker of 10,000 fail after the other, and measures from the offer of
// what it has left to the ACCEPT, as the scripted Mesos sees it: with the encoding of the offer and
// the way through HTTP. Mesos decides when it offers. A worker fills its agent here, so that
// nothing else is offered.
func BenchmarkRelaunch(b *testing.B) {
	const agents, failures = 10_000, 200
	whole := func(i int) fakemesos.Agent {
		a := fakemesos.DefaultAgent(i)
		if i > 0 {
			a.CPUs, a.MemMB = 1, 2048
		}
		return a
	}
	for b.Loop() {
		m := startMesos(b, fakemesos.Options{Agents: agents, Agent: whole, Allocation: 20 * time.Millisecond})
		c := watch(m, agents)
		startFramework(b, m, "alluxio.integration.mesos.master.host="+fakemesos.DefaultAgent(0).Host)
		await(b, "a cluster that serves", func() bool { return m.Running() == agents+1 })
		settled(b, m)
		var times []time.Duration
		for _, id := range workers(m)[:failures] {
			_, before := c.last("ACCEPT")
			m.Update(id, mesos.TaskStatus{State: mesos.TASK_FAILED.Enum()})
			await(b, "a relaunch", func() bool { _, now := c.last("ACCEPT"); return now > before && m.Running() == agents+1 })
			offered, _ := c.last("offers")
			accepted, _ := c.last("ACCEPT")
			if d := accepted.Sub(offered); d > 0 { // else a later offer was of something else
				times = append(times, d)
			}
		}
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
		b.ReportMetric(float64(len(times)), "relaunches")
	}
}

// workers are the IDs of the workers' tasks, but the one beside the master.
func workers(m *fakemesos.Master) (ids []string) {
	for id, task := range m.Tasks() {
		if strings.HasPrefix(id, "alluxio-worker-") && task.AgentID != m.AgentID(0) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
