package install

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// layFiles writes small files below dir.
func layFiles(t testing.TB, dir string, files ...string) {
	t.Helper()
	for _, f := range files {
		path := filepath.Join(dir, f)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("precious"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// wantFiles checks that files of layFiles are still there.
func wantFiles(t testing.TB, dir string, files ...string) {
	t.Helper()
	for _, f := range files {
		if data, err := os.ReadFile(filepath.Join(dir, f)); err != nil || string(data) != "precious" {
			t.Errorf("%s holds %q, %v", f, data, err)
		}
	}
}

// evictAll makes the cache clean up as thoroughly as it ever does: nothing unused may stay.
func evictAll(t testing.TB, c *Cache, a config.Archive) {
	t.Helper()
	e, err := c.Get(context.Background(), a, nil)
	if err != nil {
		t.Fatal(err)
	}
	e.Release()
	c.evict(0)
}

func TestCacheNeverTouchesForeignNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	url := onDisk(t, "a.tgz", release(t, "one"))
	digest := strings.Repeat("a", 64)
	outside := []string{"tmp/job-17/result.csv", "tmp/" + digest + "/x", "sources/main.c", "sources/lib/x.c",
		"sources/" + digest + ".json",
		"entries/2026/ledger.db", "entries/" + digest + "/tree/x", "locks/x", "notes.txt"}
	layFiles(t, dir, outside...)
	c := openCache(t, dir)
	inside := []string{"tmp/job-17/result.csv", "sources/main.c", "sources/" + digest + ".json.bak",
		"entries/2026/ledger.db", "locks/mine", "notes.txt"}
	layFiles(t, c.dir, inside...)
	c.max = 1
	evictAll(t, c, config.Archive{URL: url})
	wantFiles(t, dir, outside...)
	wantFiles(t, c.dir, inside...)
	if left := names(c.path("entries")); len(left) != 1 {
		t.Errorf("the entries left are %q: ours had to go", left)
	}
}

func TestOpenRefusesAFolderWithoutItsMark(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ours := filepath.Join(dir, "alluxio-mesos-cache")
	layFiles(t, ours, "entries/ledger.db")
	_, err := Open(dir, 0)
	wantError(t, err, ours, "not empty", ".alluxio-mesos-cache", "alluxio.integration.mesos.cache.dir")
	wantFiles(t, ours, "entries/ledger.db")
	if left := names(ours); len(left) != 1 {
		t.Errorf("the refused folder holds %q", left)
	}

	empty := t.TempDir()
	if err := os.MkdirAll(filepath.Join(empty, "alluxio-mesos-cache"), 0o755); err != nil {
		t.Fatal(err)
	}
	openCache(t, empty) // as after a crash between the folder and its mark
	openCache(t, empty)

	linked := t.TempDir()
	if err := os.Symlink(t.TempDir(), filepath.Join(linked, "alluxio-mesos-cache")); err != nil {
		t.Fatal(err)
	}
	_, err = Open(linked, 0)
	wantError(t, err, "alluxio-mesos-cache", "not a folder")
}

func TestOpenAtTheSameTimeMarksTheFolderOnce(t *testing.T) {
	t.Parallel()
	for range 50 {
		dir := t.TempDir()
		errs := make(chan error)
		for range 8 {
			go func() {
				_, err := Open(dir, 0)
				errs <- err
			}()
		}
		for range 8 {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestOldCacheLayoutIsLeftAloneAndNamedOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := release(t, "one")
	digest := digestOf(data)
	old := []string{"entries/" + digest + "/tree/alluxio-2.9.6/underFSStorage/mydata",
		"entries/" + digest + "/meta.json",
		"sources/" + digest + ".json", "locks/" + digest + ".lock", "tmp/" + digest + "/tree/x"}
	layFiles(t, dir, old...)
	// A task of that version runs from the entry.
	user, err := hostfs.TryLock(filepath.Join(dir, "locks", digest+".lock"), hostfs.Shared)
	if err != nil {
		t.Fatal(err)
	}
	defer user.Unlock()
	url := onDisk(t, "a.tgz", data)
	c := openCache(t, dir)
	evictAll(t, c, config.Archive{URL: url})
	said := strings.Join(c.Warnings(), "\n")
	for _, want := range []string{filepath.Join(dir, "entries"), "earlier version",
		filepath.Join(dir, "entries", digest, "tree/alluxio-2.9.6/underFSStorage")} {
		if !strings.Contains(said, want) {
			t.Errorf("the warnings %q do not name %q", said, want)
		}
	}
	for range 2 {
		c = openCache(t, dir)
		mustGet(t, c, config.Archive{URL: url}, "one")
		if again := c.Warnings(); len(again) > 0 {
			t.Errorf("the old layout is named again: %q", again)
		}
	}
	wantFiles(t, dir, old...)
	if _, err := hostfs.TryLock(filepath.Join(dir, "locks", digest+".lock"), hostfs.Exclusive); !errors.Is(err,
		hostfs.ErrHeld) {
		t.Errorf("the lock of the task that runs is lost: %v", err)
	}

	foreign := t.TempDir()
	layFiles(t, foreign, "entries/2026/ledger.db", "sources/main.c", "locks/x", "tmp/x")
	c = openCache(t, foreign)
	if said := c.Warnings(); len(said) > 0 {
		t.Errorf("folders of somebody else are named as ours: %q", said)
	}
}

func TestCacheLocksArePrivate(t *testing.T) {
	t.Parallel()
	dir := publicDir(t)
	c := openCache(t, filepath.Join(dir, "cache"))
	e, err := c.Get(context.Background(), config.Archive{URL: onDisk(t, "a.tgz", release(t, "one"))}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Release()
	if err := os.Chmod(c.path("locks"), 0o755); err != nil { // as a person may
		t.Fatal(err)
	}
	c = openCache(t, filepath.Join(dir, "cache"))
	for path, want := range map[string]fs.FileMode{c.path("locks"): fs.ModeDir | 0o700,
		c.path("locks", e.SHA256+".lock"): 0o600} {
		if st, err := os.Stat(path); err != nil || st.Mode() != want {
			t.Errorf("%s has mode %v, %v, want %v", path, st.Mode(), err, want)
		}
	}
	if os.Geteuid() != 0 {
		return // another user cannot be tried
	}
	const nobody = 65534
	other := exec.Command("flock", "--nonblock", "--exclusive", c.path("locks", e.SHA256+".lock"), "true")
	other.Dir = "/"
	other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := other.CombinedOutput(); err == nil || !strings.Contains(string(out), "ermission denied") {
		t.Errorf("another user opens the lock: %v %s", err, fmt.Sprintf("%.200s", out))
	}
}

// Who may rename a folder above the cache can have other programs run by the user of the tasks. A
// cache that an earlier version has made there goes on, since an upgrade must not stop a relaunch.
func TestNewCacheBelowAFolderThatOthersMayChangeIsRefused(t *testing.T) {
	t.Parallel()
	open, err := os.MkdirTemp("", "alluxio-mesos-public-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(open) })
	mode := func(mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(open, mode); err != nil {
			t.Fatal(err)
		}
	}
	mode(0o777)
	parent := filepath.Join(open, "cache")
	_, err = Open(parent, 0)
	wantError(t, err, open, "may be written by other users", "alluxio.integration.mesos.cache.dir")
	if exists(parent) {
		t.Error("the folder was made")
	}
	mode(0o777 | os.ModeSticky) // as /tmp
	if said := openCache(t, parent).Warnings(); len(said) > 0 {
		t.Errorf("below a folder with the sticky bit it warns: %q", said)
	}
	mode(0o777)
	said := openCache(t, parent).Warnings()
	if len(said) != 1 || !strings.Contains(said[0], open+" may be written by other users") {
		t.Errorf("a cache that was there warns: %q", said)
	}
	earlier := filepath.Join(open, "earlier")
	layFiles(t, earlier, "entries/x", "sources/x", "locks/x", "tmp/x")
	if said := openCache(t, earlier).Warnings(); len(said) != 1 {
		t.Errorf("a cache of an earlier version warns: %q", said)
	}
}
