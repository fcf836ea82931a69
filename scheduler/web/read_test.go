package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func TestReadersOfOneSnapshotShareItsBody(t *testing.T) {
	t.Parallel()
	var b sharing
	var made atomic.Int64
	write := func() ([]byte, error) { made.Add(1); return []byte("body"), nil }
	first, second := &cluster.Status{}, &cluster.Status{}
	var readers sync.WaitGroup
	for range 100 {
		readers.Go(func() {
			if got, err := b.body(first, "status", write); err != nil || string(got) != "body" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	readers.Wait()
	for _, kind := range []string{"status", "explain"} {
		if _, err := b.body(second, kind, write); err != nil {
			t.Error(err)
		}
	}
	if made.Load() != 3 {
		t.Errorf("100 readers of one snapshot, and two kinds of another, made %d bodies", made.Load())
	}
}

// TestReadersThatAreSlowKeepNobodyFromHealth takes every seat, as readers do that do not take their
// answers.
func TestReadersThatAreSlowKeepNobodyFromHealth(t *testing.T) {
	t.Parallel()
	a := newAPI()
	asked := 0
	a.Snapshot = func(context.Context) (*cluster.Status, error) { asked++; return &cluster.Status{}, nil }
	handler := a.Handler()
	for range mostReaders {
		a.sharing.tickets <- struct{}{}
	}
	get := func(ctx context.Context, path string) *httptest.ResponseRecorder {
		answer, request := httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
		request.RemoteAddr = "127.0.0.1:9"
		handler.ServeHTTP(answer, request)
		return answer
	}
	for _, path := range []string{"/healthz", "/v1/version"} {
		if answer := get(t.Context(), path); answer.Code != http.StatusOK {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if answer := get(ended, "/v1/status"); answer.Code != http.StatusServiceUnavailable ||
		!strings.Contains(answer.Body.String(), "too many readers") {
		t.Errorf("one reader more: %d %s", answer.Code, answer.Body)
	}
	if asked != 0 {
		t.Error("the loop was asked for a snapshot that nobody can have")
	}
	<-a.sharing.tickets
	if answer := get(t.Context(), "/v1/status"); answer.Code != http.StatusOK {
		t.Errorf("after one has gone: %d %s", answer.Code, answer.Body)
	}
}

func TestExplainOfOneHostHasEverythingAboutItAndNothingElse(t *testing.T) {
	t.Parallel()
	a := newAPI()
	a.Snapshot = func(context.Context) (*cluster.Status, error) {
		return &cluster.Status{
			Slots: []cluster.SlotStatus{{Slot: "alluxio-worker-0", State: "serving", Host: "a"},
				{Slot: "alluxio-worker-1", State: "waiting", Host: "b"}},
			Waiting:    []cluster.Waiting{{Slot: "alluxio-worker-1", Message: "no offer yet"}},
			Rejections: []cluster.RejectionStatus{{Host: "a", Message: "needs mem"}, {Host: "c", Message: "needs ports"}},
		}, nil
	}
	base := start(t, a)
	_, body := do(t, "GET", base+"/v1/explain?of=a")
	var e Explanation
	if err := json.Unmarshal([]byte(body), &e); err != nil || len(e.Slots) != 1 || len(e.Rejections) != 1 ||
		e.Rejections[0].Host != "a" || e.Waiting == nil || len(e.Waiting) != 0 {
		t.Errorf("%v: %s", err, body)
	}
	if _, body := do(t, "GET", base+"/v1/explain?of=a&format=text"); !strings.Contains(body, "needs mem") ||
		strings.Contains(body, "needs ports") {
		t.Errorf("%s", body)
	}
}
