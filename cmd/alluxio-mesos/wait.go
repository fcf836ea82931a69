package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/web/text"
)

// quietTime is how long no eligible offer may have come before -w takes the cluster for complete.
const quietTime = 3 * time.Second

// awaitServing is -w: it tells the progress until the cluster serves, the framework ends, or the time is up.
func (c *cli) awaitServing(ctx context.Context, ch *child, a *api) error {
	limit := ch.settings.StartTimeout
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	shown := newProgress(c.rawOut, c.width(c.rawOut), time.Now())
	var last *cluster.Status
	for {
		if s, err := a.status(ctx); err == nil {
			last = s
			if s.Framework.Teardown {
				fmt.Fprintln(c.stderr, "alluxio-mesos: "+pendingTeardown(s))
				return errPendingTeardown
			}
			done := serves(s, ch.settings.Worker.Count)
			shown.show(s, done, time.Now())
			if done {
				fmt.Fprintln(c.stdout, "the cluster serves")
				return nil
			}
		}
		if err := ch.pause(ctx); errors.Is(err, context.DeadlineExceeded) {
			message := fmt.Sprintf("the cluster does not serve after %s (%s); the framework keeps trying", limit,
				config.KeyStartTimeout)
			if last != nil {
				message += "\n" + text.Explain(last, 0)
			}
			return &exitError{exitFatal, message}
		} else if err != nil {
			return err
		}
	}
}

// serves is true when a wait may end: all masters serve, at least one worker does where any is
// wanted, none is starting, and no offer came lately that could start another one.
func serves(s *cluster.Status, workerCount int) bool {
	if s.Mesos.State != "subscribed" || s.Framework.Teardown {
		return false
	}
	serving := map[config.Role]int{}
	for i := range s.Slots {
		switch slot := &s.Slots[i]; {
		case slot.State == "serving" && !slot.Confirmed: // it was saved so, and may have ended since
			return false
		case slot.State == "serving":
			serving[slot.Role]++
		case slot.State == "staging" || slot.State == "starting" || slot.Role == config.Master:
			return false
		}
	}
	if serving[config.Master] == 0 || (serving[config.Worker] == 0 && workerCount != 0) {
		return false
	}
	// Right after a subscription the offers are still on their way.
	quiet := s.LastEligibleOffer
	if s.Mesos.Since.After(quiet) {
		quiet = s.Mesos.Since
	}
	return s.Now.Sub(quiet) >= quietTime
}
