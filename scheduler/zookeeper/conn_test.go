package zookeeper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realzookeeper"
)

const generous = time.Minute

func connect(t *testing.T, address string, log zerolog.Logger) *Conn {
	t.Helper()
	return connectFor(t, address, time.Second, log)
}

// connectFor is connect with another session timeout, of which a third is how long a server may
// take for its first answer.
func connectFor(t *testing.T, address string, session time.Duration, log zerolog.Logger) *Conn {
	t.Helper()
	z, err := config.ParseZooKeeper(address)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Connect(Options{Address: z, SessionTimeout: session, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// listen is a server that says text to everyone and nothing more.
func listen(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte(text))
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
		for _, c := range conns {
			_ = c.Close()
		}
	})
	return l.Addr().String()
}

func exists(z *zk.Conn) error {
	_, _, err := z.Exists("/")
	return err
}

func TestHostsThatHangAreNoZooKeeperOrAreNotKnownAreLeftForAnother(t *testing.T) {
	t.Parallel()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	silent, web := listen(t, ""), listen(t, "HTTP/1.1 400 Bad Request\r\n\r\n")
	for range 3 { // the order is drawn
		ctx, cancel := context.WithTimeout(t.Context(), generous)
		c := connect(t, "zk://me:hunter2@"+silent+","+web+",no-such-host.invalid,"+server.Addr()+"/x", zerolog.Nop())
		if err := c.Try(ctx, exists); err != nil {
			t.Error(err)
		}
		cancel()
	}
}

func TestAnAnswerIsNotAskedForTwiceAndSilenceIsNamed(t *testing.T) {
	t.Parallel()
	c := connect(t, "zk://"+realzookeeper.StartForTest(t, realzookeeper.Options{}).Addr()+"/x", zerolog.Nop())
	asked := 0
	err := c.Try(t.Context(), func(z *zk.Conn) error {
		asked++
		_, _, err := z.Get("/x")
		return err
	})
	if !errors.Is(err, zk.ErrNoNode) || asked != 1 {
		t.Errorf("%v after %d", err, asked)
	}
	nobody := listen(t, "")
	c = connectFor(t, "zk://"+nobody+"/x", generous, zerolog.Nop())
	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, errors.New("enough"))
	defer cancel()
	if err := c.Try(ctx, exists); fmt.Sprint(err) != "ZooKeeper at "+nobody+" does not answer: enough: no connection yet" {
		t.Errorf("%v", err)
	}
	c.Close()
	if err := c.Try(t.Context(), exists); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestSilenceBeginsWithTheLossOfTheServerAndEndsWithItsReturn(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	c := connect(t, "zk://"+server.Addr()+"/x", zerolog.Nop())
	await := func(what string, done func(since time.Time) bool) {
		t.Helper()
		for end := time.Now().Add(generous); !done(c.SilentSince()); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("never %s: silent since %v", what, c.SilentSince())
			}
		}
	}
	await("a session", time.Time.IsZero)
	if err := server.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	await("silence", func(since time.Time) bool { return since.After(begun) })
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	await("a session again", time.Time.IsZero)
}

func TestOursIsClosedToOthersWhoMayHaveTheirsBesideIt(t *testing.T) {
	t.Parallel()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	ctx := t.Context()
	ours := connect(t, "zk://me:hunter2@"+server.Addr()+"/shared/deep/ours", zerolog.Nop())
	for range 2 {
		if err := ours.Make(ctx, "below"); err != nil {
			t.Fatal(err)
		}
	}
	theirs := connect(t, "zk://you:hunter3@"+server.Addr()+"/shared/deep/theirs", zerolog.Nop())
	if err := theirs.Make(ctx); err != nil {
		t.Error(err)
	}
	for _, path := range []string{"/shared", "/shared/deep"} {
		if err := theirs.Try(ctx, func(z *zk.Conn) error { _, _, err := z.Children(path); return err }); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if err := theirs.Try(ctx, func(z *zk.Conn) error { _, err := z.Set(path, nil, -1); return err }); !errors.Is(err,
			zk.ErrNoAuth) {
			t.Errorf("%s can be written: %v", path, err)
		}
	}
	for _, path := range []string{"/shared/deep/ours", "/shared/deep/ours/below"} {
		if err := theirs.Try(ctx, func(z *zk.Conn) error { _, _, err := z.Children(path); return err }); !errors.Is(err,
			zk.ErrNoAuth) {
			t.Errorf("%s can be read: %v", path, err)
		}
	}
}

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// Not parallel: it looks for goroutines of any connection, and at the standard logger.
func TestCloseIsPromptAndLeavesNothingAndNothingIsLoggedButThroughUs(t *testing.T) {
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	const nobody = "127.0.0.1:1"
	for _, test := range []struct {
		at       string
		patience time.Duration
		logged   string
	}{{server.Addr(), generous, ""}, {listen(t, ""), 200 * time.Millisecond, ""},
		{nobody, 200 * time.Millisecond, "failed to connect to " + nobody}} {
		at, log := test.at, new(journal)
		c := connect(t, "zk://me:hunter2@"+at+"/x", zerolog.New(log))
		ctx, cancel := context.WithTimeout(t.Context(), test.patience)
		err := c.Try(ctx, exists)
		cancel()
		if (err == nil) != (at == server.Addr()) {
			t.Errorf("%s: %v", at, err)
		}
		for deadline := time.Now().Add(generous); !strings.Contains(log.String(),
			test.logged); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: logged %s", at, log)
			}
		}
		began := time.Now()
		c.Close()
		if took := time.Since(began); took > generous/2 {
			t.Errorf("%s: Close took %s", at, took)
		}
		if strings.Contains(log.String(), "hunter2") || test.logged != "" &&
			!strings.Contains(log.String(), `"level":"debug"`) {
			t.Errorf("logged %s", log)
		}
	}
	timeout := time.After(generous)
	for {
		stacks := make([]byte, 4<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		if !bytes.Contains(stacks, []byte("go-zookeeper/zk.(*Conn)")) {
			return
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-timeout:
			t.Fatalf("goroutines are left: %s", stacks)
		}
	}
}
