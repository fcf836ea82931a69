package faults

import (
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/world"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// masterSession is Mesos's --zk_session_timeout (its default: 10 s), frameworkSession ours. Both are short; a busy machine must still keep them.
const masterSession, frameworkSession = "4secs", "4s"

var (
	mesosLeader = &fault{"kill -9 of the leading Mesos master of three", "the same tasks are confirmed by the next leader",
		"Mesos's `--zk_session_timeout` (here 4 s), its recovery, and 15 s"}
	mesosHangs = &fault{"SIGSTOP of the leading Mesos master of three", "the same tasks are confirmed by the next leader",
		"Mesos's `--zk_session_timeout` (here 4 s), its recovery, and 15 s"}
	mesosSilent = &fault{"SIGSTOP of the only Mesos master", "the framework says so, and tries again until the master goes on", "75 s: five heartbeats"}
	mesosAway   = &fault{"all Mesos masters away, counted from their return", "the same tasks are confirmed again",
		"Mesos's election and recovery, and 15 s"}
)

// pair is two instances of one framework on a Mesos with three masters, all of it found through ZooKeeper.
type pair struct {
	w               *world.World
	acting, standby *world.Framework
	link            *link  // from the instance that acts first to ZooKeeper
	stop            func() // ends the supervision of the Mesos masters
}

// TestFaultsOfMesosAndZooKeeper loses what an Alluxio master and its worker need to be managed, but not to serve.
func TestFaultsOfMesosAndZooKeeper(t *testing.T) {
	t.Parallel()
	p := startPair(t)
	p.acting.Await("a cluster that serves", serves)
	write(p.acting)
	p.run(t, "kill -9 of the leading Mesos master", (*pair).killMesosLeader)
	p.run(t, "SIGSTOP of the leading Mesos master", (*pair).stopMesosLeader)
	p.run(t, "kill -9 of the instance that acts", (*pair).killLeader)
	p.run(t, "all Mesos masters away", (*pair).mesosAway)
	p.run(t, "ZooKeeper away", (*pair).zooKeeperAway)
	p.run(t, "the session of the instance that acts is lost", (*pair).loseSession)
	read(p.acting)
}

func startPair(t *testing.T) *pair {
	t.Helper()
	w := world.NewHA(t, binary, "--zk_session_timeout="+masterSession)
	w.AddAgent(agent)
	p := &pair{w: w, stop: w.Masters.Supervise(), link: startLink(t, w.ZooKeeper.Addr())}
	t.Cleanup(func() { p.stop() })
	instance := func(dir, zk string) *world.Framework {
		return w.NewInstance(dir, "pair", append(install(w),
			"alluxio.integration.mesos.worker.count=1",
			"alluxio.integration.mesos.state=zk://alluxio:secret@"+zk+"/alluxio",
			"alluxio.integration.mesos.zookeeper.session.timeout="+frameworkSession)...)
	}
	// The second goes through the link: it acts after the first was killed.
	p.acting, p.standby = instance("first", w.ZooKeeper.Addr()), instance("second", p.link.addr())
	begin(p.acting)
	p.acting.Await("a launch", func(s *cluster.Status) bool { return len(s.Slots) > 0 && s.Slots[0].TaskID != "" })
	begin(p.standby)
	return p
}

// run lets one fault happen to a pair that is whole.
func (p *pair) run(t *testing.T, name string, happen func(*pair)) {
	t.Helper()
	if !t.Run(name, func(t *testing.T) {
		mine := *p
		mine.w, mine.acting, mine.standby = p.w.In(t), p.acting.In(t), p.standby.In(t)
		mine.acting.Await("a cluster that serves", serves)
		mine.standby.Await("an instance that stands by", serves) // and points at the other
		happen(&mine)
		p.stop = mine.stop
		if mine.acting.Dir != p.acting.Dir {
			p.acting, p.standby = p.standby, p.acting
		}
	}) {
		t.FailNow() // the next one would begin with a broken cluster
	}
}

func (p *pair) killMesosLeader() {
	leader, err := p.w.Masters.Leader(p.w.T.Context())
	p.w.Check(err)
	unharmed(p.acting, mesosLeader, func() { p.w.Check(leader.Kill(p.w.T.Context())) }, subscribedAgain)
}

// stopMesosLeader leaves the framework with a stream on which nothing comes any more, and ends nothing.
func (p *pair) stopMesosLeader() {
	leader, err := p.w.Masters.Leader(p.w.T.Context())
	p.w.Check(err)
	unharmed(p.acting, mesosHangs, func() { p.w.Check(leader.Signal(syscall.SIGSTOP)) }, subscribedAgain)
	p.w.Check(leader.Signal(syscall.SIGCONT)) // it has lost its session, and ends
}

func (p *pair) mesosAway() {
	p.stop()
	for _, master := range p.w.Masters {
		p.w.Check(master.Kill(p.w.T.Context()))
	}
	p.stayAway()
	unharmed(p.acting, mesosAway, func() { p.stop = p.w.Masters.Supervise() }, subscribedAgain)
}

// stayAway waits until the framework has noticed, then for the outage.
func (p *pair) stayAway() {
	p.acting.Await("the end of the subscription", func(s *cluster.Status) bool { return s.Mesos.State != "subscribed" })
	stay(p.w.T, outage)
}

// stay lets time pass: how long something is away is the fault itself.
func stay(t *testing.T, away time.Duration) {
	select {
	case <-time.After(away):
	case <-t.Context().Done():
	}
}

// killLeader kills the instance that acts, and starts it again afterwards to stand by.
func (p *pair) killLeader() {
	unharmed(p.standby, frameworkLeader, p.acting.KillFramework, func(before, now *cluster.Status) bool {
		return now.Framework.Started.After(before.Framework.Started)
	})
	begin(p.acting)
	p.acting, p.standby = p.standby, p.acting
}
