package realmesos

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
)

// startLimit bounds how long a server may take to come up; it takes a tenth of a second on an idle machine.
const startLimit = 2 * time.Minute

// server is what a Mesos master and agent have in common: a mesosd process that answers HTTP.
type server struct {
	process *reaper.Process
	addr    string
	scheme  string // of its URLs
	client  *http.Client
	dir     string
	logFrom int64                           // size of the log when the server was started last
	ready   func(ctx context.Context) error // nil once it serves
}

// newServer is one that was not started yet.
func newServer(addr, dir string, t *TLS) (server, error) {
	scheme, client, err := t.client()
	return server{addr: addr, dir: dir, scheme: scheme, client: client}, err
}

// Addr is the server's "ip:port".
func (s *server) Addr() string { return s.addr }

// Log is the path of the server's log.
func (s *server) Log() string { return s.process.Log() }

// PID is the server's process ID, 0 when it is not running.
func (s *server) PID() int { return s.process.PID() }

// Kill ends the server with SIGKILL, as a crash would, and waits until it is gone. Executors of an agent live on.
func (s *server) Kill(ctx context.Context) error { return s.process.Kill(ctx) }

// Signal sends a signal to the server alone, such as SIGSTOP and SIGCONT for one that hangs.
func (s *server) Signal(sig syscall.Signal) error { return s.process.Signal(sig) }

// Restart starts the server again after Kill, with the same flags, address and folders, and waits until it serves.
func (s *server) Restart(ctx context.Context) error {
	s.logFrom = size(s.Log())
	if err := s.process.Restart(ctx); err != nil {
		return err
	}
	return s.await(ctx)
}

// Wait waits until the server is not running and returns how it ended.
func (s *server) Wait(ctx context.Context) (syscall.WaitStatus, error) { return s.process.Wait(ctx) }

// Stop ends the server in an orderly way; an agent ends its executors first. Whatever still runs
// below it is then killed: when Stop returns, nothing is left. It may be called more than once.
func (s *server) Stop() error { return s.process.Close() }

// launch starts mesosd and waits until it serves.
func launch(ctx context.Context, c reaper.Command, s *server) error {
	s.logFrom = size(c.Log)
	process, err := reaper.Start(ctx, c)
	if err != nil {
		return err
	}
	s.process = process
	if err := s.await(ctx); err != nil {
		_ = process.Close() // the error at hand is the one that says why
		return err
	}
	return nil
}

// await polls until the server is ready, has exited, or the limit has passed.
func (s *server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		err := s.ready(ctx)
		if err == nil {
			return nil
		}
		if s.process.PID() == 0 {
			return fmt.Errorf("mesosd at %s ended while starting: %s", s.addr, s.process.Tail(2000))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("mesosd at %s is not ready: %w: %w: %s", s.addr, ctx.Err(), err, s.process.Tail(2000))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// size of a file; 0 when it is not there.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// logSinceStart is what the server has logged since it was started last.
func (s *server) logSinceStart() ([]byte, error) {
	f, err := os.Open(s.Log())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.NewSectionReader(f, s.logFrom, 1<<20))
}

// get decodes the JSON answer to GET path into out.
func (s *server) get(ctx context.Context, path string, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.scheme+"://"+s.addr+path, nil)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("GET %s: %w", req.URL, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s: %s", req.URL, resp.Status, body)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("GET %s: %w", req.URL, err)
	}
	return nil
}

// address completes a server's address: a loopback address of its own and a free port where none is given.
func address(ip string, port int) (_ string, err error) {
	if ip == "" {
		if ip, err = loopback.IP(); err != nil {
			return "", err
		}
	}
	if port == 0 {
		if port, err = loopback.FreePort(ip); err != nil {
			return "", err
		}
	}
	return net.JoinHostPort(ip, strconv.Itoa(port)), nil
}

// flags are the ones that masters and agents share.
func (i Install) flags(kind, addr, work string) []string {
	ip, port, _ := net.SplitHostPort(addr)
	return []string{filepath.Join(i.Dir, "bin", "mesosd"), kind, "--ip=" + ip, "--port=" + port, "--hostname=" + ip,
		"--work_dir=" + work}
}

// environment is what a server needs of this process's environment, and extra. It holds nothing
// else: no proxies, no secrets.
func environment(extra []string) []string {
	env := []string{"LANG=C.UTF-8"}
	for _, name := range []string{"PATH", "HOME", "JAVA_HOME", "TMPDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return append(env, extra...)
}
