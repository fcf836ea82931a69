package mesosmaster

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// missedHeartbeats is how many heartbeats may stay away before the stream counts as dead. Mesos:
// scheduler-http-api.md, "HEARTBEAT".
const missedHeartbeats = 5

// maxHeartbeat is the longest interval that is believed.
const maxHeartbeat = 10 * time.Minute

// Config is what a Client needs. Zero values take the defaults.
type Config struct {
	// Masters are the hosts to try, each host:port. Any master of the cluster will do; the client
	// follows to the leader. Not used with a Detector.
	Masters []string
	// Known are the masters that were learnt by Masters before, from the last MastersLearned.
	Known cluster.KnownMasters
	// ZooKeeperTimeout is that of a session with the ZooKeeper in Known; default
	// zookeeper.DefaultSessionTimeout.
	ZooKeeperTimeout time.Duration
	// Detector finds the leader; default one that returns Masters.
	Detector Detector
	// Permit, unless nil, is asked before each SUBSCRIBE; its error is why there is none. A
	// framework of several instances asks here whether it still leads: Mesos gives the subscription
	// to whoever asked last. A *Problem ends Run, any other error is tried again.
	Permit func(ctx context.Context) error
	// Framework makes the FrameworkInfo for the framework ID that is known, or "" for the first
	// time. The client sets the ID itself. It must set failover_timeout, or Mesos ends all tasks
	// when a connection breaks.
	Framework func(id string) *mesos.FrameworkInfo
	// FrameworkID is the one that was saved, or "".
	FrameworkID string
	// MesosRoles are ours: offered resources that are reserved to one of them count like unreserved ones.
	MesosRoles []string
	// Principal and Secret are sent as basic authentication when Secret is set.
	Principal string
	Secret    config.Secret
	// TLS is how to speak it with every master; nil for plain HTTP. See ClientTLS.
	TLS *tls.Config
	Log zerolog.Logger

	// Connections is how many calls are under way at once, besides one for declines and the like; default 8.
	Connections int
	// QueueLimit is how many calls may wait; more of them end the subscription. Default 200,000.
	QueueLimit int
	// MaxFrame is the size in bytes of the biggest event; default DefaultMaxFrame.
	MaxFrame int
	// Heartbeat is the interval until Mesos announces its own; default 15 s.
	Heartbeat time.Duration
	// Timeout bounds one call, and the answer to SUBSCRIBE up to its headers; default 30 s.
	Timeout time.Duration
	// Patience bounds the wait for the first word of a host, so that one that hangs does not keep
	// the others waiting; default 5 s. One that is only slow is reached all the same: while silent
	// hosts are all that is left the wait doubles, up to Timeout.
	Patience time.Duration
	// FirstDelay and MaxDelay bound the pause between attempts: none after a subscription that
	// lasted, then FirstDelay (default 100 ms), doubled each time up to MaxDelay (default 15 s), of
	// which a random half is taken off.
	FirstDelay, MaxDelay time.Duration
	// LookTime is how long one attempt waits for a Detector that knows no leader; default 2 s.
	LookTime time.Duration
}

// Client keeps a subscription and sends calls. Do and LocalAddress may be called by any goroutine at any time.
type Client struct {
	cfg   Config
	local atomic.Value // net.IP

	// Only Run's goroutine uses these.
	leader      string // the last known leader, sticky
	patience    time.Duration
	frameworkID string
	number      uint64 // of the last subscription

	learning sync.Mutex
	known    cluster.KnownMasters
	flags    error                  // why known.ZooKeeper could not be learnt
	reported cluster.MastersLearned // the last one

	mu      sync.Mutex
	current *session // nil without a subscription
}

// New makes a Client; nothing happens before Run.
func New(cfg Config) *Client {
	setDefault(&cfg.Connections, 8)
	setDefault(&cfg.QueueLimit, 200_000)
	setDefault(&cfg.MaxFrame, DefaultMaxFrame)
	setDefault(&cfg.Heartbeat, 15*time.Second)
	setDefault(&cfg.Timeout, 30*time.Second)
	setDefault(&cfg.Patience, 5*time.Second)
	setDefault(&cfg.FirstDelay, 100*time.Millisecond)
	setDefault(&cfg.MaxDelay, 15*time.Second)
	setDefault(&cfg.LookTime, 2*time.Second)
	if cfg.Detector == nil {
		cfg.Detector = list(cfg.Masters)
	} else {
		cfg.Masters = nil
	}
	return &Client{cfg: cfg, frameworkID: cfg.FrameworkID, patience: cfg.Patience, known: cfg.Known,
		reported: cluster.MastersLearned{Masters: cfg.Known}}
}

func setDefault[T comparable](to *T, value T) {
	var zero T
	if *to == zero {
		*to = value
	}
}

// Run subscribes, and subscribes again whenever the subscription ends, until ctx is done (nil) or
// trying again cannot help (a *Problem): 401 or 403 on SUBSCRIBE, a Mesos without the v1 API, or an
// ERROR event, which is reported as cluster.Failed as well. After a Problem Run may be called
// again: subscriptions go on being numbered. It must not run twice at a time.
//
// Every failed attempt is a cluster.Disconnected, the first at once. When Run returns, no goroutine
// and no socket of it is left.
func (c *Client) Run(ctx context.Context, events chan<- cluster.Event) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var looking sync.WaitGroup
	looking.Go(func() {
		if err := c.cfg.Detector.Run(ctx); err != nil {
			cancel(err)
		}
	})
	defer looking.Wait()
	defer cancel(nil)
	err := c.subscribeForEver(ctx, events)
	if p := (*Problem)(nil); err == nil && errors.As(context.Cause(ctx), &p) {
		return p
	}
	return err
}

// subscribeForEver is Run without looking for the leader.
func (c *Client) subscribeForEver(ctx context.Context, events chan<- cluster.Event) error {
	var changed <-chan struct{} // once what the last attempt went by is not true any more
	for attempt := 0; ; attempt++ {
		fresh, ok := c.pause(ctx, attempt, changed)
		if !ok {
			return nil
		}
		if fresh {
			attempt = 0
		}
		d := c.detected(ctx)
		changed = d.Changed
		lasted, err := c.attempt(ctx, d, events)
		var p *Problem
		if errors.As(err, &p) {
			return p
		}
		if lasted > c.cfg.MaxDelay {
			attempt = -1
		}
	}
}

// attempt makes one subscription and follows it to its end. It returns how long it stood, and why it ended.
func (c *Client) attempt(ctx context.Context, d Detection, events chan<- cluster.Event) (time.Duration, error) {
	sctx, end := context.WithCancelCause(ctx)
	s := &subscription{client: c, events: events, end: end}
	s.address.Store(new(string))
	var watching sync.WaitGroup
	watching.Go(func() { s.watchLeader(sctx, d) })
	defer watching.Wait()
	defer end(nil)
	err := s.run(sctx, d)
	if ctx.Err() != nil {
		return 0, err
	}
	ended := cluster.Event(cluster.Disconnected{Subscription: s.number, Reason: err.Error()})
	if s.failed != "" {
		ended = cluster.Failed{Subscription: s.number, Message: s.failed, Removed: errors.Is(err, ErrFrameworkRemoved)}
	}
	select {
	case events <- ended:
	case <-ctx.Done():
	}
	if s.number == 0 {
		return 0, err
	}
	return time.Since(s.since), err
}

// pause waits before an attempt; ok is false when ctx is done, fresh true when the leader changed.
// The jitter keeps frameworks that lost the same master apart.
func (c *Client) pause(ctx context.Context, attempt int, changed <-chan struct{}) (fresh, ok bool) {
	if attempt == 0 {
		return false, ctx.Err() == nil
	}
	timer := time.NewTimer(c.delay(attempt))
	defer timer.Stop()
	select {
	case <-timer.C:
		return false, true
	case <-changed:
		return true, ctx.Err() == nil
	case <-ctx.Done():
		return false, false
	}
}

func (c *Client) delay(attempt int) time.Duration {
	delay := c.cfg.FirstDelay
	for i := 1; i < attempt && delay < c.cfg.MaxDelay; i++ {
		delay *= 2
	}
	delay = min(delay, c.cfg.MaxDelay)
	return delay - rand.N(delay/2+1)
}

// Do enqueues an action for the current subscription and returns at once; see scheduler.Mesos. What
// belongs to another subscription is dropped, and what still waits when its subscription ends is
// too, without an event. The client keeps the action until it is answered: it must not be changed
// any more.
func (c *Client) Do(subscription uint64, a cluster.Action) {
	c.mu.Lock()
	s := c.current
	c.mu.Unlock()
	if s != nil && s.number == subscription {
		s.add(a)
	}
}

// LocalAddress is the address of this host on the last connection to Mesos, which is one that
// Mesos's side can probably reach; "" before the first connection.
func (c *Client) LocalAddress() string {
	if ip, ok := c.local.Load().(net.IP); ok {
		return ip.String()
	}
	return ""
}

func (c *Client) setSession(s *session) {
	c.mu.Lock()
	c.current = s
	c.mu.Unlock()
}
