package mesosagent

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/rs/zerolog"
)

// Client is the connection to the agent. Run owns it; the other methods may be called from any goroutine.
type Client struct {
	config Config
	log    zerolog.Logger
	http   *http.Client
	url    string // Run changes it before the first subscription
	sure   bool   // that url is right: Run's

	mu       sync.Mutex
	tasks    []mesos.TaskInfo
	updates  []mesos.TaskStatus
	queue    chan mesos.TaskStatus // of the standing subscription, nil without one
	messages chan []byte           // the same for messages to the framework
}

const (
	// subscribeWithin bounds the time from the SUBSCRIBE call to the SUBSCRIBED event, and every other call.
	subscribeWithin = 15 * time.Second
	// firstBackoff is the time to the second attempt; it doubles up to Config.BackoffMax.
	firstBackoff = 50 * time.Millisecond
	// queued bounds the updates that wait for their call. The task itself keeps them and sends them again.
	queued = 64
)

// New returns a client that is not connected.
func New(c Config, log zerolog.Logger) *Client {
	client := &Client{
		config: c, log: log,
		http: &http.Client{
			Transport: &http.Transport{
				Proxy: nil, DisableCompression: true, ResponseHeaderTimeout: subscribeWithin, TLSHandshakeTimeout: subscribeWithin,
				TLSClientConfig: c.TLS.client(c.Endpoint, log),
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	client.speakTLS(c.TLS.Enabled)
	return client
}

func (c *Client) speakTLS(yes bool) {
	scheme := "http"
	if yes {
		scheme = "https"
	}
	c.url = scheme + "://" + c.config.Endpoint + "/api/v1/executor"
}

// Keep tells the client what travels in the next subscription: tasks of which no update was
// acknowledged yet, and updates that were not acknowledged, oldest first.
func (c *Client) Keep(tasks []mesos.TaskInfo, updates []mesos.TaskStatus) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tasks, c.updates = tasks, updates
}

// Update sends an update, in order with others, and does not wait. Without a subscription, or when
// too many wait, nothing is sent: the caller keeps the update until it is acknowledged anyway.
func (c *Client) Update(s mesos.TaskStatus) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case c.queue <- s: // a nil channel is never ready
	default:
		c.log.Debug().Str("task_id", s.TaskID.Value).Msg("no subscription to send an update on; it travels in the next one")
	}
}

// Message sends a message to the framework, and does not wait. It may be lost, as any message of Mesos:
// without a subscription, or when too many wait, it is.
func (c *Client) Message(data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case c.messages <- data:
	default:
		c.log.Debug().Msg("no subscription to send a message on; it is lost")
	}
}

// Run subscribes and sends every event to out until ctx ends (nil) or the agent is lost for good:
// the recovery timeout has passed, the framework does not checkpoint, or the agent refuses us.
// Everything it started has ended when it returns.
func (c *Client) Run(ctx context.Context, out chan<- Event) error {
	defer c.http.CloseIdleConnections()
	var away time.Time // since when there is no subscription
	slowest := max(c.config.BackoffMax, time.Millisecond)
	backoff := min(firstBackoff, slowest)
	limit := c.config.RecoveryTimeout
	if !c.config.Checkpoint { // only for the first subscription
		limit = time.Minute
	}
	for {
		if away.IsZero() {
			away = time.Now()
		}
		subscribed, err := c.subscription(ctx, out)
		if ctx.Err() != nil {
			return nil
		}
		if subscribed {
			c.sure = true
			away, backoff = time.Now(), min(firstBackoff, slowest)
			c.log.Warn().Err(err).Msg("the subscription to the Mesos agent ended")
			if !send(ctx, out, Disconnected{Reason: err.Error()}) {
				return nil
			}
		} else {
			c.log.Info().Err(err).Msg("cannot subscribe to the Mesos agent")
			c.tryTLS(err)
		}
		switch {
		case errors.Is(err, errRefused):
			return err
		case subscribed && !c.config.Checkpoint:
			return fmt.Errorf("the Mesos agent is gone and the framework does not checkpoint: %w", err)
		case time.Since(away) >= limit:
			return fmt.Errorf("the Mesos agent has been away for %v: %w", limit, err)
		}
		wait := min(rand.N(backoff)+backoff/2, max(0, limit-time.Since(away)))
		backoff = min(2*backoff, slowest)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// tryTLS is for agents that speak TLS only and do not say so to executors, as is their default.
// Such an agent hangs up on plain HTTP.
func (c *Client) tryTLS(failure error) {
	if c.sure || c.config.TLS.Enabled || !hungUp(failure) {
		return
	}
	secure := strings.HasPrefix(c.url, "https:")
	c.speakTLS(!secure)
	if !secure {
		c.log.Info().Msg("the Mesos agent hangs up; perhaps it speaks TLS only, so that is tried next (it can say so with " +
			"--executor_environment_variables, LIBPROCESS_SSL_ENABLED=1)")
	}
}

// send delivers an event unless ctx ends first.
func send(ctx context.Context, out chan<- Event, e Event) bool {
	select {
	case out <- e:
		return true
	case <-ctx.Done():
		return false
	}
}

// subscription makes one and reads it to its end, which always has an error. Subscribed is true when it stood.
func (c *Client) subscription(ctx context.Context, out chan<- Event) (subscribed bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(subscribeWithin, func() {
		cancel(fmt.Errorf("the Mesos agent did not confirm the subscription within %v", subscribeWithin))
	})
	defer watchdog.Stop()

	resp, err := c.post(ctx, c.subscribeCall())
	if err != nil {
		return false, cause(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return false, answer(resp)
	}
	stop := func() {}
	defer func() { stop() }()
	for f := newFrames(resp.Body); ; {
		frame, err := f.next()
		if err != nil {
			return subscribed, cause(ctx, fmt.Errorf("read the event stream: %w", err))
		}
		events, err := decode(frame)
		if err != nil {
			return subscribed, err
		}
		for _, e := range events {
			if _, ok := e.(Subscribed); ok && !subscribed {
				subscribed = watchdog.Stop()
				stop = c.open(ctx)
			}
			if !send(ctx, out, e) {
				return subscribed, context.Cause(ctx)
			}
		}
	}
}

// cause prefers the reason for which the client itself gave up.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// open starts the sender of a subscription; the returned function ends it and waits.
func (c *Client) open(ctx context.Context) (stop func()) {
	queue, messages := make(chan mesos.TaskStatus, queued), make(chan []byte, queued)
	c.mu.Lock()
	c.queue, c.messages = queue, messages
	c.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.sendAll(ctx, queue, messages)
	}()
	return func() {
		c.mu.Lock()
		c.queue, c.messages = nil, nil
		c.mu.Unlock()
		cancel()
		<-done
	}
}

// sendAll sends updates and messages until ctx ends.
func (c *Client) sendAll(ctx context.Context, queue <-chan mesos.TaskStatus, messages <-chan []byte) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-queue:
			if err := c.update(ctx, s); err != nil && ctx.Err() == nil {
				c.log.Warn().Err(err).Str("task_id",
					s.TaskID.Value).Msg("an update did not reach the Mesos agent; it is sent again")
			}
		case data := <-messages:
			if err := c.message(ctx, data); err != nil && ctx.Err() == nil {
				c.log.Warn().Err(err).Msg("a message did not reach the Mesos agent; the framework asks again")
			}
		}
	}
}
