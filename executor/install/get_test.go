package install

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

func TestGetUnpacksWhatReleasesLookLike(t *testing.T) {
	t.Parallel()
	inTop := []entrySpec{file("alluxio-2.9.6/conf/a", "A"), withMode(file("alluxio-2.9.6/bin/run", "x"), 0o755)}
	loose := []entrySpec{file("conf/a", "A"), withMode(file("bin/run", "x"), 0o755)}
	for _, c := range []struct {
		name, file string
		data       []byte
		want       string // asked of Home
		home       string
	}{
		{"a .tar.gz with a top folder", "a.tar.gz", tgzOf(t, inTop...), "", "alluxio-2.9.6"},
		{"a .tgz", "a.tgz", tgzOf(t, inTop...), "", "alluxio-2.9.6"},
		{"a .tar", "a.tar", tarOf(t, inTop...), "", "alluxio-2.9.6"},
		{"a .tar.gz that is not compressed", "a.tar.gz", tarOf(t, inTop...), "", "alluxio-2.9.6"},
		{"a .tar that is compressed", "a.tar", tgzOf(t, inTop...), "", "alluxio-2.9.6"},
		{"names with a leading ./", "a.tgz",
			tgzOf(t, dir("./"), file("./top/conf/a", "A"), withMode(file("./top/bin/run", "x"), 0o755)), "", "top"},
		{"no top folder", "a.tgz", tgzOf(t, loose...), "", "."},
		{"a folder that is asked for by name", "a.tgz", tgzOf(t, append(inTop, file("other/b", "B"))...), "alluxio-2.9.6",
			"alluxio-2.9.6"},
		{"another top folder than the one asked for", "a.tgz", tgzOf(t, inTop...), "jdk1.8.0_151", "alluxio-2.9.6"},
		{"two top folders and none asked for", "a.tgz", tgzOf(t, append(loose, file("other/b", "B"))...), "", "."},
		{"a comment of git archive", "a.tgz", tgzOf(t, append([]entrySpec{{header: paxComment}}, inTop...)...), "",
			"alluxio-2.9.6"},
		{"zeros behind the gzip stream", "a.tgz", append(tgzOf(t, inTop...), make([]byte, 4096)...), "", "alluxio-2.9.6"},
		{"two gzip streams in one file", "a.tgz", splitGzip(t, tarOf(t, inTop...)), "", "alluxio-2.9.6"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cache := openCache(t, t.TempDir())
			e, err := cache.Get(context.Background(), config.Archive{URL: onDisk(t, c.file, c.data), SHA256: digestOf(c.data)},
				nil)
			if err != nil {
				t.Fatal(err)
			}
			defer e.Release()
			home, err := e.Home(c.want)
			if err != nil || home != filepath.Join(e.Dir, c.home) {
				t.Errorf("Home is %q, %v, want %q in %q", home, err, c.home, e.Dir)
			}
			if got := read(t, home, "conf/a"); got != "A" {
				t.Errorf("conf/a holds %q", got)
			}
			if st, err := os.Stat(filepath.Join(home, "bin/run")); err != nil || st.Mode().Perm()&0o700 != 0o700 {
				t.Errorf("bin/run is not executable: %v %v", st, err)
			}
			wantNothingIn(t, cache, "tmp")
		})
	}
}

func TestGetKeepsLinksThatStayInside(t *testing.T) {
	t.Parallel()
	data := tgzOf(t, file("jdk/lib/a", "first"), file("jdk/lib/a", "A"), symlink("jdk/legal/b", "../lib/a"),
		hardLink("jdk/c", "jdk/lib/a"),
		symlink("jdk/dangling", "nowhere/x"), symlink("jdk/circle", "circle"), symlink("jdk/again", "lib"),
		file("jdk/again", "a file now"))
	e, err := openCache(t, t.TempDir()).Get(context.Background(), config.Archive{URL: onDisk(t, "j.tgz", data)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Release()
	for name, want := range map[string]string{"jdk/legal/b": "A", "jdk/c": "A", "jdk/again": "a file now"} {
		if got := read(t, e.Dir, name); got != want {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
}

func TestHomeRefusesPathsOutside(t *testing.T) {
	t.Parallel()
	e, err := openCache(t, t.TempDir()).Get(context.Background(), config.Archive{URL: onDisk(t, "a.tgz", release(t, ""))},
		nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Release()
	for _, want := range []string{"../..", "/etc", "alluxio-2.9.6/../../x"} {
		if home, err := e.Home(want); err == nil {
			t.Errorf("Home(%q) = %q, want an error", want, home)
		}
	}
	if home, err := e.Home("alluxio-2.9.6/conf/"); err != nil || filepath.Base(home) != "conf" {
		t.Errorf("Home of a folder further inside: %q, %v", home, err)
	}
}

func TestProgressRisesToTheTotal(t *testing.T) {
	t.Parallel()
	data := release(t, "")
	last, total := int64(0), int64(0)
	e, err := openCache(t, t.TempDir()).Get(context.Background(), config.Archive{URL: onDisk(t, "a.tgz", data)},
		func(p Progress) {
			if p.Done < last {
				t.Errorf("progress falls from %d to %d", last, p.Done)
			}
			last, total = p.Done, p.Total
		})
	if err != nil {
		t.Fatal(err)
	}
	e.Release()
	if want := int64(len(data)); last != want || total != want {
		t.Errorf("the last progress is %d of %d, want %d of both", last, total, want)
	}
}

func TestAFileIsUnpackedAgainOnlyWhenItChanged(t *testing.T) {
	t.Parallel()
	cacheDir, url := t.TempDir(), onDisk(t, "a.tgz", release(t, "one"))
	salt := func() string {
		e, err := openCache(t, cacheDir).Get(context.Background(), config.Archive{URL: url}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Release()
		return read(t, e.Dir, "alluxio-2.9.6/conf/salt")
	}
	if got := salt(); got != "one" {
		t.Errorf("salt is %q", got)
	}
	path := url[len("file://"):]
	if err := os.WriteFile(path, release(t, "another"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := salt(); got != "another" {
		t.Errorf("after the file changed, salt is %q", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got := salt(); got != "another" {
		t.Errorf("after the file is gone, salt is %q", got)
	}
}
