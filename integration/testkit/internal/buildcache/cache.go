// Package buildcache keeps what the integration tests and the demo build or download once per machine: a genuine
// Mesos, Alluxio releases, a JDK. Entries live outside the repository, are named by the digest of their recipe, never
// change once they are there, and may be asked for by many processes at the same time.
package buildcache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// RootVariable names the environment variable that moves the cache to another folder.
const RootVariable = "ALLUXIO_MESOS_CACHE"

// Root is the cache's folder: $ALLUXIO_MESOS_CACHE, else alluxio-mesos in the user's cache folder ($XDG_CACHE_HOME,
// else ~/.cache). It is made when it is not there.
func Root() (string, error) {
	root := os.Getenv(RootVariable)
	if root == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find the cache's folder (set %s): %w", RootVariable, err)
		}
		root = filepath.Join(base, "alluxio-mesos")
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return "", fmt.Errorf("find the cache's folder: %w", err)
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", fmt.Errorf("make the cache's folder: %w", err)
	}
	return root, nil
}

// Get returns the folder of the entry called name. When it is not there, build fills an empty folder that then becomes
// the entry in one rename; other processes that want the same entry wait for it. A build that fails leaves nothing.
func Get(ctx context.Context, name string, build func(ctx context.Context, dir string) error) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, name)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	unlock, err := lock(ctx, dir+".lock")
	if err != nil {
		return "", fmt.Errorf("lock %s: %w", name, err)
	}
	defer unlock()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil // built by another process while this one waited
	}
	partial := dir + ".partial" // whatever lies here is left from a killed build: the lock is ours
	if err := os.RemoveAll(partial); err != nil {
		return "", fmt.Errorf("clear %s: %w", partial, err)
	}
	if err := os.Mkdir(partial, 0o755); err != nil {
		return "", fmt.Errorf("build %s: %w", name, err)
	}
	err = build(ctx, partial)
	if err == nil {
		err = os.Rename(partial, dir)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("build %s: %w", name, err), os.RemoveAll(partial))
	}
	return dir, nil
}

// lock takes the file lock at path, waiting for it as long as ctx allows. The file stays: removing it would let two
// processes hold locks on two files of one name.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() {
				// Closing alone would leave it with a child that is being forked, until that executes its own program.
				_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
				_ = f.Close()
			}, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(err, f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Digest is a short digest of the names and contents of all files in recipe and of extra: what an entry's name carries,
// so that a changed recipe builds again.
func Digest(recipe fs.FS, extra ...string) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(recipe, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(recipe, path)
		if err == nil {
			_, err = fmt.Fprintf(h, "%s %d\n%s", path, len(b), b)
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("digest of a recipe: %w", err)
	}
	fmt.Fprintf(h, "%q", extra)
	return hex.EncodeToString(h.Sum(nil))[:12], nil
}

// Retry calls do until it succeeds, five times at most, 2 to 16 seconds apart: downloads fail for moments. It returns
// the last error.
func Retry(ctx context.Context, do func() error) error {
	wait := 2 * time.Second
	for attempt := 1; ; attempt++ {
		err := do()
		if err == nil || attempt == 5 {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(wait):
			wait *= 2
		}
	}
}
