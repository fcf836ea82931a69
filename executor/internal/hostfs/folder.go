// Package hostfs is what several executors on one host share on disk: folders that belong to one
// user, and locks that the kernel drops when their holder dies, however it dies.
package hostfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// OwnFolder makes dir with its parents (mode 0755) unless it exists, and makes sure that nobody but
// the calling user can write to it: its name can often be guessed and what is in it gets executed.
// It fails when dir is no folder, belongs to another user, may be written by group or others, or
// cannot be written by the caller; the error names dir and has a hint.
func OwnFolder(dir string) error {
	const most = 100
	for try := 1; ; try++ {
		err := ownFolder(dir)
		// Somebody who found it empty has removed it in between: then MkdirAll can say both.
		removed := errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist)
		if !removed || try == most {
			return err
		}
	}
}

func ownFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return plain(err)
	}
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return fmt.Errorf("folder %s: %w", dir, err)
	}
	uid := os.Geteuid()
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFDIR:
		return fmt.Errorf("%s is not a folder: remove it, or name another folder", dir)
	case int(st.Uid) != uid:
		return fmt.Errorf("folder %s belongs to uid %d, not to uid %d who runs the task: chown it, or name another folder",
			dir, st.Uid, uid)
	case st.Mode&0o022 != 0:
		return fmt.Errorf("folder %s may be written by other users (mode %04o): run chmod go-w on it, or name another folder",
			dir, st.Mode&0o7777)
	}
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("folder %s cannot be written by uid %d: %w", dir, uid, err)
	}
	return nil
}

// plain turns an error of package os into a sentence that names the path once.
func plain(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("folder %s cannot be made by uid %d: %w", pe.Path, os.Geteuid(), pe.Err)
	}
	return err
}
