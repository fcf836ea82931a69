package reaper

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// orphans is a command that leaves a process in a session of its own, with an empty environment and a parent that is
// gone, then says "up PID PID" and stays.
const orphans = `(setsid env -i sleep 1000 & echo orphan $!); echo self $$; trap 'echo terminated; exit 0' TERM; ` +
	`while :; do sleep 0.1; done`

func TestCloseEndsOrphansInSessionsOfTheirOwn(t *testing.T) {
	t.Parallel()
	p := start(t)
	self, orphan := pids(t, p)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if alive(self) || alive(orphan) {
		t.Errorf("after Close: command alive %v, orphan alive %v", alive(self), alive(orphan))
	}
	if !strings.Contains(p.Tail(1000), "terminated") {
		t.Error("the command was not asked to end before it was killed")
	}
}

func TestKillEndsTheCommandOnlyAndRestartStartsItAgain(t *testing.T) {
	t.Parallel()
	p := start(t)
	self, orphan := pids(t, p)
	if err := p.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	status, err := p.Wait(t.Context())
	if err != nil || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		t.Errorf("Wait after Kill = %v, %v", status, err)
	}
	if alive(self) || !alive(orphan) {
		t.Errorf("after Kill: command alive %v, orphan alive %v", alive(self), alive(orphan))
	}
	if err := p.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p.PID() == 0 || p.PID() == self {
		t.Errorf("PID after Restart = %d, before %d", p.PID(), self)
	}
	if err := p.Restart(t.Context()); err == nil {
		t.Error("Restart of a running command succeeded")
	}
}

func TestKillReturnsAlsoWhenTheCommandIsRestartedAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var supervisor sync.WaitGroup
	defer supervisor.Wait()
	supervisor.Go(func() {
		for ctx.Err() == nil {
			if _, err := p.Wait(ctx); err == nil {
				_ = p.Restart(ctx)
			}
		}
	})
	for range 50 {
		if err := p.Kill(ctx); err != nil {
			t.Error(err)
			break
		}
	}
	cancel()
}

func TestNothingOutlivesAKilledOwner(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	owner := exec.Command(os.Args[0], "-test.run=^TestOwner$", "-test.v")
	owner.Env = append(os.Environ(), "REAPER_TEST_LOG="+log)
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	var self, orphan int
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "kept "); ok {
			a, b, _ := strings.Cut(text, " ")
			self, _ = strconv.Atoi(a)
			orphan, _ = strconv.Atoi(b)
			break
		}
	}
	if !alive(self) || !alive(orphan) {
		t.Fatalf("the owner kept %d and %d", self, orphan)
	}
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait() // killed: its status is known
	eventually(t, func() bool { return !alive(self) && !alive(orphan) })
}

// TestOwner is the process that TestNothingOutlivesAKilledOwner kills; by itself it proves nothing and ends at once.
func TestOwner(t *testing.T) {
	log := os.Getenv("REAPER_TEST_LOG")
	if log == "" {
		return
	}
	p, err := Start(t.Context(), Command{Argv: []string{"sh", "-c", orphans}, Env: os.Environ(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	self, orphan := pids(t, p)
	os.Stdout.WriteString("kept " + strconv.Itoa(self) + " " + strconv.Itoa(orphan) + "\n")
	<-t.Context().Done() // until killed
}

func TestACommandThatIsNotThereIsSaidInTheLog(t *testing.T) {
	t.Parallel()
	p, err := Start(t.Context(), Command{Argv: []string{"/no/such/program"}, Log: filepath.Join(t.TempDir(), "log")})
	if err != nil {
		t.Fatal(err)
	}
	status, err := p.Wait(t.Context())
	if err != nil || status.ExitStatus() != 127 || !strings.Contains(p.Tail(1000), "/no/such/program: No such file") {
		t.Errorf("Wait = %v, %v; log %q", status.ExitStatus(), err, p.Tail(1000))
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func start(t *testing.T) *Process {
	t.Helper()
	p, err := Start(t.Context(),
		Command{Argv: []string{"sh", "-c", orphans}, Env: os.Environ(), Log: filepath.Join(t.TempDir(), "log")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() }) // twice is fine
	return p
}

// pids waits until the command and its orphan run.
func pids(t *testing.T, p *Process) (self, orphan int) {
	t.Helper()
	eventually(t, func() bool {
		for line := range strings.Lines(p.Tail(1000)) {
			if what, pid, ok := strings.Cut(strings.TrimSpace(line), " "); ok && what == "self" {
				self, _ = strconv.Atoi(pid)
			} else if ok && what == "orphan" {
				orphan, _ = strconv.Atoi(pid)
			}
		}
		return self != 0 && orphan != 0
	})
	return self, orphan
}

func alive(pid int) bool { return pid != 0 && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatal("it did not happen within a minute")
		case <-time.After(10 * time.Millisecond):
		}
	}
}
