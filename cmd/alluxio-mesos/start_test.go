package main

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// One that stands by runs well, though the one that acts listens on the loopback address of another
// host, as by default.
func TestAStartDoesNotNeedTheInstanceThatActs(t *testing.T) {
	t.Parallel()
	gone := serveAt(t, "127.0.0.2", http.NotFound)
	address := strings.TrimPrefix(serveAt(t, "127.0.0.3", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/version" {
			_, _ = w.Write([]byte(`{"version":"1"}`))
			return
		}
		http.Redirect(w, r, strings.Replace(gone, "127.0.0.2", "127.0.0.4", 1)+r.URL.Path, http.StatusTemporaryRedirect)
	}), "http://")
	p, err := store.Identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	p.API = address
	if err := p.Write(folder); err != nil {
		t.Fatal(err)
	}
	child := &child{settings: &config.Settings{StateDir: folder}, pid: os.Getpid(), ended: make(chan struct{})}
	api, err := child.awaitAPI(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	if err := newCLI(nil, nil, &stderr, &stderr, os.Getenv).awaitMesos(t.Context(), child, api); err != nil {
		t.Error(err)
	}
	if said := stderr.String(); !strings.Contains(said, "the instance that acts, at which") ||
		!strings.Contains(said, "the framework keeps trying, see alluxio-mesos status") {
		t.Errorf("it says %q", said)
	}
}
