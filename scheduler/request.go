package scheduler

import (
	"cmp"
	"context"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// Replace fills a slot anew, on whatever host fits, and says what that does. An error that wraps cluster.ErrRefused means that nothing was done, and why;
// so does a dry run, which only says.
func (l *Loop) Replace(ctx context.Context, e cluster.ReplaceRequested, dry bool) (said string, err error) {
	var refused error
	if err := l.ask(ctx, func() { said, refused = l.state.CheckReplace(e) }); err != nil || refused != nil || dry {
		return said, cmp.Or(err, refused)
	}
	return said, l.tell(ctx, e)
}

// Uninstall ends the cluster as Teardown does, with its volumes if e says so, and says what that does. A dry run only says it.
func (l *Loop) Uninstall(ctx context.Context, e cluster.UninstallRequested, dry bool) (said string, err error) {
	if err := l.ask(ctx, func() { said = l.state.CheckUninstall(e) }); err != nil || dry {
		return said, err
	}
	return said, l.tell(ctx, e)
}

// ask runs a question between two frames and waits for it.
func (l *Loop) ask(ctx context.Context, question func()) error {
	done := make(chan struct{})
	select {
	case l.asked <- func(time.Time) { question(); close(done) }:
		<-done
		return nil
	case <-l.ended:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}
