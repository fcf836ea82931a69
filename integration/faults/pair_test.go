package faults

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// pair is two instances of one framework on a Mesos with three masters, all of it found through ZooKeeper.
type pair struct {
	tc              *testcluster.Cluster
	acting, standby *testcluster.Framework
	links           map[string]*link // from each instance, by its folder, to ZooKeeper
	stop            func()           // ends the supervision of the Mesos masters
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
	p.run(t, "the file is there", func(p *pair) { read(p.acting) })
}

func startPair(t *testing.T) *pair {
	t.Helper()
	tc := testcluster.NewHA(t, binary, "--zk_session_timeout="+masterSession)
	tc.AddAgent(agent)
	p := &pair{tc: tc, stop: tc.Masters.Supervise(), links: map[string]*link{}}
	t.Cleanup(func() { p.stop() })
	instance := func(dir string) *testcluster.Framework {
		link := startLink(t, tc.ZooKeeper.Addr())
		f := tc.NewInstance(dir, "pair", append(install(tc),
			"alluxio.integration.mesos.worker.count=1",
			"alluxio.integration.mesos.state=zk://alluxio:secret@"+link.addr()+"/alluxio",
			"alluxio.integration.mesos.zookeeper.session.timeout="+frameworkSession)...)
		p.links[f.Dir] = link
		begin(f)
		return f
	}
	p.acting, p.standby = instance("first"), instance("second")
	return p
}

// run lets one fault happen to a pair that is whole.
func (p *pair) run(t *testing.T, name string, happen func(*pair)) {
	t.Helper()
	if !t.Run(name, func(t *testing.T) {
		mine := *p
		mine.tc, mine.acting, mine.standby = p.tc.In(t), p.acting.In(t), p.standby.In(t)
		mine.makeWhole()
		p.acting, p.standby = mine.acting.In(p.tc.T), mine.standby.In(p.tc.T)
		happen(&mine)
		p.stop = mine.stop
	}) {
		t.FailNow() // the next one would begin with a broken cluster
	}
}

// supervise starts instances that have ended again, as systemd does, until end is called.
func (p *pair) supervise() (end func()) {
	ctx, cancel := context.WithCancel(p.tc.T.Context())
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			for _, f := range []*testcluster.Framework{p.acting, p.standby} {
				if f.Ended() {
					_, _ = f.Start(ctx, p.tc.Address()) // it may end again while ZooKeeper is away
				}
			}
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// makeWhole starts an instance that has ended, as its supervisor would, and waits until one acts,
// the other stands by, and all serves.
func (p *pair) makeWhole() {
	p.tc.Await("an instance that acts and one that stands by", func(context.Context) (bool, error) {
		for _, f := range []*testcluster.Framework{p.acting, p.standby} {
			if f.Ended() {
				begin(f)
			}
		}
		if p.acts(p.standby) {
			p.acting, p.standby = p.standby, p.acting
		}
		return p.acts(p.acting) && !p.acts(p.standby), nil
	})
	p.acting.Await("a cluster that serves", serves)
	p.standby.Await("the answer of the one that acts", serves)
}

// acts is true when the API of f answers by itself; one that stands by points at another.
func (p *pair) acts(f *testcluster.Framework) bool {
	process, err := store.ReadProcess(f.Path("mesos-state"))
	if err != nil {
		return false
	}
	request, err := http.NewRequestWithContext(p.tc.T.Context(), http.MethodGet, "http://"+process.API+"/v1/status", nil)
	p.tc.Check(err)
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// killLeader kills the instance that acts.
func (p *pair) killLeader() {
	unharmed(p.standby, frameworkLeader, p.acting.KillFramework, func(before, now *cluster.Status) bool {
		return now.Framework.Started.After(before.Framework.Started)
	})
}
