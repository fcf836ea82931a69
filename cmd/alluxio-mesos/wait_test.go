package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func TestAWaitEndsWhen(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	slot := func(role config.Role, state string) cluster.SlotStatus {
		return cluster.SlotStatus{Role: role, State: state, Confirmed: true}
	}
	saved := slot(config.Worker, "serving")
	saved.Confirmed = false
	settings := func(workers int) *config.Settings {
		return &config.Settings{Roles: config.AlluxioRoles(), Master: config.RoleSettings{Count: 1},
			Worker: config.RoleSettings{Count: workers}}
	}
	serving := []cluster.SlotStatus{slot(config.Master, "serving"), slot(config.Worker, "serving")}
	for name, tt := range map[string]struct {
		slots   []cluster.SlotStatus
		state   string
		offer   time.Duration // age of the last eligible offer
		since   time.Duration // age of the subscription
		workers int
		want    bool
	}{
		"masters and a worker serve, and it is quiet": {serving, "subscribed", 3 * time.Second, time.Minute,
			config.AllHosts, true},
		"not while an eligible offer came lately": {serving, "subscribed", 2 * time.Second, time.Minute,
			config.AllHosts, false},
		"not right after a subscription": {serving, "subscribed", time.Minute, time.Second,
			config.AllHosts, false},
		"not without a subscription": {serving, "connecting", time.Minute, time.Minute,
			config.AllHosts, false},
		"not without a master": {serving[1:], "subscribed", time.Minute, time.Minute,
			config.AllHosts, false},
		"not without a worker": {serving[:1], "subscribed", time.Minute, time.Minute,
			config.AllHosts, false},
		"without a worker when none is wanted": {serving[:1], "subscribed", time.Minute, time.Minute, 0,
			true},
		"not while one is starting": {append(serving, slot(config.Worker, "starting")),
			"subscribed", time.Minute, time.Minute, 2, false},
		"not while one is staging": {append(serving, slot(config.Worker, "staging")),
			"subscribed", time.Minute, time.Minute, 2, false},
		"also while a job worker is starting": {append(serving, slot(config.JobWorker, "starting")),
			"subscribed", time.Minute, time.Minute, 1, true},
		"also while a second worker waits for an offer": {append(serving, slot(config.Worker, "waiting")),
			"subscribed", time.Minute, time.Minute, 2, true},
		"also while a lost worker is unreachable": {append(serving, slot(config.Worker, "unreachable")),
			"subscribed", time.Minute, time.Minute, 2, true},
		"not while what was saved is not confirmed by Mesos": {append(serving, saved), "subscribed", time.Minute,
			time.Minute, 2, false},
		"not while a second master waits": {append(serving, slot(config.Master, "waiting")),
			"subscribed", time.Minute, time.Minute, 2, false},
		"not before an offer came and nothing is there to serve": {nil, "subscribed", time.Minute, time.Minute,
			config.AllHosts, false},
	} {
		s := &cluster.Status{Slots: tt.slots, Now: now, LastEligibleOffer: now.Add(-tt.offer),
			Mesos: cluster.MesosStatus{State: tt.state, Since: now.Add(-tt.since)}}
		if got := serves(s, settings(tt.workers)); got != tt.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
	ending := &cluster.Status{Slots: serving, Now: now, Mesos: cluster.MesosStatus{State: "subscribed"},
		Framework: cluster.FrameworkStatus{Teardown: true}}
	if serves(ending, settings(1)) {
		t.Error("not while the cluster is being ended")
	}
}

func TestTheReasonsOfAnEndAreTheErrorsOfThisLife(t *testing.T) {
	t.Parallel()
	const old = "2026-01-02T03:04:05Z ERR an old error\n"
	for name, tt := range map[string]struct{ log, want string }{
		"errors " +
			"count": {"2026-01-02T03:04:05Z INF begins\n2026-01-02T03:04:06Z ERR it broke reason=\"x " +
			"y\"\n2026-01-02T03:04:06Z WRN w\n", "2026-01-02T03:04:06Z ERR it broke reason=\"x y\""},
		"a crash counts": {"2026-01-02T03:04:05Z INF begins\nfatal error: out of memory\n\ngoroutine 1:\n",
			"fatal error: out of memory\ngoroutine 1:"},
		"else it is the end": {"2026-01-02T03:04:05Z INF begins\n2026-01-02T03:04:05Z INF goes on\n",
			"2026-01-02T03:04:05Z INF begins\n2026-01-02T03:04:05Z INF goes on"},
		"nothing was written":    {"", ""},
		"at most a dozen errors": {strings.Repeat("panic\n", 100), strings.TrimSpace(strings.Repeat("panic\n", tailLines))},
	} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, logName), []byte(old+tt.log), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := reasons(folder, int64(len(old))); got != tt.want {
			t.Errorf("%s: got %q", name, got)
		}
	}
	if got := reasons(t.TempDir(), 0); got != "" {
		t.Errorf("without a log: got %q", got)
	}
}

func TestALogThatWasRotatedIsReadFromItsBeginning(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, logName), []byte("2026-01-02T03:04:06Z ERR it broke\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	if got := errorsIn(folder, 1<<20); got != "2026-01-02T03:04:06Z ERR it broke" {
		t.Errorf("got %q", got)
	}
}
