package web

import (
	"context"
	"net/http"
	"sync"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// mostReaders bounds the readers of the status that are answered at the same time. An answer in a
// big cluster has tens of megabytes, and a reader that is slow keeps it in memory until the
// server's write timeout ends it.
const mostReaders = 16

// sharing has the bodies of answers made once for all readers of a snapshot.
type sharing struct {
	tickets chan struct{} // one for each reader that is being answered

	mu     sync.Mutex
	of     *cluster.Status
	bodies map[string][]byte // by kind, of the snapshot `of`
}

// body returns what is made of s, which is made once. One body is made at a time: readers take one
// processor at most.
func (b *sharing) body(s *cluster.Status, kind string, write func() ([]byte, error)) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.of != s {
		b.of, b.bodies = s, map[string][]byte{}
	}
	if made := b.bodies[kind]; made != nil {
		return made, nil
	}
	made, err := write()
	if err == nil {
		b.bodies[kind] = made
	}
	return made, err
}

// read answers with a snapshot: as text for people, else as JSON.
func (a *API) read(w http.ResponseWriter, r *http.Request, kind string, people func(*cluster.Status) string,
	body func(*cluster.Status) any) {
	ctx, cancel := context.WithTimeout(r.Context(), askTime)
	defer cancel()
	select {
	case a.sharing.tickets <- struct{}{}:
		defer func() { <-a.sharing.tickets }()
	case <-ctx.Done():
		a.fail(w, http.StatusServiceUnavailable, "too many readers are being answered; try again")
		return
	}
	s := a.snapshot(w, r)
	if s == nil {
		return
	}
	if wantsText(r) {
		// never fails
		data, _ := a.sharing.body(s, kind+" for people", func() ([]byte, error) { return []byte(people(s)), nil })
		a.answerText(w, data)
		return
	}
	data, err := a.sharing.body(s, kind, func() ([]byte, error) { return encode(body(s)) })
	if err != nil {
		a.answer(w, http.StatusOK, body(s)) // says that it cannot be written
		return
	}
	a.answerJSON(w, http.StatusOK, data)
}
