package faults

import (
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// masterSession is Mesos's --zk_session_timeout (its default: 10 s), frameworkSession ours. Both
// are short; a busy machine must still keep them.
const masterSession, frameworkSession = "4secs", "4s"

var (
	mesosLeader = &fault{"kill -9 of the leading Mesos master of three", "the same tasks are confirmed by the next leader",
		"Mesos's `--zk_session_timeout` (here 4 s), its recovery, and 15 s"}
	mesosHangs = &fault{"SIGSTOP of the leading Mesos master of three", "the same tasks are confirmed by the next leader",
		"Mesos's `--zk_session_timeout` (here 4 s), its recovery, and 15 s"}
	mesosSilent = &fault{"SIGSTOP of the only Mesos master",
		"the framework says so, and tries again until the master goes on", "75 s: five heartbeats"}
	mesosAway = &fault{"all Mesos masters away, counted from their return", "the same tasks are confirmed again",
		"Mesos's election and recovery, and 15 s"}
)

func (p *pair) killMesosLeader() {
	leader, err := p.tc.Masters.Leader(p.tc.T.Context())
	p.tc.Check(err)
	unharmed(p.acting, mesosLeader, func() { p.tc.Check(leader.Kill(p.tc.T.Context())) }, subscribedAgain)
}

// stopMesosLeader leaves the framework with a stream on which nothing comes any more, and ends nothing.
func (p *pair) stopMesosLeader() {
	leader, err := p.tc.Masters.Leader(p.tc.T.Context())
	p.tc.Check(err)
	unharmed(p.acting, mesosHangs, func() { p.tc.Check(leader.Signal(syscall.SIGSTOP)) }, subscribedAgain)
	p.tc.Check(leader.Signal(syscall.SIGCONT)) // it has lost its session, and ends
}

func (p *pair) mesosAway() {
	p.stop()
	for _, master := range p.tc.Masters {
		p.tc.Check(master.Kill(p.tc.T.Context()))
	}
	p.stayAway()
	unharmed(p.acting, mesosAway, func() { p.stop = p.tc.Masters.Supervise() }, subscribedAgain)
}

// stayAway waits until the framework has noticed, then for the outage.
func (p *pair) stayAway() {
	p.acting.Await("the end of the subscription", func(s *cluster.Status) bool { return s.Mesos.State != "subscribed" })
	stay(p.tc.T, outage)
}

// stay lets time pass: how long something is away is the fault itself.
func stay(t *testing.T, away time.Duration) {
	select {
	case <-time.After(away):
	case <-t.Context().Done():
	}
}
