package realzookeeper

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
)

func get(t *testing.T) Install {
	t.Helper()
	i, err := Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// connect makes a client with a session of one second.
func connect(t *testing.T, servers string) *zk.Conn {
	t.Helper()
	conn, _, err := zk.Connect(strings.Split(servers, ","), time.Second, zk.WithLogger(silent{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("not: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestOneServerKeepsDataOverACrashAndEndsSessionsInTime(t *testing.T) {
	t.Parallel()
	server := StartForTest(t, Options{})
	conn := connect(t, server.Addr())
	if err := conn.AddAuth("digest", []byte("me:secret")); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Create("/mine", []byte("1"), 0, zk.AuthACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	pid := server.PID()
	if err := server.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again := server.PID(); again == pid || again == 0 {
		t.Errorf("process %d after %d", again, pid)
	}
	eventually(t, "the data is there", func() bool {
		data, _, err := conn.Get("/mine")
		return err == nil && string(data) == "1"
	})
	other := connect(t, server.Addr())
	if _, _, err := other.Get("/mine"); !errors.Is(err, zk.ErrNoAuth) {
		t.Errorf("without credentials: %v", err)
	}

	if _, err := other.Create("/fleeting", nil, zk.FlagEphemeral, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	if other.SessionID() == 0 {
		t.Error("there is no session")
	}
	other.Close()
	for _, s := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT} {
		if err := server.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the session ends", func() bool {
		found, _, err := conn.Exists("/fleeting")
		return err == nil && !found
	})
}

func TestAnEnsembleServesWithoutOneOfThree(t *testing.T) {
	t.Parallel()
	e, err := get(t).StartEnsemble(t.Context(), Options{Dir: filepath.Join(t.TempDir(), "zk")}, 3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	conn := connect(t, e.Servers())
	if _, err := conn.Create("/a", []byte("1"), 0, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	for _, s := range e {
		if err := s.Kill(t.Context()); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the others serve", func() bool { _, err := conn.Set("/a", []byte(s.Addr()), -1); return err == nil })
		if err := s.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAStartThatFailsShowsTheLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "data"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := get(t).Start(t.Context(), Options{Dir: dir}); err == nil {
		t.Fatal("started without a folder for its data")
	}
	if _, err := get(t).Start(t.Context(),
		Options{Dir: filepath.Join(t.TempDir(), "zk"), Tick: -time.Second}); err == nil ||
		!strings.Contains(err.Error(), "ended while starting") {
		t.Errorf("error %v", err)
	}
}
