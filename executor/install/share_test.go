package install

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

func TestProcessesThatWantTheSameAtOnceDownloadItOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, release(t, "one"))
	goOn := s.wait(t)
	dir := t.TempDir()
	a := startChild(t, s.url(), dir, 0, "TEST_SAY_PROGRESS=1")
	a.expect(t, "progress") // it is in the middle, and the server waits
	b := startChild(t, s.url(), dir, 0)
	b.expect(t, "opened")
	goOn()
	if dirA, dirB := a.expect(t, "got"), b.expect(t, "got"); dirA != dirB {
		t.Errorf("one process got %s, the other %s", dirA, dirB)
	}
	if requests, bodies, _ := s.counts(); bodies != 1 {
		t.Errorf("%d bodies were sent in %q, want one", bodies, requests)
	}
	for _, c := range []*child{a, b} {
		if err := c.end(); err != nil {
			t.Error(err)
		}
	}
}

func TestGoroutinesThatWantTheSameAtOnceDownloadItOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, release(t, "one"))
	c := openCache(t, t.TempDir())
	errs := make(chan error)
	for range 8 {
		go func() {
			_, err := get(t, c, config.Archive{URL: s.url()})
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if _, bodies, _ := s.counts(); bodies != 1 {
		t.Errorf("%d bodies were sent, want one", bodies)
	}
}

func TestADownloadThatWasKilledIsDoneByTheNext(t *testing.T) {
	t.Parallel()
	s := serve(t, release(t, "one"))
	goOn := s.wait(t)
	c := openCache(t, t.TempDir())
	victim := startChild(t, s.url(), c.parent, 0, "TEST_SAY_PROGRESS=1")
	victim.expect(t, "progress")
	victim.kill()
	if left := names(c.path("tmp")); len(left) != 1 {
		t.Errorf("the killed process left %q, want one folder", left)
	}
	goOn()
	mustGet(t, c, config.Archive{URL: s.url()}, "one")
	wantNothingIn(t, c, "tmp")
}

func TestTheSameTarballByTwoURLsIsOneEntry(t *testing.T) {
	t.Parallel()
	data := release(t, "one")
	c := openCache(t, t.TempDir())
	for range 2 {
		mustGet(t, c, config.Archive{URL: onDisk(t, "a.tgz", data)}, "one")
	}
	if entries := names(c.path("entries")); len(entries) != 1 || entries[0] != digestOf(data) {
		t.Errorf("the entries are %q", entries)
	}
}

func TestTheCacheRemovesWhatWasNotUsedForLongest(t *testing.T) {
	t.Parallel()
	c := openCache(t, t.TempDir())
	c.max = 700_000 // two releases of about 300 kB
	urls := map[string]string{}
	for _, salt := range []string{"one", "two", "three", "four"} {
		urls[salt] = onDisk(t, salt, release(t, salt))
	}
	have := func() string {
		var out []string
		for _, salt := range []string{"one", "two", "three", "four"} {
			if exists(c.path("entries", digestOf([]byte(read(t, urls[salt][len("file://"):]))))) {
				out = append(out, salt)
			}
		}
		return strings.Join(out, " ")
	}
	e, err := c.Get(context.Background(), config.Archive{URL: urls["one"]}, nil)
	if err != nil {
		t.Fatal(err)
	}
	mustGet(t, c, config.Archive{URL: urls["two"]}, "two")
	mustGet(t, c, config.Archive{URL: urls["three"]}, "three")
	if got := have(); got != "one three" {
		t.Errorf("with the oldest in use the cache has %q", got)
	}
	e.Release()
	e.Release() // a second time does nothing
	mustGet(t, c, config.Archive{URL: urls["four"]}, "four")
	if got := have(); got != "one four" {
		t.Errorf("with the oldest just released the cache has %q", got)
	}
	if sources := names(c.path("sources")); len(sources) != 2 {
		t.Errorf("sources %q of removed entries are left", sources)
	}
	wantNothingIn(t, c, "tmp")
}

func TestADamagedEntryIsFetchedAgain(t *testing.T) {
	t.Parallel()
	url := onDisk(t, "a.tgz", release(t, "one"))
	c := openCache(t, t.TempDir())
	e, err := c.Get(context.Background(), config.Archive{URL: url}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(e.Dir, "alluxio-2.9.6/big.jar")); err != nil {
		t.Fatal(err)
	}
	_, err = get(t, c, config.Archive{URL: url})
	wantError(t, err, "damaged", "another task uses it")
	e.Release()
	mustGet(t, c, config.Archive{URL: url}, "one")
	if !exists(filepath.Join(e.Dir, "alluxio-2.9.6/big.jar")) {
		t.Error("what was missing is still missing")
	}
}

func TestOpenRefusesAFolderThatOthersMayWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir, 0)
	wantError(t, err, dir, "0777", "chmod", "cache.dir")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Open(file, 0)
	wantError(t, err, file)
}

func TestAUserWithoutRootHasACacheOfItsOwn(t *testing.T) {
	t.Parallel()
	const nobody = 65534
	s := serve(t, release(t, "one"))
	if os.Geteuid() != 0 {
		if want := os.TempDir(); DefaultDir() == "/var/cache/alluxio-mesos" {
			t.Errorf("the cache of uid %d is root's, want one in its home or in %s", os.Geteuid(), want)
		}
		return
	}
	home, tmp := publicDir(t), publicDir(t)
	if err := os.Chown(home, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(tmp, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		env  []string
		want string
	}{
		{"in its home", []string{"HOME=" + home, "TMPDIR=" + tmp}, filepath.Join(home, ".cache/alluxio-mesos", folderName)},
		{"not in a home that it cannot write", []string{"HOME=/root", "TMPDIR=" + tmp},
			filepath.Join(tmp, "alluxio-mesos-65534", folderName)},
		{"not in a sandbox", []string{"HOME=" + home, "TMPDIR=" + tmp, "MESOS_SANDBOX=" + home},
			filepath.Join(tmp, "alluxio-mesos-65534", folderName)},
	} {
		p := startChild(t, s.url(), "", nobody, c.env...)
		if got := p.expect(t, "opened"); got != c.want {
			t.Errorf("%s: the cache is %s, want %s", c.name, got, c.want)
		}
		p.expect(t, "got")
		if err := p.end(); err != nil {
			t.Error(err)
		}
	}
	if _, bodies, _ := s.counts(); bodies != 2 {
		t.Errorf("%d bodies were sent, want one for each of two caches", bodies)
	}
	p := startChild(t, s.url(), publicDir(t), nobody) // root's folder
	if err := p.expect(t, "error"); !strings.Contains(err, "belongs to uid 0") {
		t.Errorf("the error is %q", err)
	}
}

func TestALockFileThatWasRemovedIsNoLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "l")
	first, err := hostfs.TryLock(path, hostfs.Exclusive)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hostfs.TryLock(path, hostfs.Shared); !errors.Is(err, hostfs.ErrHeld) {
		t.Errorf("a second holder gets %v, want ErrHeld", err)
	}
	got := make(chan *hostfs.Lock)
	go func() {
		l, err := hostfs.WaitLock(context.Background(), path, hostfs.Exclusive)
		if err != nil {
			t.Error(err)
		}
		got <- l
	}()
	first.Remove()
	second := <-got
	defer second.Remove()
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		t.Errorf("the second holder's lock has no file: %v", err)
	}
	if _, err := hostfs.TryLock(path, hostfs.Exclusive); !errors.Is(err, hostfs.ErrHeld) {
		t.Errorf("while the second holds it, a third gets %v, want ErrHeld", err)
	}
}
