package ramdisk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// reclaim takes back what rec says was made, and then drops the record and its lock. Where that
// fails, the record stays for a Sweep.
func (h host) reclaim(ctx context.Context, rec record, lock *hostfs.Lock) error {
	err := h.takeBack(ctx, rec, lock.Path())
	if err != nil && !errors.Is(err, errDetached) {
		lock.Unlock()
		return err
	}
	lock.Remove()
	h.tidy(filepath.Dir(lock.Path()))
	return err
}

// errDetached is not a failure, but is reported.
var errDetached = errors.New("was busy and is detached only: its memory returns when the last process that " +
	"has a file " +
	"open there ends")

// takeBack unmounts and removes what rec, which is in recordFile, says was made. What is gone
// already is fine, and what is another one by now stays.
func (h host) takeBack(ctx context.Context, rec record, recordFile string) error {
	rec = rec.asMade()
	detached, err := unmount(ctx, rec)
	if err != nil {
		return err
	}
	if err := rec.clear(recordFile); err != nil {
		return err
	}
	for _, path := range slices.Backward(rec.Made) {
		rec.removeEmpty(ctx, path)
	}
	if detached {
		return fmt.Errorf("the tmpfs at %s %w", rec.Path, errDetached)
	}
	return nil
}

// clear removes what is in the folder Path, if it is the one that was made.
func (rec record) clear(recordFile string) error {
	dir, err := openFolder(rec.Path)
	if err != nil {
		return nil // there is no such folder, or another user's, as sudo makes it
	}
	defer dir.Close()
	if !rec.made(dir, recordFile) {
		return nil
	}
	return clearFolder(dir)
}

// removeEmpty removes a folder that was made. One that is not empty, since others use it by now,
// stays, and so does one that others made.
func (rec record) removeEmpty(ctx context.Context, path string) {
	id, err := identify(unix.AT_FDCWD, path)
	if known := rec.id(path); err != nil || known != (folderID{}) && !id.is(known) {
		return
	}
	if err := unix.Rmdir(path); errors.Is(err, fs.ErrPermission) && rec.Sudo {
		_ = sudo(ctx, "rmdir", "--", path)
	}
}

// Release gives back what Prepare made, and nothing else: it unmounts and removes. A second call
// does nothing. An error says what was left, or that a busy tmpfs was only detached and its memory
// returns when the last process closes its files.
func (d *Disk) Release(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.released {
		return nil
	}
	d.released = true
	d.use.Remove()
	if d.lock == nil {
		return nil
	}
	if err := d.host.reclaim(ctx, d.made, d.lock); err != nil {
		return fmt.Errorf("release the ramdisk: %w", err)
	}
	return nil
}
