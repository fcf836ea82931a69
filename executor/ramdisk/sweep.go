package ramdisk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// Sweep reclaims what dead tasks left on this host: those whose record nobody holds. It does so for
// every cluster of this user, because a cluster whose state was lost goes on under another name,
// and nobody else would ever reclaim what it left under the last. It returns one sentence for each,
// for the log; live ones are left alone, and so is what other users made.
func Sweep(ctx context.Context) []string { return thisHost("").sweep(ctx) }

func (h host) sweep(ctx context.Context) (said []string) {
	h = h.resolved()
	for _, base := range h.bases() {
		records := ownRecords(base)
		for _, file := range unrecorded(base) {
			if !slices.Contains(records, file) {
				records = append(records, file)
			}
		}
		if len(records) == 0 {
			continue
		}
		serial, err := h.serialize(ctx, base)
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
		h.tidy(base) // the last reclaimed disk may have taken its folder along
	}
	return said
}

// sweepPath reclaims what dead tasks of any cluster made at path. Without it, the next worker would
// take that for the operator's, and the next Sweep would take it away under its blocks.
func (h host) sweepPath(ctx context.Context, path string) {
	for _, base := range h.bases() {
		for _, file := range ownRecords(base) {
			h.sweepOne(ctx, file, path) // what it cannot reclaim is found in use, or taken as it is
		}
	}
}

// ownRecords lists the records in a base folder that nobody else can have written. Other users
// cannot open them from now on: the first release let everybody hold their locks.
func ownRecords(base string) []string {
	if hostfs.CheckParents(base) != nil {
		return nil
	}
	files, _ := filepath.Glob(filepath.Join(base, "*", "*"+recordSuffix)) // the pattern is well-formed
	files = slices.DeleteFunc(files, func(file string) bool { return hostfs.OwnFolder(filepath.Dir(file)) != nil })
	for _, file := range files {
		_ = os.Chmod(file, 0o600)
	}
	return files
}

// unrecorded lists the records that would belong to a tmpfs of ours below a base folder of this
// user, <base>/<cluster>/<task>. The first release dropped a record without its mount when the
// base folder was below a link.
func unrecorded(base string) (files []string) {
	table, err := mountTable()
	if err != nil {
		return nil
	}
	for _, m := range table {
		dir := filepath.Dir(m.point)
		if m.ours && filepath.Dir(dir) == base && hostfs.CheckParents(base) == nil && hostfs.OwnFolder(dir) == nil {
			files = append(files, m.point+recordSuffix)
		}
	}
	return files
}

// sweepOne reclaims what the record file names, if its task is dead; with a path, only what was made there.
func (h host) sweepOne(ctx context.Context, file, path string) string {
	lock, err := hostfs.TryLock(file, hostfs.Exclusive)
	if err != nil {
		return "" // alive, or not ours
	}
	rec, ok := readRecord(lock)
	if !ok {
		own := strings.TrimSuffix(file, recordSuffix)
		if is, err := mounted(own); err != nil || !is {
			lock.Remove() // it died before it made anything, or is over just now
			h.tidy(filepath.Dir(file))
			return ""
		}
		rec = record{Task: filepath.Base(own), Path: own, Made: []string{own}}
	}
	rec = rec.asMade()
	if path != "" && rec.Path != path || inUse(rec.Path) {
		lock.Unlock()
		return ""
	}
	if err := h.reclaim(ctx, rec, lock); err != nil {
		return fmt.Sprintf("reclaiming the ramdisk of the dead task %s: %v", rec.Task, err)
	}
	return fmt.Sprintf("reclaimed the ramdisk %s of the dead task %s of cluster %s", rec.Path, rec.Task,
		filepath.Base(filepath.Dir(file)))
}

// unmountLost unmounts a tmpfs that the first release has left at r.Path without a record, as it
// did below a link: one of this program and this user, without a mark, which nobody uses.
func unmountLost(ctx context.Context, r Request) {
	lost := func() bool {
		var st unix.Stat_t
		ours, err := mounted(r.Path)
		if err != nil || !ours || unix.Lstat(r.Path, &st) != nil || int(st.Uid) != os.Geteuid() || inUse(r.Path) {
			return false
		}
		_, err = os.Lstat(filepath.Join(r.Path, markFile))
		return errors.Is(err, fs.ErrNotExist)
	}
	if lost() {
		rec := record{Path: r.Path, Sudo: r.Sudo, Made: []string{r.Path}}
		if _, err := unmount(ctx, rec); err == nil { // else it is taken as it is
			rec.removeEmpty(ctx, r.Path) // that release mounted on folders only that it had made
		}
	}
}

// inUse tells whether a live worker has marked path as used, see takeUse.
func inUse(path string) bool {
	file := filepath.Join(path, useFile)
	if _, err := os.Lstat(file); err != nil {
		return false
	}
	lock, err := hostfs.TryLock(file, hostfs.Shared)
	lock.Unlock()
	return err != nil && !errors.Is(err, fs.ErrNotExist) // also when it cannot be opened, to be safe
}
