package scheduler

import (
	"cmp"
	"context"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// question looks at the state between two cycles. It returns an event with which the next cycle
// begins, or nil. So no other event can come between a check and the request that it accepted.
type question func(now time.Time) cluster.Event

// ask has the loop answer a question. It fails when ctx or the loop ends first.
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

// Reconfigure makes settings the target of a running framework. It fails, and changes nothing, for
// settings that CheckSettings refuses.
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

// Teardown requests a teardown: every task ends, then the framework itself. It returns when the loop
// has accepted the request; Run returns when the teardown is done.
func (l *Loop) Teardown(ctx context.Context, e cluster.TeardownRequested) error {
	return l.ask(ctx, func(time.Time) cluster.Event { return e })
}

// CancelTeardown withdraws a request for a teardown or an uninstall that has not begun. An error that
// wraps cluster.ErrRefused means that there is none, or that it has begun.
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

// Replace replaces the task of a slot, on any host that fits, and returns a message about the effects.
// With dry it only returns the message. An error that wraps cluster.ErrRefused says why nothing was
// done.
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

// Backup has the metadata of Alluxio backed up, and returns a message about that. With dry it only returns
// the message. An error that wraps cluster.ErrRefused says why nothing is done.
func (l *Loop) Backup(ctx context.Context, dry bool) (message string, err error) {
	var rejection error
	err = l.ask(ctx, func(time.Time) cluster.Event {
		if message, rejection = l.state.CheckBackup(); rejection != nil || dry {
			return nil
		}
		return cluster.BackupRequested{}
	})
	return message, cmp.Or(err, rejection)
}

// Uninstall ends the cluster as Teardown does, with its volumes if e says so, and returns a message
// about the effects. With dry it only returns the message.
func (l *Loop) Uninstall(ctx context.Context, e cluster.UninstallRequested, dry bool) (message string, err error) {
	err = l.ask(ctx, func(time.Time) cluster.Event {
		if message = l.state.CheckUninstall(e); dry {
			return nil
		}
		return e
	})
	return message, err
}
