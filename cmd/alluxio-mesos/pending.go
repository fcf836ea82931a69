package main

import (
	"context"
	"fmt"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/leaderelection"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// savedTeardown is what stop, start and status say first of a teardown in the state that is not
// done, where the framework of this host does not act; "" for none, and for a state that cannot be
// read: the next start reports what is wrong with it.
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
	api, err := c.acting(ctx)
	switch {
	case err != nil:
		return text + fmt.Sprintf("whether another instance acts on it is not known: %v", err)
	case api != "":
		return text + actedOn(pending, api)
	case pending.Begun:
		return text + "it has begun; start the framework again (alluxio-mesos-start.sh), and it goes on until the " +
			"cluster has ended"
	case pending.Until.IsZero():
		return text + "the next start of the framework goes on with it"
	}
	return text + fmt.Sprintf("it has not begun; a start of the framework before %s begins it, a later one drops it",
		pending.Until.UTC().Format(time.RFC3339))
}

// actedOn is what becomes of a teardown that the instance with this API acts on.
func actedOn(pending *cluster.PendingTeardown, api string) string {
	text := "it has begun; the instance at " + api + " goes on with it"
	if !pending.Begun {
		text = "it has not begun; the instance at " + api + " begins it once Mesos answers"
		if !pending.Until.IsZero() {
			text += ", or drops it at " + pending.Until.UTC().Format(time.RFC3339)
		}
	}
	return text + "; alluxio-mesos status --api shows it"
}

// acting is the API of the instance that acts, for a state in ZooKeeper; "" for none, and for a state
// in a file. It waits for ZooKeeper as long as what is only said may take.
func (c *cli) acting(ctx context.Context) (api string, err error) {
	ctx, cancel := context.WithTimeout(ctx, tellTime)
	defer cancel()
	_, zk, err := c.stateAt()
	if err != nil || !zk.Address.IsSet() {
		return "", err
	}
	return leaderelection.Acting(ctx, zk)
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
