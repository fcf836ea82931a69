// Package leaderelection lets several instances of a framework agree on the one that acts, through ZooKeeper.
//
// Every instance is a Candidate: an ephemeral znode below <path>/election whose data is the address
// of its API. The one with the lowest sequence number leads. When its process dies, its session and
// with it its znode end within the session timeout (and a tick of ZooKeeper's), and the next one
// leads.
//
// A leader that is cut off from ZooKeeper cannot know whether it still leads; it is not told Lost
// before ZooKeeper says so, because nothing that it can do then does harm: the store takes no
// change of one that was replaced (store.ErrFenced), and Mesos gives the subscription to whoever
// asked last, for which mesosmaster.Config.Permit has to ask the store first. So a framework
// outlasts a ZooKeeper that is away for a minute.
package leaderelection

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

// The znodes: <path>/election/candidate-ID-NUMBER.
const (
	folder = "election"
	prefix = "candidate-"
)

// ErrOver is what a Candidate gets that stood by when another one called End.
var ErrOver = errors.New("what the election is for has ended")

// patience is how long ZooKeeper may give no answer before it is said.
const patience = 5 * time.Second

// Options is what a Candidate needs.
type Options struct {
	zookeeper.Options
	// API is host:port of this instance's HTTP API, for the others to point at while it leads.
	API string
}

// notice is the data of a candidate's znode.
type notice struct {
	API string `json:"api"`
}

// Candidate is this instance in the election. It is used once: a leader that has lost ends.
type Candidate struct {
	o    Options
	id   string // names our znode over lost answers and sessions
	conn *zookeeper.Conn
	ctx  context.Context // of the guard, ends with Close
	stop context.CancelFunc
	done sync.WaitGroup
	lost chan struct{}

	mu     sync.Mutex
	leader string // its API
	holder string
	looked bool
	ends   int32 // how often End was called before this Candidate looked first
}

// Join makes a Candidate; nothing happens before Campaign.
func Join(o Options) (*Candidate, error) {
	conn, err := zookeeper.Connect(o.Options)
	if err != nil {
		return nil, fmt.Errorf("join the election: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	return &Candidate{o: o, id: strings.ToLower(rand.Text()), conn: conn, ctx: ctx, stop: stop, lost: make(chan struct{})},
		nil
}

// Campaign waits until this instance leads (nil), until ctx ends, or until ZooKeeper refuses for
// good, such as for wrong credentials. A ZooKeeper that is away is waited for. ErrOver means that
// nobody is to lead. It is called once.
func (c *Candidate) Campaign(ctx context.Context) error {
	silent := false
	for {
		watch, err := c.look(ctx)
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("wait for the election: %w", context.Cause(ctx))
		case err == nil && watch == nil:
			c.done.Go(c.guard)
			return nil
		case err == nil:
			silent = false
		case errors.Is(err, ErrOver):
			return err
		case zookeeper.Answered(err), errors.Is(err, zookeeper.ErrClosed):
			return fmt.Errorf("stand for election: %w", err)
		default:
			if !silent {
				c.o.Log.Warn().Err(err).Msg("ZooKeeper does not answer; the leader is not known until it does")
			}
			silent = true
			continue
		}
		select {
		case <-watch:
		case <-ctx.Done():
		}
	}
}

// see takes note of who leads; holder is our own znode if it is us.
func (c *Candidate) see(api, holder string) {
	c.mu.Lock()
	before := c.leader
	c.leader, c.holder = api, holder
	c.mu.Unlock()
	switch {
	case holder != "":
		c.o.Log.Info().Str("api", api).Msg("this instance leads")
	case api != before:
		c.o.Log.Info().Str("leader", api).Msg("another instance leads; this one stands by")
	}
}

// Leader is the API of the leading instance as it was seen last, perhaps our own; "" when none was seen.
func (c *Candidate) Leader() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leader
}

// Holder is the znode that exists as long as this instance leads, for store.ZooKeeperOptions; ""
// before Campaign has returned nil.
func (c *Candidate) Holder() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.holder
}

// Lost is closed when, after Campaign, this instance does not lead any more. The process should end then.
func (c *Candidate) Lost() <-chan struct{} { return c.lost }

// End tells the Candidates that stand by that none of them is to take over: ErrOver. Who joins
// later may lead again. It is for the leader, before Close.
func (c *Candidate) End(ctx context.Context) error {
	err := c.conn.Try(ctx, func(z *zk.Conn) error {
		_, err := z.Set(c.path(""), nil, -1) // its version counts
		return err
	})
	if err != nil {
		return c.conn.Explain("change", c.path(""), err)
	}
	return nil
}

// isOver is true when End was called since the first look; ends is how often it ever was.
func (c *Candidate) isOver(ends int32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.looked {
		c.looked, c.ends = true, ends
	}
	return c.ends != ends
}

// guard waits until our znode is gone.
func (c *Candidate) guard() {
	path := c.Holder()
	for {
		var found bool
		var stat *zk.Stat
		var session int64
		var watch <-chan zk.Event
		err := c.conn.Try(c.ctx, func(z *zk.Conn) (err error) {
			found, stat, watch, err = z.ExistsW(path)
			session = z.SessionID()
			return err
		})
		switch {
		case c.ctx.Err() != nil:
			return
		case err != nil, !found, stat.EphemeralOwner != session:
			c.o.Log.Warn().Str("znode", path).Msg("ZooKeeper has ended this instance's session: it does not lead any more")
			close(c.lost)
			return
		}
		select {
		case <-watch:
		case <-c.ctx.Done():
			return
		}
	}
}

// Close withdraws, so that the next instance leads at once, when ZooKeeper answers within a second.
// Lost is not closed by it.
func (c *Candidate) Close() {
	c.stop()
	c.done.Wait()
	c.conn.Close()
}
