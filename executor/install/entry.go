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

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// Entry is one unpacked tarball in use: the cache keeps it until Release, or until this process ends.
type Entry struct {
	// Dir is the folder that the tarball was unpacked into; see Home for the folder inside it.
	Dir string
	// SHA256 is the tarball's digest, 64 lower-case hex digits.
	SHA256 string

	// top is the tarball's only top folder, or "".
	top  string
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

// Home returns the folder want inside the tarball (relative, e.g. jdk1.8.0_151), else the tarball's
// top folder when that is the only thing in it, else Dir. It fails when want is absolute or leads
// outside.
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
	return filepath.Join(e.Dir, e.top), nil
}

// meta is what entries/<sha256>/meta.json says.
type meta struct {
	URL   string `json:"url"`
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
}

// describe writes dir/manifest and dir/meta.json of dir/tree.
func (src source) describe(dir string) error {
	m, err := listTree(filepath.Join(dir, "tree"))
	if err != nil {
		return err
	}
	data, err := json.Marshal(meta{URL: src.String(), Files: len(m), Bytes: m.bytes()})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, manifestFile), m.encode(), 0o644); err != nil {
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

// entry returns the entry of digest, or nil if the cache has none that can be used. Of one that is
// not as it was unpacked, a cleaner of /tmp, a person or a power failure took a part: adopt repairs
// it.
func (c *Cache) entry(digest string) (*Entry, error) {
	lockFile := c.path("locks", digest+".lock")
	dir := c.path("entries", digest)
	if !exists(dir) {
		return nil, nil
	}
	// Try only: an exclusive holder is about to remove or repair the entry.
	lock, err := hostfs.TryPrivateLock(lockFile, hostfs.Shared)
	if errors.Is(err, hostfs.ErrHeld) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if readDamage(dir) == "" {
		return c.use(digest, lock)
	}
	lock.Unlock()
	lock, err = hostfs.TryPrivateLock(lockFile, hostfs.Exclusive)
	if errors.Is(err, hostfs.ErrHeld) {
		return nil, c.damagedInUse(digest)
	}
	lock.Remove()
	return nil, err
}

// use makes an Entry of a shared lock.
func (c *Cache) use(digest string, lock *hostfs.Lock) (*Entry, error) {
	m, err := readManifest(c.path("entries", digest))
	if err != nil {
		lock.Unlock()
		return nil, err
	}
	lock.Touch()
	return &Entry{Dir: c.path("entries", digest, "tree"), SHA256: digest, top: m.top(), lock: lock}, nil
}

// adopt renames tmp to the entry of digest, or repairs the one that is there from it, and returns
// it in use.
func (c *Cache) adopt(ctx context.Context, tmp, digest string) (*Entry, error) {
	dir := c.path("entries", digest)
	const most = 10 // another program removes what is restored
	for range most {
		// Locked before it is there: nobody can remove it between our rename and our lock.
		lock, err := hostfs.WaitPrivateLock(ctx, c.path("locks", digest+".lock"), hostfs.Shared)
		if err != nil {
			return nil, err
		}
		err = os.Rename(tmp, dir)
		if err == nil {
			return c.use(digest, lock)
		}
		lock.Unlock()
		if !errors.Is(err, unix.ENOTEMPTY) && !errors.Is(err, unix.EEXIST) {
			return nil, err
		}
		// The same tarball came by another URL in the meantime, or what is there is damaged.
		if e, err := c.entry(digest); e != nil || err != nil {
			return e, err
		}
		if err := c.repair(tmp, digest); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("the unpacked tarball in %s is damaged again after each repair: %s", dir, readDamage(dir))
}

// discard removes an entry whose exclusive lock the caller holds. It leaves the cache at once and
// the disk a little later.
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
