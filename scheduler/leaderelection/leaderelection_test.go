package leaderelection

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realzookeeper"
	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

const generous = time.Minute

// startZooKeeper starts one whose sessions may last for up to 20 s.
func startZooKeeper(t *testing.T) *realzookeeper.Server {
	t.Helper()
	return realzookeeper.StartForTest(t, realzookeeper.Options{Tick: time.Second})
}

func options(address, api string, session time.Duration) (Options, error) {
	z, err := config.ParseZooKeeper(address)
	return Options{Options: zookeeper.Options{Address: z, SessionTimeout: session}, API: api}, err
}

// contender is a Candidate and the result of its Campaign.
type contender struct {
	*Candidate
	result chan error
}

// startContender makes a Candidate whose session a busy machine keeps in any case.
func startContender(t *testing.T, address, api string) contender {
	t.Helper()
	return startContenderWithSession(t, address, api, 20*time.Second)
}

func startContenderWithSession(t *testing.T, address, api string, session time.Duration) contender {
	t.Helper()
	o, err := options(address, api, session)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Join(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := contender{c, make(chan error, 1)}
	go func() { s.result <- c.Campaign(ctx) }()
	t.Cleanup(func() {
		cancel()
		c.Close()
	})
	return s
}

func (s contender) elected(t *testing.T) {
	t.Helper()
	select {
	case err := <-s.result:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(generous):
		t.Fatal("it is not elected")
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	timeout := time.After(generous)
	for !ok() {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-timeout:
			t.Fatalf("not: %s", what)
		}
	}
}

func TestOneLeadsTheOthersKnowWhoAndFollowInTurn(t *testing.T) {
	t.Parallel()
	address := "zk://me:hunter2@" + startZooKeeper(t).Addr() + "/deep/alluxio"
	o, err := options(address, "", 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	acting := func(want string) {
		t.Helper()
		if api, err := Acting(t.Context(), o.Options); err != nil || api != want {
			t.Errorf("%q acts, want %q: %v", api, want, err)
		}
	}
	acting("")
	var all []contender
	for n := range 3 {
		s := startContender(t, address, fmt.Sprint("host:", n))
		if n == 0 {
			s.elected(t)
		}
		eventually(t, "it knows the leader", func() bool { return s.Leader() == "host:0" })
		all = append(all, s)
	}
	for n, s := range all {
		if n > 0 {
			s.elected(t)
		}
		if s.Leader() != fmt.Sprint("host:", n) || !strings.HasPrefix(s.Holder(), "/deep/alluxio/election/candidate-") {
			t.Errorf("candidate %d: leader %s, holder %s", n, s.Leader(), s.Holder())
		}
		acting(fmt.Sprint("host:", n))
		for _, other := range all[n+1:] {
			eventually(t, "the others know it too", func() bool { return other.Leader() == fmt.Sprint("host:", n) })
			if other.Holder() != "" {
				t.Errorf("a standby holds %s", other.Holder())
			}
		}
		s.Close()
		select {
		case <-s.Lost():
			t.Error("a candidate that withdraws gets Lost")
		default:
		}
	}
}

func TestALeaderWhoseZnodeIsGoneIsTold(t *testing.T) {
	t.Parallel()
	address := "zk://me:hunter2@" + startZooKeeper(t).Addr() + "/alluxio"
	first := startContender(t, address, "a:1")
	first.elected(t)
	second := startContender(t, address, "b:2")
	eventually(t, "it stands by", func() bool { return second.Leader() == "a:1" })
	if err := second.withdraw(t.Context(), filepath.Base(first.Holder())); err != nil {
		t.Fatal(err)
	}
	select {
	case <-first.Lost():
	case <-time.After(generous):
		t.Fatal("it does not get Lost")
	}
	second.elected(t)
}

func TestNobodyTakesOverWhatHasEnded(t *testing.T) {
	t.Parallel()
	address := "zk://me:hunter2@" + startZooKeeper(t).Addr() + "/alluxio"
	first := startContender(t, address, "a:1")
	first.elected(t)
	others := []contender{startContender(t, address, "b:2"), startContender(t, address, "c:3")}
	for _, s := range others {
		eventually(t, "it stands by", func() bool { return s.Leader() == "a:1" })
	}
	if err := first.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	first.Close()
	for _, s := range others {
		select {
		case err := <-s.result:
			if !errors.Is(err, ErrOver) {
				t.Errorf("%v", err)
			}
		case <-time.After(generous):
			t.Fatal("it goes on")
		}
		s.Close()
	}
	startContender(t, address, "d:4").elected(t) // who comes later starts again
}

func TestALeaderOutlastsAZooKeeperThatStartsAgain(t *testing.T) {
	t.Parallel()
	server := startZooKeeper(t)
	address := "zk://" + server.Addr() + "/alluxio"
	first := startContenderWithSession(t, address, "a:1", sessionTimeout)
	first.elected(t)
	if err := server.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	early := startContenderWithSession(t, address, "b:2", sessionTimeout) // while ZooKeeper is away
	until := time.Now().Add(2 * sessionTimeout)
	eventually(t, "longer than its session", func() bool { return time.Now().After(until) })
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Either it is back in time, or its session has ended with the time that it took to come back.
	eventually(t, "one leads", func() bool { return early.Leader() != "" })
	select {
	case <-first.Lost():
		early.elected(t)
	case err := <-early.result: // which may know it first
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-first.Lost():
		case <-time.After(generous):
			t.Error("both lead")
		}
	default:
	}
}

func TestWhoMayNotStandIsToldWhy(t *testing.T) {
	t.Parallel()
	server := startZooKeeper(t)
	startContender(t, "zk://me:right@"+server.Addr()+"/alluxio", "a:1").elected(t)
	s := startContender(t, "zk://me:hunter2@"+server.Addr()+"/alluxio", "b:2")
	select {
	case err := <-s.result:
		if !errors.Is(err, zk.ErrNoAuth) || !strings.Contains(err.Error(), "check user and password") ||
			strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error %v", err)
		}
	case <-time.After(generous):
		t.Error("it does not get Lost")
	}
}

func TestTheLowestNumberLeads(t *testing.T) {
	t.Parallel()
	for names, want := range map[string]string{
		"": "",
		"candidate-a-0000000010 candidate-z-0000000009 other-0000000001": "candidate-z-0000000009",
		"candidate-a-x candidate-b-0000000001":                           "candidate-b-0000000001",
	} {
		if got := lowest(strings.Fields(names)); got != want {
			t.Errorf("%q: %q", names, got)
		}
	}
}
