package hostfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Kind says who else may hold a Lock at the same time.
type Kind int

const (
	// Exclusive is held by one holder alone.
	Exclusive Kind = unix.LOCK_EX
	// Shared is held by any number of holders that all asked for Shared.
	Shared Kind = unix.LOCK_SH
)

// ErrHeld is returned by TryLock when another holder, in this process or another, has the lock.
var ErrHeld = errors.New("the lock is held by another process")

// Lock is a flock on a file of its own. It is not inherited by child processes.
type Lock struct {
	file *os.File
	path string
}

// TryLock takes the lock file path, which it makes in an existing folder when it is missing, or
// returns ErrHeld at once. Every user who can enter the folder can read the file, and so hold the
// lock.
func TryLock(path string, kind Kind) (*Lock, error) { return tryLock(path, kind, 0o644) }

// TryPrivateLock is TryLock with a file that other users cannot open.
func TryPrivateLock(path string, kind Kind) (*Lock, error) { return tryLock(path, kind, 0o600) }

func tryLock(path string, kind Kind, perm os.FileMode) (*Lock, error) {
	for {
		f, err := openLock(path, perm)
		if err != nil {
			return nil, err
		}
		err = retryInterrupted(func() error { return unix.Flock(int(f.Fd()), int(kind)|unix.LOCK_NB) })
		if err != nil {
			f.Close()
			if errors.Is(err, unix.EWOULDBLOCK) {
				return nil, ErrHeld
			}
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if current(f, path) {
			return &Lock{file: f, path: path}, nil
		}
		// A former holder removed the file between our open and our flock: what we hold is no longer the lock.
		f.Close()
	}
}

// openLock opens the file to write; one of another user only to read, which is enough for a flock.
func openLock(path string, perm os.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, perm)
	if errors.Is(err, os.ErrPermission) {
		if r, readErr := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW, 0); readErr == nil {
			return r, nil
		}
	}
	return f, err
}

func current(f *os.File, path string) bool {
	var held, named unix.Stat_t
	if unix.Fstat(int(f.Fd()), &held) != nil || unix.Lstat(path, &named) != nil {
		return false
	}
	return held.Ino == named.Ino && held.Dev == named.Dev
}

func retryInterrupted(f func() error) error {
	for {
		if err := f(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// WaitLock takes the lock as TryLock does, and waits for other holders until ctx ends.
func WaitLock(ctx context.Context, path string, kind Kind) (*Lock, error) {
	return waitLock(ctx, path, kind, 0o644)
}

// WaitPrivateLock is WaitLock with a file that other users cannot open.
func WaitPrivateLock(ctx context.Context, path string, kind Kind) (*Lock, error) {
	return waitLock(ctx, path, kind, 0o600)
}

func waitLock(ctx context.Context, path string, kind Kind, perm os.FileMode) (*Lock, error) {
	// Polled, because a thread that is blocked in flock cannot be called back when ctx ends.
	const shortest, longest = 2 * time.Millisecond, 100 * time.Millisecond
	for pause := shortest; ; pause = min(2*pause, longest) {
		l, err := tryLock(path, kind, perm)
		if !errors.Is(err, ErrHeld) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("lock %s: %w", path, context.Cause(ctx))
		case <-time.After(pause):
		}
	}
}

// Path is the lock file.
func (l *Lock) Path() string { return l.path }

// Chmod sets who may open the lock file, and so hold the lock, whatever the umask was. It does
// nothing to a file of another user, nor on a nil Lock.
func (l *Lock) Chmod(mode os.FileMode) {
	if l != nil {
		_ = l.file.Chmod(mode)
	}
}

// Touch sets the lock file's time of modification to now.
func (l *Lock) Touch() {
	now := time.Now()
	// Only the order of clean-up hangs on it.
	_ = os.Chtimes(l.path, now, now)
}

// Write replaces the lock file's content, which tells others about the holder. The lock must be Exclusive.
func (l *Lock) Write(data []byte) error {
	if err := l.file.Truncate(0); err != nil {
		return fmt.Errorf("write %s: %w", l.path, err)
	}
	if _, err := l.file.WriteAt(data, 0); err != nil {
		return fmt.Errorf("write %s: %w", l.path, err)
	}
	return nil
}

// Read returns the lock file's content.
func (l *Lock) Read() ([]byte, error) {
	return io.ReadAll(io.NewSectionReader(l.file, 0, 1<<20))
}

// Unlock gives the lock back and leaves its file. A nil Lock and a second call do nothing.
func (l *Lock) Unlock() {
	if l == nil {
		return
	}
	// Closing alone gives it back later when a child was forked a moment ago: the child has the
	// file open until it executes its program.
	_ = retryInterrupted(func() error { return unix.Flock(int(l.file.Fd()), unix.LOCK_UN) })
	l.file.Close()
}

// Remove deletes the lock file and gives the lock back. The lock must be Exclusive; others who wait
// for it make a new file.
func (l *Lock) Remove() {
	if l == nil {
		return
	}
	// The file goes first: once it is unlocked, it may be another holder's.
	if current(l.file, l.path) {
		_ = os.Remove(l.path)
	}
	l.Unlock()
}
