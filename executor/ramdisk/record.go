package ramdisk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/install/hostfs"
)

// record is what one task made on this host, written before it is made.
type record struct {
	Cluster string `json:"cluster"`
	Task    string `json:"task"`
	PID     int    `json:"pid"`
	Path    string `json:"path"`
	// Made are the folders that did not exist, the outermost first and Path last.
	Made []string `json:"made,omitempty"`
	// Device and Inode are those of the folder Path without a mount over it, or 0 as long as it is not made: a folder that is
	// another one by now is not ours to empty.
	Device uint64 `json:"device,omitempty"`
	Inode  uint64 `json:"inode,omitempty"`
	// Sudo permits it for taking back, as it was for making.
	Sudo bool `json:"sudo,omitempty"`
}

// errLive means that a live task has what was asked for.
var errLive = errors.New("is in use by a live worker")

// begin locks and writes the record of r's task in base, and makes the empty folder path.
func (h host) begin(ctx context.Context, base string, r Request, path string) (*Disk, error) {
	lock, err := h.lockRecord(ctx, base, r)
	if err != nil {
		return nil, err
	}
	if old, ok := readRecord(lock); ok { // of the same task, whose executor died
		if err := h.takeBack(ctx, old); err != nil && !errors.Is(err, errDetached) {
			lock.Unlock()
			return nil, err
		}
	}
	d := &Disk{Path: path, host: h, lock: lock}
	d.made = record{Cluster: r.Cluster, Task: r.Task, PID: os.Getpid(), Path: path, Made: missing(path), Sudo: r.Sudo}
	if err := d.make(ctx, r); err != nil {
		return nil, errors.Join(err, d.Release(ctx))
	}
	return d, nil
}

func (d *Disk) make(ctx context.Context, r Request) error {
	if err := writeRecord(d.lock, d.made); err != nil {
		return err
	}
	// Others may look in: clients read blocks from the worker's folder directly.
	err := os.MkdirAll(d.Path, 0o755)
	if errors.Is(err, fs.ErrPermission) && r.Sudo {
		err = sudo(ctx, "mkdir", "-p", d.Path)
	}
	if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Lstat(d.Path, &st); err != nil {
		return fmt.Errorf("%s: %w", d.Path, err)
	}
	d.made.Device, d.made.Inode = st.Dev, st.Ino
	return writeRecord(d.lock, d.made)
}

// missing lists the folders that path needs and that do not exist, the outermost first.
func missing(path string) []string {
	var out []string
	for p := path; p != filepath.Dir(p); p = filepath.Dir(p) {
		if _, err := os.Lstat(p); err == nil {
			break
		}
		out = append(out, p)
	}
	slices.Reverse(out)
	return out
}

func (h host) lockRecord(ctx context.Context, base string, r Request) (*hostfs.Lock, error) {
	dir := filepath.Join(base, r.Cluster)
	for {
		for _, d := range []string{base, dir} {
			if err := hostfs.OwnFolder(d); err != nil {
				return nil, err
			}
		}
		lock, err := lockSoon(ctx, filepath.Join(dir, r.Task+".lock"))
		if errors.Is(err, hostfs.ErrHeld) {
			return nil, fmt.Errorf("the ramdisk of task %s %w", r.Task, errLive)
		}
		// Another task may have removed the empty folder just now.
		if !errors.Is(err, fs.ErrNotExist) {
			return lock, err
		}
	}
}

// lookTime bounds how long somebody who is not its task's may hold the lock of a record: to see whether its holder lives, or to reclaim what
// a dead one left.
const lookTime = 10 * time.Second

// lockSoon takes the lock of a record, or returns hostfs.ErrHeld when a living process holds it: one that has written its record, or who holds
// it for longer than to look.
func lockSoon(ctx context.Context, file string) (*hostfs.Lock, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, lookTime, hostfs.ErrHeld)
	defer cancel()
	for {
		lock, err := hostfs.TryLock(file, hostfs.Exclusive)
		if !errors.Is(err, hostfs.ErrHeld) || ofLiving(file) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// ofLiving tells whether the process that wrote a record lives. It is asked only while somebody holds the record's lock.
func ofLiving(file string) bool {
	var r record
	data, err := os.ReadFile(file)
	return err == nil && json.Unmarshal(data, &r) == nil && r.PID > 0 && !errors.Is(unix.Kill(r.PID, 0), unix.ESRCH)
}

func writeRecord(lock *hostfs.Lock, r record) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return lock.Write(data)
}

func readRecord(lock *hostfs.Lock) (record, bool) {
	var r record
	data, err := lock.Read()
	if err != nil || json.Unmarshal(data, &r) != nil || r.Path == "" {
		return record{}, false
	}
	return r, true
}

// serialFile in a place is locked by who finds, makes or reclaims what the operator named.
const serialFile = "prepare.lock"

// serialize takes that lock. It makes the place anew when another task has just removed it, because it was empty.
func serialize(ctx context.Context, place string) (*hostfs.Lock, error) {
	for {
		if err := hostfs.OwnFolder(place); err != nil {
			return nil, err
		}
		lock, err := hostfs.WaitLock(ctx, filepath.Join(place, serialFile), hostfs.Exclusive)
		if !errors.Is(err, fs.ErrNotExist) {
			return lock, err
		}
	}
}

// useFile marks a folder that the operator named as used, for all clusters and users of the host. Alluxio keeps its blocks in a folder
// of its own beside it and does not mind.
const useFile = ".alluxio-mesos.lock"

// takeUse marks r.Path as used by r's task, or names the live one that uses it.
func takeUse(ctx context.Context, r Request) (*hostfs.Lock, error) {
	file := filepath.Join(r.Path, useFile)
	lock, err := lockSoon(ctx, file)
	if errors.Is(err, hostfs.ErrHeld) {
		var other record
		if data, err := os.ReadFile(file); err == nil && json.Unmarshal(data, &other) == nil && other.Task != "" {
			return nil, fmt.Errorf("%s %w: task %s of cluster %s (pid %d); give each worker of a host a path of its own, or none", r.Path, errLive, other.Task, other.Cluster, other.PID)
		}
		return nil, fmt.Errorf("%s %w; give each worker of a host a path of its own, or none", r.Path, errLive)
	}
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("%s cannot be written by uid %d who runs the task: chown it, or name another path", r.Path, os.Geteuid())
	}
	if err != nil {
		return nil, err
	}
	if err := writeRecord(lock, record{Cluster: r.Cluster, Task: r.Task, PID: os.Getpid(), Path: r.Path}); err != nil {
		lock.Remove()
		return nil, err
	}
	return lock, nil
}

// reclaim takes back what rec says was made, and then drops the record and its lock. Where that fails, the record stays for a Sweep.
func (h host) reclaim(ctx context.Context, rec record, lock *hostfs.Lock) error {
	err := h.takeBack(ctx, rec)
	if err != nil && !errors.Is(err, errDetached) {
		lock.Unlock()
		return err
	}
	lock.Remove()
	h.tidy(filepath.Dir(lock.Path()))
	return err
}

// errDetached is not a failure, but something to be said.
var errDetached = errors.New("was busy and is detached only: its memory returns when the last process that has a file open there ends")

// takeBack unmounts and removes what rec says was made. What is gone already is fine.
func (h host) takeBack(ctx context.Context, rec record) error {
	detached, err := unmount(ctx, rec)
	if err != nil {
		return err
	}
	var st unix.Stat_t
	if unix.Lstat(rec.Path, &st) == nil && rec.Inode != 0 && st.Ino == rec.Inode && st.Dev == rec.Device && slices.Contains(rec.Made, rec.Path) {
		if err := os.RemoveAll(rec.Path); err != nil && !rec.Sudo {
			return err
		}
	}
	for _, dir := range slices.Backward(rec.Made) {
		// Only empty ones go; one that others use by now stays.
		if err := os.Remove(dir); errors.Is(err, fs.ErrPermission) && rec.Sudo {
			_ = sudo(ctx, "rmdir", dir)
		}
	}
	if detached {
		return fmt.Errorf("the tmpfs at %s %w", rec.Path, errDetached)
	}
	return nil
}
