package scheduler

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// page is a log that takes no line until it is opened.
type page struct {
	open chan struct{}
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *page) Write(b []byte) (int, error) {
	<-p.open
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

// logging starts a loop that logs to p.
func logging(t *testing.T, p *page, events int) (loop *Loop, feed chan cluster.Event, end func() error) {
	t.Helper()
	file, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	state, err := cluster.NewState(cluster.Options{Settings: settings()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	diary := &diary{Store: file}
	feed = make(chan cluster.Event, events)
	loop = New(state, diary, diary, feed, zerolog.New(p))
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- loop.Run(ctx) }()
	end = sync.OnceValue(func() error { cancel(); return <-result })
	return loop, feed, end
}

func unknownTask(i int) cluster.Event {
	state, agent := mesos.TASK_FAILED, mesos.AgentID{Value: "S1"}
	return cluster.Updated{Subscription: 1, Status: &mesos.TaskStatus{TaskID: mesos.TaskID{Value: fmt.Sprint("unknown-",
		i)}, State: &state, AgentID: &agent}}
}

func TestThousandsOfEventsAndRejectionsAreBoundedLines(t *testing.T) {
	t.Parallel()
	const tasks, offers = 100_000, 50_000
	p := &page{open: make(chan struct{})}
	close(p.open)
	loop, feed, end := logging(t, p, tasks+2)
	defer end() //nolint:errcheck // it was asked for
	feed <- cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}
	offered := cluster.Offered{Subscription: 1}
	for i := range offers {
		offered.Offers = append(offered.Offers, offer.Offer{ID: fmt.Sprint("o", i), AgentID: fmt.Sprint("a", i),
			Host: fmt.Sprint("h", i)})
	}
	feed <- offered
	for i := range tasks {
		feed <- unknownTask(i)
	}
	for limit := time.Now().Add(time.Minute); len(feed) > 0 && time.Now().Before(limit); time.Sleep(time.Millisecond) {
	}
	if _, err := loop.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	// Each cycle takes 4096 events; a slow machine makes more cycles of fewer.
	lines, cycles := strings.Count(p.text.String(), "\n"), int(loop.cycles)
	if most := cycles * 4 * (linesOfAKind + 1); lines > most || cycles < tasks/cycleEvents {
		t.Errorf("%d lines for %d cycles, want at most %d", lines, cycles, most)
	}
	for _, says := range []string{"task updates: ", "offers that are not used: 49950 more of these lines are " +
		"left out"} {
		if !strings.Contains(p.text.String(), says) {
			t.Errorf("the log does not say %q", says)
		}
	}
}

func TestALogThatTakesNoLinesDoesNotStopTheLoop(t *testing.T) {
	t.Parallel()
	p := &page{open: make(chan struct{})}
	loop, feed, end := logging(t, p, 10)
	defer end() //nolint:errcheck // it was asked for
	feed <- cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}
	for range linesWaiting + 100 {
		feed <- cluster.Disconnected{Reason: "no Mesos"}
	}
	if _, err := loop.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(p.open)
	for limit := time.Now().Add(time.Minute); len(loop.queue.lines) > 0 &&
		time.Now().Before(limit); time.Sleep(time.Millisecond) {
	}
	feed <- cluster.Disconnected{Reason: "no Mesos"}
	if _, err := loop.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(p.text.String(), "the log did not take lines in time; they are lost") {
		t.Error("nothing is said about the lines that are lost")
	}
}
