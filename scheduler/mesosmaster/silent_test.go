package mesosmaster

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// hung is the address of a host that takes connections and never answers.
func hung(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// impatient gives hosts little time for their first word, though enough of it for those that do
// answer on a slow machine, and no end of it for all that follows.
func impatient(masters ...string) Config {
	cfg := configFor(masters...)
	cfg.Patience, cfg.Timeout = time.Second, 10*generous
	return cfg
}

func TestAHostThatHangsKeepsNobodyFromTheNext(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	r := run(t, impatient(hung(t), m.Addr()))
	if e := next[cluster.Subscribed](r, nil); e.Master.Address != m.Addr() {
		t.Errorf("event %+v", e)
	}
}

func TestAMasterThatPointsToOneThatHangsIsAskedAgain(t *testing.T) {
	t.Parallel()
	m, dead := startFake(t, fakemesos.Options{}), hung(t)
	m.Redirect(dead)
	r := run(t, impatient(m.Addr()))
	next(r, func(e cluster.Disconnected) bool {
		return strings.Contains(e.Reason, dead+" gives no answer within 1s")
	})
	m.Redirect("")
	next[cluster.Subscribed](r, nil)
}

// Whether a master is slow or hangs shows in time only: it is waited for longer each time, until it has said something.
func TestASlowMasterIsReachedWhenNobodyElseIs(t *testing.T) {
	t.Parallel()
	closed, err := loopback.FreePort("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	slow := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) < 4 { // longer than is waited for now, however long that is
			<-r.Context().Done()
			return
		}
		http.NotFound(w, r)
	})
	r := run(t, impatient(fmt.Sprintf("127.0.0.1:%d", closed), slow))
	for _, patience := range []string{"1s", "2s", "4s"} {
		next(r, func(e cluster.Disconnected) bool {
			return strings.Contains(e.Reason, slow+" gives no answer within "+patience)
		})
	}
	next(r, func(e cluster.Disconnected) bool { return strings.Contains(e.Reason, slow+" is not a Mesos master") })
	asked.Store(0)
	next(r, func(e cluster.Disconnected) bool {
		return strings.Contains(e.Reason, slow+" gives no answer within 1s")
	})
}

func TestAHostThatHangsIsNotWaitedForLongerWhileTheOthersKnowNoLeader(t *testing.T) {
	t.Parallel()
	standby := master(t, "1.11.0", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "No leader elected", http.StatusServiceUnavailable)
	})
	dead := hung(t)
	r := run(t, impatient(standby, dead))
	for range 3 {
		next(r, func(e cluster.Disconnected) bool {
			return strings.Contains(e.Reason, standby+" knows no leading master")
		})
		if e := next[cluster.Disconnected](r, nil); !strings.Contains(e.Reason, dead+" gives no answer within 1s") {
			t.Errorf("event %+v", e)
		}
	}
}
