// Package cluster is the pure core of the scheduler: it decides, from everything that is known,
// what to tell Mesos next.
//
// It knows no clock, disk, network, log or goroutine. Facts come in as Events; Decide looks at the
// whole State and returns a Decision: Actions, Rejections and the time of the next cycle.
package cluster
