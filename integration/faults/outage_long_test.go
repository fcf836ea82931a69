//go:build faults

package faults

import "time"

// outage is how long all Mesos masters, or ZooKeeper, stay away after the framework has noticed.
const outage = time.Minute
