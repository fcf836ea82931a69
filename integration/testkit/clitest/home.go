// Package clitest does with a built alluxio-mesos what an operator does: lays out a home, writes
// the site file, runs the start and stop scripts and asks the command line. Tests of the whole
// system and the demo use it; nothing here knows how the framework works inside.
package clitest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// Home is one configuration: a folder with bin/, conf/, logs/ and integration/mesos/bin/, as a user unpacks it.
type Home struct {
	Dir string

	mu      sync.Mutex
	started []*reaper.Process
}

// NewHome lays out dir around the binary, with an empty site file.
func NewHome(dir, binary string) (*Home, error) {
	h := &Home{Dir: dir}
	for _, sub := range []string{"bin", "conf", "logs", "integration/mesos/bin"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	if err := os.Symlink(binary, filepath.Join(dir, "bin/alluxio-mesos")); err != nil {
		return nil, err
	}
	for _, script := range []string{"alluxio-mesos-start.sh", "alluxio-mesos-stop.sh"} {
		name := filepath.Join("integration/mesos/bin", script)
		// Another process writes it: a child that is forked at that moment would hold it open, and
		// the start would fail with "text file busy".
		if out, err := exec.CommandContext(context.Background(), "install", "-m", "0755", filepath.Join(Repository(), name),
			filepath.Join(dir, name)).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("copy %s: %w: %s", name, err, out)
		}
	}
	return h, h.WriteSite()
}

// WriteSite replaces the site file by these lines.
func (h *Home) WriteSite(lines ...string) error {
	return os.WriteFile(h.Path("conf/alluxio-site.properties"), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// Path is name below the home.
func (h *Home) Path(name string) string { return filepath.Join(h.Dir, name) }

// env is the operator's shell: nothing of ours that could point elsewhere.
func (h *Home) env() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "ALLUXIO_") || strings.HasPrefix(v, "ALLUXIO_MESOS_") {
			env = append(env, v)
		}
	}
	return append(env, "COLUMNS=1000") // one message is one line
}

// ExitError is a script or command that ended with a status other than 0.
type ExitError struct {
	Code   int
	Output string
}

func (e *ExitError) Error() string { return fmt.Sprintf("exit status %d: %s", e.Code, e.Output) }

// Start runs alluxio-mesos-start.sh and returns what it printed. The framework that it leaves
// behind lives until Stop or Close, but never longer than this process.
func (h *Home) Start(ctx context.Context, args ...string) (string, error) {
	log, err := os.CreateTemp(h.Dir, "start-*.out")
	if err != nil {
		return "", err
	}
	log.Close()
	p, err := reaper.Start(ctx, reaper.Command{
		Argv: append([]string{h.Path("integration/mesos/bin/alluxio-mesos-start.sh")}, args...),
		Env:  h.env(), Dir: h.Dir, Log: log.Name(), Grace: 10 * time.Second,
	})
	if err != nil {
		return "", err
	}
	h.mu.Lock()
	h.started = append(h.started, p)
	h.mu.Unlock()
	status, err := p.Wait(ctx)
	out, _ := os.ReadFile(log.Name())
	if err != nil {
		return string(out), fmt.Errorf("the start script did not end: %w", err)
	}
	if code := status.ExitStatus(); code != 0 {
		return string(out), &ExitError{Code: code, Output: string(out)}
	}
	return string(out), nil
}

// Stop runs alluxio-mesos-stop.sh and returns what it printed.
func (h *Home) Stop(ctx context.Context, args ...string) (string, error) {
	return h.run(ctx, h.Path("integration/mesos/bin/alluxio-mesos-stop.sh"), args...)
}

// CLI runs alluxio-mesos for this home and returns its standard output.
func (h *Home) CLI(ctx context.Context, args ...string) (string, error) {
	return h.run(ctx, h.Path("bin/alluxio-mesos"), append(args, "--conf-dir", h.Path("conf"))...)
}

func (h *Home) run(ctx context.Context, path string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, path, args...)
	var stdout, stderr bytes.Buffer
	command.Env, command.Dir = h.env(), h.Dir
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return stdout.String(), &ExitError{Code: exit.ExitCode(), Output: stdout.String() + stderr.String()}
	}
	return stdout.String(), err
}

// Status asks the framework for its status.
func (h *Home) Status(ctx context.Context) (*cluster.Status, error) {
	out, err := h.CLI(ctx, "status", "-o", "json")
	if err != nil {
		return nil, err
	}
	status := new(cluster.Status)
	if err := json.Unmarshal([]byte(out), status); err != nil {
		return nil, fmt.Errorf("status is not JSON: %w: %.200s", err, out)
	}
	return status, nil
}

// Log is framework.out as far as it is written.
func (h *Home) Log() string {
	data, _ := os.ReadFile(h.Path("logs/framework.out"))
	return string(data)
}

// Close ends every framework that Start left behind. Tasks are the agents' to end.
func (h *Home) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for _, p := range h.started {
		errs = append(errs, p.Close())
	}
	h.started = nil
	return errors.Join(errs...)
}

// Await polls until done returns true. It fails with what done said last when ctx ends; done's errors are not final.
func Await(ctx context.Context, what string, done func(ctx context.Context) (bool, error)) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	last := errors.New("nothing")
	for {
		ok, err := done(ctx)
		if ok {
			return nil
		}
		if err != nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w; last seen: %w", what, ctx.Err(), last)
		case <-tick.C:
		}
	}
}
