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
			done := serves(s, ch.settings)
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

// serves is true when a wait may end: of each essential role all tasks serve, or at least one where the
// count is not fixed and any is wanted, none is starting, and no offer came lately that could start
// another one.
func serves(s *cluster.Status, settings *config.Settings) bool {
	if s.Mesos.State != "subscribed" || s.Framework.Teardown {
		return false
	}
	serving := map[config.Role]int{}
	for i := range s.Slots {
		slot := &s.Slots[i]
		row := settings.Roles.Row(slot.Role)
		switch {
		case !row.Essential:
		case slot.State == "serving" && !slot.Confirmed: // it was saved so, and may have ended since
			return false
		case slot.State == "serving":
			serving[slot.Role]++
		case slot.State == "staging" || slot.State == "starting" || row.Fixed:
			return false
		}
	}
	for _, role := range settings.Roles.InStartOrder() {
		if settings.Roles.Row(role).Essential && serving[role] == 0 && settings.Of(role).Count != 0 {
			return false
		}
	}
	// Right after a subscription the offers are still on their way.
	quiet := s.LastEligibleOffer
	if s.Mesos.Since.After(quiet) {
		quiet = s.Mesos.Since
	}
	return s.Now.Sub(quiet) >= quietTime
}
