package mesosmaster

import (
	"context"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// session sends the calls of one subscription, over connections of its own.
type session struct {
	client      *Client
	endpoint    *endpoint
	sub         *subscription
	number      uint64
	frameworkID string

	// lanes each send one call after the other. The first is for actions that keep order among each
	// other, the others share the agents.
	lanes   []lane
	seed    maphash.Seed
	waiting atomic.Int64
	cancel  context.CancelFunc
	over    <-chan struct{} // closed when the session stops
	done    sync.WaitGroup
}

// lane is a queue with one sender.
type lane struct {
	mu    sync.Mutex
	queue []cluster.Action
	ready chan struct{} // holds a token while the queue may have something
}

func newSession(c *Client, e *endpoint, sub *subscription) *session {
	s := &session{
		client: c, endpoint: e, sub: sub, number: sub.number, frameworkID: c.frameworkID,
		lanes: make([]lane, 1+c.cfg.Connections), seed: maphash.MakeSeed(),
	}
	for i := range s.lanes {
		s.lanes[i].ready = make(chan struct{}, 1)
	}
	return s
}

func (s *session) start(ctx context.Context) {
	ctx, s.cancel = context.WithCancel(ctx)
	s.over = ctx.Done()
	for i := range s.lanes {
		s.done.Go(func() { s.drain(ctx, &s.lanes[i]) })
	}
	if s.client.listed() {
		s.done.Go(func() { s.askFlags(ctx) })
	}
}

// stop ends the session with its subscription: what waits is dropped, what is under way is abandoned.
func (s *session) stop() {
	s.client.setSession(nil)
	s.cancel()
	s.done.Wait()
}

// add puts an action into its lane.
func (s *session) add(a cluster.Action) {
	if s.waiting.Add(1) > int64(s.client.cfg.QueueLimit) {
		s.sub.end(fmt.Errorf("more than %d calls wait for Mesos master %s", s.client.cfg.QueueLimit, s.endpoint.address))
		return
	}
	l := &s.lanes[0]
	if agent := agentOf(a); agent != "" {
		l = &s.lanes[1+maphash.String(s.seed, agent)%uint64(len(s.lanes)-1)]
	}
	l.add(a)
}

func (l *lane) add(a cluster.Action) {
	l.mu.Lock()
	l.queue = append(l.queue, a)
	l.mu.Unlock()
	select {
	case l.ready <- struct{}{}:
	default:
	}
}

// drain sends what comes into a lane until ctx is done.
func (s *session) drain(ctx context.Context, l *lane) {
	t := s.endpoint.transport()
	defer t.CloseIdleConnections()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.ready:
		}
		l.mu.Lock()
		queue := l.queue
		l.queue = nil
		l.mu.Unlock()
		for _, a := range queue {
			if ctx.Err() != nil {
				return
			}
			if b, ok := a.(barrier); ok {
				b.passed <- struct{}{}
			} else {
				s.perform(ctx, t, a)
			}
			s.waiting.Add(-1)
		}
	}
}

// perform sends one action and reports what came of it.
func (s *session) perform(ctx context.Context, t *http.Transport, a cluster.Action) {
	call := callFor(a, s.frameworkID)
	if call == nil {
		return
	}
	body, err := marshal(call)
	if err == nil {
		err = s.post(ctx, t, body)
	}
	switch {
	case err != nil:
		s.report(ctx, cluster.CallFailed{Subscription: s.number, Action: a, Reason: err.Error()})
	case confirmed(a):
		s.report(ctx, cluster.CallAccepted{Subscription: s.number, Action: a})
	}
}

// confirmed is true for actions of which the core waits for the 202.
func confirmed(a cluster.Action) bool {
	switch a := a.(type) {
	case cluster.Launch, cluster.Teardown:
		return true
	case cluster.Reconcile:
		return len(a.Tasks) == 0
	}
	return false
}

func (s *session) report(ctx context.Context, e cluster.Event) {
	select {
	case s.sub.events <- e:
	case <-ctx.Done():
	}
}

// post sends a call; nil is a 202. A failed call is no end of the subscription, unless Mesos
// says that there is none. Mesos: src/master/http.cpp, Master::Http::scheduler.
func (s *session) post(ctx context.Context, t *http.Transport, body []byte) error {
	call, cancel := context.WithTimeout(ctx, s.client.cfg.Timeout)
	defer cancel()
	resp, err := t.RoundTrip(s.endpoint.request(call, body))
	if err != nil {
		if call.Err() != nil && ctx.Err() == nil {
			return fmt.Errorf("%s gives no answer within %s", s.endpoint.address, s.client.cfg.Timeout)
		}
		return s.endpoint.unreachable(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	if resp.StatusCode == http.StatusAccepted {
		return nil
	}
	if err != nil {
		return s.endpoint.unreachable(err)
	}
	text := string(said)
	failure := fmt.Errorf("%s answers %d%s", s.endpoint.address, resp.StatusCode, quoted(text))
	switch {
	case resp.StatusCode == http.StatusTemporaryRedirect:
		s.sub.end(fmt.Errorf("the Mesos master %s does not lead any more", s.endpoint.address))
	case resp.StatusCode == http.StatusForbidden,
		resp.StatusCode == http.StatusBadRequest &&
			(strings.Contains(text, "stream ID") || strings.Contains(text, "Framework cannot be found")):
		s.sub.end(fmt.Errorf("the Mesos master %s does not know the subscription any more%s", s.endpoint.address,
			quoted(text)))
	}
	return failure
}
