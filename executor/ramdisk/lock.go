package ramdisk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// recordSuffix ends the name of a record, behind that of its task.
const recordSuffix = ".lock"

// lockRecord locks the record of r's task in base. Other users cannot open it: whoever can open a
// lock can hold it.
func (h host) lockRecord(ctx context.Context, base string, r Request) (*hostfs.Lock, error) {
	dir := filepath.Join(base, r.Cluster)
	for {
		for _, d := range []string{base, dir} {
			if err := h.ownFolderFor(d); err != nil {
				return nil, err
			}
		}
		lock, err := lockSoon(ctx, filepath.Join(dir, cmp.Or(r.Record, r.Task)+recordSuffix))
		if errors.Is(err, hostfs.ErrHeld) {
			return nil, fmt.Errorf("the ramdisk of task %s %w", r.Task, errLive)
		}
		// Another task may have removed the empty folder just now.
		if !errors.Is(err, fs.ErrNotExist) {
			lock.Chmod(0o600)
			return lock, err
		}
	}
}

// lookTime bounds how long a process of another task may hold the lock of a record: to check its
// holder, or to reclaim what a dead one made.
const lookTime = 10 * time.Second

// lockSoon takes the lock of a record, or returns hostfs.ErrHeld when a living process holds it:
// one that has written its record, or holds the lock for longer than lookTime.
func lockSoon(ctx context.Context, file string) (*hostfs.Lock, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, lookTime, hostfs.ErrHeld)
	defer cancel()
	for {
		lock, err := hostfs.TryLock(file, hostfs.Exclusive)
		held := errors.Is(err, hostfs.ErrHeld) && !ofLiving(file)
		if !held && !beingMade(file, err) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			if !held {
				return nil, err
			}
			return nil, context.Cause(ctx)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// beingMade is true for a file that another user has made and not yet opened up.
func beingMade(file string, err error) bool {
	if !errors.Is(err, fs.ErrPermission) {
		return false
	}
	_, err = os.Lstat(file)
	return err == nil
}

// ofLiving tells whether the process that wrote a record lives. It is asked only while somebody
// holds the record's lock.
func ofLiving(file string) bool {
	var r record
	data, err := os.ReadFile(file)
	return err == nil && json.Unmarshal(data, &r) == nil && r.PID > 0 && !errors.Is(unix.Kill(r.PID, 0), unix.ESRCH)
}

// serialFile in a base folder is locked while a folder that the operator named is found, made or
// reclaimed.
const serialFile = "prepare.lock"

// serialTime bounds the wait for it. Its holder bounds each of its steps.
const serialTime = 2 * time.Minute

// alone takes that lock of the registry, and returns the registry and what ends the work under it. One
// task works at a time, so that what one finds missing is not being made, and what it finds is not being
// reclaimed, by another.
func (h host) alone(ctx context.Context) (registry string, end func(), err error) {
	if registry, err = h.registry(); err != nil {
		return "", nil, err
	}
	serial, err := h.serialize(ctx, registry)
	if err != nil {
		return "", nil, err
	}
	return registry, func() { serial.Remove(); h.tidy(registry) }, nil
}

// serialize takes that lock. It makes the base folder again when another task has just removed it,
// because it was empty.
func (h host) serialize(ctx context.Context, base string) (*hostfs.Lock, error) {
	file := filepath.Join(base, serialFile)
	ctx, cancel := context.WithTimeout(ctx, serialTime)
	defer cancel()
	for {
		if err := h.ownFolderFor(base); err != nil {
			return nil, err
		}
		lock, err := hostfs.WaitLock(ctx, file, hostfs.Exclusive)
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, fmt.Errorf("%w: %s holds it; end it if it does not go on", err, orUnknown(hostfs.Holder(file)))
		}
		if !errors.Is(err, fs.ErrNotExist) {
			lock.Chmod(0o600)
			return lock, err
		}
	}
}

func orUnknown(holder string) string {
	if holder == "" {
		return "a process that this one cannot see"
	}
	return holder
}

// useFile marks a folder that the operator named as used, for all clusters and users of the host.
// Alluxio keeps its blocks in a folder of its own beside it and does not mind.
const useFile = ".alluxio-mesos.lock"

// takeUse marks r.Path as used by r's task, or names who uses it. Other users can read the mark,
// whatever the umask: they have to see it.
func takeUse(ctx context.Context, r Request) (*hostfs.Lock, error) {
	file := filepath.Join(r.Path, useFile)
	const tries = 2 // a file that another user has left can only be removed and made again
	for try := 1; ; try++ {
		lock, err := lockSoon(ctx, file)
		if errors.Is(err, hostfs.ErrHeld) {
			return nil, usedBy(r, file)
		}
		if errors.Is(err, fs.ErrPermission) {
			return nil, fmt.Errorf("%s cannot be written by %s who runs the task: chown it, or name another path",
				r.Path, whoami())
		}
		if err != nil {
			return nil, err
		}
		lock.Chmod(0o644)
		err = writeRecord(lock, record{Cluster: r.Cluster, Task: r.Task, PID: os.Getpid(), Path: r.Path})
		if err == nil {
			return lock, nil
		}
		lock.Remove()
		if try == tries {
			return nil, fmt.Errorf("%w: remove the file, which another worker has left", err)
		}
	}
}

// usedBy says who holds the lock file of a folder: the task of its record, or the process when
// there is none.
func usedBy(r Request, file string) error {
	const hint = "give each worker of a host a path of its own, or none"
	var other record
	if data, err := os.ReadFile(file); err == nil && json.Unmarshal(data, &other) == nil && other.Task != "" {
		if other.PID == os.Getpid() && other.Cluster == r.Cluster && other.Task == r.Task {
			return fmt.Errorf("%s is another name of a folder that this worker has already: name each folder once", r.Path)
		}
		return fmt.Errorf("%s %w: task %s of cluster %s (pid %d); %s", r.Path, errLive, other.Task, other.Cluster,
			other.PID, hint)
	}
	return fmt.Errorf("%s %w: %s holds %s and has not written its task into it for %v; end it, or %s",
		r.Path, errLive, orUnknown(hostfs.Holder(file)), file, lookTime, hint)
}
