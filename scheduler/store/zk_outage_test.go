package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/alluxio/alluxio-mesos/integration/testkit/realzookeeper"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// saving saves cycle after cycle until stop is called, which returns the number of the last one.
// more waits until another one is saved.
func saving(t *testing.T, s *ZooKeeper) (more func(), stop func() int) {
	t.Helper()
	loadZK(t, s)
	var last atomic.Int64
	var over atomic.Bool
	result := make(chan error, 1)
	go func() {
		for n := 1; !over.Load(); n++ {
			changes := cluster.Changes{}
			for row := range 10 {
				changes[fmt.Sprintf("slot/%d", row)] = fmt.Appendf(nil, "%d %s", n, strings.Repeat("x", n*row%3000))
			}
			changes[fmt.Sprintf("once/%d", n%7)] = []byte("x") // made and removed again and again: doing either twice would fail
			changes[fmt.Sprintf("once/%d", (n+3)%7)] = nil
			if err := s.Save(context.Background(), changes); err != nil {
				result <- err
				return
			}
			last.Store(int64(n))
		}
		result <- nil
	}()
	stop = sync.OnceValue(func() int {
		over.Store(true)
		if err := <-result; err != nil {
			t.Error(err)
		}
		return int(last.Load())
	})
	t.Cleanup(func() { stop() })
	more = func() {
		t.Helper()
		timeout := time.After(time.Minute)
		for before := last.Load(); last.Load() == before; {
			select {
			case <-time.After(time.Millisecond):
			case <-timeout:
				t.Fatal("no more cycle is saved")
			}
		}
	}
	more()
	return more, stop
}

// checkSaved checks that the state is that of cycle n.
func checkSaved(t *testing.T, address string, n int) {
	t.Helper()
	s := openZK(t, address)
	record := loadZK(t, s)
	for key, value := range record {
		if number, _, _ := strings.Cut(string(value), " "); strings.HasPrefix(key, "slot/") && number != fmt.Sprint(n) {
			t.Errorf("%s is of cycle %s, want %d", key, number, n)
		}
	}
	if s.fence.Cycle != uint64(n) || len(record) < 11 {
		t.Errorf("%d rows of cycle %d, want cycle %d", len(record), s.fence.Cycle, n)
	}
	t.Logf("%d cycles", n)
}

func TestSavesOutlastAZooKeeperThatStartsAgain(t *testing.T) {
	t.Parallel()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	address := "zk://me:hunter2@" + server.Addr() + "/alluxio"
	more, stop := saving(t, openZK(t, address))
	for range 3 {
		if err := server.Kill(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := server.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		more()
	}
	checkSaved(t, address, stop())
}

func TestSavesOutlastTheLossOfEachMemberOfAnEnsemble(t *testing.T) {
	t.Parallel()
	install, err := realzookeeper.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e, err := install.StartEnsemble(t.Context(), realzookeeper.Options{Dir: filepath.Join(t.TempDir(), "zk")}, 3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	address := "zk://me:hunter2@" + e.Servers() + "/alluxio"
	s := openZK(t, address)
	more, stop := saving(t, s)
	for _, server := range e {
		if err := server.Kill(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Confirm(t.Context()); err != nil { // the two others have a leader
			t.Fatal(err)
		}
		if err := server.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		more()
	}
	checkSaved(t, address, stop())
}

func TestASaveOutlastsItsSession(t *testing.T) {
	t.Parallel()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	address := "zk://me:hunter2@" + server.Addr() + "/alluxio"
	s := openZK(t, address)
	more, stop := saving(t, s)
	session := func() (id int64) {
		behind(t, s, func(z *zk.Conn) error {
			id = z.SessionID()
			_, _, err := z.Exists("/")
			return err
		})
		return id
	}
	for first := session(); session() == first; {
		for _, sig := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT} {
			if err := server.Signal(sig); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Second) // a session is 2 s
		}
	}
	more()
	checkSaved(t, address, stop())
}

func TestWithoutZooKeeperASaveFailsWhenItsPatienceEnds(t *testing.T) {
	t.Parallel()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	o, err := zkOptions("zk://me:hunter2@" + server.Addr() + "/alluxio")
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenZooKeeper(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	loadZK(t, s)
	if err := server.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.o.Patience = time.Second
	for range 2 {
		err = s.Save(t.Context(), cluster.Changes{"framework": []byte("1")})
		if err == nil ||
			!strings.Contains(err.Error(), "ZooKeeper at "+server.Addr()+" does not answer: no answer within 1s") ||
			strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v", err)
		}
	}
	o.Patience = time.Second
	if _, err := OpenZooKeeper(t.Context(), o); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("open: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("told to end"))
	if _, err := OpenZooKeeper(ctx, o); err == nil || !strings.Contains(err.Error(), "told to end") {
		t.Errorf("open: %v", err)
	}
}

// deafener passes connections on to a server and cuts them, when told so, in the worst moment: the
// request has gone through, the answer has not.
type deafener struct {
	net.Listener
	server string
	cut    atomic.Int64 // how many answers are to be lost
	lost   atomic.Int64
}

func startDeafener(t *testing.T, server string) *deafener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &deafener{Listener: l, server: server}
	var done sync.WaitGroup
	done.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			done.Go(func() { d.pass(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		done.Wait()
	})
	return d
}

func (d *deafener) pass(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", d.server)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	answer := make([]byte, 64<<10)
	for {
		n, err := server.Read(answer)
		if err != nil {
			return
		}
		// Answers of a multi hold the fence's Stat at least; those of the handshake, of pings and of credentials are shorter.
		if n > 70 && d.cut.Add(-1) >= 0 {
			d.lost.Add(1)
			return
		}
		if _, err := client.Write(answer[:n]); err != nil {
			return
		}
	}
}

func TestAChangeWhoseAnswerIsLostIsMadeExactlyOnce(t *testing.T) {
	t.Parallel()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	d := startDeafener(t, server.Addr())
	address := "zk://me:hunter2@" + d.Addr().String() + "/alluxio"
	s := openZK(t, address)
	loadZK(t, s)
	want := map[string][]byte{}
	for n := range 6 {
		changes := cluster.Changes{fmt.Sprintf("a/%d", n): []byte("x"), fmt.Sprintf("a/%d", n-1): nil}
		if n == 5 {
			changes = thousands(1500) // in parts, each of which loses its answer
			changes["a/4"] = nil
		}
		d.cut.Store(2)
		saveZK(t, s, changes)
		for key, value := range changes {
			if value == nil {
				delete(want, key)
			} else {
				want[key] = bytes.Clone(value)
			}
		}
	}
	d.cut.Store(0)
	if d.lost.Load() < 8 {
		t.Errorf("%d answers were lost, so nothing is proven", d.lost.Load())
	}
	if s.fence.Cycle != 6 {
		t.Errorf("cycle %d", s.fence.Cycle)
	}
	if got := loadZK(t, openZK(t, address)); !same(got, want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

func BenchmarkZooKeeperSaveOneOf10000(b *testing.B) {
	server := realzookeeper.StartForTest(b, realzookeeper.Options{})
	benchmarkSave(b, server)
}

// The disk of the temporary folder, waited for at each change.
func BenchmarkZooKeeperSyncedSaveOneOf10000(b *testing.B) {
	server := realzookeeper.StartForTest(b, realzookeeper.Options{Sync: true})
	benchmarkSave(b, server)
}

func benchmarkSave(b *testing.B, server *realzookeeper.Server) {
	s := openZK(b, "zk://me:hunter2@"+server.Addr()+"/alluxio")
	saveZK(b, s, thousands(10_000))
	for i := 0; b.Loop(); i++ {
		saveZK(b, s, cluster.Changes{fmt.Sprintf("slot/alluxio-worker-%d", i%10000): fmt.Appendf(nil, "%0400d", i)})
	}
}

func BenchmarkZooKeeperLoad10000(b *testing.B) {
	server := realzookeeper.StartForTest(b, realzookeeper.Options{})
	s := openZK(b, "zk://me:hunter2@"+server.Addr()+"/alluxio")
	saveZK(b, s, thousands(10_000))
	for b.Loop() {
		loadZK(b, s)
	}
}
