package ramdisk

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/config"
)

func request(task string) Request {
	return Request{Size: 4 * config.MB, Cluster: "c", Task: task, Sandbox: "/sandbox"}
}

func mustPrepare(t *testing.T, h host, r Request) *Disk {
	t.Helper()
	d, err := h.prepare(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Release(context.Background()) })
	if err := os.WriteFile(filepath.Join(d.Path, "block"), make([]byte, 1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	return d
}

func mustRelease(t *testing.T, d *Disk) {
	t.Helper()
	for range 2 { // the second does nothing
		if err := d.Release(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func refused(t *testing.T, h host, r Request, says ...string) {
	t.Helper()
	d, err := h.prepare(context.Background(), r)
	if err == nil {
		_ = d.Release(context.Background())
		t.Fatalf("%s was prepared, want an error with %q", d.Path, says)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("error %q does not say %q", err, s)
		}
	}
}

func wantGone(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); err == nil {
		t.Errorf("%s is still there", path)
	}
}

func TestAWorkerWithoutAPathGetsATmpfsOfItsOwn(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	first, second := mustPrepare(t, h, request("w.1")), mustPrepare(t, h, request("w.2"))
	if first.Path == second.Path || first.Tier != TierMemory && onMemory("/dev/shm") {
		t.Errorf("the disks are %+v and %+v", first, second)
	}
	var st unix.Statfs_t
	if err := unix.Statfs(first.Path, &st); err != nil {
		t.Fatal(err)
	}
	if mayMount(t) {
		size := int64(st.Blocks) * st.Frsize
		if want := filepath.Join(h.mounts[0], "c", "w.1"); first.Path != want || size != 4<<20 ||
			first.Description != "tmpfs of 4MB mounted at "+want {
			t.Errorf("got %s of %d bytes: %s; want 4 MB mounted at %s", first.Path, size, first.Description, want)
		}
	} else if want := filepath.Join(h.memory, "c", "w.1"); first.Path != want ||
		!strings.Contains(first.Description, "not permitted") {
		t.Errorf("got %s: %s; want %s, because mounting is not permitted", first.Path, first.Description, want)
	}
	mustRelease(t, first)
	wantGone(t, first.Path)
	mustRelease(t, second)
}

func TestPlacesThatCannotBeMadeArePassedOver(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	h.mounts = []string{filepath.Join(blocked, "mnt")}
	d := mustPrepare(t, h, request("w.1"))
	if want := filepath.Join(h.memory, "c", "w.1"); d.Path != want {
		t.Errorf("the disk is %s, want %s", d.Path, want)
	}
	mustRelease(t, d)
	h.memory = ""
	d = mustPrepare(t, h, request("w.1"))
	if want := filepath.Join(h.disk, "c", "w.1"); d.Path != want {
		t.Errorf("the disk is %s, want %s", d.Path, want)
	}
	mustRelease(t, d)
}

func TestWithoutMountingTheNextBestIsSaidPlainly(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	h.sudoOnly = true // as for a user who may not mount
	d := mustPrepare(t, h, request("w.1"))
	if want := filepath.Join(h.memory, "c", "w.1"); d.Path != want ||
		!strings.Contains(d.Description, "mounting a tmpfs is not permitted") {
		t.Errorf("got %s: %s; want %s and why it is not mounted", d.Path, d.Description, want)
	}
	mustRelease(t, d)

	h.memory = ""
	d = mustPrepare(t, h, request("w.1"))
	if onMemory(t.TempDir()) != (d.Tier == TierMemory) || d.Path != filepath.Join(h.disk, "c", "w.1") {
		t.Errorf("got %s as %s", d.Path, d.Tier)
	}
	if d.Tier != TierMemory && !strings.Contains(d.Description, "not in memory") {
		t.Errorf("%q does not say that it is not in memory", d.Description)
	}
	mustRelease(t, d)
}

func TestTooSmallIsRefusedWithBothNumbers(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	h.sudoOnly = true
	huge := request("w.1")
	huge.Size = 4096 * config.TB
	refused(t, h, huge, "room for", "needs 4096TB", h.memory, h.disk)

	folder := t.TempDir()
	huge.Path = folder
	refused(t, h, huge, "room for", "needs 4096TB", folder)
	if left, _ := os.ReadDir(folder); len(left) > 0 {
		t.Errorf("the folder holds %v", left)
	}
	huge.Path = filepath.Join(folder, "new", "one")
	refused(t, h, huge, "room for", "needs 4096TB", huge.Path)
	wantGone(t, filepath.Join(folder, "new"))
}

func TestAnExistingTmpfsIsUsedAsItIs(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	r := request("w.1")
	r.Path = publicDir(t, existingMemory(t))
	mounted := mayMount(t)
	if mounted {
		// more than is free beside the block, and not all: a child that is being forked may hold a page of a lock
		r.Size += config.MB / 2
		if err := unix.Mount("operators-own", r.Path, "tmpfs", 0, "size=5m"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unmountTmpfs(t, r.Path) })
	}
	d := mustPrepare(t, h, r)
	if d.Path != r.Path || !strings.Contains(d.Description, "used as it is") {
		t.Errorf("got %s: %s", d.Path, d.Description)
	}
	blocks := filepath.Join(r.Path, "alluxioworker")
	if err := os.Mkdir(blocks, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(r.Path, "block"), filepath.Join(blocks, "1")); err != nil {
		t.Fatal(err)
	}
	mustRelease(t, d)
	if _, err := os.Stat(filepath.Join(blocks, "1")); err != nil {
		t.Errorf("what the worker wrote is gone: %v", err)
	}
	if mounted {
		// The next worker takes over the blocks that are there: they count as room. Nothing else
		// does.
		again, err := h.prepare(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		mustRelease(t, again)
		r.Size = 5*config.MB + 1
		refused(t, h, r, "5MB", r.Path)
		r.Size = 4*config.MB + config.MB/2
		other := filepath.Join(r.Path, "of-somebody-else")
		if err := os.Rename(blocks, other); err != nil {
			t.Fatal(err)
		}
		refused(t, h, r, "has room for 3.9MB")
		r.Blocks = filepath.Base(other) // unless Alluxio is told to keep its blocks there
		if again, err = h.prepare(context.Background(), r); err != nil {
			t.Fatal(err)
		}
		mustRelease(t, again)
	}
	if left, _ := os.ReadDir(r.Path); len(left) != 1 {
		t.Errorf("beside the block there is %v", left)
	}
}

// existingMemory is /dev/shm where there is one, else the folder for temporary files.
func existingMemory(t *testing.T) string {
	t.Helper()
	if onMemory("/dev/shm") {
		return "/dev/shm"
	}
	return os.TempDir()
}

func TestAPathThatDoesNotExistIsMadeAndTakenBack(t *testing.T) {
	t.Parallel()
	h, dir := emptyHost(t), t.TempDir()
	t.Cleanup(func() { cleanMounts(t, dir) })
	r := request("w.1")
	r.Path = filepath.Join(dir, "a folder", "ramdisk")
	d := mustPrepare(t, h, r)
	if isMounted, err := mounted(r.Path); err != nil || isMounted != mayMount(t) {
		t.Errorf("mounted: %v, %v", isMounted, err)
	}
	mustRelease(t, d)
	wantGone(t, filepath.Dir(r.Path))

	// Only what was made goes: not the folder of others beside it.
	d = mustPrepare(t, h, r)
	other := filepath.Join(dir, "a folder", "other")
	if err := os.Mkdir(other, 0o755); err != nil {
		t.Fatal(err)
	}
	mustRelease(t, d)
	wantGone(t, r.Path)
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}

func TestATierOnDiskIsMadeWithoutATmpfsAndRefusedInMemory(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	r := onDisk(t, "w.1")
	d := mustPrepare(t, h, r)
	if d.Tier == TierMemory || onMemory(r.Path) {
		t.Errorf("%s is in memory: %s", r.Path, d.Description)
	}
	mustRelease(t, d)
	r.Path = publicDir(t, existingMemory(t))
	refused(t, h, r, r.Path, "is in memory, and the tier claims disk from Mesos")
}

func TestAPathOfALiveWorkerIsRefusedByName(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	existing := t.TempDir()
	for _, path := range []string{existing, filepath.Join(existing, "new")} {
		r := request("w.1")
		r.Path = path
		d := mustPrepare(t, h, r)
		other := r
		other.Task, other.Cluster = "w.2", "other"
		refused(t, h, other, path, "live worker", "w.1", "cluster c", fmt.Sprint("pid ", os.Getpid()))
		mustRelease(t, d)
		mustRelease(t, mustPrepare(t, h, other))
	}
	cleanMounts(t, existing)
	d := mustPrepare(t, h, request("w.1"))
	refused(t, h, request("w.1"), "w.1", "live worker")
	mustRelease(t, d)
}

func TestRequestsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Request)
		says   string
	}{
		"no size":               {func(r *Request) { r.Size = 0 }, "size"},
		"a relative path":       {func(r *Request) { r.Path = "ramdisk" }, "absolute"},
		"the root":              {func(r *Request) { r.Path = "/.." }, "below /"},
		"a path in the sandbox": {func(r *Request) { r.Path = "/sandbox/x" }, "inside the task's sandbox"},
		"a file":                {func(r *Request) { r.Path = file }, "not a folder"},
		"a path below a file":   {func(r *Request) { r.Path = file + "/x" }, "not a directory"},
		"no task":               {func(r *Request) { r.Task = "" }, "cannot name a folder"},
		"a task with a slash":   {func(r *Request) { r.Task = "../x" }, "cannot name a folder"},
		"a cluster ..":          {func(r *Request) { r.Cluster = ".." }, "cannot name a folder"},
	} {
		r := request("w.1")
		c.change(&r)
		t.Run(name, func(t *testing.T) { refused(t, h, r, c.says) })
	}
}
