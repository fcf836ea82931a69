package mesosmaster

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestAGenuineMesos is one master and one agent that carry all that is asked of a genuine Mesos;
// what ends the framework comes last.
func TestAGenuineMesos(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	mesos, err := realmesos.Build(ctx)
	if err != nil {
		t.Fatal(err)
	}
	block, err := loopback.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	defer block.Release()
	stop := func(stop func() error) {
		t.Cleanup(func() {
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
	master, err := mesos.StartMaster(ctx, realmesos.MasterOptions{
		Dir: filepath.Join(t.TempDir(), "m"), IP: block.IP(1), Flags: []string{"--allocation_interval=50ms"},
	})
	if err != nil {
		t.Fatal(err)
	}
	stop(master.Stop)
	agent, err := mesos.StartAgent(ctx, realmesos.AgentOptions{
		Master: master.Addr(), IP: block.IP(2), Dir: filepath.Join(t.TempDir(), "a"),
		Resources: "ports:[29998-30000,19998-19999,20000-20001];cpus:2.5;mem:1024;disk:100",
	})
	if err != nil {
		t.Fatal(err)
	}
	stop(agent.Stop)

	r := run(t, configFor(master.Addr()))
	first := next[cluster.Subscribed](r, nil)
	if first.FrameworkID == "" ||
		first.Master != (cluster.MesosMaster{Address: master.Addr(), Version: realmesos.Version}) {
		t.Errorf("first subscription %+v", first)
	}
	offer := next[cluster.Offered](r, nil).Offers[0]
	if offer.Host != block.IP(2) || offer.IP != block.IP(2) || offer.CPUs != 2.5 || offer.MemMB != 1024 ||
		offer.Ports.String() != "[19998-20001,29998-30000]" {
		t.Errorf("offer %+v", offer)
	}
	r.Do(1, cluster.Decline{OfferIDs: []string{offer.ID}})
	again := next[cluster.Offered](r, nil).Offers[0] // declined for no time, so it comes again
	if again.ID == offer.ID || again.AgentID != offer.AgentID {
		t.Errorf("offer after the decline %+v", again)
	}

	r.Do(1, launchOf(offer, "stale"))
	dropped := next[cluster.Updated](r, nil).Status
	if dropped.GetState().String() != "TASK_DROPPED" || dropped.GetReason().String() != "REASON_INVALID_OFFERS" ||
		len(dropped.UUID) != 0 {
		t.Errorf("launch on a used offer: %+v", dropped)
	}
	r.Do(1, cluster.Acknowledge{AgentID: again.AgentID, TaskID: "stale", UUID: []byte("no uuid")})
	if e := next[cluster.CallFailed](r, nil); !strings.Contains(e.Reason, "answers 400") {
		t.Errorf("a bad acknowledgement: %+v", e)
	}

	// Another client takes the framework over, as a restarted framework does, and the first is told.
	cfg := configFor(master.Addr())
	cfg.FrameworkID = first.FrameworkID
	second := run(t, cfg)
	if e := next[cluster.Subscribed](second, nil); e.FrameworkID != first.FrameworkID {
		t.Errorf("with the same ID %+v", e)
	}
	asProblem(t, r.ended(), ErrReplaced)
	next[cluster.Offered](second, nil)
	state, err := master.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := state.Framework("test"); !ok || len(state.Frameworks) != 1 ||
		f.FailoverTimeout != (7*24*time.Hour).Seconds() {
		t.Errorf("frameworks %+v", state.Frameworks)
	}

	second.Do(1, cluster.Teardown{})
	asProblem(t, second.ended(), ErrFrameworkRemoved)
	asProblem(t, run(t, cfg).ended(), ErrFrameworkRemoved)
}

func TestAGenuineMesosThatWantsCredentials(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	mesos, err := realmesos.Build(ctx)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	credentials := filepath.Join(dir, "credentials.json")
	writeFile(t, credentials, `{"credentials":[{"principal":"alluxio","secret":"right"}]}`)
	master, err := mesos.StartMaster(ctx, realmesos.MasterOptions{Dir: filepath.Join(dir, "m"), Flags: []string{
		"--authenticate_http_frameworks", "--http_framework_authenticators=basic", "--credentials=" + credentials,
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := master.Stop(); err != nil {
			t.Error(err)
		}
	})
	cfg := configFor(master.Addr())
	cfg.Principal = "alluxio"
	asProblem(t, run(t, cfg).ended(), ErrUnauthorized)
	cfg.Secret = config.NewSecret("wrong")
	asProblem(t, run(t, cfg).ended(), ErrUnauthorized)
	cfg.Secret = config.NewSecret("right")
	next[cluster.Subscribed](run(t, cfg), nil)
}
