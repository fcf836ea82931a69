package ramdisk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/alluxio/alluxio-mesos/executor/install/hostfs"
)

// Sweep reclaims what dead tasks left on this host: those whose record nobody holds. It does so for every cluster of this user, because a cluster
// whose state was lost goes on under another name, and nobody else would ever reclaim what it left under the last. It returns one
// sentence for each, for the log; live ones are left alone, and so is what other users made.
func Sweep(ctx context.Context) []string { return thisHost("").sweep(ctx) }

func (h host) sweep(ctx context.Context) (said []string) {
	for _, place := range h.places() {
		records, _ := filepath.Glob(filepath.Join(place, "*", "*.lock")) // the pattern is well-formed
		records = slices.DeleteFunc(records, func(file string) bool { return hostfs.OwnFolder(filepath.Dir(file)) != nil })
		if len(records) == 0 {
			continue
		}
		serial, err := serialize(ctx, place)
		if err != nil {
			return said
		}
		for _, file := range records {
			if sentence := h.sweepOne(ctx, file, ""); sentence != "" {
				said = append(said, sentence)
			}
		}
		serial.Remove()
		for _, file := range records {
			h.tidy(filepath.Dir(file))
		}
		h.tidy(place) // the last reclaimed disk may have taken its folder along
	}
	return said
}

// sweepPath reclaims what dead tasks of any cluster made at path. Without it, the next worker would take that for the operator's, and the
// next Sweep would take it away under its blocks.
func (h host) sweepPath(ctx context.Context, path string) {
	for _, place := range h.places() {
		files, _ := filepath.Glob(filepath.Join(place, "*", "*.lock")) // the pattern is well-formed
		for _, file := range files {
			if hostfs.OwnFolder(filepath.Dir(file)) == nil {
				h.sweepOne(ctx, file, path) // what it cannot reclaim is found in use, or taken as it is
			}
		}
	}
}

// sweepOne reclaims what the record file names, if its task is dead; with a path, only what was made there.
func (h host) sweepOne(ctx context.Context, file, path string) string {
	lock, err := hostfs.TryLock(file, hostfs.Exclusive)
	if err != nil {
		return "" // alive, or not ours
	}
	rec, ok := readRecord(lock)
	if !ok {
		lock.Remove() // it died before it made anything, or is over just now
		h.tidy(filepath.Dir(file))
		return ""
	}
	if path != "" && rec.Path != path || inUse(rec.Path) {
		lock.Unlock()
		return ""
	}
	if err := h.reclaim(ctx, rec, lock); err != nil {
		return fmt.Sprintf("reclaiming the ramdisk of the dead task %s: %v", rec.Task, err)
	}
	return fmt.Sprintf("reclaimed the ramdisk %s of the dead task %s of cluster %s", rec.Path, rec.Task, filepath.Base(filepath.Dir(file)))
}

// inUse tells whether a live worker has marked path as used, see takeUse.
func inUse(path string) bool {
	file := filepath.Join(path, useFile)
	if _, err := os.Lstat(file); err != nil {
		return false
	}
	lock, err := hostfs.TryLock(file, hostfs.Shared)
	lock.Unlock()
	return errors.Is(err, hostfs.ErrHeld)
}
