package ramdisk

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// crash lets d's executor die: the kernel drops its locks, and nothing else.
func crash(d *Disk) {
	d.lock.Unlock()
	d.use.Unlock()
	d.released = true
}

// precious puts a file of somebody else into dir and returns its path.
func precious(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(dir, "precious")
	must(t, os.MkdirAll(dir, 0o755), os.WriteFile(file, []byte("x"), 0o644))
	return file
}

func wantThere(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Errorf("what is not ours is gone: %v", err)
	}
}

func bind(t *testing.T, from, to string) {
	t.Helper()
	must(t, os.MkdirAll(to, 0o755), unix.Mount(from, to, "", unix.MS_BIND, ""))
	t.Cleanup(func() { _ = unix.Unmount(to, unix.MNT_DETACH) })
}

func TestATmpfsBelowALinkIsUnmounted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	t.Cleanup(func() { cleanMounts(t, dir) })
	must(t, os.Mkdir(filepath.Join(dir, "real"), 0o755), os.Symlink("real", filepath.Join(dir, "link")))
	h := emptyHost(t)
	named := request("named.1")
	named.Path = filepath.Join(dir, "link", "ram")
	linked := h
	linked.mounts = []string{filepath.Join(dir, "link", "alluxio-mesos")} // as /mnt is on some hosts
	for _, c := range []struct {
		host host
		r    Request
	}{{h, named}, {linked, request("own.1")}} {
		mustRelease(t, mustPrepare(t, c.host, c.r))
		d := mustPrepare(t, c.host, c.r)
		crash(d)
		if said := c.host.sweep(context.Background()); len(said) != 1 {
			t.Errorf("Sweep says %q", said)
		}
		cleanMounts(t, dir)
		if left, _ := os.ReadDir(filepath.Join(dir, "real")); len(left) > 0 {
			t.Errorf("left are %v", left)
		}
	}
}

// A file system gives the number of a removed folder to the next one.
func TestAnotherFolderWithAReusedInodeIsLeftAlone(t *testing.T) {
	t.Parallel()
	h, dir := emptyHost(t), t.TempDir()
	h.sudoOnly = true // a folder, no tmpfs
	r := request("w.1")
	r.Path = filepath.Join(dir, "a", "data")
	for sentence, c := range map[string]struct {
		forget func(*record) // what a record does not know
		file   string        // what is in the foreign folder, too
	}{
		"of this version":      {func(rec *record) { rec.Folders[1].Birth = 0 }, ""},
		"of the first release": {func(rec *record) { rec.Mark, rec.Folders = "", nil }, ""},
		"with another mark":    {func(rec *record) { rec.Folders[1].Birth = 0 }, markFile},
		"in use by another":    {func(rec *record) { rec.Mark, rec.Folders = "", nil }, useFile},
	} {
		d := mustPrepare(t, h, r)
		must(t, os.RemoveAll(r.Path))
		file := precious(t, r.Path)
		if c.file != "" {
			must(t, os.WriteFile(filepath.Join(r.Path, c.file), []byte(`{"cluster":"c","task":"another.1"}`), 0o644))
		}
		id, err := identify(unix.AT_FDCWD, r.Path)
		must(t, err)
		d.made.Device, d.made.Inode, d.made.Folders[1] = id.Device, id.Inode, id
		c.forget(&d.made)
		must(t, writeRecord(d.lock, d.made))
		crash(d)
		said := h.sweep(context.Background())
		if _, err := os.Stat(file); err != nil {
			t.Errorf("%s: deleted: %v; Sweep says %q", sentence, err, said)
		}
		must(t, os.RemoveAll(filepath.Dir(r.Path)))
	}
}

// The same numbers and the birth of another one: an empty folder that others made stays, too.
func TestAnEmptyForeignFolderIsLeftAlone(t *testing.T) {
	t.Parallel()
	h, dir := emptyHost(t), t.TempDir()
	h.sudoOnly = true
	r := request("w.1")
	r.Path = filepath.Join(dir, "a", "data")
	d := mustPrepare(t, h, r)
	must(t, os.RemoveAll(filepath.Dir(r.Path)), os.MkdirAll(r.Path, 0o755))
	for i, path := range d.made.Made {
		id, err := identify(unix.AT_FDCWD, path)
		must(t, err)
		if id.Birth == 0 {
			id.Inode++ // this file system tells them apart by nothing but the number
		}
		d.made.Folders[i].Device, d.made.Folders[i].Inode = id.Device, id.Inode
	}
	crash(d)
	h.sweep(context.Background())
	wantThere(t, r.Path)
}

func TestWhatIsMountedInsideIsNotEmptied(t *testing.T) {
	t.Parallel()
	if !mayMount(t) {
		return // nobody else could have mounted either
	}
	h, dir := emptyHost(t), t.TempDir()
	t.Cleanup(func() { cleanMounts(t, dir) })
	r := request("w.1")
	r.Path = filepath.Join(dir, "data")
	for _, mounted := range []bool{false, true} {
		h.sudoOnly = !mounted
		file := precious(t, filepath.Join(dir, "operators"))
		d := mustPrepare(t, h, r)
		inside := filepath.Join(r.Path, "below", "sub")
		bind(t, filepath.Dir(file), inside)
		err := d.Release(context.Background())
		if err == nil || !strings.Contains(err.Error(), inside) || !strings.Contains(err.Error(), "unmount it") {
			t.Errorf("mounted %v: the error is %v", mounted, err)
		}
		wantThere(t, file)
		wantThere(t, filepath.Join(inside, "precious"))
		// Once it is gone, the next Sweep finishes.
		must(t, unix.Unmount(inside, 0))
		if said := h.sweep(context.Background()); len(said) != 1 || !strings.Contains(said[0], "reclaimed") {
			t.Errorf("Sweep says %q", said)
		}
		wantGone(t, r.Path)
		wantThere(t, file)
	}
}

func TestATmpfsOfAnotherTaskAtTheSamePathIsLeftAlone(t *testing.T) {
	t.Parallel()
	if !mayMount(t) {
		return
	}
	h, dir := emptyHost(t), t.TempDir()
	t.Cleanup(func() { cleanMounts(t, dir) })
	r := request("w.1")
	r.Path = filepath.Join(dir, "data")
	d := mustPrepare(t, h, r)
	crash(d)
	unmountTmpfs(t, r.Path)
	must(t, unix.Mount(mountSource, r.Path, "tmpfs", 0, "size=1m"))
	file := precious(t, r.Path)
	if said := h.sweep(context.Background()); len(said) != 1 || !strings.Contains(said[0], "left alone") {
		t.Errorf("Sweep says %q", said)
	}
	wantThere(t, file)
	unmountTmpfs(t, r.Path)
	if said := h.sweep(context.Background()); len(said) != 1 {
		t.Errorf("Sweep says %q", said)
	}
	wantGone(t, r.Path)
}
