package mesosmaster

import (
	"context"
	"fmt"
	"slices"
)

// Detector finds where to subscribe.
type Detector interface {
	// Current returns the present Detection. It may be called at any time, also before Run.
	Current() Detection
	// Run keeps looking until ctx ends, and then returns nil; or until looking on cannot help, and
	// then returns a *Problem. Client.Run calls it, and waits for its end.
	Run(ctx context.Context) error
}

// Detection is what a Detector knows.
type Detection struct {
	// Hosts are the MesosMasters to try, each host:port, in this order. Any will do that points to its leader.
	Hosts []string
	// Leads is true when Hosts is the leader alone: a subscription elsewhere that is older than
	// this Detection is given up.
	Leads bool
	// Missing says why Hosts is empty.
	Missing string
	// Changed is closed when there is another Detection; nil when there never is.
	Changed <-chan struct{}
}

// list is the Detector of masters that the operator has named.
type list []string

func (l list) Current() Detection {
	return Detection{Hosts: l, Missing: "no Mesos master is given"}
}

func (l list) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// detected waits a moment for a Detection with hosts and returns what is known then.
func (c *Client) detected(ctx context.Context) Detection {
	wait, cancel := context.WithTimeout(ctx, c.cfg.LookTime)
	defer cancel()
	for {
		d := c.cfg.Detector.Current()
		if len(d.Hosts) > 0 || d.Changed == nil {
			return d
		}
		select {
		case <-d.Changed:
		case <-wait.Done():
			return d
		}
	}
}

// watchLeader ends the subscription that was begun with d when another MesosMaster leads. While the
// Detector knows no leader, which is also when ZooKeeper is away, the subscription stays: Mesos
// itself ends it if it must.
func (s *subscription) watchLeader(ctx context.Context, d Detection) {
	for d.Changed != nil {
		select {
		case <-ctx.Done():
			return
		case <-d.Changed:
		}
		d = s.client.cfg.Detector.Current()
		at := *s.address.Load()
		if d.Leads && !slices.Contains(d.Hosts, at) {
			s.end(fmt.Errorf("the Mesos master %s leads now, not %s", d.Hosts[0], at))
			return
		}
	}
}
