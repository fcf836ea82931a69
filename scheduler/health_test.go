package scheduler

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"context"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// blocked is a loop whose first save does not end before release is called.
func blocked(t *testing.T) (r *running, release func()) {
	t.Helper()
	r = start(t, nil)
	saves := make(chan struct{})
	r.diary.saving = func(context.Context) { <-saves }
	r.events <- cluster.Subscribed{Subscription: 1, FrameworkID: "f1"}
	synctest.Wait()
	return r, func() { close(saves) }
}

func TestTheLoopIsUnhealthyWhileItsCycleDoesNotEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, release := blocked(t)
		time.Sleep(stuckAfter - time.Second)
		if err := r.Health(); err != nil {
			t.Errorf("a save may take as long: %v", err)
		}
		time.Sleep(2 * time.Second)
		if err := r.Health(); !errors.Is(err, ErrStuck) || err.Error() != "the scheduler's loop is stuck: its present "+
			"cycle has taken 31s" {
			t.Errorf("a cycle that does not end: %v", err)
		}
		release()
		synctest.Wait()
		if err := r.Health(); err != nil {
			t.Errorf("after the save has ended: %v", err)
		}
	})
}

func TestALoopWithNothingToDoIsHealthy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t, nil)
		for range 3 {
			synctest.Wait()
			if err := r.Health(); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Hour)
		}
		r.end()
		<-r.ended
		if err := r.Health(); !errors.Is(err, ErrStopped) {
			t.Errorf("after its end: %v", err)
		}
	})
}

func TestAllReadersThatWaitGetOneSnapshot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, release := blocked(t)
		const many = 600
		got := make(chan *cluster.Status, many)
		for range many {
			go func() {
				status, err := r.Snapshot(t.Context())
				if err != nil {
					t.Error(err)
				}
				got <- status
			}()
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if _, err := r.Snapshot(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("a reader that does not wait: %v", err)
		}
		synctest.Wait()
		release()
		first := <-got
		for range many - 1 {
			if status := <-got; status != first {
				t.Fatal("two of them have a snapshot each")
			}
		}
		if first.Mesos.State != "subscribed" {
			t.Errorf("it is older than the cycle that they waited for: %+v", first.Mesos)
		}
	})
}

func TestSnapshotsTakeAFractionOfTheLoopsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const cost = 28 * time.Millisecond
		r, resume, begun, busy := newReaders(), time.NewTimer(0), time.Now(), time.Duration(0)
		for time.Since(begun) < time.Minute { // readers that ask again as soon as they have their answer
			r.wait()
			select {
			case <-r.ready(resume):
				r.serve(func() *cluster.Status { time.Sleep(cost); return &cluster.Status{} })
				busy += cost
			case <-resume.C:
			}
		}
		if busy < time.Second || busy > time.Minute/8 {
			t.Errorf("snapshots took %v of a minute", busy)
		}
	})
}
