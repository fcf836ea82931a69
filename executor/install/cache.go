// Package install brings Alluxio and Java tarballs to this host: it fetches, hashes and unpacks
// them in one pass into a cache that all executors of one user share, so that a relaunch downloads
// nothing.
//
// All of it is in the folder alluxio-mesos-cache of cache.dir, which no other name in cache.dir
// belongs to:
//
//	.alluxio-mesos-cache        the mark: a folder without it that is not empty is refused
//	entries/<sha256>/tree       an unpacked tarball, complete: it was renamed into place
//	entries/<sha256>/manifest   what was unpacked, to notice what somebody else removed, and what is not the cache's
//	entries/<sha256>/meta.json  where it came from, and its size
//	sources/<key>.json          which tarball a URL gave, and what shows that it has not changed since
//	locks/ flocks, for this user alone: <sha256>.lock shared by those who use an entry,
//	fetch-<key>.lock by the one who fetches
//	tmp/<key>                   a tarball that is being unpacked by the holder of fetch-<key>.lock
//
// Nothing but these names is ever looked at or removed in it.
package install

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// Cache is the per-host cache of unpacked tarballs. Any number of processes and goroutines may use one folder.
type Cache struct {
	// parent is cache.dir, dir the cache's own folder in it.
	parent string
	dir    string
	// unsafe warns that others may put something else in the place of parent, or is "".
	unsafe string
	max    config.Bytes
	limits limits
	fetch  fetcher

	mu sync.Mutex
	// kept says which trees the last clean-up of this Cache could not remove, and why.
	kept []string
}

// DefaultDir is the cache folder of a user who configured none: /var/cache/alluxio-mesos for root,
// else $HOME/.cache/alluxio-mesos when the home can be written, else alluxio-mesos-<uid> in the
// folder for temporary files. It is never inside the sandbox ($MESOS_SANDBOX), where Mesos may
// point HOME and TMPDIR and where nothing outlives the task.
func DefaultDir() string {
	uid := os.Geteuid()
	if uid == 0 {
		return "/var/cache/alluxio-mesos"
	}
	sandbox := os.Getenv("MESOS_SANDBOX")
	if home := os.Getenv("HOME"); filepath.IsAbs(home) && !hostfs.Inside(home, sandbox) &&
		unix.Access(home, unix.W_OK|unix.X_OK) == nil {
		return filepath.Join(home, ".cache", "alluxio-mesos")
	}
	tmp := os.TempDir()
	if hostfs.Inside(tmp, sandbox) {
		tmp = "/tmp"
	}
	return filepath.Join(tmp, "alluxio-mesos-"+strconv.Itoa(uid))
}

// Open opens the cache in parent ("" is DefaultDir) and makes its folder there if it is missing.
// max bounds the unpacked bytes in it; 0 is no bound; entries in use are never removed. It fails
// when the folder cannot be made or written, when others could write to it or, for a new one, put
// another in its place, or when it holds what is not of the cache.
func Open(parent string, max config.Bytes) (*Cache, error) {
	if parent == "" {
		parent = DefaultDir()
	}
	dir, unsafe, err := openFolder(parent)
	if err != nil {
		return nil, fmt.Errorf("open the cache: %w; alluxio.integration.mesos.cache.dir names another", err)
	}
	if max <= 0 {
		max = math.MaxInt64
	}
	return &Cache{parent: parent, dir: dir, unsafe: unsafe, max: max, limits: defaultLimits, fetch: newFetcher()}, nil
}

// Get returns the unpacked tree of a, and fetches it first if this host does not have it. With
// a.SHA256 an entry of that digest serves without any request; without it, a URL that was fetched
// before is asked for its headers only, and what is there serves unless they say that the tarball
// has changed. Only one process fetches an archive, others wait for it. progress, which may be nil,
// is called a few times a second while bytes come, every 10 s while none do, and at each failure;
// one call at a time, and not after Get has returned.
//
// The error is one sentence with the URL (without credentials): not found, broken off, wrong digest
// (both), no tarball, an entry that leads outside (its name), too large, disk full.
func (c *Cache) Get(ctx context.Context, a config.Archive, progress func(Progress)) (*Entry, error) {
	src, err := parseSource(a.URL)
	if err != nil {
		return nil, err
	}
	want, err := parseDigest(a.SHA256)
	if err != nil {
		return nil, fmt.Errorf("install %s: %w", src, err)
	}
	w := newWatch(src.String(), progress, c.fetch.silent)
	defer w.close()
	e, err := c.get(ctx, src, want, w)
	if err != nil {
		return nil, fmt.Errorf("install %s: %w", src, err)
	}
	return e, nil
}

func parseDigest(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if raw, err := hex.DecodeString(s); err != nil || (len(raw) != sha256.Size && s != "") {
		return "", fmt.Errorf("%q is not a sha256: write 64 hexadecimal digits", s)
	}
	return s, nil
}

func (c *Cache) get(ctx context.Context, src source, want string, w *watch) (*Entry, error) {
	if e, err := c.known(ctx, src, want); e != nil || err != nil {
		return e, err
	}
	key := want
	if key == "" {
		key = src.key()
	}
	w.queue(true)
	// Removing the lock file is safe: whoever waits for it notices and makes a new one.
	lock, err := hostfs.WaitPrivateLock(ctx, c.path("locks", "fetch-"+key+".lock"), hostfs.Exclusive)
	if err != nil {
		return nil, err
	}
	defer lock.Remove()
	w.queue(false)
	if e, err := c.known(ctx, src, want); e != nil || err != nil {
		return e, err
	}
	tmp := c.path("tmp", key)
	defer os.RemoveAll(tmp)
	e, err := c.download(ctx, src, want, tmp, w)
	if isFull(err) && c.evict(0) > 0 {
		e, err = c.download(ctx, src, want, tmp, w)
	}
	if err == nil {
		c.evict(c.max)
	}
	return e, err
}

// download fetches and unpacks src into tmp and makes an entry of it.
func (c *Cache) download(ctx context.Context, src source, want, tmp string, w *watch) (*Entry, error) {
	rec, err := c.fetchTree(ctx, src, tmp, w)
	if err != nil {
		return nil, err
	}
	if want != "" && rec.SHA256 != want {
		rec.Refused = time.Now()
		return nil, errors.Join(wrongDigest(rec.SHA256, want), c.remember(ctx, src, rec))
	}
	e, err := c.adopt(ctx, tmp, rec.SHA256)
	if err != nil {
		return nil, err
	}
	if err := c.remember(ctx, src, rec); err != nil {
		e.Release()
		return nil, err
	}
	return e, nil
}

// fetchTree makes tmp/tree and tmp/meta.json. When the connection breaks in a way that cannot be
// continued, it starts again.
func (c *Cache) fetchTree(ctx context.Context, src source, tmp string, w *watch) (record, error) {
	budget := c.fetch.budget(w)
	for restarts := 0; ; restarts++ {
		rec, err := c.fetchOnce(ctx, src, tmp, budget, w)
		var again *restartError
		if !errors.As(err, &again) {
			return rec, err
		}
		if restarts == c.fetch.tries {
			return record{}, again.err
		}
		if err := budget.spend(ctx, again.err); err != nil {
			return record{}, err
		}
		w.restart()
	}
}

func (c *Cache) fetchOnce(ctx context.Context, src source, tmp string, budget *budget, w *watch) (record, error) {
	tree := filepath.Join(tmp, "tree")
	if err := os.RemoveAll(tmp); err != nil {
		return record{}, err
	}
	if err := os.MkdirAll(tree, 0o755); err != nil {
		return record{}, err
	}
	root, err := os.OpenRoot(tree)
	if err != nil {
		return record{}, err
	}
	defer root.Close()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	w.await()
	body, rec, err := c.fetch.open(inner, src, budget)
	if err != nil {
		return record{}, err
	}
	defer body.Close()
	meter := &meter{src: watchedReader{body, rec.Size, w}, sum: sha256.New()}
	if err := unpack(inner, cancel, meter, root, c.limits); err != nil {
		if ctx.Err() != nil {
			return record{}, context.Cause(ctx)
		}
		return record{}, meter.blame(err)
	}
	rec.SHA256 = hex.EncodeToString(meter.sum.Sum(nil))
	return rec, src.describe(tmp)
}

func (c *Cache) path(parts ...string) string {
	return filepath.Join(append([]string{c.dir}, parts...)...)
}

func isFull(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT)
}

// exists is false only when nothing is there.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
