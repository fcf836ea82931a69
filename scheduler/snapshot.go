package scheduler

import (
	"context"
	"sync"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// After a snapshot the next one is made no sooner than snapshotPause times as long as it took, but
// at most snapshotPauseMost: however many readers there are, the loop spends a fraction of its time
// on them.
const (
	snapshotPause     = 9
	snapshotPauseMost = 5 * time.Second
)

// readers are those who wait for a snapshot. They all get the same one, so their number costs the
// loop nothing, and the loop waits for none of them.
type readers struct {
	mu   sync.Mutex
	next *promise // nil when nobody waits
	// bell signals that a reader waits.
	bell chan struct{}
	// from is when the next snapshot may be made; the loop alone uses it.
	from time.Time
}

// promise is a snapshot that is still to be made. status is set before done is closed.
type promise struct {
	done   chan struct{}
	status *cluster.Status
}

func newReaders() *readers { return &readers{bell: make(chan struct{}, 1)} }

// wait returns the promise of the next snapshot.
func (r *readers) wait() *promise {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == nil {
		r.next = &promise{done: make(chan struct{})}
		select {
		case r.bell <- struct{}{}:
		default: // a signal is already there
		}
	}
	return r.next
}

// ready is the bell, or nil while it is too early for another snapshot; resume then fires when that
// time is over.
func (r *readers) ready(resume *time.Timer) <-chan struct{} {
	wait := time.Until(r.from)
	if wait <= 0 {
		return r.bell
	}
	resume.Reset(wait)
	return nil
}

// serve makes one snapshot for all waiting readers. A reader that asks meanwhile waits for the next,
// so that no snapshot is older than its request.
func (r *readers) serve(snapshot func() *cluster.Status) {
	r.mu.Lock()
	kept := r.next
	r.next = nil
	r.mu.Unlock()
	begun := time.Now()
	kept.status = snapshot()
	r.from = begun.Add(min((1+snapshotPause)*time.Since(begun), snapshotPauseMost))
	close(kept.done)
}

// Snapshot returns a picture of the state that is no older than the call; it is shared with other
// readers and must not be modified. It fails when ctx or the loop ends first.
func (l *Loop) Snapshot(ctx context.Context) (*cluster.Status, error) {
	p := l.readers.wait()
	select {
	case <-p.done:
		return p.status, nil
	case <-l.ended:
		return nil, ErrStopped
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
