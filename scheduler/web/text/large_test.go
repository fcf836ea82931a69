package text

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// large is the status of a cluster whose n agents are all refused for both roles, and whose n
// workers wait, fail, start or serve with a warning.
func large(n int) *cluster.Status {
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	s := &cluster.Status{Mesos: cluster.MesosStatus{State: "subscribed"}, Now: at.Add(time.Minute)}
	for i := range n {
		host, slot := fmt.Sprintf("h%d", i), fmt.Sprintf("alluxio-worker-%d", i)
		for _, role := range []config.Role{config.Master, config.Worker} {
			s.Rejections = append(s.Rejections, cluster.RejectionStatus{Host: host, AgentID: "agent-" + host, Role: role,
				Reason: "mem", Count: 2, Last: at,
				Message: fmt.Sprintf("needs mem 3072MB; %dMB are offered by %s", i%2048, host),
				Hint:    "lower alluxio.integration.worker.resource.mem"})
		}
		status := cluster.SlotStatus{Slot: slot, Role: config.Worker,
			State: []string{"serving", "starting", "waiting", "waiting"}[i%4], Host: host}
		switch i % 4 {
		case 0:
			status.Warnings = []string{"no sudo on " + host}
		case 1:
			status.Phase = fmt.Sprintf("fetching %d %%", i%100)
		case 2:
			status.LastFailure = &cluster.TaskFailure{State: "TASK_FAILED", Message: "cannot write to " + host,
				Host: host, At: at}
			fallthrough
		case 3:
			s.Waiting = append(s.Waiting, cluster.Waiting{Slot: slot, Role: config.Worker, Message: "no offer fits"})
		}
		s.Slots = append(s.Slots, status)
	}
	return s
}

func TestExplainGroupsWhatIsAlikeInALargeCluster(t *testing.T) {
	t.Parallel()
	const n = 50000
	s := large(n)
	got := Explain(s, 0)
	for _, want := range []string{
		"alluxio-worker-3, alluxio-worker-7, alluxio-worker-11 and 12497 more: no offer fits\n",
		"alluxio-worker-2, alluxio-worker-6, alluxio-worker-10 and 12497 more: no offer fits\n  last failure: " +
			"TASK_FAILED on h2, 1m0s ago\n    cannot write to h2\n",
		"alluxio-worker-1, alluxio-worker-5, alluxio-worker-9 and 12497 more: starting: fetching 1 % on h1\n",
		"  alluxio-master, mem: needs mem 3072MB; 0MB are offered by h0\n    hint: lower " +
			"alluxio.integration.worker.resource.mem\n" +
			"    100000 offers, last 1m0s ago, on 50000 agents: h0, h1, h2 and 49997 more; alluxio-mesos " +
			"explain NAME " +
			"shows one\n",
		"  alluxio-worker-0, alluxio-worker-4, alluxio-worker-8 and 12497 more: no sudo on h0\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("without %q", want)
		}
	}
	if len(got) > 4<<10 {
		t.Errorf("the text has %d bytes: %.3000s", len(got), got)
	}
	if want := "Last failures\n  alluxio-worker-2, alluxio-worker-6, alluxio-worker-10 and 12497 more: " +
		"TASK_FAILED on " +
		"h2, 1m0s ago\n    cannot write to h2\n\n"; !strings.Contains(Status(s, 0), want) {
		t.Errorf("the status is without %q", want)
	}
	if steps, more := Steps(s); len(steps) != mostSteps || more != 24995 {
		t.Errorf("the progress has %d steps and %d more", len(steps), more)
	}
}

func TestExplainBoundsReasonsThatAreAllDifferent(t *testing.T) {
	t.Parallel()
	s := &cluster.Status{Mesos: cluster.MesosStatus{State: "subscribed"}}
	for i := range 1000 {
		word := strings.Repeat("x", i+1)
		s.Waiting = append(s.Waiting, cluster.Waiting{Slot: "alluxio-worker-0", Message: word})
		s.Rejections = append(s.Rejections, cluster.RejectionStatus{Message: word})
		s.Slots = append(s.Slots, cluster.SlotStatus{Slot: fmt.Sprintf("alluxio-worker-%d", i), State: "serving",
			Warnings: []string{word}})
	}
	got := Explain(s, 0)
	for _, want := range []string{"\nand 980 slots more; `-o json` has them all\n", "\n  and 980 agents more; ",
		"\n  and 980 warnings more; "} {
		if !strings.Contains(got, want) {
			t.Errorf("without %q", want)
		}
	}
	if lines := strings.Count(got, "\n"); lines > 100 {
		t.Errorf("%d lines", lines)
	}
}

func TestExplainOfOneHostShowsEverythingAboutIt(t *testing.T) {
	t.Parallel()
	s := large(100)
	want := "alluxio-worker-2: no offer fits\n  last failure: TASK_FAILED on h2, 1m0s ago\n    cannot write to " +
		"h2\n\nOffers that were not used\n" +
		"  alluxio-master, mem: needs mem 3072MB; 2MB are offered by h2\n    hint: lower " +
		"alluxio.integration.worker.resource.mem\n    2 offers, last 1m0s ago, on h2 (agent agent-h2)\n" +
		"  alluxio-worker, mem: needs mem 3072MB; 2MB are offered by h2\n    hint: lower " +
		"alluxio.integration.worker.resource.mem\n    2 offers, last 1m0s ago, on h2 (agent agent-h2)\n"
	if got := ExplainOne(s, "h2", 0); got != want {
		t.Errorf("by host: %s", got)
	}
	if got := ExplainOne(s, "agent-h2", 0); !strings.Contains(got, "2MB are offered by h2") {
		t.Errorf("by agent: %s", got)
	}
	if got := ExplainOne(s, "alluxio-worker-4", 0); got != "alluxio-worker-4: serving on h4\n\nWarnings\n  "+
		"alluxio-worker-4: no sudo on h4\n" {
		t.Errorf("by slot: %s", got)
	}
	if got := ExplainOne(s, "h\x1b100", 0); got != "Nothing to explain: h100 is no slot, and no host "+
		"or agent with a slot or a rejected offer.\n" {
		t.Errorf("of none: %q", got)
	}
}

func BenchmarkExplain(b *testing.B) {
	for _, n := range []int{1000, 10000, 50000} {
		s := large(n)
		b.Run(fmt.Sprintf("agents=%d", n), func(b *testing.B) {
			for b.Loop() {
				Explain(s, 0)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/agent")
		})
	}
}
