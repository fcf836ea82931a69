package scheduler

import (
	"cmp"
	"context"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// question looks at the state between two cycles. It returns a fact that people have made true,
// with which the next cycle begins, or nil: what was found to be possible is then not made
// impossible by another fact first.
type question func(now time.Time) cluster.Event

// ask has a question answered. It fails when ctx or the loop ends first.
func (l *Loop) ask(ctx context.Context, answer question) error {
	done := make(chan struct{})
	select {
	case l.asked <- func(now time.Time) cluster.Event { defer close(done); return answer(now) }:
		<-done
		return nil
	case <-l.ended:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Reconfigure makes settings the target of a running framework. It fails for settings that cannot
// become it, and then changes nothing.
func (l *Loop) Reconfigure(ctx context.Context, settings *config.Settings) error {
	var rejection error
	err := l.ask(ctx, func(time.Time) cluster.Event {
		if rejection = l.state.CheckSettings(settings); rejection != nil {
			return nil
		}
		return cluster.Reconfigured{Settings: settings}
	})
	return cmp.Or(err, rejection)
}

// Teardown asks to end the cluster: every task, then the framework itself. It returns when the loop
// has taken the request; Run returns when all is done. The request is dropped at until, unless that
// is zero or it has begun before.
func (l *Loop) Teardown(ctx context.Context, until time.Time) error {
	return l.ask(ctx, func(time.Time) cluster.Event { return cluster.TeardownRequested{Until: until} })
}

// CancelTeardown takes a request for a teardown or an uninstall back that has not begun. An error
// that wraps cluster.ErrRefused means that there is none, or that it has begun.
func (l *Loop) CancelTeardown(ctx context.Context) error {
	var rejection error
	err := l.ask(ctx, func(time.Time) cluster.Event {
		if rejection = l.state.CheckCancelTeardown(); rejection != nil {
			return nil
		}
		return cluster.TeardownCancelled{}
	})
	return cmp.Or(err, rejection)
}

// Replace fills a slot again, on whatever host fits, and says what that does. An error that wraps
// cluster.ErrRefused means that nothing was done, and why; so does a dry run, which only says.
func (l *Loop) Replace(ctx context.Context, e cluster.ReplaceRequested, dry bool) (message string, err error) {
	var rejection error
	err = l.ask(ctx, func(time.Time) cluster.Event {
		if message, rejection = l.state.CheckReplace(e); rejection != nil || dry {
			return nil
		}
		return e
	})
	return message, cmp.Or(err, rejection)
}

// Uninstall ends the cluster as Teardown does, with its volumes if e says so, and says what that
// does. A dry run only says it.
func (l *Loop) Uninstall(ctx context.Context, e cluster.UninstallRequested, dry bool) (message string, err error) {
	err = l.ask(ctx, func(time.Time) cluster.Event {
		if message = l.state.CheckUninstall(e); dry {
			return nil
		}
		return e
	})
	return message, err
}
