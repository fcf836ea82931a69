package faults

import (
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

var (
	zooKeeperSession = &fault{"the instance that acts is cut off from ZooKeeper and loses its session",
		"the same tasks are confirmed through the other",
		"`zookeeper.session.timeout` (here 4 s) and 2 s"}
	zooKeeperAway = &fault{"ZooKeeper away, counted from its return", "the same tasks are confirmed again",
		"Mesos's election and recovery, and 15 s"}
	zooKeeperOfState = &fault{"ZooKeeper with the state away while a JVM ends, counted from its return",
		"the next one serves; the framework's process is the same",
		"15 s, and Alluxio's start; after 2 min the process ends"}
)

// link passes connections on to a server, while it is whole.
type link struct {
	listener net.Listener
	server   string

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]struct{}
}

func startLink(t *testing.T, server string) *link {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{listener: listener, server: server, conns: map[net.Conn]struct{}{}}
	var done sync.WaitGroup
	done.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			done.Go(func() { l.pass(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		l.set(true)
		done.Wait()
	})
	return l
}

func (l *link) addr() string { return l.listener.Addr().String() }

// set cuts the link or restores it.
func (l *link) set(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	for conn := range l.conns {
		if cut {
			_ = conn.Close()
		}
	}
}

func (l *link) pass(client net.Conn) {
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", l.server)
	if err != nil {
		_ = client.Close()
		return
	}
	l.mu.Lock()
	l.conns[client], l.conns[server] = struct{}{}, struct{}{}
	if l.cut {
		_, _ = client.Close(), server.Close()
	}
	l.mu.Unlock()
	var both sync.WaitGroup
	for from, to := range map[net.Conn]net.Conn{client: server, server: client} {
		both.Go(func() {
			_, _ = io.Copy(to, from) // it ends with either side
			_, _ = client.Close(), server.Close()
		})
	}
	both.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, client)
	delete(l.conns, server)
}

// loseSession cuts the instance that acts off until the other acts. It must end by itself.
func (p *pair) loseSession() {
	unharmed(p.standby, zooKeeperSession, func() {
		p.links[p.acting.Dir].set(true)
	}, func(before, now *cluster.Status) bool {
		return now.Framework.Started.After(before.Framework.Started)
	})
	p.links[p.acting.Dir].set(false)
	p.tc.AwaitEnd(p.acting)
}

// zooKeeperAway kills ZooKeeper for longer than any session lasts; without it there is no Mesos master either.
func (p *pair) zooKeeperAway() {
	p.tc.Check(p.tc.ZooKeeper.Kill(p.tc.T.Context()))
	p.stayAway()
	defer p.supervise()()
	unharmed(p.acting, zooKeeperAway, func() { p.tc.Check(p.tc.ZooKeeper.Restart(p.tc.T.Context())) }, subscribedAgain)
}

// TestTheZooKeeperOfTheStateIsAway leaves Mesos alone. What ends while nothing can be saved is
// neither acknowledged nor replaced before that.
func TestTheZooKeeperOfTheStateIsAway(t *testing.T) {
	t.Parallel()
	tc := testcluster.New(t, binary)
	tc.StartZooKeeper()
	tc.AddAgent(agent)
	f := tc.NewFramework("kept", append(install(tc),
		"alluxio.integration.mesos.worker.count=1",
		"alluxio.integration.mesos.state=zk://alluxio:secret@"+tc.ZooKeeper.Addr()+"/alluxio")...)
	begin(f)
	before := f.Await("a cluster that serves", serves)
	was := f.Slot(before, "alluxio-worker-0")
	tc.Check(tc.ZooKeeper.Kill(t.Context()))
	const silent = "ZooKeeper at "
	f.Await("word of it in the status", func(s *cluster.Status) bool {
		return slices.ContainsFunc(s.Warnings, func(text string) bool {
			return strings.HasPrefix(text, silent+tc.ZooKeeper.Addr()+" has not answered since ")
		})
	})
	tc.Kill(f.JVM(was))
	tc.Await("word of it when the loop waits for it", func(ctx context.Context) (bool, error) {
		_, err := f.CLI(ctx, "status")
		return err != nil && strings.Contains(err.Error(), "the framework does not answer: "+silent), nil
	})
	stay(t, outage)
	measure(t, zooKeeperOfState, func() { tc.Check(tc.ZooKeeper.Restart(t.Context())) }, func() {
		f.Await("the next worker", func(s *cluster.Status) bool {
			now := f.Slot(s, "alluxio-worker-0")
			return confirmed(now) && now.TaskID != was.TaskID
		})
	})
	after := f.Await("a cluster that serves", serves)
	if !after.Framework.Started.Equal(before.Framework.Started) || after.Framework.ID != before.Framework.ID {
		t.Errorf("before %+v, after %+v", before.Framework, after.Framework)
	}
	tc.OnlyTasks(f, map[string]string{"master": "alluxio-master-0.1", "worker": "alluxio-worker-0.2"})
}
