package mesosmaster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// errSilent ends a stream that gave no sign of life.
var errSilent = errors.New("no sign of life")

// subscription is one attempt: from connecting to the end of its stream.
type subscription struct {
	client *Client
	events chan<- cluster.Event
	end    context.CancelCauseFunc

	// address is where it stands or is being tried.
	address atomic.Pointer[string]

	// number and since are set once it stands; failed is Mesos's ERROR, if that was its end.
	number uint64
	since  time.Time
	failed string
}

// run connects and follows the stream until it ends; the error says why. ctx ends with end.
func (s *subscription) run(ctx context.Context, d Detection) error {
	st, err := s.connect(ctx, d)
	if err != nil {
		return err
	}
	defer st.close()
	alive := &watched{body: st.body, limit: missedHeartbeats * s.client.cfg.Heartbeat}
	alive.timer = time.AfterFunc(alive.limit, func() { s.end(errSilent) })
	defer alive.timer.Stop()
	alive.frames = newFrames(alive, s.client.cfg.MaxFrame)
	err = s.follow(ctx, st, alive)
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errSilent) && alive.frames.inside:
		return fmt.Errorf("the Mesos master %s did not complete an event within %s: %d of %d bytes came", st.address,
			alive.limit, alive.frames.got, alive.frames.size)
	case errors.Is(cause, errSilent):
		return fmt.Errorf("no sign of life from Mesos master %s for %s (%d heartbeats)", st.address, alive.limit,
			missedHeartbeats)
	case cause != nil:
		return cause
	case errors.Is(err, io.EOF):
		return fmt.Errorf("the Mesos master %s closed the subscription", st.address)
	}
	var p *Problem
	if errors.As(err, &p) {
		return err
	}
	return fmt.Errorf("subscription at Mesos master %s: %w", st.address, err)
}

// follow reads the stream: SUBSCRIBED first, then everything else.
func (s *subscription) follow(ctx context.Context, st *stream, alive *watched) error {
	log := s.client.cfg.Log
	frames := alive.frames
	decoder := decoder{offers: offer.NewReader(s.client.cfg.MesosRoles)}
	for {
		frame, err := frames.next()
		if err != nil {
			return err
		}
		d, err := decoder.decode(frame, s.number)
		if err != nil {
			return err
		}
		switch {
		case d.failed != nil:
			s.failed = *d.failed
			return rejection(st.address, s.failed)
		case d.subscribed != nil && s.number == 0:
			if d.subscribed.heartbeat > 0 {
				alive.limit = missedHeartbeats * d.subscribed.heartbeat
			}
			session := s.begin(ctx, st, d.subscribed)
			defer session.stop()
			d.event = cluster.Subscribed{
				Subscription: s.number, FrameworkID: session.frameworkID,
				Master: cluster.MesosMaster{Address: st.address, Version: st.version},
			}
		case s.number == 0:
			return errors.New("its first event is not SUBSCRIBED")
		}
		if d.event == nil {
			log.Trace().Uint64("subscription", s.number).Int("bytes", len(frame)).Msg("passed over an event of Mesos")
			continue
		}
		if d.keeps {
			frames.detach()
		}
		select {
		case s.events <- d.event:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// begin makes the subscription current and starts its calls.
func (s *subscription) begin(ctx context.Context, st *stream, sub *subscribed) *session {
	c := s.client
	c.number++
	c.frameworkID = sub.frameworkID
	s.number, s.since = c.number, time.Now()
	session := newSession(c, st.endpoint, s)
	session.start(ctx)
	c.setSession(session)
	return session
}

// watched is a stream whose read fails when no byte comes for too long, or a frame stays incomplete
// for as long: a frame that arrives slowly is no sign of life, since no other event can come
// meanwhile. Time that the reader does not wait is not counted between frames.
type watched struct {
	body   io.Reader
	limit  time.Duration
	timer  *time.Timer
	frames *frames

	// number is the frame that is being waited for, since when it is.
	number uint64
	since  time.Time
}

func (w *watched) Read(p []byte) (int, error) {
	w.timer.Reset(w.wait())
	n, err := w.body.Read(p)
	w.timer.Stop()
	return n, err
}

// wait is how long the next bytes may take.
func (w *watched) wait() time.Duration {
	if !w.frames.inside {
		return w.limit
	}
	if w.number != w.frames.number {
		w.number, w.since = w.frames.number, time.Now()
	}
	return max(0, time.Until(w.since.Add(w.limit)))
}
