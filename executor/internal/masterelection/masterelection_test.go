package masterelection

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/alluxio/alluxio-mesos/integration/testkit/realzookeeper"
)

// server is a genuine ZooKeeper, and a client that plays the masters.
func server(t *testing.T) (*realzookeeper.Server, *zk.Conn) {
	t.Helper()
	s := realzookeeper.StartForTest(t, realzookeeper.Options{})
	conn, _, err := zk.Connect([]string{s.Addr()}, time.Minute, zk.WithLogger(silent{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return s, conn
}

func open(t *testing.T, servers, path, id string) *Reader {
	t.Helper()
	r, err := Open(servers, path, id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func join(t *testing.T, conn *zk.Conn, path, id string) string {
	t.Helper()
	for _, parent := range []string{"/a", "/a/election"} {
		if _, err := conn.Create(parent, nil, 0, zk.WorldACL(zk.PermAll)); err != nil && !errors.Is(err, zk.ErrNodeExists) {
			t.Fatal(err)
		}
	}
	name, err := conn.Create(path+"/_c_1-lock-", []byte(id), zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTheMembersOfAnElectionAreThoseOfLivingMasters(t *testing.T) {
	t.Parallel()
	s, conn := server(t)
	servers := s.Addr() + "/a"
	check := func(r *Reader, want ...string) {
		t.Helper()
		got, err := r.Read(t.Context())
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	check(open(t, servers, "/election", "m1:19998")) // nobody has made the path yet
	before := join(t, conn, "/a/election", "m1:19998")
	join(t, conn, "/a/election", "m2:19998")

	again := open(t, servers, "/election", "m1:19998") // m1 was killed and is relaunched
	check(again, "m2:19998")
	join(t, conn, "/a/election", "m1:19998")
	check(again, "m1:19998", "m2:19998")
	if err := conn.Delete(before, -1); err != nil {
		t.Fatal(err)
	}
	check(again, "m1:19998", "m2:19998")
	again.first = again.first.Add(-sessionsEnd) // what is there after all sessions have ended lives
	check(again, "m1:19998", "m2:19998")
}

func TestAReadEndsWhenZooKeeperDoesNotAnswer(t *testing.T) {
	t.Parallel()
	r := open(t, "127.0.0.1:1", "/election", "m:1")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, context.DeadlineExceeded)
	defer cancel()
	if ids, err := r.Read(ctx); err == nil || !strings.Contains(err.Error(), "read the election /election in ZooKeeper") {
		t.Errorf("%q, %v", ids, err)
	}
	if ids, err := r.Read(t.Context()); err == nil { // the first is still out: no second one waits beside it
		t.Errorf("%q", ids)
	}
	if _, err := Open(" , ", "/election", "m:1"); err == nil || !strings.Contains(err.Error(), "names no server") {
		t.Errorf("no server: %v", err)
	}
}
