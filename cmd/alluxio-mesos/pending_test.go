package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realzookeeper"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/leaderelection"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

// An operator who finds no framework running learns first that the cluster is being ended.
func TestStopAndStatusSayASavedTeardownFirst(t *testing.T) {
	t.Parallel()
	later := time.Date(2100, 1, 2, 3, 4, 5, 0, time.UTC).Format(time.RFC3339)
	const (
		pending = "a teardown of this cluster is pending: "
		begun   = "it has begun; start the framework again (alluxio-mesos-start.sh), and it goes on until the " +
			"cluster " +
			"has ended\n"
	)
	for _, test := range []struct{ name, row, want string }{
		{"that has begun", `{"id":"f1","cluster":"f1","teardown":true,"teardownBegun":true}`, pending + begun},
		{"that has begun, after its deadline",
			`{"id":"f1","teardown":true,"teardownBegun":true,"teardownUntil":"2020-01-01T00:00:00Z"}`, pending + begun},
		{"of an earlier version", `{"id":"f1","cluster":"f1","teardown":true}`,
			pending + "the next start of the framework goes on with it\n"},
		{"that may begin", `{"id":"f1","teardown":true,"teardownUntil":"` + later + `"}`,
			pending + "it has not begun; a start of the framework before " + later +
				" begins it, a later one drops it\n"},
		{"whose deadline has passed", `{"id":"f1","teardown":true,"teardownUntil":"2020-01-01T00:00:00Z"}`, ""},
		{"that nobody asked for", `{"id":"f1","cluster":"f1"}`, ""},
		{"that cannot be read", `{"teardown":`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.saveRow(test.row)
			before := h.state()
			const none = "no framework of this configuration runs (its state is in "
			if out, err := h.Stop(h.within()); err != nil || !strings.HasPrefix(out, test.want+none) {
				t.Errorf("stop: %v\n%s", err, out)
			}
			for _, command := range []string{"status", "explain", "stop --teardown --yes", "uninstall --yes"} {
				_, err := h.CLI(h.within(), strings.Fields(command)...)
				want := "alluxio-mesos: " + none
				if test.want != "" {
					want = "alluxio-mesos: " + test.want + want
				}
				if out := h.fails(err, 1); !strings.HasPrefix(out, want) {
					t.Errorf("%s: %s", command, out)
				}
			}
			if after := h.state(); after != before {
				t.Errorf("the state is %s, and was %s", after, before)
			}
		})
	}
}

// saveRow saves the row of the framework as a framework does that has ended since.
func (h home) saveRow(row string) {
	h.t.Helper()
	db, err := store.Open(h.Path("mesos-state"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	if err := db.Save(h.t.Context(), cluster.Changes{"framework": []byte(row)}); err != nil {
		h.t.Fatal(err)
	}
}

// state names the files of the state folder, with size and time of the last change.
func (h home) state() string {
	h.t.Helper()
	entries, err := os.ReadDir(h.Path("mesos-state"))
	if err != nil {
		h.t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			h.t.Fatal(err)
		}
		fmt.Fprintf(&all, "%s %d %s\n", e.Name(), info.Size(), info.ModTime())
	}
	return all.String()
}

// homeWithSilentZooKeeper keeps the state in a ZooKeeper that takes connections and never answers.
func homeWithSilentZooKeeper(t *testing.T) home {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return newHome(t, "alluxio.integration.mesos.state=zk://"+listener.Addr().String()+"/alluxio")
}

func TestStopAndStatusWaitForNoZooKeeper(t *testing.T) {
	t.Parallel()
	h := homeWithSilentZooKeeper(t)
	if out, err := h.Stop(h.within()); err != nil || !strings.HasPrefix(out,
		"no framework of this configuration runs") {
		t.Errorf("stop: %v %s", err, out)
	}
	_, err := h.CLI(h.within(), "status")
	if out := h.fails(err, 1); !strings.HasPrefix(out, "alluxio-mesos: no framework of this configuration runs") {
		t.Errorf("status: %s", out)
	}
}

// What stop and start say of a pending teardown keeps them from nothing.
func TestStopAndStartDoTheirWorkWithoutZooKeeper(t *testing.T) {
	t.Parallel()
	h := homeWithSilentZooKeeper(t)
	out, _ := h.Start(h.within(), nobody(t)) // the instance stands by, which start does not call a success
	framework, err := store.ReadProcess(h.Path("mesos-state"))
	if err != nil || !framework.Alive() {
		t.Fatalf("start has started nothing: %v\n%s", err, out)
	}
	if out, err := h.Stop(h.within()); err != nil || framework.Alive() {
		t.Errorf("stop: %v, the framework lives: %v\n%s", err, framework.Alive(), out)
	}
}

func TestStopAndStatusSayATeardownThatIsSavedInZooKeeper(t *testing.T) {
	t.Parallel()
	server := realzookeeper.StartForTest(t, realzookeeper.Options{})
	address := "zk://me:hunter2@" + server.Addr() + "/alluxio"
	parsed, err := config.ParseZooKeeper(address)
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.OpenZooKeeper(t.Context(), store.ZooKeeperOptions{Options: zookeeper.Options{Address: parsed}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	h := newHome(t, "alluxio.integration.mesos.state="+address)
	if err := db.Save(t.Context(),
		cluster.Changes{"framework": []byte(`{"id":"f1","teardown":true,"teardownBegun":true}`)}); err != nil {
		t.Fatal(err)
	}
	const want = "a teardown of this cluster is pending: it has begun; start the framework again"
	if out, err := h.Stop(h.within()); err != nil || !strings.HasPrefix(out, want) {
		t.Errorf("stop: %v %s", err, out)
	}
	_, err = h.CLI(h.within(), "status")
	if out := h.fails(err, 1); !strings.HasPrefix(out, "alluxio-mesos: "+want) {
		t.Errorf("status: %s", out)
	}
	if err := db.Confirm(t.Context()); err != nil {
		t.Errorf("one of them has taken the state over: %v", err)
	}

	// An instance on another host acts, whose API cannot be reached from here.
	const api, acted = "other-host.invalid:4711", "a teardown of this cluster is pending: it has begun; the instance at " +
		"other-host.invalid:4711 goes on with it; "
	candidate, err := leaderelection.Join(leaderelection.Options{Options: zookeeper.Options{Address: parsed}, API: api})
	if err != nil {
		t.Fatal(err)
	}
	defer candidate.Close()
	if err := candidate.Campaign(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out, err := h.Stop(h.within()); err != nil || !strings.HasPrefix(out, acted) ||
		strings.Contains(out, "start the framework") {
		t.Errorf("stop: %v %s", err, out)
	}
	_, err = h.CLI(h.within(), "status")
	if out := h.fails(err, 1); !strings.HasPrefix(out, "alluxio-mesos: "+acted) {
		t.Errorf("status: %s", out)
	}
	if out := h.start(nobody(t)); !strings.Contains(out, acted) { // it stands by
		t.Errorf("start: %s", out)
	}
	if out, err := h.Stop(h.within()); err != nil || !strings.HasPrefix(out, acted) ||
		strings.Contains(out, "the next start") {
		t.Errorf("stop of an instance that stands by: %v %s", err, out)
	}
}
