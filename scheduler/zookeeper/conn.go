// Package zookeeper is the edge to ZooKeeper that finding Mesos, the store and the election share:
// one connection with digest credentials, waits that end when their context does, and errors that
// tell "no answer" from "the answer is no".
//
// It wraps github.com/go-zookeeper/zk, because that library
//
//   - resolves host names once, at the start: here at every attempt, so that a name that is not known yet is no end;
//   - waits seven session timeouts for the first answer of a server that hangs: here a third of one (see dial.go);
//   - has requests that no context ends, and reports a lost connection in several ways: here Try;
//   - logs to the standard logger: here to the caller's, at debug level;
//   - leaves its goroutines to themselves: here Close waits for them.
package zookeeper

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
)

// DefaultSessionTimeout is how long ZooKeeper waits for a sign of life before it ends a session:
// its ephemeral znodes then go.
const DefaultSessionTimeout = 10 * time.Second

// maxAnswer is the size in bytes of the biggest answer that is read: the names of some 500,000 znodes.
const maxAnswer = 16 << 20

// Options is what a connection needs.
type Options struct {
	Address config.ZooKeeper
	// SessionTimeout is what ZooKeeper is asked for; it keeps it within bounds of its own (by
	// default 2 and 20 ticks, 4 s and 40 s). Default DefaultSessionTimeout.
	SessionTimeout time.Duration
	Log            zerolog.Logger
}

// Conn is a connection that is made, and made again, in the background. Its methods may be called
// by several goroutines.
type Conn struct {
	o      Options
	zk     *zk.Conn
	events <-chan zk.Event
	hangUp context.CancelFunc // ends dials

	mu     sync.Mutex
	calls  sync.WaitGroup
	closed bool

	auth   sync.Mutex
	authed bool // the library repeats credentials that were taken once

	silence silence
}

// silence is since when there is no session.
type silence struct {
	mu    sync.Mutex
	since time.Time // zero while there is one
}

// note takes in an event of the library.
func (s *silence) note(e zk.Event) {
	if e.Type != zk.EventSession {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case e.State == zk.StateHasSession:
		s.since = time.Time{}
	case s.since.IsZero():
		s.since = time.Now()
	}
}

// SilentSince is since when ZooKeeper does not answer, or when connecting began; zero while there
// is a session.
func (c *Conn) SilentSince() time.Time {
	c.silence.mu.Lock()
	defer c.silence.mu.Unlock()
	return c.silence.since
}

// ErrClosed is returned by calls after Close.
var ErrClosed = errors.New("the connection to ZooKeeper was closed")

// Connect starts connecting and returns at once.
func Connect(o Options) (*Conn, error) {
	if o.SessionTimeout == 0 {
		o.SessionTimeout = DefaultSessionTimeout
	}
	ctx, cancel := context.WithCancel(context.Background()) // ends with Close
	c := &Conn{o: o, hangUp: cancel, silence: silence{since: time.Now()}}
	var err error
	c.zk, c.events, err = zk.Connect(o.Address.Servers, o.SessionTimeout,
		zk.WithDialer(dialer(ctx, max(time.Second, o.SessionTimeout/3))), zk.WithHostProvider(new(hosts)),
		zk.WithEventCallback(c.silence.note), zk.WithLogger(logger{o.Log}), zk.WithMaxBufferSize(maxAnswer))
	if err != nil {
		cancel()
		return nil, fmt.Errorf("connect to ZooKeeper: %w", err)
	}
	return c, nil
}

// Address is where the connection leads.
func (c *Conn) Address() config.ZooKeeper { return c.o.Address }

// SessionTimeout is what ZooKeeper was asked for.
func (c *Conn) SessionTimeout() time.Duration { return c.o.SessionTimeout }

// ACL is for znodes that are ours: with credentials nobody else may do anything with them, without any everybody may.
func (c *Conn) ACL() []zk.ACL {
	if c.o.Address.Password.IsSet() {
		return zk.AuthACL(zk.PermAll)
	}
	return zk.WorldACL(zk.PermAll)
}

// Once calls op with credentials in place and returns its error. When ctx ends first, its cause is
// returned and op goes on for a while: what op sets must not be read then.
func (c *Conn) Once(ctx context.Context, op func(*zk.Conn) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return ErrClosed
	}
	done := make(chan error, 1)
	c.calls.Go(func() {
		err := c.authenticate()
		if err == nil {
			err = op(c.zk)
		}
		done <- err
	})
	c.mu.Unlock()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Try is Once until ZooKeeper answers: op is called again after every error that is no answer.
// Then, or when ctx ends, the last error is returned. An op that was not answered may have been
// carried out.
func (c *Conn) Try(ctx context.Context, op func(*zk.Conn) error) error {
	var last error
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := c.Once(ctx, op)
		if err == nil || Answered(err) || errors.Is(err, ErrClosed) {
			return err
		}
		if ctx.Err() == nil {
			last = err
			timer := time.NewTimer(pause/2 + rand.N(pause/2))
			select {
			case <-timer.C:
				continue
			case <-ctx.Done():
				timer.Stop()
			}
		}
		if last == nil {
			last = errors.New("no connection yet")
		}
		return fmt.Errorf("ZooKeeper at %s does not answer: %w: %w", strings.Join(c.o.Address.Servers, ","),
			context.Cause(ctx), last)
	}
}

// authenticate presents the credentials, once.
func (c *Conn) authenticate() error {
	if !c.o.Address.Password.IsSet() {
		return nil
	}
	c.auth.Lock()
	defer c.auth.Unlock()
	if c.authed {
		return nil
	}
	err := c.zk.AddAuth("digest", []byte(c.o.Address.User+":"+c.o.Address.Password.Reveal()))
	c.authed = err == nil
	return err
}

// answers are the errors with which ZooKeeper, or the library on its behalf, answers; all others
// mean that there was no answer.
var answers = []error{
	zk.ErrNoNode, zk.ErrNoAuth, zk.ErrBadVersion, zk.ErrNodeExists, zk.ErrNotEmpty, zk.ErrInvalidACL, zk.ErrAuthFailed,
	zk.ErrBadArguments,
	zk.ErrNoChildrenForEphemerals, zk.ErrInvalidPath, zk.ErrInvalidFlags, zk.ErrAPIError,
}

// Answered is true for errors that say what ZooKeeper thinks, false for those that say that it could not be asked.
func Answered(err error) bool {
	for _, a := range answers {
		if errors.Is(err, a) {
			return true
		}
	}
	return false
}

// Close ends the session, so that its ephemeral znodes go at once, when ZooKeeper answers within a
// second; then the connection. It waits for every call and goroutine.
func (c *Conn) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	if c.zk.State() != zk.StateHasSession {
		c.hangUp() // there is nobody to say goodbye to
	}
	c.zk.Close()
	c.hangUp()
	for range c.events { // closed by the library's last goroutine
	}
	c.calls.Wait()
}
