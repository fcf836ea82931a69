package ramdisk

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/alluxio/alluxio-mesos/executor/install/hostfs"
)

// Sweep reclaims what dead tasks of cluster left on this host: those whose record nobody holds. It returns one sentence for each, for
// the log; live ones are left alone, and so is what other users made.
func Sweep(ctx context.Context, cluster string) []string {
	return thisHost("").sweep(ctx, cluster)
}

func (h host) sweep(ctx context.Context, cluster string) (said []string) {
	for _, place := range h.places() {
		dir := filepath.Join(place, filepath.Base(cluster))
		entries, err := os.ReadDir(dir)
		if err != nil || hostfs.OwnFolder(dir) != nil {
			continue // nothing there, or another user's
		}
		for _, e := range entries {
			if filepath.Ext(e.Name()) != ".lock" {
				continue
			}
			if sentence := h.sweepOne(ctx, filepath.Join(dir, e.Name())); sentence != "" {
				said = append(said, sentence)
			}
		}
		h.tidy(dir)
	}
	return said
}

func (h host) sweepOne(ctx context.Context, file string) string {
	lock, err := hostfs.TryLock(file, hostfs.Exclusive)
	if err != nil {
		return "" // alive, or not ours
	}
	rec, ok := readRecord(lock)
	if !ok {
		lock.Remove() // it died before it made anything
		return ""
	}
	if err := h.reclaim(ctx, rec, lock); err != nil {
		return fmt.Sprintf("reclaiming the ramdisk of the dead task %s: %v", rec.Task, err)
	}
	return fmt.Sprintf("reclaimed the ramdisk %s of the dead task %s", rec.Path, rec.Task)
}
