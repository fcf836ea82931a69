package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// earlier is a process with the API that frameworks had before a teardown got its deadline: it
// refuses parameters of an uninstall that it does not know, ignores those of a teardown, and its
// status tells neither whether the teardown has begun nor until when it may.
type earlier struct {
	home
	process  *exec.Cmd
	ended    chan struct{} // closed once the process is reaped
	teardown atomic.Bool
	statuses atomic.Int32
	// ends is after how many statuses of a teardown the cluster has ended, 0 for never.
	ends int32

	mu       sync.Mutex
	requests []string // method and address, in order
}

func newEarlier(t *testing.T, ends int32) *earlier {
	t.Helper()
	e := &earlier{home: newHome(t), process: exec.Command("sleep", "600"), ended: make(chan struct{}), ends: ends}
	if err := e.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = e.process.Wait()
		close(e.ended)
	}()
	t.Cleanup(func() {
		_ = e.process.Process.Kill()
		<-e.ended
	})
	api := strings.TrimPrefix(serveAt(t, "127.0.0.1", e.serve), "http://")
	if err := e.write(api, ""); err != nil {
		t.Fatal(err)
	}
	return e
}

// write says in process.json who runs, or why it has ended.
func (e *earlier) write(api, reason string) error {
	p := store.Process{PID: e.process.Process.Pid, Reason: reason}
	if reason == "" {
		var err error
		if p, err = store.Identify(p.PID); err != nil {
			return err
		}
		p.API, p.Token = api, config.NewSecret("0123456789abcdef")
	}
	if err := os.MkdirAll(e.Path("mesos-state"), 0o700); err != nil {
		return err
	}
	return p.Write(e.Path("mesos-state"))
}

// requested are the requests so far, those that only read once.
func (e *earlier) requested() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Compact(slices.Clone(e.requests))
}

func (e *earlier) serve(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	e.requests = append(e.requests, r.Method+" "+r.URL.String())
	e.mu.Unlock()
	known := map[string][]string{"/v1/uninstall": {"destroyVolumes", "dryRun"}}[r.URL.Path]
	for name := range r.URL.Query() {
		if known != nil && !slices.Contains(known, name) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error": "the parameters are [destroyVolumes dryRun], each at most once"}`))
			return
		}
	}
	if r.Method == http.MethodDelete {
		w.WriteHeader(http.StatusMethodNotAllowed)
		_, _ = w.Write([]byte(`{"error": "use POST for this path"}`))
		return
	}
	if r.URL.Query().Get("dryRun") == "true" {
		_, _ = w.Write([]byte(`{"said": "Every task of alluxio is ended, then the framework itself.\n", "dryRun": true}`))
		return
	}
	if r.Method == http.MethodPost {
		e.teardown.Store(true)
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte(`{"said": "Every task of alluxio is ended, then the framework itself.\n", "dryRun": false}`))
		return
	}
	if e.teardown.Load() && e.statuses.Add(1) == e.ends {
		if err := e.write("", scheduler.ErrTornDown.Error()); err != nil {
			e.t.Error(err)
		}
		_ = e.process.Process.Kill()
	}
	_ = json.NewEncoder(w).Encode(&cluster.Status{Framework: cluster.FrameworkStatus{Name: "alluxio",
		Teardown: e.teardown.Load()}})
}

func TestAnEarlierFrameworkIsUninstalledWithoutADeadline(t *testing.T) {
	t.Parallel()
	e := newEarlier(t, 2)
	out, err := e.CLI(e.within(), "uninstall", "--yes", "--timeout", "1h")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Every task of alluxio is ended", "the cluster is being ended\n",
		"the cluster and its framework have ended\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in: %s", want, out)
		}
	}
}

func TestATeardownWithoutADeadlineIsSaidToGoOn(t *testing.T) {
	t.Parallel()
	for _, command := range [][]string{{"uninstall", "--yes"}, {"stop", "--teardown", "--yes"}} {
		t.Run(command[0], func(t *testing.T) {
			t.Parallel()
			e := newEarlier(t, 0)
			_, err := e.CLI(e.within(), append(command, "--timeout", "1s")...)
			e.fails(err, 1, "knows no deadline for this teardown: it goes on until the cluster has ended, also after "+
				"--timeout",
				"the cluster has not ended after 1s (--timeout); the teardown has no deadline and goes on")
		})
	}
}

func TestAFrameworkOfAnEarlierVersionCancelsNoTeardown(t *testing.T) {
	t.Parallel()
	e := newEarlier(t, 0)
	_, err := e.CLI(e.within(), "stop", "--cancel-teardown")
	e.fails(err, 1, "is of an earlier version, which cannot cancel a teardown; nothing was changed")
}

// A deadline that the framework of today refuses is no reason to ask without one.
func TestAMalformedTimeoutOfATeardownIsNotDropped(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.start(nobody(t))
	_, err := h.CLI(h.within(), "uninstall", "--timeout", "0s")
	h.fails(err, 2, "--timeout 0s is not a positive time; write for example --timeout 5m")
	if s, err := h.Status(h.within()); err != nil || s.Framework.Teardown {
		t.Errorf("%v %+v", err, s)
	}
}
