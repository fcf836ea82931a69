package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

// The znodes below the address's path, which belongs to one cluster:
//
//	schema            the version of this layout, in decimal
//	fence             who may write, and which cycle was the last; see fence
//	record/KEY        one row each, such as record/slot/alluxio-worker-3; a znode without data is a folder
//	staged/NUMBER     the parts of a cycle that is too big for one multi
const (
	schemaNode = "schema"
	fenceNode  = "fence"
	recordNode = "record"
	stagedNode = "staged"
)

// ErrFenced is what errors wrap when another framework has taken the state over since it was opened.
var ErrFenced = errors.New("another framework has taken over the state in ZooKeeper; this one must not act any more")

// DefaultPatience lets a framework outlast a ZooKeeper that is away for a minute.
const DefaultPatience = 2 * time.Minute

// ZooKeeperOptions says where and how a ZooKeeper store is opened.
type ZooKeeperOptions struct {
	zookeeper.Options
	// Holder, unless "", is a znode without which the state is not taken over: the one of the
	// candidate that was elected. A framework that was stopped between its election and now thus
	// does not take the state from its successor.
	Holder string
	// Patience is how long an operation waits for a ZooKeeper that does not answer, while it elects
	// a leader for example; default DefaultPatience.
	Patience time.Duration
}

// ZooKeeper is a durable Record in ZooKeeper. Its methods are safe for concurrent use.
//
// Opening takes the state over: every change carries a condition on the fence's version, so that
// whoever had it open before can change nothing any more, however long its process was stopped and
// whatever it still had under way. Which of several frameworks opens it is for an election to say.
type ZooKeeper struct {
	o    ZooKeeperOptions
	conn *zookeeper.Conn

	mu      sync.Mutex
	fence   fence
	version int32             // of the fence's znode
	rows    map[string]digest // of each row that exists; nil before Load
	folders map[string]bool   // znodes below record/ that exist and are none
	failed  error             // of a Save: what ZooKeeper holds now is not known here
}

// OpenZooKeeper opens the state at an address such as zk://host/alluxio and takes it over; it makes
// what is missing. With credentials in the address nobody else can read or write it. Errors:
// ErrFenced when another framework opens it at the same moment, or Holder is gone; ErrNewer;
// ErrDamaged; and those of ZooKeeper, such as none that answers within Patience.
func OpenZooKeeper(ctx context.Context, o ZooKeeperOptions) (*ZooKeeper, error) {
	if o.Patience == 0 {
		o.Patience = DefaultPatience
	}
	conn, err := zookeeper.Connect(o.Options)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", o.Address, err)
	}
	s := &ZooKeeper{o: o, conn: conn, folders: map[string]bool{}}
	ctx, cancel := s.patiently(ctx)
	defer cancel()
	if err := s.takeOver(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("open %s: %w", o.Address, err)
	}
	return s, nil
}

// SilentSince is since when ZooKeeper does not answer; zero while it does.
func (s *ZooKeeper) SilentSince() time.Time { return s.conn.SilentSince() }

func (s *ZooKeeper) path(below string) string { return s.o.Address.Path + "/" + below }

func (s *ZooKeeper) patiently(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, s.o.Patience, fmt.Errorf("no answer within %s", s.o.Patience))
}

// takeOver makes a new state or checks an old one, and then makes us the only one who can write.
func (s *ZooKeeper) takeOver(ctx context.Context) error {
	if err := s.conn.Make(ctx); err != nil {
		return err
	}
	schema, _, err := s.get(ctx, schemaNode)
	if errors.Is(err, zk.ErrNoNode) {
		if err := s.create(ctx); err != nil {
			return err
		}
		schema, _, err = s.get(ctx, schemaNode)
		if errors.Is(err, zk.ErrNoNode) {
			return fmt.Errorf("%w (its schema version is missing)", ErrDamaged)
		}
	}
	if err != nil {
		return err
	}
	from, err := checkSchema(schema)
	if err != nil {
		return err
	}
	data, version, err := s.get(ctx, fenceNode)
	if errors.Is(err, zk.ErrNoNode) {
		return fmt.Errorf("%w (its fence is missing)", ErrDamaged)
	} else if err != nil {
		return err
	}
	if s.fence, err = parseFence(data); err != nil {
		return err
	}
	s.version = version
	next := s.fence
	next.Writer = rand.Text()
	var ops []any
	if s.o.Holder != "" {
		ops = append(ops, &zk.CheckVersionRequest{Path: s.o.Holder, Version: -1})
	}
	if err := s.commit(ctx, next, ops); err != nil || from == SchemaVersion {
		return err
	}
	return s.migrate(ctx, from)
}

// migrate brings an older state to today's version. The rows come first: a process that dies in
// between leaves the old version, and the next one begins again.
func (s *ZooKeeper) migrate(ctx context.Context, from int) error {
	record, err := s.load(ctx)
	if err != nil {
		return err
	}
	changes, err := migrate(record, from, migrations[:])
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		if err := s.save(ctx, changes); err != nil {
			return err
		}
	}
	next := s.fence
	next.Cycle++
	return s.commit(ctx, next,
		[]any{&zk.SetDataRequest{Path: s.path(schemaNode), Data: strconv.AppendInt(nil, SchemaVersion, 10), Version: -1}})
}

// create makes a new, empty state, all of it or nothing. Somebody else may be faster.
func (s *ZooKeeper) create(ctx context.Context) error {
	acl := s.conn.ACL()
	ops := []any{
		&zk.CreateRequest{Path: s.path(schemaNode), Data: strconv.AppendInt(nil, SchemaVersion, 10), Acl: acl},
		&zk.CreateRequest{Path: s.path(fenceNode), Data: fence{}.encode(), Acl: acl},
		&zk.CreateRequest{Path: s.path(recordNode), Acl: acl},
		&zk.CreateRequest{Path: s.path(stagedNode), Acl: acl},
	}
	err := s.conn.Try(ctx, func(z *zk.Conn) error {
		_, err := z.Multi(ops...)
		return err
	})
	if err == nil || errors.Is(err, zk.ErrNodeExists) {
		return nil
	}
	return s.conn.Explain("make", s.o.Address.Path, err)
}

// get reads a znode below the path.
func (s *ZooKeeper) get(ctx context.Context, name string) ([]byte, int32, error) {
	var data []byte
	var stat *zk.Stat
	err := s.conn.Try(ctx, func(z *zk.Conn) (err error) {
		data, stat, err = z.Get(s.path(name))
		return err
	})
	if err != nil {
		return nil, 0, s.conn.Explain("read", s.path(name), err)
	}
	return data, stat.Version, nil
}

// Confirm asks ZooKeeper whether the state is still ours. ErrFenced is no for good.
func (s *ZooKeeper) Confirm(ctx context.Context) error {
	ctx, cancel := s.patiently(ctx)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.confirm(ctx)
}

func (s *ZooKeeper) confirm(ctx context.Context) error {
	check := s.check()
	err := s.conn.Try(ctx, func(z *zk.Conn) error {
		_, err := z.Multi(check)
		return err
	})
	switch {
	case errors.Is(err, zk.ErrBadVersion), errors.Is(err, zk.ErrNoNode):
		return fmt.Errorf("confirm the state at %s: %w", s.o.Address, ErrFenced)
	case err != nil:
		return s.conn.Explain("confirm", s.path(fenceNode), err)
	}
	return nil
}

// check is the condition that nobody else has written.
func (s *ZooKeeper) check() *zk.CheckVersionRequest {
	return &zk.CheckVersionRequest{Path: s.path(fenceNode), Version: s.version}
}

// Close ends the connection. It waits for a Save that is under way. The error is always nil; it is
// there for symmetry with Store.
func (s *ZooKeeper) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn.Close()
	return nil
}
