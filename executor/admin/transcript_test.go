package admin

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
)

// TestTranscripts replays testdata/*.txt: a fact, a line of dashes, what the Desk did and where it is
// now. The facts:
//
//	served | ending | wait DURATION
//	request ID OPERATION HOST WITHIN
//	progressed ID MESSAGE...
//	done ID MESSAGE... | failed ID MESSAGE...
func TestTranscripts(t *testing.T) {
	t.Parallel()
	golden.Replay(t, "testdata/*.txt", replay)
}

// replay copies comments and facts, and writes again what the Desk does on each fact.
func replay(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	desk := New()
	now := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "#") {
			fmt.Fprintln(&out, line)
		}
		if line == "" || line == "----" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "    ") {
			continue
		}
		fmt.Fprintf(&out, "\n%s\n----\n", line)
		words := strings.SplitN(line, " ", 3)
		if words[0] == "wait" {
			now = now.Add(duration(t, words[1]))
		}
		for _, e := range desk.Step(parse(t, line, words), now) {
			fmt.Fprintf(&out, "    %v\n", e)
		}
		fmt.Fprintf(&out, "    = %v", desk.State())
		if at := desk.WakeAt(); !at.IsZero() {
			fmt.Fprintf(&out, ", wakes in %v", at.Sub(now))
		}
		fmt.Fprintln(&out)
	}
	return out.String()
}

func parse(t *testing.T, line string, words []string) Fact {
	t.Helper()
	answer := launch.AdminAnswer{}
	if len(words) == 3 {
		answer.Message = words[2]
	}
	switch words[0] {
	case "served":
		return Served{[]launch.AdminOperation{launch.AdminPersist, launch.AdminDecommission}}
	case "ending":
		return Ending{}
	case "wait":
		return Woke{}
	case "progressed":
		return Progressed{words[1], answer}
	case "done":
		answer.State = launch.AdminDone
		return Finished{words[1], answer}
	case "failed":
		answer.State = launch.AdminFailed
		return Finished{words[1], answer}
	case "request":
		if f := strings.Fields(line); len(f) == 5 {
			return Requested{launch.AdminRequest{ID: f[1], Operation: launch.AdminOperation(f[2]),
				Worker: launch.Address{Host: f[3]}, Within: duration(t, f[4])}}
		}
	}
	t.Fatalf("unknown fact %q", line)
	return nil
}

func duration(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
