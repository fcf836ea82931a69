package e2e

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
)

// newHome is a configuration without a Mesos; what it starts ends with the test.
func newHome(t *testing.T, lines ...string) *clitest.Home {
	t.Helper()
	home, err := clitest.NewHome(testcluster.OpenDir(t), binary)
	if err == nil {
		err = home.WriteSite(lines...)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := home.Close(); err != nil {
			t.Error(err)
		}
	})
	return home
}

// startOnFake starts a framework that wants a worker on every host, on a scripted Mesos whose tasks serve at once.
func startOnFake(t *testing.T) (*clitest.Home, *fakemesos.Master) {
	t.Helper()
	mesos, err := fakemesos.Start(fakemesos.Options{Agents: 2, Allocation: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := mesos.Close(); err != nil {
			t.Error(err)
		}
		for _, violation := range mesos.Violations() {
			t.Error(violation)
		}
	})
	home := newHome(t, "alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.underfs.address=hdfs://namenode/")
	if out, err := home.Start(t.Context(), "-w", mesos.Addr()); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, home.Log())
	}
	return home, mesos
}

func TestWhatIsNotWantedIsDeclinedForAnHour(t *testing.T) {
	t.Parallel()
	_, mesos := startOnFake(t)
	refused := map[time.Duration]int{} // offers by how long
	declines := 0
	for _, call := range mesos.Calls() {
		if call.Type == scheduler.Call_DECLINE {
			declines++
			refused[time.Duration(call.Decline.GetFilters().GetRefuseSeconds()*float64(time.Second))] += len(
				call.Decline.OfferIDs)
		}
	}
	// The rest of both hosts, once everything serves there; while the master starts, a host is of use soon.
	if refused[time.Hour] < 2 || declines > 8 {
		t.Errorf("%d declines, offers refused for %v", declines, refused)
	}
}

func TestHostileBytesOnTheStreamEndNothing(t *testing.T) {
	t.Parallel()
	home, mesos := startOnFake(t)
	before := slices.Sorted(maps.Keys(mesos.Tasks()))
	status, err := home.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, bytes := range []string{
		"<html>this is no stream</html>",
		"10\n\x1a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", // a length that mesos-go's decoder panics on
		"4\n\x08\x03\x1a\x00",                          // OFFERS without one
	} {
		subscribed := mesos.Count(scheduler.Call_SUBSCRIBE)
		mesos.SendBytes([]byte(bytes))
		mesos.Drop() // also after what cost no subscription
		ctx, cancel := context.WithTimeout(t.Context(), testcluster.Patience)
		err := clitest.Await(ctx, "another subscription", func(ctx context.Context) (bool, error) {
			s, err := home.Status(ctx)
			return err == nil && s.Complete && s.Mesos.State == "subscribed" &&
				mesos.Count(scheduler.Call_SUBSCRIBE) > subscribed, err
		})
		cancel()
		if err != nil {
			t.Fatalf("after %q: %v\n%s", bytes, err, home.Log())
		}
	}
	after, err := home.Status(t.Context())
	if err != nil || after.Framework.ID != status.Framework.ID ||
		!after.Framework.Started.Equal(status.Framework.Started) {
		t.Errorf("before %+v, after %+v, %v", status.Framework, after.Framework, err)
	}
	if now := slices.Sorted(maps.Keys(mesos.Tasks())); !slices.Equal(now, before) || len(now) != 3 {
		t.Errorf("tasks before %v, after %v", before, now)
	}
	if log := home.Log(); strings.Contains(log, "panic") || strings.Contains(log, "\x1b") ||
		strings.Contains(log, "\xff") {
		t.Errorf("the log has what was sent:\n%s", log)
	}
}
