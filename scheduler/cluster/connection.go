package cluster

import "time"

// connection is the subscription and what is known of the Mesos masters.
type connection struct {
	subscription uint64
	up           bool
	since        time.Time
	master       MesosMaster
	reason       string
	// knownMasters are those besides MESOS_MASTER, nil before any was learnt; mastersWarning says
	// that they may not be all.
	knownMasters   *KnownMasters
	mastersWarning string
}

// load sets what the row of the framework has.
func (c *connection) load(known *KnownMasters) { c.knownMasters = known }

// begin begins a subscription.
func (c *connection) begin(subscription uint64, master MesosMaster, now time.Time) {
	c.subscription, c.up, c.since, c.master, c.reason = subscription, true, now, master, ""
}

// end ends the subscription; without one it records why there is still none.
func (c *connection) end(reason string, now time.Time) {
	if c.up {
		c.since = now
	}
	c.up, c.reason = false, reason
}

// know records the masters of Mesos that were found, and what may be wrong with them.
func (c *connection) know(found *KnownMasters, warning string) {
	c.knownMasters, c.mastersWarning = found, warning
}
