// Package masterelection reads from ZooKeeper which Alluxio masters take part in the election of their
// leader. Alluxio 1.x shows in no other way that a master stands by: all its ports are closed.
package masterelection

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
)

const (
	// sessionTimeout is for the reader's own session, which holds nothing.
	sessionTimeout = 10 * time.Second
	// sessionsEnd is the time after which no member is left of a process that is gone. ZooKeeper's
	// default cap of a session is 40 s.
	sessionsEnd = time.Minute
)

// Reader reads one election. Its methods may be called by several goroutines.
type Reader struct {
	path string
	id   string
	conn *zk.Conn

	mu   sync.Mutex
	busy bool // a read that was given up has not come back yet
	// first is when the election was read first, before the own JVM can be in it; old are the
	// members with the own ID that were there.
	first time.Time
	old   map[string]bool
}

// Open starts connecting, in the background. servers is as Alluxio takes them: host:port,host:port,
// perhaps with a path behind. id is the master whose JVM is being started: members with this ID
// that are there already are of a JVM that is gone, and are not counted.
func Open(servers, election, id string) (*Reader, error) {
	hosts, chroot, _ := strings.Cut(servers, "/")
	var list []string
	for host := range strings.SplitSeq(hosts, ",") {
		if host = strings.TrimSpace(host); host != "" {
			list = append(list, host)
		}
	}
	if len(list) == 0 {
		return nil, errors.New("alluxio.zookeeper.address names no server")
	}
	conn, _, err := zk.Connect(list, sessionTimeout, zk.WithLogger(silent{}), zk.WithLogInfo(false))
	if err != nil {
		return nil, fmt.Errorf("connect to ZooKeeper %s: %w", servers, err)
	}
	return &Reader{path: path.Join("/", chroot, election), id: id, conn: conn}, nil
}

type silent struct{}

func (silent) Printf(string, ...any) {}

// Read returns the IDs of all members. It ends when ctx does.
func (r *Reader) Read(ctx context.Context) ([]string, error) {
	if !r.begin() {
		return nil, errors.New("ZooKeeper does not answer")
	}
	type answer struct {
		members map[string]string
		err     error
	}
	done := make(chan answer, 1)
	go func() { // the library's calls know no context; Close ends them
		members, err := r.members()
		r.end()
		done <- answer{members, err}
	}()
	select {
	case a := <-done:
		if a.err != nil {
			return nil, fmt.Errorf("read the election %s in ZooKeeper: %w", r.path, a.err)
		}
		return r.living(a.members, time.Now()), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("read the election %s in ZooKeeper: %w", r.path, context.Cause(ctx))
	}
}

func (r *Reader) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy {
		return false
	}
	r.busy = true
	return true
}

func (r *Reader) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy = false
}

// members reads the ID of every member, by the name of its znode.
func (r *Reader) members() (map[string]string, error) {
	names, _, err := r.conn.Children(r.path)
	if errors.Is(err, zk.ErrNoNode) { // nobody has come yet
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	members := make(map[string]string, len(names))
	for _, name := range names {
		id, _, err := r.conn.Get(path.Join(r.path, name))
		switch {
		case errors.Is(err, zk.ErrNoNode): // it has just left
		case err != nil:
			return nil, err
		default:
			members[name] = string(id)
		}
	}
	return members, nil
}

// living takes the members of the own ID out that are of an earlier JVM.
func (r *Reader) living(members map[string]string, now time.Time) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first.IsZero() {
		r.first, r.old = now, map[string]bool{}
		for name, id := range members {
			r.old[name] = strings.EqualFold(id, r.id)
		}
	}
	var ids []string
	for name, id := range members {
		if !r.old[name] || now.Sub(r.first) >= sessionsEnd {
			ids = append(ids, id)
		}
	}
	return ids
}

// Close ends the session, and every Read that is under way.
func (r *Reader) Close() { r.conn.Close() }
