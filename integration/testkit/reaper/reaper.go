// Package reaper runs processes that cannot outlive the one that started them.
//
// Tests and the demo start Mesos agents, whose executors make sessions of their own and start JVMs
// that live on when the agent dies; that is what Mesos is for, and what a test must not leave
// behind. Pdeathsig reaches only direct children (and fires when the OS thread that started them
// ends), and looking for processes by name or environment is guesswork. So each command runs below
// a reaper: a few lines of C (src/reaper.c) that adopt every orphan among their descendants and end
// them all when told so, or when the pipe to their owner closes because the owner was killed.
package reaper

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/internal/buildcache"
)

//go:embed src/reaper.c
var source embed.FS

// Command is what to run.
type Command struct {
	Argv []string // program, looked up on PATH, and its arguments
	Env  []string // its whole environment, key=value
	Dir  string   // working directory; empty: the caller's
	Log  string   // file to which stdout and stderr are appended

	// User and Group, when User is not 0, are the numeric ids that the command runs as (this needs root). The log file is
	// opened with the caller's rights.
	User, Group int

	// Gentle is the signal with which Close asks the command to end before SIGKILL; default SIGTERM.
	Gentle syscall.Signal
	// Grace is how long Close waits after Gentle, and again after a SIGTERM for what the command left, in whole seconds;
	// default 5 s.
	Grace time.Duration
}

// Process is a Command under its reaper. Its methods may be called from several goroutines.
type Process struct {
	reaper *exec.Cmd
	orders io.WriteCloser
	argv0  string
	log    string
	gone   chan struct{} // closed when the reaper ended and with it every process below it

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each change of the fields below
	starts  int           // how often the command was started
	pid     int           // of the running command, else 0
	status  syscall.WaitStatus
	closed  bool
}

// binary returns the reaper's program, compiled once per machine.
func binary(ctx context.Context) (string, error) {
	digest, err := buildcache.Digest(source)
	if err != nil {
		return "", err
	}
	dir, err := buildcache.Get(ctx, "reaper-"+digest, func(ctx context.Context, dir string) error {
		b, err := source.ReadFile("src/reaper.c")
		if err != nil {
			return err
		}
		c := filepath.Join(dir, "reaper.c")
		if err := os.WriteFile(c, b, 0o644); err != nil {
			return err
		}
		return buildcache.Run(ctx, dir, nil, "gcc", "-O1", "-Wall", "-o", "reaper", c)
	})
	return filepath.Join(dir, "reaper"), err
}

// Start starts the command; it returns when the command has a process ID, whatever becomes of it then. ctx bounds the
// start only.
func Start(ctx context.Context, c Command) (*Process, error) {
	program, err := binary(ctx)
	if err != nil {
		return nil, fmt.Errorf("start a reaper: %w", err)
	}
	if c.Gentle == 0 {
		c.Gentle = syscall.SIGTERM
	}
	if c.Grace == 0 {
		c.Grace = 5 * time.Second
	}
	if c.User == 0 {
		c.User, c.Group = -1, -1
	}
	log, err := os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Argv[0], err)
	}
	defer log.Close()
	args := []string{fmt.Sprint(int(c.Gentle)), fmt.Sprint(int(c.Grace.Seconds())), fmt.Sprint(c.User),
		fmt.Sprint(c.Group)}
	cmd := exec.Command(program, append(args, c.Argv...)...)
	cmd.Env, cmd.Dir, cmd.Stderr = c.Env, c.Dir, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a terminal's Ctrl-C is the owner's to handle
	orders, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Argv[0], err)
	}
	reports, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Argv[0], err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Argv[0], err)
	}
	p := &Process{reaper: cmd, orders: orders, argv0: c.Argv[0], log: c.Log, gone: make(chan struct{}),
		changed: make(chan struct{})}
	go p.read(reports)
	if err := p.Restart(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// read follows the reaper's reports until it ends.
func (p *Process) read(reports io.Reader) {
	defer close(p.gone)
	for lines := bufio.NewScanner(reports); lines.Scan(); {
		var pid, status int
		p.mu.Lock()
		if n, _ := fmt.Sscanf(lines.Text(), "started %d", &pid); n == 1 {
			p.starts++
			p.pid = pid
		} else if n, _ := fmt.Sscanf(lines.Text(), "exited %d %d", &pid, &status); n == 2 {
			p.pid, p.status = 0, syscall.WaitStatus(status)
		}
		close(p.changed)
		p.changed = make(chan struct{})
		p.mu.Unlock()
	}
	_ = p.reaper.Wait() // its exit status says nothing that its reports did not
}

// wait waits until done, called with the lock held, is true, or everything has ended.
func (p *Process) wait(ctx context.Context, done func() bool) error {
	for {
		p.mu.Lock()
		ok, changed := done(), p.changed
		p.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-p.gone:
			p.mu.Lock()
			defer p.mu.Unlock()
			if done() {
				return nil
			}
			return fmt.Errorf("%s: its reaper has ended (log: %s)", p.argv0, p.log)
		case <-ctx.Done():
			return fmt.Errorf("%s: %w (log: %s)", p.argv0, ctx.Err(), p.log)
		}
	}
}

// Restart starts the same command again after it has exited; what it left running lives on.
func (p *Process) Restart(ctx context.Context) error {
	p.mu.Lock()
	running, before := p.pid != 0, p.starts
	p.mu.Unlock()
	if running {
		return fmt.Errorf("restart %s: it is still running", p.argv0)
	}
	if _, err := p.orders.Write([]byte{0}); err != nil {
		return fmt.Errorf("start %s: %w", p.argv0, err)
	}
	return p.wait(ctx, func() bool { return p.starts > before })
}

// PID is the running command's process ID, 0 when it is not running.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pid
}

// Signal sends a signal to the command and to nothing else; nothing happens when it is not running.
func (p *Process) Signal(s syscall.Signal) error {
	if _, err := p.orders.Write([]byte{byte(s)}); err != nil {
		return fmt.Errorf("signal %s: %w", p.argv0, err)
	}
	return nil
}

// Kill ends the command, and only it, with SIGKILL and waits until it is gone.
func (p *Process) Kill(ctx context.Context) error {
	killed := p.PID()
	if err := p.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	return p.wait(ctx, func() bool { return p.pid == 0 || p.pid != killed }) // somebody may restart it at once
}

// Wait waits until the command is not running and returns how it ended last.
func (p *Process) Wait(ctx context.Context) (syscall.WaitStatus, error) {
	err := p.wait(ctx, func() bool { return p.pid == 0 })
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status, err
}

// Close ends the command and everything that came of it, gently first, and returns when nothing of it is left. Later
// calls wait for the first.
func (p *Process) Close() error {
	p.mu.Lock()
	first := !p.closed
	p.closed = true
	p.mu.Unlock()
	var err error
	if first {
		err = p.orders.Close()
	}
	<-p.gone
	return err
}

// Log is the path of the file with the command's output.
func (p *Process) Log() string { return p.log }

// Tail returns up to n bytes from the end of the log, for messages about a command that did not come up.
func (p *Process) Tail(n int64) string {
	f, err := os.Open(p.log)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if end, err := f.Seek(0, io.SeekEnd); err == nil {
		_, _ = f.Seek(max(0, end-n), io.SeekStart)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
