package mesosmaster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/integration/loopback"
	"github.com/alluxio/alluxio-mesos/integration/realmesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

// masterSession is short; a busy machine must still keep it.
const masterSession = "4secs"

// startMasters starts three genuine Mesos masters that elect their leader in ZooKeeper.
func startMasters(t *testing.T, zk string) map[string]*realmesos.Master {
	t.Helper()
	install, err := realmesos.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	block, err := loopback.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(block.Release)
	dir := t.TempDir()
	masters := map[string]*realmesos.Master{}
	t.Cleanup(func() {
		for _, m := range masters {
			if t.Failed() {
				said, _ := os.ReadFile(m.Log())
				t.Logf("Mesos master %s: %s", m.Addr(), said[max(0, len(said)-3000):])
			}
			if err := m.Stop(); err != nil {
				t.Error(err)
			}
		}
	})
	var mu sync.Mutex
	var all sync.WaitGroup
	for n := range 3 { // at the same time: none of them is ready before two are there
		all.Go(func() {
			m, err := install.StartMaster(t.Context(), realmesos.MasterOptions{
				Dir: filepath.Join(dir, fmt.Sprint("m", n)), IP: block.IP(n + 1), Standby: true,
				Flags: []string{"--zk=" + zk, "--quorum=2", "--zk_session_timeout=" + masterSession},
			})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			masters[m.Addr()] = m
		})
	}
	all.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return masters
}

// supervise starts masters that have ended again, as systemd does, until the test ends: a Mesos master that loses ZooKeeper ends itself.
func supervise(t *testing.T, masters map[string]*realmesos.Master) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	for _, m := range masters {
		done.Go(func() {
			for ctx.Err() == nil {
				if _, err := m.Wait(ctx); err == nil {
					_ = m.Restart(ctx) // it may end again while ZooKeeper is away
				}
				select {
				case <-ctx.Done():
				case <-time.After(100 * time.Millisecond):
				}
			}
		})
	}
	t.Cleanup(func() {
		cancel()
		done.Wait()
	})
}

// TestThreeGenuineMastersAndAGenuineZooKeeper loses the leader, then ZooKeeper for a moment, then ZooKeeper for longer than Mesos bears.
func TestThreeGenuineMastersAndAGenuineZooKeeper(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server := startZooKeeper(t)
	address := "zk://mesos:hunter2@" + server.Addr() + "/mesos"
	masters := startMasters(t, address)
	supervise(t, masters)
	log := new(journal)
	cfg := configFor()
	cfg.FirstDelay, cfg.MaxDelay = 0, 0 // the defaults
	cfg.Log = zerolog.New(log)
	cfg.Detector = NewZooKeeperDetector(zookeeper.Options{Address: zkAddress(t, address), SessionTimeout: 2 * time.Second, Log: cfg.Log})
	r := run(t, cfg)
	first := next[cluster.Subscribed](r, nil)
	leader := masters[first.Master.Address]
	if leader == nil {
		t.Fatalf("subscribed at %s, which is none of ours", first.Master.Address)
	}

	killed := time.Now()
	if err := leader.Kill(ctx); err != nil {
		t.Fatal(err)
	}
	next[cluster.Disconnected](r, nil)
	if again := next[cluster.Subscribed](r, nil); again.FrameworkID != first.FrameworkID {
		t.Errorf("after %+v came %+v", first, again)
	} else {
		t.Logf("kill -9 of Mesos's leader (its ZooKeeper session: %s) -> subscribed at %s: %s", masterSession, again.Master.Address, time.Since(killed))
	}

	// A ZooKeeper that comes back with its data.
	if err := server.Kill(ctx); err != nil {
		t.Fatal(err)
	}
	r.eventually("it is felt", func() bool { return strings.Contains(log.String(), "failed to connect") })
	if err := server.Restart(ctx); err != nil {
		t.Fatal(err)
	}

	// One that hangs for longer than Mesos bears ends the leader.
	if err := server.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	next[cluster.Disconnected](r, nil)
	if err := server.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if again := next[cluster.Subscribed](r, nil); again.FrameworkID != first.FrameworkID {
		t.Errorf("after %+v came %+v", first, again)
	}
	if strings.Contains(log.String(), "hunter2") {
		t.Error("the log shows the password")
	}
}
