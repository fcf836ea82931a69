package mesosmaster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realzookeeper"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

func zkAddress(t testing.TB, text string) config.ZooKeeper {
	t.Helper()
	z, err := config.ParseZooKeeper(text)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// candidates puts MasterInfos into ZooKeeper, as Mesos masters do.
type candidates struct {
	testing.TB
	conn *zookeeper.Conn
}

func newCandidates(t testing.TB, address string) *candidates {
	conn, err := zookeeper.Connect(zookeeper.Options{Address: zkAddress(t, address), SessionTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	if err := conn.Make(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &candidates{t, conn}
}

// add returns the znode's path.
func (c *candidates) add(data string) (path string) {
	c.Helper()
	err := c.conn.Try(c.Context(), func(z *zk.Conn) (err error) {
		path, err = z.Create(c.conn.Address().Path+"/"+infoPrefix, []byte(data), zk.FlagSequence, c.conn.ACL())
		return err
	})
	if err != nil {
		c.Fatal(err)
	}
	return path
}

func (c *candidates) remove(path string) {
	c.Helper()
	if err := c.conn.Try(c.Context(), func(z *zk.Conn) error { return z.Delete(path, -1) }); err != nil &&
		!errors.Is(err, zk.ErrNoNode) {
		c.Fatal(err)
	}
}

func infoOf(address string) string {
	host, port, _ := net.SplitHostPort(address)
	return fmt.Sprintf(`{"address":{"hostname":"h","ip":%q,"port":%s},"hostname":"h","pid":"master@%s"}`, host, port,
		address)
}

// journal is a log that tests can read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func detecting(t testing.TB, address string, log *journal) Config {
	cfg := configFor()
	logger := zerolog.New(log)
	cfg.Log = logger
	cfg.LookTime = 50 * time.Millisecond
	cfg.Detector = NewZooKeeperDetector(zookeeper.Options{Address: zkAddress(t, address), SessionTimeout: time.Second,
		Log: logger})
	return cfg
}

func TestTheLeaderThatZooKeeperNamesIsSubscribedToAndFollowed(t *testing.T) {
	t.Parallel()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	log := new(journal)
	a, b := startFake(t, fakemesos.Options{}), startFake(t, fakemesos.Options{})
	r := run(t, detecting(t, "zk://me:hunter2@"+server.Addr()+"/deep/mesos", log))

	// Nothing is there yet, not even the znode's parent.
	next(r, func(e cluster.Disconnected) bool {
		return strings.Contains(e.Reason, "ZooKeeper knows no leading Mesos master at")
	})
	c := newCandidates(t, "zk://me:hunter2@"+server.Addr()+"/deep/mesos")
	broken := c.add("{")
	next(r, func(e cluster.Disconnected) bool {
		return strings.Contains(e.Reason, "does not describe a Mesos master")
	})
	first := c.add(infoOf(a.Addr()))
	c.remove(broken)
	if e := next[cluster.Subscribed](r, nil); e.Master.Address != a.Addr() {
		t.Errorf("subscribed at %s", e.Master.Address)
	}

	c.add(infoOf(b.Addr()))
	c.remove(first)
	e := next[cluster.Disconnected](r, nil)
	if want := fmt.Sprintf("the Mesos master %s leads now, not %s", b.Addr(), a.Addr()); e.Reason != want ||
		e.Subscription != 1 {
		t.Errorf("disconnected %+v, want %q", e, want)
	}
	if e := next[cluster.Subscribed](r, nil); e.Master.Address != b.Addr() {
		t.Errorf("subscribed at %s", e.Master.Address)
	}
	if text := log.String(); strings.Contains(text, "hunter2") || !strings.Contains(text, `"of":"zookeeper"`) {
		t.Errorf("the log shows the password, or nothing of ZooKeeper: %s", text)
	}
}

func TestTheSubscriptionStaysWhileZooKeeperIsAwayAndFollowsAfterwards(t *testing.T) {
	t.Parallel()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	address := "zk://" + server.Addr() + "/mesos"
	c := newCandidates(t, address)
	a, b := startFake(t, fakemesos.Options{}), startFake(t, fakemesos.Options{})
	first := c.add(infoOf(a.Addr()))
	log := new(journal)
	r := run(t, detecting(t, address, log))
	next[cluster.Subscribed](r, nil)

	if err := server.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.eventually("it is felt", func() bool { return strings.Contains(log.String(), "failed to connect") })
	a.Drop() // Mesos itself is there: the subscription comes back without ZooKeeper
	next[cluster.Disconnected](r, nil)
	if e := next[cluster.Subscribed](r, nil); e.Master.Address != a.Addr() {
		t.Errorf("subscribed at %s", e.Master.Address)
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.add(infoOf(b.Addr()))
	c.remove(first)
	if e := next[cluster.Subscribed](r, nil); e.Master.Address != b.Addr() {
		t.Errorf("subscribed at %s", e.Master.Address)
	}
}

func TestAnExpiredSessionIsMadeAnew(t *testing.T) {
	t.Parallel()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	address := "zk://" + server.Addr() + "/mesos"
	c := newCandidates(t, address)
	a, b := startFake(t, fakemesos.Options{}), startFake(t, fakemesos.Options{})
	first := c.add(infoOf(a.Addr()))
	log := new(journal)
	d := NewZooKeeperDetector(zookeeper.Options{Address: zkAddress(t, address), SessionTimeout: time.Second,
		Log: zerolog.New(log)})
	cfg := configFor()
	cfg.Detector = d
	r := run(t, cfg)
	next[cluster.Subscribed](r, nil)
	// A client cannot end its session without closing; a server that hangs for longer than the
	// session ends it when it goes on.
	expired := func() bool { return strings.Contains(log.String(), "session has been expired") }
	for !expired() {
		if err := server.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		until := time.Now().Add(3 * time.Second)
		r.eventually("the session is over", func() bool { return time.Now().After(until) })
		if err := server.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		until = time.Now().Add(2 * time.Second)
		r.eventually("the server goes on", func() bool { return expired() || time.Now().After(until) })
	}
	c.add(infoOf(b.Addr()))
	c.remove(first)
	if e := next[cluster.Subscribed](r, nil); e.Master.Address != b.Addr() {
		t.Errorf("subscribed at %s", e.Master.Address)
	}
}

func TestAnotherIdentityThatMayNotReadTheZnodeIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	newCandidates(t, "zk://me:right@"+server.Addr()+"/mesos").add("{}")
	log := new(journal)
	p := asProblem(t, run(t, detecting(t, "zk://me:hunter2@"+server.Addr()+"/mesos", log)).ended(), ErrUnauthorized)
	if text := p.Error() + log.String(); !strings.Contains(text, "check user and password in MESOS_MASTER") ||
		strings.Contains(text, "hunter2") {
		t.Errorf("said %s", text)
	}
}

func TestAChangeOfTheLeaderEndsTheWaitForAHostThatHangs(t *testing.T) {
	t.Parallel()
	hung, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, never answers
	if err != nil {
		t.Fatal(err)
	}
	defer hung.Close()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	address := "zk://" + server.Addr() + "/mesos"
	c := newCandidates(t, address)
	first := c.add(infoOf(hung.Addr().String()))
	cfg := detecting(t, address, new(journal))
	cfg.LookTime = generous // nobody takes events before the connection: the first attempt must find the leader
	cfg.Timeout, cfg.Patience = 10*generous, 10*generous
	b := startFake(t, fakemesos.Options{})
	r := run(t, cfg)
	conn, err := hung.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c.add(infoOf(b.Addr()))
	c.remove(first)
	next[cluster.Subscribed](r, nil)
}

func TestALeaderThatPointsToTheOneBeforeItIsAskedAgain(t *testing.T) {
	t.Parallel()
	hung, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, never answers
	if err != nil {
		t.Fatal(err)
	}
	defer hung.Close()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	address := "zk://" + server.Addr() + "/mesos"
	b := startFake(t, fakemesos.Options{})
	b.Redirect(hung.Addr().String())
	newCandidates(t, address).add(infoOf(b.Addr()))
	cfg := detecting(t, address, new(journal))
	cfg.Timeout, cfg.Patience = 10*generous, 10*generous
	r := run(t, cfg)
	next(r, func(e cluster.Disconnected) bool {
		return strings.Contains(e.Reason,
			b.Addr()+" is the leader by ZooKeeper, and still points to another one: "+hung.Addr().String())
	})
	b.Redirect("")
	next[cluster.Subscribed](r, nil)
}

func TestNoPermissionNoSubscription(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	cfg := configFor(m.Addr())
	rejections := 0
	cfg.Permit = func(context.Context) error {
		if rejections++; rejections < 3 {
			return errors.New("ZooKeeper is away")
		}
		return nil
	}
	r := run(t, cfg)
	for range 2 {
		if e := next[cluster.Disconnected](r, nil); e.Reason != "ZooKeeper is away" {
			t.Errorf("disconnected %+v", e)
		}
	}
	next[cluster.Subscribed](r, nil)
	cfg.Permit = func(context.Context) error { return &Problem{Kind: ErrReplaced, Message: "another one leads"} }
	asProblem(t, run(t, cfg).ended(), ErrReplaced)
}

// BenchmarkLeaderChange is the time from the change of the znode to SUBSCRIBED from the new leader.
func BenchmarkLeaderChange(b *testing.B) {
	server := realzookeeper.StartForTest(b, realzookeeper.Options{})
	address := "zk://" + server.Addr() + "/mesos"
	c := newCandidates(b, address)
	var masters []*fakemesos.Master
	for range 2 {
		m, err := fakemesos.Start(fakemesos.Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer m.Close()
		masters = append(masters, m)
	}
	cfg := configFor()
	cfg.FirstDelay, cfg.MaxDelay = 0, 0 // the defaults
	cfg.Detector = NewZooKeeperDetector(zookeeper.Options{Address: zkAddress(b, address), SessionTimeout: time.Second})
	ctx, cancel := context.WithCancel(b.Context())
	events := make(chan cluster.Event, 100)
	result := make(chan error, 1)
	go func() { result <- New(cfg).Run(ctx, events) }()
	defer func() { cancel(); <-result }()
	subscribed := func() {
		for {
			if _, ok := (<-events).(cluster.Subscribed); ok {
				return
			}
		}
	}
	first := c.add(infoOf(masters[0].Addr()))
	subscribed()
	for i := 1; b.Loop(); i++ {
		b.StopTimer()
		second := c.add(infoOf(masters[i%2].Addr()))
		b.StartTimer()
		c.remove(first)
		subscribed()
		first = second
	}
}
