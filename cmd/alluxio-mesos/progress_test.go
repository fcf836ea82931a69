package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/terminal"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// whyNot is what an executor reports of an Alluxio that does not serve yet.
const whyNot = `waiting until Alluxio serves: the web port does not answer yet: Get ` +
	`"http://a.example:19999/api/v1/master/info": dial tcp: connect: connection refused`

// starting is a cluster in which so many workers start.
func starting(workers int, phase string) *cluster.Status {
	s := &cluster.Status{Mesos: cluster.MesosStatus{State: "subscribed"}, Slots: []cluster.SlotStatus{
		{Slot: "alluxio-master-0", Role: config.Master, State: "serving"}}}
	for i := range workers {
		s.Slots = append(s.Slots, cluster.SlotStatus{Slot: fmt.Sprintf("alluxio-worker-%d", i), Role: config.Worker,
			State: "starting", Phase: phase, Host: fmt.Sprintf("host-%d.example", i)})
	}
	return s
}

func TestProgressIsALineForEachChange(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	begun := time.Now()
	p := newProgress(&out, 0, begun)
	second := 0
	show := func(s *cluster.Status) {
		p.show(s, false, begun.Add(time.Duration(second)*time.Second))
		second++
	}
	show(starting(1, "preparing"))
	for range 60 {
		show(starting(1, whyNot))
	}
	s := starting(1, "")
	s.Slots[1].State = "serving"
	show(s)
	want := `[   0s] 1 of 1 master serving, 0 of 1 worker serving
[   0s]   alluxio-worker-0: preparing on host-0.example
[   1s]   alluxio-worker-0: waiting for Alluxio to serve on host-0.example
[  31s]   alluxio-worker-0: waiting for Alluxio to serve on host-0.example (30 s)
[  61s] 1 of 1 master serving, 1 of 1 worker serving
`
	if out.String() != want {
		t.Errorf("got:\n%s", out.String())
	}
}

func TestProgressOfManySlotsStaysShort(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	newProgress(&out, 0, time.Now()).show(starting(1000, whyNot), false, time.Now())
	if lines := strings.Count(out.String(), "\n"); lines != 7 ||
		!strings.Contains(out.String(), "  995 more do not serve\n") {
		t.Errorf("%d lines:\n%s", lines, out.String())
	}
}

func TestProgressOnATerminalIsRewrittenInPlace(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	begun := time.Now()
	p := newProgress(&out, 0, begun)
	p.width = func() int { return 40 }
	p.show(starting(2, whyNot), false, begun)
	first := out.String()
	out.Reset()
	p.show(starting(2, whyNot), false, begun.Add(500*time.Millisecond))
	p.show(starting(1, whyNot), false, begun.Add(12*time.Second))
	for _, line := range strings.Split(first+out.String(), "\n") {
		if utf8.RuneCountInString(line) > len("\x1b[3A\x1b[J")+39 {
			t.Errorf("%q is too long", line)
		}
	}
	want := "\x1b[3A\x1b[J[  12s] 1 of 1 master serving, 0 of ...\n  alluxio-worker-0: waiting for Allu...\n"
	if out.String() != want {
		t.Errorf("after %q came %q, not %q", first, out.String(), want)
	}
	p.width = func() int { return 100 }
	out.Reset()
	p.show(starting(1, whyNot), false, begun.Add(13*time.Second))
	if want := "  alluxio-worker-0: waiting for Alluxio to serve on host-0.example (13 " +
		"s)\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got %q", out.String())
	}
}

// TestAStartOnATerminalShowsALiveBlock starts a cluster from a pseudo-terminal of 60 columns.
func TestAStartOnATerminalShowsALiveBlock(t *testing.T) {
	t.Parallel()
	m := newMesos(t, fakemesos.Options{Agents: 2})
	h := newHome(t)
	reader, tty := terminal.Open(t, 60)
	cmd := exec.CommandContext(h.within(), h.Path("integration/mesos/bin/alluxio-mesos-start.sh"), "-w", m.Addr())
	cmd.Dir, cmd.Stdout, cmd.Stderr = h.Dir, tty, tty
	cmd.Env = append(os.Environ(), "TERM=xterm")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { // the home stops only what it has started itself
		if out, err := h.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v: %s", err, out)
		}
	}()
	_ = tty.Close()
	shown, _ := io.ReadAll(reader) // ends with EIO when the terminal is closed
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, shown)
	}
	out := strings.ReplaceAll(string(shown), "\r\n", "\n")
	for _, want := range []string{"\x1b[J[", "1 of 1 master serving, 2 of 2 workers serving\nthe cluster serves\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in %q", want, out)
		}
	}
	block := regexp.MustCompile(`(?m)^(?:\x1b\[\d+A\x1b\[J)?(\[ .*|  alluxio-.*)$`)
	for _, line := range block.FindAllStringSubmatch(out, -1) {
		if utf8.RuneCountInString(line[1]) >= 60 {
			t.Errorf("%q wraps", line[1])
		}
	}
}
