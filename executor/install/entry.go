package install

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/install/hostfs"
)

// Entry is one unpacked tarball in use: the cache keeps it until Release, or until this process ends.
type Entry struct {
	// Dir is the folder that the tarball was unpacked into; see Home for the folder inside it.
	Dir string
	// SHA256 is the tarball's digest, 64 lower-case hex digits.
	SHA256 string

	once sync.Once
	lock *hostfs.Lock
}

// Release lets the cache remove the entry when it needs the room. It may be called more than once.
func (e *Entry) Release() {
	e.once.Do(func() {
		e.lock.Touch()
		e.lock.Unlock()
	})
}

// Home returns the folder want inside the tarball (relative, e.g. jdk1.8.0_151), else the tarball's top folder when that is the only
// thing in it, else Dir. It fails when want is absolute or leads outside.
func (e *Entry) Home(want string) (string, error) {
	if want = strings.TrimSuffix(want, "/"); want != "" {
		if !filepath.IsLocal(want) {
			return "", fmt.Errorf("folder %q leads out of the tarball: write a path inside it, without a leading slash", want)
		}
		root, err := os.OpenRoot(e.Dir)
		if err != nil {
			return "", err
		}
		defer root.Close()
		if st, err := root.Stat(want); err == nil && st.IsDir() {
			return filepath.Join(e.Dir, want), nil
		}
	}
	tops, err := os.ReadDir(e.Dir)
	if err != nil {
		return "", err
	}
	var top fs.DirEntry
	for _, t := range tops {
		if strings.HasPrefix(t.Name(), "._") {
			continue // what tar on macOS adds beside every file
		}
		if top != nil {
			return e.Dir, nil
		}
		top = t
	}
	if top == nil || !top.IsDir() {
		return e.Dir, nil
	}
	return filepath.Join(e.Dir, top.Name()), nil
}

// meta is what entries/<sha256>/meta.json says.
type meta struct {
	URL   string `json:"url"`
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
}

func writeMeta(dir string, src source) error {
	m, err := measure(filepath.Join(dir, "tree"))
	if err != nil {
		return err
	}
	m.URL = src.String()
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "meta.json"), data, 0o644)
}

func readMeta(dir string) (meta, error) {
	var m meta
	data, err := os.ReadFile(filepath.Join(dir, "meta.json"))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(data, &m)
}

// measure counts what is in tree.
func measure(tree string) (meta, error) {
	var m meta
	err := filepath.WalkDir(tree, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		m.Files++
		if d.Type().IsRegular() {
			info, err := d.Info()
			if err != nil {
				return err
			}
			m.Bytes += info.Size()
		}
		return nil
	})
	return m, err
}

// entry returns the entry of digest, or nil if the cache has none. One that is not as it was unpacked is removed: a cleaner of /tmp, a
// person or a power failure took a part of it.
func (c *Cache) entry(digest string) (*Entry, error) {
	lockFile := c.path("locks", digest+".lock")
	dir := c.path("entries", digest)
	if !exists(dir) {
		return nil, nil
	}
	// Try only: an exclusive holder is about to remove the entry.
	lock, err := hostfs.TryPrivateLock(lockFile, hostfs.Shared)
	if errors.Is(err, hostfs.ErrHeld) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if intact(dir) {
		lock.Touch()
		return &Entry{Dir: filepath.Join(dir, "tree"), SHA256: digest, lock: lock}, nil
	}
	lock.Unlock()
	lock, err = hostfs.TryPrivateLock(lockFile, hostfs.Exclusive)
	if errors.Is(err, hostfs.ErrHeld) {
		return nil, fmt.Errorf("the unpacked tarball in %s is damaged and another task uses it: stop that task, or remove the folder", dir)
	}
	if err != nil {
		return nil, err
	}
	defer lock.Remove()
	return nil, c.discard(digest)
}

func intact(dir string) bool {
	want, err := readMeta(dir)
	if err != nil {
		return false
	}
	have, err := measure(filepath.Join(dir, "tree"))
	return err == nil && have.Files == want.Files && have.Bytes == want.Bytes
}

// adopt renames tmp to the entry of digest and returns it in use.
func (c *Cache) adopt(ctx context.Context, tmp, digest string) (*Entry, error) {
	dir := c.path("entries", digest)
	for {
		// Locked before it is there: nobody can remove it between our rename and our lock.
		lock, err := hostfs.WaitPrivateLock(ctx, c.path("locks", digest+".lock"), hostfs.Shared)
		if err != nil {
			return nil, err
		}
		err = os.Rename(tmp, dir)
		if err == nil {
			lock.Touch()
			return &Entry{Dir: filepath.Join(dir, "tree"), SHA256: digest, lock: lock}, nil
		}
		lock.Unlock()
		if !errors.Is(err, unix.ENOTEMPTY) && !errors.Is(err, unix.EEXIST) {
			return nil, err
		}
		// The same tarball came by another URL in the meantime; one that is damaged is removed by entry, then ours takes its place.
		if e, err := c.entry(digest); e != nil || err != nil {
			return e, err
		}
	}
}

// discard removes an entry whose exclusive lock the caller holds. It leaves the cache at once and the disk a little later.
func (c *Cache) discard(digest string) error {
	gone := c.path("tmp", "gone-"+digest)
	if err := os.RemoveAll(gone); err != nil {
		return err
	}
	if err := os.Rename(c.path("entries", digest), gone); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(gone)
}
