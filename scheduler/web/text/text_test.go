package text

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestWhatPeopleSeeOfEachState shows in testdata/NAME.txt what the commands print of the states that
// the stories of scheduler/cluster/testdata/status end with.
func TestWhatPeopleSeeOfEachState(t *testing.T) {
	t.Parallel()
	states, err := filepath.Glob("../../cluster/testdata/status/*.json")
	if err != nil || len(states) == 0 {
		t.Fatalf("%d states, %v", len(states), err)
	}
	var shown []string
	for _, file := range states {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s cluster.Status
		if err := json.Unmarshal(data, &s); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out := "$ alluxio-mesos status\n" + Status(&s, Width) + "\n$ alluxio-mesos explain\n" + Explain(&s, Width)
		for _, of := range []string{"alluxio-worker-0", "a"} {
			out += "\n$ alluxio-mesos explain " + of + "\n" + ExplainOne(&s, of, Width)
		}
		out += "\n$ alluxio-mesos-start.sh -w\n" + Progress(&s) + "\n"
		steps, more := Steps(&s)
		for _, step := range steps {
			out += "  " + step.Slot + ": " + step.Doing + step.On + "\n"
		}
		if more > 0 {
			out += fmt.Sprintf("  and %d more\n", more)
		}
		text := filepath.Join("testdata", strings.TrimSuffix(filepath.Base(file), ".json")+".txt")
		golden.Compare(t, text, out)
		shown = append(shown, text)
	}
	golden.Complete(t, "testdata/*", shown)
}

func TestNothingThatComesFromOutsideCanRewriteTheTerminal(t *testing.T) {
	t.Parallel()
	evil := "a\x1b[2J\x07\u202eb\xff\r\nc"
	s := &cluster.Status{
		Framework: cluster.FrameworkStatus{Name: evil, ID: evil, Version: evil, Failure: evil},
		Mesos:     cluster.MesosStatus{State: evil, Message: evil, Leader: evil, Version: evil, Offers: evil},
		Slots: []cluster.SlotStatus{{Slot: evil, Role: config.Role(evil), State: "starting", Phase: evil, TaskID: evil,
			Host: evil, Web: evil,
			Ports:          map[config.PortName]uint16{config.PortName("x." + evil): 1},
			LastFailure:    &cluster.TaskFailure{State: evil, Message: evil, Host: evil},
			AlluxioVersion: evil, JavaVersion: evil, JournalFolder: evil, Storage: evil,
			Volume: &cluster.VolumeStatus{ID: evil, Host: evil}, Warnings: []string{evil}}},
		Rejections: []cluster.RejectionStatus{{Host: evil, AgentID: evil, Role: config.Role(evil), Reason: evil,
			Message: evil,
			Hint:    evil}},
		Waiting:  []cluster.Waiting{{Slot: evil, Role: config.Role(evil), Message: evil, Hint: evil}},
		Warnings: []string{evil},
	}
	steps, _ := Steps(s)
	for _, text := range []string{Status(s, 0), Explain(s, 0), Progress(s), fmt.Sprint(steps)} {
		for _, r := range text {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%q is in %q", r, text)
			}
		}
	}
	if strings.Contains(Progress(s), "\n") {
		t.Error("progress has more than one line")
	}
}

func TestSpansHaveAtMostTwoUnits(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]time.Duration{
		"0s": -time.Second, "42s": 42*time.Second + 900*time.Millisecond, "3m12s": 192 * time.Second,
		"5h3m":  5*time.Hour + 3*time.Minute + time.Second,
		"12d4h": 12*24*time.Hour + 4*time.Hour,
	} {
		if got := span(d); got != want {
			t.Errorf("span(%s) is %q, want %q", d, got, want)
		}
	}
}

func TestAnEmptyStatusIsReadable(t *testing.T) {
	t.Parallel()
	s := &cluster.Status{Mesos: cluster.MesosStatus{State: "connecting"}}
	if got := Progress(s); got != "waiting for Mesos" {
		t.Errorf("got %q", got)
	}
	if got := Explain(s, 0); !strings.Contains(got, "no subscription") {
		t.Errorf("got %q", got)
	}
	if got := Status(s, 0); !strings.Contains(got, "0 masters serving, 0 workers serving; not complete") {
		t.Errorf("got %q", got)
	}
}

func TestStatusNamesWhatARolloutWaitsFor(t *testing.T) {
	t.Parallel()
	s := &cluster.Status{Rollout: &cluster.Rollout{Outdated: []string{"w-0", "w-1", "w-2", "w-3", "w-4", "w-5"},
		Waiting: "w-9 does not serve: its host\nis away"}}
	want := "Rollout    6 tasks to replace: w-0, w-1, w-2, w-3, w-4 and 1 more; it waits: w-9 does not serve: its " +
		"host is away\n"
	if got := Status(s, 0); !strings.Contains(got, want) {
		t.Errorf("%q is not in:\n%s", want, got)
	}
}

func TestTheStateOfAMasterSaysWhetherItLeads(t *testing.T) {
	t.Parallel()
	slot := func(name string, standing launch.ElectionState) cluster.SlotStatus {
		return cluster.SlotStatus{Slot: name, Role: config.Master, State: "serving", ElectionState: standing}
	}
	s := &cluster.Status{Slots: []cluster.SlotStatus{slot("alluxio-master-0", launch.Leading),
		slot("alluxio-master-1", launch.Standby), slot("alluxio-worker-0", "")}}
	for i, want := range []string{"serving (leading)", "serving (standby)", "serving"} {
		if got := stateOf(s, &s.Slots[i]); got != want {
			t.Errorf("%s is %q, want %q", s.Slots[i].Slot, got, want)
		}
	}
}
