package executor

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/alluxio"
)

const (
	// stuckAfter is for how long the job service may persist nothing before it has forgotten what waits.
	stuckAfter = time.Minute
	// answerBefore is how long before its deadline a pass stops to wait, to say what it has done.
	answerBefore = 10 * time.Second
)

// awaitJobService waits until the job service has persisted these files, and persists those that it
// has forgotten. Files that are left at the deadline have failed.
func (a *administration) awaitJobService(ctx context.Context, waiting map[string]alluxio.BlockFile) error {
	progress := time.Now()
	for len(waiting) > 0 && time.Until(a.deadline) > answerBefore {
		pause(ctx, adminTick)
		began := time.Now()
		before := len(waiting)
		if err := a.lookAgain(ctx, waiting); err != nil {
			return err
		}
		if len(waiting) < before {
			progress = time.Now()
		}
		a.say("the job service has persisted %d of %d files", a.files.Persisted.Files, a.files.Found.Files)
		var stuck []alluxio.BlockFile
		for _, path := range slices.Sorted(maps.Keys(waiting)) {
			f := waiting[path]
			if f.State != alluxio.StateToPersist || // it has given up
				alluxio.IsStuck(f.Size, time.Since(progress), cmp.Or(a.request.StuckAfter, stuckAfter)) {
				stuck = append(stuck, f)
				delete(waiting, path)
			}
		}
		if err := a.persistAll(ctx, stuck); err != nil {
			return err
		}
		pause(ctx, min(time.Since(began), time.Until(a.deadline)-answerBefore)) // a long list is asked for less often
	}
	for _, path := range slices.Sorted(maps.Keys(waiting)) {
		a.files.Failed.Add(path, waiting[path].Bytes)
	}
	return ctx.Err()
}

// lookAgain lists the worker's files once more, and removes from waiting those that were persisted,
// which it counts, and those that are gone.
func (a *administration) lookAgain(ctx context.Context, waiting map[string]alluxio.BlockFile) error {
	leader := a.leader(ctx)
	if !leader.Known {
		return errors.New("files were not persisted: " + leader.Why)
	}
	left := map[string]bool{}
	err := a.list(ctx, leader, func(f alluxio.BlockFile) {
		before, waits := waiting[f.Path]
		switch {
		case !waits:
		case f.State == alluxio.StatePersisted:
			a.files.Persisted.Add(f.Path, before.Bytes)
		default:
			waiting[f.Path], left[f.Path] = f, true
		}
	})
	if err != nil {
		return err
	}
	maps.DeleteFunc(waiting, func(path string, _ alluxio.BlockFile) bool { return !left[path] })
	return nil
}
