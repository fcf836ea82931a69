package mesosmaster

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realzookeeper"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// elected waits until one of masters leads and each has its copy of their log, so that two are
// enough, and returns it and the others.
func elected(t *testing.T, masters realmesos.Masters) (leader *realmesos.Master, others realmesos.Masters) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*generous)
	defer cancel()
	for leader == nil || slices.ContainsFunc(masters, func(m *realmesos.Master) bool { return !recovered(ctx, m) }) {
		var err error
		if leader, err = masters.Leader(ctx); ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	return leader, slices.DeleteFunc(slices.Clone(masters), func(m *realmesos.Master) bool { return m == leader })
}

// recovered is true for a master whose copy of the replicated log counts. Mesos: monitoring.md,
// registrar/log/recovered.
func recovered(ctx context.Context, m *realmesos.Master) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m.Addr()+"/metrics/snapshot", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	var metrics map[string]float64
	return json.NewDecoder(response.Body).Decode(&metrics) == nil && metrics["registrar/log/recovered"] == 1
}

// TestOneAddressOfThreeGenuineMasters is given the address of the leader alone, which dies: the
// next is found by the ZooKeeper in the flags of the dead one, without a restart and after one. It
// is found without ZooKeeper, too, but only for the framework that it lists.
func TestOneAddressOfThreeGenuineMasters(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	install, err := realmesos.Build(ctx)
	if err != nil {
		t.Fatal(err)
	}
	block, err := loopback.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(block.Release)
	masters, err := install.StartMasters(ctx, realmesos.MasterOptions{Dir: t.TempDir()},
		"zk://mesos:hunter2@"+server.Addr()+"/mesos", block.IP(1), block.IP(2), block.IP(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := masters.Stop(); err != nil {
			t.Error(err)
		}
	})
	leader, others := elected(t, masters)
	end := others.Supervise() // a master that is too slow for ZooKeeper ends itself
	t.Cleanup(end)
	log := new(journal)
	at := func(m *realmesos.Master, known cluster.KnownMasters, id string) *running {
		cfg := configFor(m.Addr())
		cfg.FirstDelay, cfg.MaxDelay = 0, 0 // the defaults
		cfg.Known, cfg.FrameworkID, cfg.Log = known, id, zerolog.New(log)
		return run(t, cfg)
	}

	r := at(leader, cluster.KnownMasters{Setting: leader.Addr()}, "")
	first := next[cluster.Subscribed](r, nil)
	learnt(r, func(e cluster.MastersLearned) bool {
		return e.Masters.ZooKeeper == "zk://"+server.Addr()+"/mesos" && e.Warning == ""
	})
	if err := leader.Kill(ctx); err != nil {
		t.Fatal(err)
	}
	var known cluster.KnownMasters
	var again cluster.Subscribed
	for limit := time.After(3 * generous); again.Subscription == 0; {
		select {
		case e := <-r.events:
			switch e := e.(type) {
			case cluster.MastersLearned:
				known = e.Masters
			case cluster.Subscribed:
				again = e
			case cluster.Disconnected:
				t.Log(e.Reason)
			}
		case <-limit:
			t.Fatalf("no other master was found; known are %+v", known)
		}
	}
	if again.FrameworkID != first.FrameworkID || again.Master.Address == leader.Addr() || len(known.Leaders) == 0 ||
		known.Leaders[0] != again.Master.Address {
		t.Errorf("after the end of %s: %+v, known are %+v", leader.Addr(), again, known)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	for _, known := range []cluster.KnownMasters{known, {Setting: known.Setting, Leaders: known.Leaders}} {
		r := at(leader, known, first.FrameworkID)
		if e := next[cluster.Subscribed](r, nil); e.FrameworkID != first.FrameworkID ||
			e.Master.Address != again.Master.Address {
			t.Errorf("after a restart that knew %+v: %+v", known, e)
		}
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
	}
	foreign := at(leader, cluster.KnownMasters{Setting: known.Setting, Leaders: known.Leaders}, "another-Mesos-0000")
	if e := next[cluster.Disconnected](foreign, nil); !strings.Contains(e.Reason,
		"does not list framework another-Mesos-0000") {
		t.Errorf("a framework of another Mesos: %q", e.Reason)
	}
	if text := log.String() + fmt.Sprintf("%+v", known); strings.Contains(text, "hunter2") {
		t.Errorf("the password shows: %s", text)
	}
}
