package ramdisk

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Killed at any moment of the making, an executor leaves nothing that is not reclaimed.
func TestWhatWasAboutToBeMarkedIsReclaimed(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	for _, folder := range []bool{true, false} {
		h.sudoOnly = folder
		for _, content := range []string{"none", ""} {
			d, err := h.prepare(context.Background(), request("w.1"))
			must(t, err)
			mark := filepath.Join(d.Path, markFile)
			must(t, os.Remove(mark))
			if content != "none" {
				must(t, os.WriteFile(mark, nil, 0o644))
			}
			crash(d)
			if said := h.sweep(context.Background()); len(said) != 1 {
				t.Errorf("folder %v, mark %q: Sweep says %q", folder, content, said)
			}
			wantGone(t, d.Path)
		}
	}
}

// firstRelease writes a record as the first release did.
func firstRelease(t *testing.T, file, path string, made ...string) {
	t.Helper()
	rec := map[string]any{"cluster": "c", "task": "w.1", "pid": 1 << 30, "path": path, "made": made}
	if st := (unix.Stat_t{}); unix.Lstat(path, &st) == nil {
		rec["device"], rec["inode"] = st.Dev, st.Ino
	}
	data, err := json.Marshal(rec)
	must(t, err, os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o644))
}

func TestWhatTheFirstReleaseLeftIsReclaimed(t *testing.T) {
	t.Parallel()
	h, dir := emptyHost(t), t.TempDir()
	t.Cleanup(func() { cleanMounts(t, dir) })
	record := filepath.Join(h.bases()[0], "c", "w.1.lock")
	sweep := func(sentence string, gone string, words ...string) {
		t.Helper()
		said := strings.Join(h.sweep(context.Background()), "\n")
		for _, w := range append(words, "reclaimed") {
			if !strings.Contains(said, w) {
				t.Errorf("%s: Sweep says %q, want %q", sentence, said, w)
			}
		}
		wantGone(t, gone)
	}

	own := filepath.Join(h.bases()[0], "c", "w.1")
	must(t, os.MkdirAll(own, 0o755), os.WriteFile(filepath.Join(own, "block"), []byte("x"), 0o644))
	firstRelease(t, record, own, own)
	sweep("a folder below a base folder of ours", own)

	named := filepath.Join(dir, "operators", "ram")
	must(t, os.MkdirAll(named, 0o755), os.WriteFile(filepath.Join(named, useFile),
		[]byte(`{"cluster":"c","task":"w.1","pid":1}`), 0o644))
	firstRelease(t, record, named, filepath.Dir(named), named)
	sweep("a named folder", filepath.Dir(named))

	if !mayMount(t) {
		return
	}
	must(t, os.MkdirAll(filepath.Join(dir, "real"), 0o755), os.Symlink("real", filepath.Join(dir, "link")))
	linked := filepath.Join(dir, "link", "ram")
	must(t, os.Mkdir(linked, 0o755))
	firstRelease(t, record, linked, linked)
	must(t, unix.Mount(mountSource, linked, "tmpfs", 0, "size=1m"),
		os.WriteFile(filepath.Join(linked, "block"), []byte("x"), 0o644))
	sweep("a tmpfs below a link", linked)

	// An orderly end has left the tmpfs below a link without a record: the next worker there has
	// its own.
	must(t, os.Mkdir(linked, 0o755), unix.Mount(mountSource, linked, "tmpfs", 0, "size=1m"),
		os.WriteFile(filepath.Join(linked, "old"), nil, 0o644))
	r := request("w.2")
	r.Path = linked
	d := mustPrepare(t, h, r)
	if !strings.Contains(d.Description, "mounted at") {
		t.Errorf("got %s", d.Description)
	}
	wantGone(t, filepath.Join(linked, "old"))
	mustRelease(t, d)
	wantGone(t, linked)

	// A base folder below a link, from which the first release has dropped the record without the
	// mount.
	must(t, os.Mkdir(filepath.Join(dir, "real", "alluxio-mesos"), 0o755))
	h.mounts = []string{filepath.Join(dir, "link", "alluxio-mesos")}
	lost := filepath.Join(h.mounts[0], "c", "w.9")
	must(t, os.MkdirAll(lost, 0o755), unix.Mount(mountSource, lost, "tmpfs", 0, "size=1m"))
	precious(t, lost)
	sweep("a tmpfs without a record", lost, "w.9")
	wantGone(t, h.mounts[0])
}
