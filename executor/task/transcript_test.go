package task

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
)

// TestTranscripts replays testdata/*.txt: a fact, a line of dashes, what the task did and where it is now.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	golden.Replay(t, "testdata/*.txt", replay)
}

// replay copies comments and facts, and writes again what the task does on each fact.
func replay(t *testing.T, text string) string {
	var out strings.Builder
	var task *Task
	now := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	answer := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "----":
			answer = true
			continue
		case strings.HasPrefix(line, "#"):
			fmt.Fprintln(&out, line)
			continue
		case line == "":
			if !answer { // after an answer the empty line is written by the next fact
				fmt.Fprintln(&out)
			}
			continue
		case answer && strings.HasPrefix(line, "    "):
			continue
		}
		answer = false
		w := words(t, line)
		if w[0] == "task" {
			task = New(Config{Slot: w[1], Member: value(w, "member") != "", KillGrace: duration(t, w, "grace"),
				StartTimeout: duration(t, w, "start-timeout")})
			fmt.Fprintln(&out, line)
			continue
		}
		fmt.Fprintf(&out, "\n%s\n----\n", line)
		fact := parse(t, task, w)
		switch w[0] {
		case "wait":
			now = now.Add(must(time.ParseDuration(w[1])))
		case "wake":
			now = task.WakeAt()
		}
		for _, e := range task.Step(fact, now) {
			fmt.Fprintf(&out, "    %v\n", e)
			if s, ok := e.(SendUpdate); ok {
				writeReport(&out, s.Update.Report)
			}
		}
		fmt.Fprintf(&out, "    = %v", task.State())
		if n := len(task.Unacknowledged()); n > 0 {
			fmt.Fprintf(&out, ", %d unacknowledged", n)
		}
		if at := task.WakeAt(); !at.IsZero() {
			fmt.Fprintf(&out, ", wakes in %v", at.Sub(now).Round(time.Millisecond))
		}
		fmt.Fprintln(&out)
	}
	return strings.ReplaceAll(out.String(), "\n\n\n", "\n\n")
}

func writeReport(out *strings.Builder, r launch.Report) {
	r.Phase, r.Version = "", 0
	if s := string(r.Encode()); s != `{"version":1}` {
		fmt.Fprintf(out, "        report %s\n", s)
	}
}

// parse turns a line into a Fact.
func parse(t *testing.T, task *Task, w []string) Fact {
	text := ""
	if len(w) > 1 && !strings.Contains(w[1], "=") {
		text = w[1]
	}
	report := launch.Report{
		Phase: value(w, "phase"), AlluxioVersion: value(w, "alluxio"), JavaVersion: value(w, "java"),
		JournalFolder:    value(w, "journal"),
		JournalFormatted: value(w, "formatted"), Storage: value(w, "storage"),
		JournalUnusable: value(w, "unusable"), JournalNeverServed: value(w, "never-served") != "",
	}
	if s := value(w, "warning"); s != "" {
		report.Warnings = []string{s}
	}
	switch w[0] {
	case "launched":
		return Launched{}
	case "progressed":
		return Progressed{report}
	case "prepared":
		fact := Prepared{Report: report, Confirm: value(w, "confirm") != "", FirstStart: value(w, "first-start") != ""}
		if s := value(w, "doubt"); s != "" {
			fact.Doubts = []string{s}
		}
		return fact
	case "prepare-failed":
		return PrepareFailed{text}
	case "started":
		return Started{PID: 7}
	case "start-failed":
		return StartFailed{text}
	case "exited":
		e := Exited{Signal: value(w, "signal"), OutOfMemory: value(w, "memory"), Hint: value(w, "hint"), Report: report}
		e.Code, _ = strconv.Atoi(value(w, "code"))
		if log := value(w, "log"); log != "" {
			e.Log = strings.Split(log, "|")
		}
		return e
	case "master-update-applied":
		return MasterUpdateApplied{Masters: text}
	case "probed":
		return Probed{
			OK: text == "ok", Why: text, ElectionState: launch.ElectionState(value(w, "standing")), Broken: value(w, "broken"),
			FirstStartOver: value(w, "first-start-over") != "", Report: report,
		}
	case "kill":
		return KillRequested{duration(t, w, "grace")}
	case "shutdown":
		return ShutdownRequested{Reason: text, Grace: duration(t, w, "grace")}
	case "agent-lost":
		return AgentLost{text}
	case "released":
		return Released{text}
	case "acknowledged":
		for _, u := range task.Unacknowledged() {
			if fmt.Sprint("#", u.Number) == text {
				return Acknowledged{u.UUID[:]}
			}
		}
		return Acknowledged{[]byte("unknown")}
	case "connected":
		return Connected{}
	case "disconnected":
		return Disconnected{}
	case "wait", "wake":
		return Woke{}
	}
	t.Fatalf("unknown fact %q", w[0])
	return nil
}

// words splits at spaces outside of quotes and takes the quotes away.
func words(t *testing.T, line string) []string {
	var w []string
	var b strings.Builder
	quoted := false
	for _, r := range line {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ' ' && !quoted:
			w = append(w, b.String())
			b.Reset()
		default:
			b.WriteRune(r)
		}
	}
	if quoted {
		t.Fatalf("open quote in %q", line)
	}
	return append(w, b.String())
}

func value(w []string, key string) string {
	for _, s := range w {
		if v, ok := strings.CutPrefix(s, key+"="); ok {
			return v
		}
	}
	return ""
}

func duration(t *testing.T, w []string, key string) time.Duration {
	s := value(w, key)
	if s == "" {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
