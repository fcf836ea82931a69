package scheduler

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// stuckAfter is how long one cycle of the loop may take before the framework counts as stuck. A
// cycle takes milliseconds; a save into ZooKeeper that has to find another server takes some
// seconds.
const stuckAfter = 30 * time.Second

// ErrStuck is wrapped by the error of Health while a cycle of the loop does not end.
var ErrStuck = errors.New("the scheduler's loop is stuck")

// pulse records whether the loop is in a cycle. The loop writes it, and readers never wait for the
// loop.
type pulse struct {
	born time.Time
	// busy is when the present cycle began, as a duration since born; 0 while the loop waits for
	// something to do.
	busy atomic.Int64
}

// begin records that a cycle begins.
func (p *pulse) begin() { p.busy.Store(max(1, int64(time.Since(p.born)))) }

// idle records that the loop waits for an event.
func (p *pulse) idle() { p.busy.Store(0) }

// Health returns nil while the loop makes progress, else the reason: an error that wraps ErrStuck,
// or ErrStopped after its end. It reads only the pulse, so it returns at once whatever the loop does,
// and costs the loop nothing.
func (l *Loop) Health() error {
	select {
	case <-l.ended:
		return ErrStopped
	default:
	}
	if busy := l.pulse.busy.Load(); busy != 0 {
		if took := time.Since(l.pulse.born) - time.Duration(busy); took >= stuckAfter {
			return fmt.Errorf("%w: its present cycle has taken %s", ErrStuck, took.Round(time.Second))
		}
	}
	return nil
}
