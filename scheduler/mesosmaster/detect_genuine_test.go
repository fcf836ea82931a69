package mesosmaster

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realzookeeper"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

// masterSession is short; a busy machine must still keep it.
const masterSession = "4secs"

// startMasters starts three genuine Mesos masters that elect their leader in ZooKeeper, and starts
// those that end again.
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
	masters, err := install.StartMasters(t.Context(),
		realmesos.MasterOptions{Dir: t.TempDir(), Flags: []string{"--zk_session_timeout=" + masterSession}},
		zk, block.IP(1), block.IP(2), block.IP(3))
	if err != nil {
		t.Fatal(err)
	}
	end := masters.Supervise()
	byAddress := map[string]*realmesos.Master{}
	for _, m := range masters {
		byAddress[m.Addr()] = m
	}
	t.Cleanup(func() {
		end()
		if err := masters.Stop(); err != nil {
			t.Error(err)
		}
		for _, m := range masters {
			if t.Failed() {
				said, _ := os.ReadFile(m.Log())
				t.Logf("Mesos master %s: %s", m.Addr(), said[max(0, len(said)-3000):])
			}
		}
	})
	return byAddress
}

// TestThreeGenuineMastersAndAGenuineZooKeeper loses the leader, then ZooKeeper for a moment, then
// ZooKeeper for longer than Mesos bears.
func TestThreeGenuineMastersAndAGenuineZooKeeper(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	address := "zk://mesos:hunter2@" + server.Addr() + "/mesos"
	masters := startMasters(t, address)
	log := new(journal)
	cfg := configFor()
	cfg.FirstDelay, cfg.MaxDelay = 0, 0 // the defaults
	cfg.Log = zerolog.New(log)
	cfg.Detector = NewZooKeeperDetector(zookeeper.Options{Address: zkAddress(t, address), SessionTimeout: 2 * time.Second,
		Log: cfg.Log})
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
		t.Logf("kill -9 of Mesos's leader (its ZooKeeper session: %s) -> subscribed at %s: %s", masterSession,
			again.Master.Address, time.Since(killed))
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
