package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

func TestAnUnreachableMesosIsSaidAtOnceAndTheFrameworkKeepsTrying(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	out := h.start(nobody(t))
	for _, want := range []string{"AlluxioFramework runs: process ", "API http://127.0.0.1:", h.Path("logs/framework.out"),
		"connection refused", "keeps trying"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in: %s", want, out)
		}
	}
	p := h.process()
	if !p.Alive() || !strings.Contains(out, fmt.Sprintf("process %d,", p.PID)) {
		t.Errorf("process.json has process %d, alive %v", p.PID, p.Alive())
	}
	if !slices.Contains(named(t, "AlluxioFramework"), p.PID) {
		t.Error("pgrep -f AlluxioFramework does not find it")
	}
	s, err := h.Status(h.within())
	if err != nil || s.Mesos.State != "connecting" || !strings.Contains(s.Mesos.Message, "connection refused") {
		t.Errorf("status: %+v, %v", s, err)
	}
	for command, want := range map[string]string{"status": "Mesos      connecting", "explain": "connection refused",
		"explain -o json": `"waiting": [`} {
		if text, err := h.CLI(h.within(), strings.Fields(command)...); err != nil || !strings.Contains(text, want) {
			t.Errorf("%s: %v, %q is not in: %s", command, err, want, text)
		}
	}
	line, _, _ := strings.Cut(h.Log(), "\n")
	at, rest, _ := strings.Cut(line, " ")
	if _, err := time.Parse(time.RFC3339, at); err != nil || !strings.HasPrefix(rest, "INF the framework begins") ||
		strings.Contains(line, "\x1b") {
		t.Errorf("the first line of framework.out is %q", line)
	}
	if strings.Contains(h.Log()+out, p.Token.Reveal()) {
		t.Error("the token is shown")
	}
}

func TestASecondStartSaysThatOneRunsAlready(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.start(nobody(t))
	p := h.process()
	_, err := h.Start(h.within(), nobody(t))
	h.fails(err, 1, "runs already", fmt.Sprintf("process %d", p.PID))
	// Also when process.json has been lost: then the lock tells.
	if err := os.Remove(h.Path("mesos-state/process.json")); err != nil {
		t.Fatal(err)
	}
	_, err = h.Start(h.within(), nobody(t))
	h.fails(err, 1, "in use by another framework")
	if err := p.Write(h.Path("mesos-state")); err != nil {
		t.Fatal(err)
	}
	if !p.Alive() {
		t.Error("the first framework has ended")
	}
}

func TestStopEndsTheFrameworkAndAStartBeginsAgain(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.start(nobody(t))
	p := h.process()
	out, err := h.Stop(h.within())
	if err != nil || p.Alive() || !strings.Contains(out, fmt.Sprintf("the framework has ended (process %d)", p.PID)) {
		t.Fatalf("%v, alive %v: %s", err, p.Alive(), out)
	}
	if !strings.Contains(h.Log(), "INF the framework has ended") {
		t.Errorf("its log has no end: %s", h.Log())
	}
	out, err = h.Stop(h.within())
	if err != nil || !strings.Contains(out, "no framework of this configuration runs") {
		t.Errorf("stop of nothing: %v: %s", err, out)
	}
	for _, command := range []string{"status", "explain"} {
		_, err := h.CLI(h.within(), command)
		h.fails(err, 1, "no framework of this configuration runs")
	}
	_, err = h.Stop(h.within(), "--teardown", "--yes")
	h.fails(err, 1, "no framework of this configuration runs")
	h.start(nobody(t))
	if again := h.process(); !again.Alive() || again.PID == p.PID || again.Token != p.Token {
		t.Errorf("after the second start: process %d, alive %v, same token %v", again.PID, again.Alive(),
			again.Token == p.Token)
	}
}

// The stop script of the Java framework killed every Alluxio framework on the host.
func TestStopEndsTheFrameworkOfItsConfigurationAndNoOther(t *testing.T) {
	t.Parallel()
	a, b := newHome(t), newHome(t)
	a.start(nobody(t))
	b.start(nobody(t))
	other := b.process()
	if _, err := a.Stop(a.within()); err != nil {
		t.Fatal(err)
	}
	if a.process().Alive() || !other.Alive() {
		t.Fatalf("the stopped one lives: %v, the other one lives: %v", a.process().Alive(), other.Alive())
	}
	// A pid that was given to another process since: only the start time differs.
	stale := other
	stale.StartTime--
	if err := stale.Write(a.Path("mesos-state")); err != nil {
		t.Fatal(err)
	}
	if out, err := a.Stop(a.within()); err != nil || !strings.Contains(out, "no framework") {
		t.Errorf("stop with a stale pid: %v: %s", err, out)
	}
	if !other.Alive() {
		t.Error("a stale pid has killed another process")
	}
}

func TestAfterKill9TheNextStartTakesOver(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.start(nobody(t))
	p := h.process()
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	err := clitest.Await(h.within(), "its end", func(context.Context) (bool, error) { return !p.Alive(), nil })
	if err != nil {
		t.Fatal(err)
	}
	h.start(nobody(t))
	if !h.process().Alive() {
		t.Error("it does not run")
	}
}

func TestARunningFrameworkIsFoundAndStoppedAfterItsSiteFileBroke(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.start(nobody(t))
	if err := h.WriteSite("alluxio.integration.mesos.rolle=x"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Status(h.within()); err != nil {
		t.Error(err)
	}
	if _, err := h.Stop(h.within()); err != nil || h.process().Alive() {
		t.Errorf("%v, alive %v", err, h.process().Alive())
	}
}

func TestInterruptingAWaitLeavesTheFramework(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	out, err := os.Create(h.Path("out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(h.Path("bin/alluxio-mesos"), "start", "-w", nobody(t))
	cmd.Stdout, cmd.Stderr, cmd.Dir = out, out, h.Dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.process().Signal(syscall.SIGKILL) }()
	said := func() string { data, _ := os.ReadFile(out.Name()); return string(data) }
	err = clitest.Await(h.within(), "progress", func(context.Context) (bool, error) {
		return strings.Contains(said(), "] waiting for Mesos"), nil
	})
	if err != nil {
		t.Error(err)
	}
	_ = cmd.Process.Signal(syscall.SIGINT)
	if err := cmd.Wait(); err == nil || !strings.Contains(said(), "interrupted; the framework keeps running") {
		t.Errorf("%v: %s", err, said())
	}
	if !h.process().Alive() {
		t.Error("the framework has ended")
	}
}

func TestAFrameworkThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	h := newHome(t)
	_, err = h.Start(h.within(), "--property", "alluxio.integration.mesos.api.address="+taken.Addr().String(), nobody(t))
	out := h.fails(err, 1, "address already in use", "alluxio.integration.mesos.api.address")
	if strings.Count(out, "address already in use") != 1 {
		t.Errorf("it is said more than once: %s", out)
	}
	if err := os.WriteFile(h.Path("mesos-state/framework.db"), []byte("not a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = h.Start(h.within(), "-w", nobody(t))
	h.fails(err, 1, "damaged", h.Path("mesos-state/framework.db"))
	if err := os.WriteFile(h.Path("file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = h.Start(h.within(), "--property", "alluxio.integration.mesos.state.dir="+h.Path("file"), nobody(t))
	h.fails(err, 1, h.Path("file"), "not a directory")
}

func TestWaitingTellsTheProgressAndEndsWithAnExplanation(t *testing.T) {
	t.Parallel()
	h := newHome(t, "alluxio.integration.mesos.start.timeout=10s")
	_, err := h.Start(h.within(), "-w", nobody(t))
	out := h.fails(err, 1, "waiting for Mesos", "does not serve after 10s", "alluxio.integration.mesos.start.timeout",
		"There is no subscription with Mesos")
	told := map[string]bool{}
	for line := range strings.Lines(out) {
		if _, progress, ok := strings.Cut(line, "s] "); ok && told[progress] {
			t.Errorf("the same progress is told more than once: %s", out)
		} else if ok {
			told[progress] = true
		}
	}
	if len(told) == 0 {
		t.Errorf("no progress is told: %s", out)
	}
	if !h.process().Alive() {
		t.Error("the framework has ended")
	}
}

func TestWaitingEndsWithTheFramework(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	ended := make(chan error, 1)
	go func() {
		_, err := h.Start(h.within(), "-w", nobody(t))
		ended <- err
	}()
	var p store.Process
	err := clitest.Await(h.within(), "its start", func(context.Context) (bool, error) {
		var err error
		p, err = store.ReadProcess(h.Path("mesos-state"))
		return p.Alive(), err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	h.fails(<-ended, 1, "the framework has ended")
}
