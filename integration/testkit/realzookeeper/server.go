package realzookeeper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
)

// startLimit bounds how long a server may take to serve; it takes a second or two on an idle machine.
const startLimit = 2 * time.Minute

// Server is a running ZooKeeper.
type Server struct {
	process *reaper.Process
	addr    string
}

// launch starts a server of which dir/zoo.cfg says everything; it does not wait until it serves.
func (i Install) launch(ctx context.Context, o Options, dir, addr string) (*Server, error) {
	// ZooKeeper keeps the last 500 changes in memory, however big they are (zookeeper.commitLogCount).
	argv := []string{
		i.java, "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Djava.io.tmpdir=" + dir,
		"-Dzookeeper.admin.enableServer=false",
	}
	if !o.Sync {
		argv = append(argv, "-Dzookeeper.forceSync=no")
	}
	argv = append(argv, "-cp", filepath.Join(i.Dir, "conf")+":"+filepath.Join(i.Dir, "lib", "*"),
		"org.apache.zookeeper.server.quorum.QuorumPeerMain", filepath.Join(dir, "zoo.cfg"))
	process, err := reaper.Start(ctx, reaper.Command{
		Argv: argv, Env: []string{"LANG=C.UTF-8", "PATH=" + os.Getenv("PATH")}, Dir: dir, Log: filepath.Join(dir, "log"),
	})
	if err != nil {
		return nil, err
	}
	return &Server{process: process, addr: addr}, nil
}

// Addr is the server's "ip:port" for clients.
func (s *Server) Addr() string { return s.addr }

// Log is the path of the server's log.
func (s *Server) Log() string { return s.process.Log() }

// PID is the server's process ID, 0 when it is not running.
func (s *Server) PID() int { return s.process.PID() }

// Kill ends the server with SIGKILL, as a crash would, and waits until it is gone.
func (s *Server) Kill(ctx context.Context) error { return s.process.Kill(ctx) }

// Signal sends a signal to the server, such as SIGSTOP and SIGCONT for one that hangs.
func (s *Server) Signal(sig syscall.Signal) error { return s.process.Signal(sig) }

// Restart starts the server again after Kill, with the same address and data, and waits until it serves.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.process.Restart(ctx); err != nil {
		return err
	}
	return s.await(ctx)
}

// Stop ends the server and waits until it is gone. It may be called more than once.
func (s *Server) Stop() error {
	_ = s.process.Signal(syscall.SIGCONT) // a stopped process hears no SIGTERM
	return s.process.Close()
}

// await polls with a genuine client until the server answers a read, has exited, or the limit has
// passed. ZooKeeper's four-letter words may be off, and "ruok" is answered before a member of an
// ensemble serves.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		err := s.ask()
		if err == nil {
			return nil
		}
		if s.process.PID() == 0 {
			return fmt.Errorf("ZooKeeper at %s ended while starting: %s", s.addr, s.process.Tail(2000))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("ZooKeeper at %s is not ready: %w: %w: %s", s.addr, ctx.Err(), err, s.process.Tail(2000))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// ask reads the root znode once. The client waits for the first answer for seven times the session
// timeout that it asks for, and a server that has just begun to listen may take a request and
// forget it: so it asks for a short one. ZooKeeper gives it a longer one.
func (s *Server) ask() error {
	conn, _, err := zk.Connect([]string{s.addr}, 100*time.Millisecond, zk.WithLogger(silent{}), zk.WithLogInfo(false))
	if err != nil {
		return err
	}
	defer conn.Close()
	ok, _, err := conn.Exists("/")
	if err == nil && !ok {
		err = errors.New("it has no root")
	}
	return err
}

type silent struct{}

func (silent) Printf(string, ...any) {}

// writeConfig writes dir/zoo.cfg; members are the "server.N" lines of an ensemble.
func writeConfig(o Options, dir, ip string, port int, members []string) error {
	lines := append([]string{
		fmt.Sprintf("tickTime=%d", o.Tick.Milliseconds()),
		"dataDir=" + filepath.Join(dir, "data"),
		"clientPortAddress=" + ip,
		fmt.Sprintf("clientPort=%d", port),
		"initLimit=50", // ticks: with short ticks the start of a Java process takes many
		"syncLimit=10",
		"maxClientCnxns=0",
		"4lw.commands.whitelist=",
	}, members...)
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "zoo.cfg"), []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}
