package ramdisk

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// clearFolder removes everything in an open folder that is on the same mount, the mark last. It
// follows no link and enters no other mount; what is mounted inside is an error.
func clearFolder(dir *os.File) error {
	mount, err := mountID(int(dir.Fd()))
	if err != nil {
		return err
	}
	if err := clearBelow(dir, mount, markFile); err != nil {
		return err
	}
	if err := unix.Unlinkat(int(dir.Fd()), markFile, 0); err != nil && !errors.Is(err, unix.ENOENT) {
		return named(filepath.Join(dir.Name(), markFile), err)
	}
	return nil
}

// clearBelow returns the first failure, and goes on after it.
func clearBelow(dir *os.File, mount, keep string) error {
	names, failed := dir.Readdirnames(-1)
	for _, name := range names {
		if name == keep {
			continue
		}
		err := unix.Unlinkat(int(dir.Fd()), name, 0)
		if errors.Is(err, unix.EISDIR) {
			err = clearInner(dir, mount, name)
		}
		if errors.Is(err, unix.EBUSY) {
			err = errMountedInside
		}
		if failed == nil && err != nil && !errors.Is(err, unix.ENOENT) {
			failed = named(filepath.Join(dir.Name(), name), err)
		}
	}
	return failed
}

// named is err with the path that could not be removed, unless it names one below.
func named(path string, err error) error {
	var below *fs.PathError
	if errors.As(err, &below) {
		return err
	}
	return &fs.PathError{Op: "remove", Path: path, Err: err}
}

// errMountedInside is about a path inside of a folder that is removed.
var errMountedInside = errors.New("is a mount point, which is left alone: unmount it")

func clearInner(dir *os.File, mount, name string) error {
	fd, err := unix.Openat(int(dir.Fd()), name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	inner := os.NewFile(uintptr(fd), filepath.Join(dir.Name(), name))
	defer inner.Close()
	its, err := mountID(fd)
	if err != nil {
		return err
	}
	if its != mount {
		return errMountedInside
	}
	if err := clearBelow(inner, mount, ""); err != nil {
		return err
	}
	return unix.Unlinkat(int(dir.Fd()), name, unix.AT_REMOVEDIR)
}

// mountID is the number of the mount that an open file is on. The device tells less: a bind mount
// has the same one.
// Linux 3.15: proc_pid_fdinfo(5).
func mountID(fd int) (string, error) {
	f, err := os.Open(fmt.Sprintf("/proc/self/fdinfo/%d", fd))
	if err != nil {
		return "", err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if id, ok := strings.CutPrefix(lines.Text(), "mnt_id:"); ok {
			return strings.TrimSpace(id), nil
		}
	}
	return "", errors.Join(errors.New("the kernel does not say which mount a file is on"), lines.Err())
}
