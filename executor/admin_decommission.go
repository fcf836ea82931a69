package executor

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/alluxio"
)

// The times of decommissionWorker, as Alluxio's own command has them.
const (
	idleFor = 20 * time.Second
	// mostUnanswered is how many questions in a row a worker may leave unanswered before it counts as
	// gone.
	mostUnanswered = 5
)

// decommissionWorker takes the worker out of new I/O, and waits until it is idle.
func (a *administration) decommissionWorker(ctx context.Context) error {
	worker := a.request.Worker
	leader := a.leader(ctx)
	switch {
	case !leader.Known:
		return fmt.Errorf("the worker on %s was not decommissioned: %s", worker.Host, leader.Why)
	case leader.SameHost > 1: // Alluxio 2.9.6 looks at the host only
		return fmt.Errorf("the worker on %s was not decommissioned: %d workers are on this host, and Alluxio's command "+
			"takes any of them", worker.Host, leader.SameHost)
	case strings.Contains(worker.Host, ":"):
		return fmt.Errorf("the worker on %s was not decommissioned: Alluxio's command takes no IPv6 address", worker.Host)
	}
	if err := a.decommissionOnce(ctx, leader.Listed); err != nil {
		return err
	}
	a.decommission.Decommissioned = true
	a.say("decommissioned, waits %v for clients to learn of it", a.request.ClientRefresh)
	pause(ctx, a.request.ClientRefresh)
	if err := a.waitUntilIdle(ctx); err != nil {
		return err
	}
	if leader = a.leader(ctx); leader.Listed || !leader.Known {
		a.decommission.Decommissioned = false
		return fmt.Errorf("the worker on %s is not decommissioned any more: it has started again, or another Alluxio "+
			"master leads", worker.Host)
	}
	return nil
}

// decommissionOnce runs the command, unless the worker is decommissioned already: Alluxio's command
// does not know a worker then.
func (a *administration) decommissionOnce(ctx context.Context, listed bool) error {
	how, worker := a.admin.Load(), a.request.Worker
	if !listed {
		_, output, err := a.command(ctx, how.DecommissionedCommand(), nil)
		if err == nil && !alluxio.ListsDecommissioned(output, worker) {
			err = fmt.Errorf("the worker on %s was not decommissioned: the leading Alluxio master does not list it",
				worker.Host)
		}
		return err
	}
	exit, output, err := a.command(ctx, how.DecommissionCommand(worker), func(output string) bool {
		return alluxio.IsDecommissioned(output, worker) // it would go on to wait, whatever its --wait says
	})
	if err != nil {
		return err
	}
	if why := alluxio.JudgeDecommission(exit.Code, output, worker); why != "" {
		return fmt.Errorf("the worker on %s was not decommissioned: %s:\n%s", worker.Host, why, a.lastLines())
	}
	return nil
}

// waitUntilIdle waits until the worker has had no operation for a while, or does not answer.
func (a *administration) waitUntilIdle(ctx context.Context) error {
	wait := cmp.Or(a.request.IdleFor, idleFor)
	var since time.Time // it is idle
	for unanswered := 0; ctx.Err() == nil; pause(ctx, adminTick) {
		asked := time.Now()
		count, err := alluxio.Operations(a.client.ask(ctx, alluxio.OperationsURL(a.request.Worker), askWithin))
		switch {
		case err != nil:
			if unanswered++; unanswered >= mostUnanswered {
				return nil
			}
			since = time.Time{}
		case count > 0:
			unanswered, since = 0, time.Time{}
			a.say("decommissioned, the worker has %d operations", count)
		default:
			if unanswered = 0; since.IsZero() {
				since = asked
				a.say("decommissioned, waits until the worker is idle for %v", wait)
			}
			if a.decommission.Idle = time.Since(since) >= wait; a.decommission.Idle {
				return nil
			}
		}
	}
	return fmt.Errorf("the worker on %s is decommissioned and was not idle for %v: %w", a.request.Worker.Host, wait,
		ctx.Err())
}
