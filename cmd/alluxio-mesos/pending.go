package main

import (
	"context"
	"fmt"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// savedTeardown is what stop and status say first where no framework runs and its state has a
// teardown that is not done; "" for none, and for a state that cannot be read: the next start
// reports what is wrong with it.
func (c *cli) savedTeardown(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, tellTime)
	defer cancel()
	row, err := c.peekState(ctx, cluster.TeardownRow)
	if err != nil {
		return ""
	}
	pending, err := cluster.SavedTeardown(row, time.Now())
	if err != nil || pending == nil {
		return ""
	}
	text := "a teardown of this cluster is pending: "
	switch {
	case pending.Begun:
		return text + "it has begun; start the framework again (alluxio-mesos-start.sh), and it goes on until the " +
			"cluster has ended"
	case pending.Until.IsZero():
		return text + "the next start of the framework goes on with it"
	}
	return text + fmt.Sprintf("it has not begun; a start of the framework before %s begins it, a later one drops it",
		pending.Until.UTC().Format(time.RFC3339))
}

// afterSavedTeardown returns err, which is that no API was found, after a line about a teardown in
// the state.
func (c *cli) afterSavedTeardown(ctx context.Context, err error) error {
	if c.apiURL != "" { // its framework is another one
		return err
	}
	if text := c.savedTeardown(ctx); text != "" {
		fmt.Fprintln(c.stderr, "alluxio-mesos: "+text)
	}
	return err
}

// peekState returns a row of the state of this configuration, in its file or in ZooKeeper, and
// changes nothing there.
func (c *cli) peekState(ctx context.Context, key string) ([]byte, error) {
	folder, zk, err := c.stateAt()
	if err != nil {
		return nil, err
	}
	if zk.Address.IsSet() {
		return store.PeekZooKeeper(ctx, zk, key)
	}
	return store.Peek(folder, key)
}
