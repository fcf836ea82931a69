// Package ramdisk gives a worker the folder for its blocks, in memory where the host allows it, and
// takes back what it made: also what an executor left that was killed.
//
// Everything that is made is first written to a record, <base>/<cluster>/<task>.lock, whose flock
// its executor holds while it lives. The kernel drops the flock with the executor, and then Sweep
// of any other executor of the same user reclaims what the record names. A folder on disk has no
// record: it stays with its blocks, and its mark says whose they are.
package ramdisk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// Request is what a worker needs.
type Request struct {
	// Size is the capacity that must be there, > 0.
	Size config.Bytes
	// Path is where the operator wants it, absolute, or "": a path of our own that no other task
	// has.
	Path string
	// Disk is true for a folder on disk, which stays with its blocks: no tmpfs is mounted, and a
	// folder in memory is refused. It needs a Path.
	Disk bool
	// Beside are the folders that the task has already. They take of the room of a disk, too.
	Beside []*Disk
	// Record names the record of one of several folders of a task, or is "": it is that of the
	// Task.
	Record string
	// Framework is the name of the framework in Mesos, or "" where it is not known.
	Framework string
	// Sudo permits `sudo -n` for mount, umount, mkdir and rmdir where the user may not do them.
	Sudo bool
	// Cluster and Task name the disk, each one component of a path: no slash, no leading dot.
	Cluster, Task string
	// Blocks is the folder below Path in which Alluxio keeps its blocks, or "" for its default.
	Blocks string
	// Sandbox is the task's sandbox, or "". The disk is never inside: Mesos keeps and measures
	// sandboxes.
	Sandbox string
}

// The tiers by Alluxio's aliases (Alluxio: property reference,
// alluxio.worker.tieredstore.level0.alias).
const (
	TierMemory = "MEM"
	TierSSD    = "SSD"
	TierHDD    = "HDD"
)

// Disk is a folder for blocks in use.
type Disk struct {
	// Path is the folder. It exists and belongs to the caller, except when it was there before:
	// then it can be written.
	Path string
	// Tier is what the folder is on: TierMemory, TierSSD or TierHDD.
	Tier string
	// Description says for people what was made or found, and why it is not better, e.g. "tmpfs of
	// 1GB mounted at /mnt/…".
	Description string
	// Warning says what a person should know about the folder, or is "".
	Warning string

	// device is that of the folder, blocks its folder for blocks. wanted is the part of its size that
	// no block takes yet, or all of it while they are not counted.
	device  uint64
	blocks  string
	wanted  int64
	counted bool

	host host
	made record
	// lock is the record's, nil when nothing was made; use is the one in a folder that the operator
	// named.
	lock, use *hostfs.Lock

	mu       sync.Mutex
	released bool
}

// Prepare finds or makes the folder that r asks for.
//
// With r.Path: what exists there is used as it is, unless a live worker uses it or a dead one made
// it; what does not exist is made, as a tmpfs where mounting is permitted. With r.Disk it stays,
// marked as the cluster's. Without r.Path, the first of: a tmpfs mounted under /mnt or /run, a
// folder in /dev/shm, a folder on disk beside the cache. The error says what is missing: both sizes
// when it is too small, or the task that uses it.
func Prepare(ctx context.Context, r Request) (*Disk, error) {
	d, err := thisHost(r.Sandbox).prepare(ctx, r)
	if err != nil && r.Disk {
		return nil, fmt.Errorf("prepare the folder of a tier on disk: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("prepare the ramdisk: %w", err)
	}
	return d, nil
}

func (h host) prepare(ctx context.Context, r Request) (*Disk, error) {
	for _, name := range []string{r.Cluster, r.Task, cmp.Or(r.Record, r.Task)} {
		if name == "" || name[0] == '.' || strings.ContainsAny(name, "/\x00") {
			return nil, fmt.Errorf("%q cannot name a folder: it is empty, or has a slash or a leading dot", name)
		}
	}
	if r.Size <= 0 {
		return nil, fmt.Errorf("its size is %s: give one above 0", r.Size)
	}
	h = h.resolved()
	if r.Path == "" {
		return h.own(ctx, r)
	}
	if !filepath.IsAbs(r.Path) || filepath.Clean(r.Path) == "/" {
		return nil, fmt.Errorf("%s cannot be its folder: name an absolute path below /", r.Path)
	}
	// As the kernel shows it in its table of mounts: a folder above may be a link.
	r.Path = hostfs.Resolve(r.Path)
	if hostfs.Inside(r.Path, hostfs.Resolve(r.Sandbox)) {
		return nil, fmt.Errorf("%s is inside the task's sandbox %s, which Mesos keeps and measures: name a path outside",
			r.Path, r.Sandbox)
	}
	if r.Disk {
		return h.kept(ctx, r)
	}
	return h.named(ctx, r)
}

// own makes a folder of our own choice.
func (h host) own(ctx context.Context, r Request) (*Disk, error) {
	d, whyNotMounted, err := h.ownMounted(ctx, r)
	if d != nil || err != nil {
		return d, err
	}
	reasons := []string{whyNotMounted}
	for _, base := range []string{h.memory, h.disk} {
		if base == "" {
			continue
		}
		d, err := h.ownFolder(ctx, base, r)
		if err == nil {
			d.Description += ": " + strings.Join(reasons, "; ")
			return d, nil
		}
		if errors.Is(err, errLive) {
			return nil, err
		}
		reasons = append(reasons, err.Error())
	}
	return nil, errors.New(strings.Join(reasons, "; "))
}

// ownMounted mounts a tmpfs below the first base folder that can hold one. Without a disk and an
// error it says why there is none.
func (h host) ownMounted(ctx context.Context, r Request) (d *Disk, why string, err error) {
	for _, base := range append(h.mounts[:len(h.mounts):len(h.mounts)], h.memory, h.disk) {
		if base == "" {
			continue
		}
		d, err := h.begin(ctx, base, r, filepath.Join(base, r.Cluster, r.Task))
		if errors.Is(err, errLive) {
			return nil, "", err
		}
		if err != nil {
			why = err.Error()
			continue // this user cannot have it
		}
		if err = d.mount(ctx, r); err == nil {
			d.describeMounted(r.Size)
			return d, "", nil
		}
		why = err.Error()
		if err := d.Release(ctx); err != nil {
			return nil, "", err
		}
		if errors.Is(err, errNotPermitted) {
			break
		}
	}
	return nil, why, nil
}

// ownFolder makes a folder of our own in base.
func (h host) ownFolder(ctx context.Context, base string, r Request) (*Disk, error) {
	d, err := h.begin(ctx, base, r, filepath.Join(base, r.Cluster, r.Task))
	if err != nil {
		return nil, err
	}
	if err := d.inspect(r, "folder"); err != nil {
		return nil, errors.Join(err, d.Release(ctx))
	}
	return d, nil
}

// named uses or makes the folder that the operator named.
func (h host) named(ctx context.Context, r Request) (*Disk, error) {
	registry, end, err := h.alone(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	h.sweepPath(ctx, r.Path)
	unmountLost(ctx, r)

	st, err := os.Stat(r.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return h.namedMade(ctx, registry, r)
	}
	if err != nil {
		return nil, err
	}
	if !st.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", r.Path)
	}
	d := &Disk{Path: r.Path, host: h}
	if d.use, err = takeUse(ctx, r); err != nil {
		return nil, err
	}
	if err := d.inspect(r, "existing folder"); err != nil {
		d.use.Remove()
		return nil, err
	}
	d.Description += ", used as it is"
	return d, nil
}

func (h host) namedMade(ctx context.Context, registry string, r Request) (*Disk, error) {
	d, err := h.begin(ctx, registry, r, r.Path)
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*Disk, error) { return nil, errors.Join(err, d.Release(ctx)) }
	mountErr := d.mount(ctx, r)
	if d.use, err = takeUse(ctx, r); err != nil {
		return fail(err)
	}
	if mountErr == nil {
		d.describeMounted(r.Size)
		return d, nil
	}
	if err := d.inspect(r, "new folder"); err != nil {
		return fail(err)
	}
	d.Description += ": " + mountErr.Error()
	return d, nil
}
