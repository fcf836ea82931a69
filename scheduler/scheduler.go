// Package scheduler is the loop around the pure core in scheduler/cluster, and the interfaces it consumes.
package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// Mesos sends actions to the Mesos master. Implemented by scheduler/mesosmaster.
type Mesos interface {
	// Do enqueues one action for the given subscription and never blocks. Actions about one task or
	// offer leave in order; Decline, Suppress and Revive leave in order among each other. What
	// belongs to another subscription than the current one is dropped. An action that fails comes
	// back as CallFailed, a Launch, or a Reconcile of everything, that got its 202 as CallAccepted.
	Do(subscription uint64, a cluster.Action)
	// Flush waits until everything that was enqueued has been answered, or ctx ends.
	Flush(ctx context.Context) error
}

// Store keeps the Record. Implemented by scheduler/store.
type Store interface {
	// Load reads the Record. It has no nil values.
	Load(ctx context.Context) (map[string][]byte, error)
	// Save makes changes durable, all or none, before it returns. After an error the process has to end.
	Save(ctx context.Context, changes cluster.Changes) error
}

// ErrStopped is wrapped by the error of Run when the framework cannot go on, such as after Mesos's ERROR.
var ErrStopped = errors.New("the framework has stopped")

// ErrTornDown is returned by Run after a requested teardown, which is no failure. Mesos ends the
// subscription of a framework that is torn down with an error, so other parts may fail at the same
// time.
var ErrTornDown = errors.New("the cluster was torn down on request")

// cycleEvents bounds the events of one cycle, so that a flood cannot keep decisions from leaving.
const cycleEvents = 4096

// A cycle with thousands of starting slots takes milliseconds, and their updates and accepted calls
// arrive one by one: a cycle for every few events would take the processors from the calls themselves.
// After a cycle longer than restFrom the next waits restFactor times as long, so that events
// gather, but at most restMost.
const (
	restFrom   = time.Millisecond
	restFactor = 4
	restMost   = 20 * time.Millisecond
)

// flushTime is how long the last actions of a process may take.
const flushTime = 10 * time.Second

// Loop owns the State. Its methods may be called from any goroutine.
type Loop struct {
	state  *cluster.State
	mesos  Mesos
	store  Store
	events <-chan cluster.Event
	asked  chan question // answered between cycles
	log    zerolog.Logger
	queue  *logQueue // the loop logs through it, so that it never waits for the log
	ended  chan struct{}
	cycles uint64
	rested time.Time // no cycle begins before

	readers *readers
	pulse   pulse
}

// New makes a loop over state. Facts come through events; mesos and store are used by Run alone.
func New(state *cluster.State, mesos Mesos, store Store, events <-chan cluster.Event, log zerolog.Logger) *Loop {
	return &Loop{state: state, mesos: mesos, store: store, events: events, log: log, queue: newLogQueue(log),
		asked: make(chan question), ended: make(chan struct{}), readers: newReaders(), pulse: pulse{born: time.Now()}}
}

// Run works until ctx ends (nil: the tasks live on), until a teardown that was asked for is done
// (ErrTornDown), or until the framework cannot go on: an error that wraps ErrStopped, or the one of
// the store.
func (l *Loop) Run(ctx context.Context) error {
	defer close(l.ended)
	go l.queue.write()
	defer l.queue.close(flushTime)
	wake := time.NewTimer(0)
	defer wake.Stop()
	resume := time.NewTimer(0) // of readers
	defer resume.Stop()
	for {
		first, ok := l.next(ctx, wake, resume)
		if !ok {
			return nil
		}
		if first == nil {
			continue
		}
		if !l.rest(ctx) {
			return nil
		}
		decision, err := l.cycle(ctx, first)
		if err != nil {
			return err
		}
		if stop := decision.Stop; stop != nil {
			return l.finish(ctx, stop)
		}
		wake.Stop()
		if !decision.WakeAt.IsZero() {
			wake.Reset(time.Until(decision.WakeAt))
		}
	}
}

// next waits for something to do. It returns the event with which the next cycle begins, nil when no
// cycle is needed, and false when ctx ends.
func (l *Loop) next(ctx context.Context, wake, resume *time.Timer) (first cluster.Event, ok bool) {
	bell := l.readers.ready(resume)
	var answer question
	read := false
	l.pulse.idle()
	select {
	case <-ctx.Done():
		return nil, false
	case first = <-l.events:
	case answer = <-l.asked:
	case <-bell:
		read = true
	case <-resume.C:
	case <-wake.C:
		first = cluster.Woke{}
	}
	l.pulse.begin()
	switch {
	case answer != nil:
		first = answer(time.Now())
	case read:
		l.readers.serve(func() *cluster.Status { return l.state.Snapshot(time.Now()) })
	}
	return first, true
}

// rest waits until the next cycle may begin, and returns false when ctx ends.
func (l *Loop) rest(ctx context.Context) bool {
	wait := time.Until(l.rested)
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// cycle is one pass of the loop: apply events, decide, commit, save, send actions.
func (l *Loop) cycle(ctx context.Context, first cluster.Event) (cluster.Decision, error) {
	now := time.Now()
	l.cycles++
	l.state.Apply(cluster.Woke{}, now)
	l.take(first, now)
	decision := l.state.Decide(now)
	l.state.Commit(decision, now)
	took := time.Since(now) // without the save, during which the processors are free and events gather anyway
	if changes := l.state.Changes(); changes != nil {
		// Not ctx: a save that has begun is finished also when the process is told to end.
		if err := l.store.Save(context.WithoutCancel(ctx), changes); err != nil {
			return decision, fmt.Errorf("save the state: %w", err)
		}
	}
	for _, warning := range decision.Warnings {
		cycle := l.cycles
		l.queue.add(func(log zerolog.Logger) { log.Warn().Uint64("cycle", cycle).Msg(warning) })
	}
	for _, action := range decision.Actions {
		l.mesos.Do(l.state.Subscription(), action)
	}
	l.logDecision(&decision) // while the calls leave: thousands of lines take longer than to decide
	if took > restFrom {
		l.rested = time.Now().Add(min(restFactor*took, restMost))
	}
	return decision, nil
}

// take applies first and every event that waits, up to cycleEvents: many updates then cost one
// decision and one save.
func (l *Loop) take(first cluster.Event, now time.Time) {
	l.apply(first, now)
	for range cycleEvents {
		select {
		case event := <-l.events:
			l.apply(event, now)
		default:
			return
		}
	}
}

// finish sends the last actions and returns the error of Run.
func (l *Loop) finish(ctx context.Context, stop *cluster.Stop) error {
	flush, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	if err := l.mesos.Flush(flush); err != nil {
		l.log.Warn().Err(err).Msg("the last calls may not have reached Mesos")
	}
	if stop.Cause != nil {
		return fmt.Errorf("%w: %w: %s", ErrStopped, stop.Cause, stop.Reason)
	}
	if stop.Failed {
		return fmt.Errorf("%w: %s", ErrStopped, stop.Reason)
	}
	return ErrTornDown
}
