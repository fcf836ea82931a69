// Package cluster is the pure core of the scheduler: it decides, from everything that is known,
// what to tell Mesos next.
//
// It knows no clock, disk, network, log or goroutine. Facts come in as Events; Decide looks at the
// whole State and answers with a Decision: Actions, Refusals and the time at which to be asked
// again.
package cluster
