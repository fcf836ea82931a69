package main

import (
	"context"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
)

// newMesos starts a scripted Mesos master, whose tasks serve at once.
func newMesos(t *testing.T, o fakemesos.Options) *fakemesos.Master {
	t.Helper()
	o.Allocation = 50 * time.Millisecond
	m, err := fakemesos.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		for _, v := range m.Violations() {
			t.Error(v)
		}
	})
	return m
}

func taskIDs(m *fakemesos.Master) []string { return slices.Sorted(maps.Keys(m.Tasks())) }

func TestWaitingEndsWhenTheClusterServesAndTeardownEndsIt(t *testing.T) {
	t.Parallel()
	m := newMesos(t, fakemesos.Options{Agents: 3})
	h := newHome(t)
	out := h.start("-w", m.Addr())
	if !strings.Contains(out, "1 of 1 master serving, 3 of 3 workers serving\nthe cluster serves\n") {
		t.Errorf("it printed: %s", out)
	}
	if out, err := h.CLI(h.within(), "explain"); err != nil ||
		!strings.HasPrefix(out, "Everything that should run serves.\n") {
		t.Errorf("explain: %v: %s", err, out)
	}
	out, err := h.Stop(h.within(), "--teardown", "--yes")
	if err != nil || !strings.Contains(out, "the cluster and its framework have ended") {
		t.Errorf("teardown: %v: %s\n%s", err, out, h.Log())
	}
	if left := taskIDs(m); len(left) != 0 || m.Subscribed() || h.process().Alive() {
		t.Errorf("tasks %v are left, subscribed %v, alive %v", left, m.Subscribed(), h.process().Alive())
	}
}

// A cluster that lives must never be told to have ended.
func TestATeardownWhoseFrameworkIsKilledHasFailed(t *testing.T) {
	t.Parallel()
	m := newMesos(t, fakemesos.Options{Agents: 1, Killed: func(*mesos.TaskInfo) []mesos.TaskStatus { return nil }})
	h := newHome(t)
	h.start("-w", m.Addr())
	p, ctx, killed := h.process(), h.within(), make(chan error, 1)
	go func() {
		killed <- clitest.Await(ctx, "the teardown", func(ctx context.Context) (bool, error) {
			s, err := h.Status(ctx)
			if err != nil || !s.Framework.Teardown {
				return false, err
			}
			return true, p.Signal(syscall.SIGKILL)
		})
	}()
	_, err := h.Stop(ctx, "--teardown", "--yes")
	h.fails(err, 1, "the framework has ended before the cluster had; start it and tear down again")
	if err := <-killed; err != nil {
		t.Fatal(err)
	}
	if left := taskIDs(m); len(left) != 2 {
		t.Errorf("tasks %v are left", left)
	}
}

func TestTheNextFrameworkAdoptsTheTasksOfTheLast(t *testing.T) {
	t.Parallel()
	m := newMesos(t, fakemesos.Options{Agents: 2})
	h := newHome(t)
	h.start("-w", m.Addr())
	before, err := h.Status(h.within())
	if err != nil {
		t.Fatal(err)
	}
	ids := taskIDs(m)
	if _, err := h.Stop(h.within()); err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"stop", "kill -9"} {
		if how == "kill -9" {
			p := h.process()
			if err := p.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			if err := clitest.Await(h.within(), "its end", func(context.Context) (bool, error) {
				return !p.Alive(), nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		h.start("-w", m.Addr())
		after, err := h.Status(h.within())
		if err != nil {
			t.Fatal(err)
		}
		if now := taskIDs(m); after.Framework.ID != before.Framework.ID || !slices.Equal(now, ids) || len(ids) != 3 {
			t.Errorf("after %s: framework %s and tasks %v, before %s and %v", how, after.Framework.ID, now, before.Framework.ID,
				ids)
		}
	}
}

func TestWhatMesosRefusesEndsTheStartWithItsReason(t *testing.T) {
	t.Parallel()
	m := newMesos(t, fakemesos.Options{Principal: "alluxio", Secret: "right"})
	const secret = "wrong-4711"
	h := newHome(t, "alluxio.integration.mesos.secret="+secret)
	for _, args := range [][]string{{m.Addr()}, {"-w", m.Addr()}} {
		_, err := h.Start(h.within(), args...)
		out := h.fails(err, 1, "401", "alluxio.integration.mesos.secret")
		if strings.Contains(out+h.Log(), secret) {
			t.Error("the secret is shown")
		}
		if h.process().Alive() {
			t.Error("the framework goes on")
		}
	}
}

func TestANewClusterIsNotStartedWithItsUnderStoreInATarball(t *testing.T) {
	t.Parallel()
	m := newMesos(t, fakemesos.Options{})
	const tarball = "alluxio.integration.mesos.alluxio.jar.url=https://mirror.example.org/alluxio-2.9.6-bin.tar.gz"
	const warning = "the under store is inside Alluxio's home (alluxio.master.mount.table.root.ufs is not set"
	h := newHome(t, tarball)
	for _, args := range [][]string{{m.Addr()}, {"-w", m.Addr()}} {
		_, err := h.Start(h.within(), args...)
		h.fails(err, 2, "a new cluster is not started with these settings", warning,
			"set alluxio.master.mount.table.root.ufs to storage")
		if h.process().Alive() {
			t.Error("the framework goes on")
		}
	}
	if calls := m.Calls(); len(calls) > 0 {
		t.Errorf("Mesos was called: %v", calls)
	}

	if err := h.WriteSite(tarball, "alluxio.master.mount.table.root.ufs=hdfs://namenode/alluxio"); err != nil {
		t.Fatal(err)
	}
	h.start(m.Addr())
	if out, err := h.Stop(h.within()); err != nil {
		t.Fatalf("stop: %v %s", err, out)
	}
	if err := h.WriteSite(tarball); err != nil {
		t.Fatal(err)
	}
	h.start(m.Addr()) // it has a life already
	if !strings.Contains(h.Log(), warning) {
		t.Errorf("the log does not warn:\n%s", h.Log())
	}
}

func TestAWebPageInsteadOfMesosIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	page := &http.Server{ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html>welcome</html>"))
		})}
	go func() { _ = page.Serve(l) }()
	defer page.Close()
	h := newHome(t)
	out := h.start(l.Addr().String())
	if !strings.Contains(out, "waiting for Mesos: "+l.Addr().String()) {
		t.Errorf("it printed: %s", out)
	}
}

func TestTheArtifactIsThisProgram(t *testing.T) {
	t.Parallel()
	m := newMesos(t, fakemesos.Options{Agents: 1})
	h := newHome(t)
	h.start("-w", m.Addr())
	for _, task := range m.Tasks() {
		uris := task.Info.GetExecutor().Command.URIs
		if len(uris) != 1 {
			t.Fatalf("the executor has the URIs %v", uris)
		}
		resp, err := http.Head(uris[0].Value)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		info, err := os.Stat(binary)
		if err != nil || resp.StatusCode != http.StatusOK || resp.ContentLength != info.Size() {
			t.Errorf("%s: %s, %d bytes, %v", uris[0].Value, resp.Status, resp.ContentLength, err)
		}
	}
}
