package scheduler

import (
	"context"
	"errors"
	"io"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// diary writes down, in order, what the loop does to the world. It stands between the loop and a real store.
type diary struct {
	mu      sync.Mutex
	entries []string
	failing error
	saving  func(context.Context) // unless nil, called at the beginning of each Save
	*store.Store
}

func (d *diary) note(entry string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.entries = append(d.entries, entry)
}

func (d *diary) read() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.entries...)
}

func (d *diary) Do(_ uint64, a cluster.Action) { d.note(a.String()) }

func (d *diary) Flush(context.Context) error {
	d.note("flush")
	return nil
}

func (d *diary) Save(ctx context.Context, c cluster.Changes) error {
	if d.saving != nil {
		d.saving(ctx)
	}
	if d.failing != nil {
		return d.failing
	}
	for key := range c {
		d.note("save " + key)
	}
	return d.Store.Save(ctx, c)
}

func settings() *config.Settings {
	return &config.Settings{
		Roles: config.AlluxioRoles(),
		Name:  "alluxio", User: "root", MesosRole: "*", Install: config.Install{Home: "/opt/alluxio"}, KillGrace: time.Second,
		StartTimeout: time.Minute,
		Master:       config.RoleSettings{Name: "AlluxioMaster", Count: 1, CPUs: 1, Mem: config.GB},
		Worker:       config.RoleSettings{Name: "AlluxioWorker", Count: 0, CPUs: 1, Mem: config.GB},
	}
}

// running is a loop at work.
type running struct {
	*Loop
	diary  *diary
	events chan cluster.Event
	end    context.CancelFunc
	result chan error
}

func start(t *testing.T, failing error) *running {
	t.Helper()
	file, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	record, err := file.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	state, err := cluster.NewState(cluster.Options{Settings: settings()}, record)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	r := &running{diary: &diary{failing: failing, Store: file}, events: make(chan cluster.Event, 100), end: end,
		result: make(chan error, 1)}
	r.Loop = New(state, r.diary, r.diary, r.events, zerolog.New(io.Discard))
	go func() { r.result <- r.Run(ctx) }()
	t.Cleanup(func() {
		end()
		<-r.ended
	})
	return r
}

// await polls the diary until it holds entry.
func (r *running) await(t *testing.T, entry string) []string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		entries := r.diary.read()
		for _, e := range entries {
			if strings.HasPrefix(e, entry) {
				return entries
			}
		}
	}
	t.Fatalf("never %q: %q", entry, r.diary.read())
	return nil
}

func TestWhatChangedIsSavedBeforeAnythingLeaves(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	r.events <- cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}
	entries := r.await(t, "revive")
	if entries[0] != "save framework" {
		t.Errorf("the framework ID is saved first: %q", entries)
	}
	record, err := r.diary.Load(t.Context())
	if err != nil || !strings.Contains(string(record["framework"]), "f1") {
		t.Errorf("%v %q", err, maps.Collect(maps.All(record)))
	}
}

func TestASaveThatFailsEndsTheLoopAndNothingLeaves(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	r := start(t, full)
	r.events <- cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}
	if err := <-r.result; !errors.Is(err, full) || !strings.Contains(err.Error(), "save the state") {
		t.Errorf("%v", err)
	}
	if entries := r.diary.read(); len(entries) > 0 {
		t.Errorf("something left: %q", entries)
	}
	if _, err := r.Snapshot(t.Context()); !errors.Is(err, ErrStopped) {
		t.Errorf("a snapshot of a loop that has ended: %v", err)
	}
}

func TestASaveThatHasBegunIsFinishedThoughTheProcessIsToldToEnd(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	cut := errors.New("no save began")
	r.diary.saving = func(ctx context.Context) { // before the first event: the loop has nothing to save yet
		r.end()
		cut = ctx.Err()
	}
	r.events <- cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}
	if err := <-r.result; err != nil || cut != nil {
		t.Errorf("the loop ends with %v, and the context of the save with %v", err, cut)
	}
	if record, err := r.diary.Load(t.Context()); err != nil || !strings.Contains(string(record["framework"]), "f1") {
		t.Errorf("%v %q", err, record)
	}
}

func TestATeardownEndsTheLoopAfterItsLastCallsHaveLeft(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	r.events <- cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}
	r.await(t, "revive")
	if err := r.Teardown(t.Context(), cluster.TeardownRequested{}); err != nil {
		t.Fatal(err)
	}
	r.await(t, "teardown")
	r.events <- cluster.CallAccepted{Subscription: 1, Action: cluster.Teardown{}}
	if err := <-r.result; !errors.Is(err, ErrTornDown) {
		t.Fatal(err)
	}
	entries := r.diary.read()
	if n := len(entries); entries[n-1] != "flush" {
		t.Errorf("%q", entries)
	}
}

// A Mesos master that fails over answers TEARDOWN with 503: to forget the framework then would
// leave what is out of reach alive.
func TestATeardownThatMesosDoesNotTakeKeepsTheFrameworkID(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	r.events <- cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}
	r.await(t, "revive")
	if err := r.Teardown(t.Context(), cluster.TeardownRequested{}); err != nil {
		t.Fatal(err)
	}
	r.await(t, "teardown")
	r.events <- cluster.CallFailed{Subscription: 1, Action: cluster.Teardown{}, Reason: "m:5050 answers 503"}
	r.events <- cluster.Disconnected{Subscription: 1, Reason: "the Mesos master closed the subscription"}
	status, err := r.Snapshot(t.Context())
	if err != nil || !status.Framework.TeardownBegun {
		t.Fatalf("%v %+v", err, status)
	}
	if record, err := r.diary.Load(t.Context()); err != nil ||
		!strings.Contains(string(record["framework"]), `"id":"f1"`) {
		t.Fatalf("%v %q", err, record)
	}
	if err := r.CancelTeardown(t.Context()); !errors.Is(err, cluster.ErrRefused) {
		t.Errorf("it has begun, and is cancelled: %v", err)
	}
	r.events <- cluster.Failed{Message: "Framework has been removed", Removed: true}
	if err := <-r.result; !errors.Is(err, ErrTornDown) {
		t.Fatal(err)
	}
	if record, err := r.diary.Load(t.Context()); err != nil || strings.Contains(string(record["framework"]), `"id"`) {
		t.Errorf("%v %q", err, record)
	}
}

func TestMesossErrorStopsTheLoopWithTheReason(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	r.events <- cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}
	r.events <- cluster.Failed{Subscription: 1, Message: "Framework has been removed"}
	if err := <-r.result; !errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "Framework has been removed") {
		t.Errorf("%v", err)
	}
}

func TestTheEndOfTheContextLeavesTheTasks(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	r.events <- cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}
	r.await(t, "revive")
	status, err := r.Snapshot(t.Context())
	if err != nil || status.Mesos.State != "subscribed" || len(status.Waiting) != 1 {
		t.Errorf("%v %+v", err, status)
	}
	r.end()
	if err := <-r.result; err != nil {
		t.Error(err)
	}
	for _, entry := range r.diary.read() {
		if strings.HasPrefix(entry, "kill") || entry == "teardown" {
			t.Errorf("the end of the process must not touch tasks: %q", entry)
		}
	}
}

func TestSettingsAreTakenInByTheNextCycleOrRefusedAndChangeNothing(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	r.events <- cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}
	r.await(t, "revive")
	large := settings()
	large.Worker.Count = 3
	large.Site = []config.Property{{Key: "alluxio.user.x", Value: strings.Repeat("x", 5<<20)}}
	if err := r.Reconfigure(t.Context(), large); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("settings that fit into no task: %v", err)
	}
	if status, err := r.Snapshot(t.Context()); err != nil || len(status.Slots) != 1 {
		t.Errorf("after a refusal: %v %+v", err, status)
	}
	more := settings()
	more.Worker.Count = 3
	if err := r.Reconfigure(t.Context(), more); err != nil {
		t.Fatal(err)
	}
	if status, err := r.Snapshot(t.Context()); err != nil || len(status.Slots) != 4 {
		t.Errorf("at once, without another event: %v %+v", err, status)
	}
}
