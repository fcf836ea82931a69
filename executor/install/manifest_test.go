package install

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// hold gets a and keeps it in use until the test ends or the entry is released.
func hold(t testing.TB, c *Cache, a config.Archive) *Entry {
	t.Helper()
	e, err := c.Get(context.Background(), a, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Release)
	return e
}

// An Alluxio process writes below its home: its logs, and the files of an under store that is
// there.
func TestFilesBeyondTheTarballAreNoDamage(t *testing.T) {
	t.Parallel()
	a := config.Archive{URL: onDisk(t, "a.tgz", release(t, "one"))}
	c := openCache(t, t.TempDir())
	master := hold(t, c, a)
	beyond := []string{"alluxio-2.9.6/logs/user/user_root.log", "alluxio-2.9.6/underFSStorage/mydata",
		"alluxio-2.9.6/conf/beside"}
	layFiles(t, master.Dir, beyond...)
	worker := hold(t, c, a) // beside the master
	if worker.Dir != master.Dir {
		t.Errorf("the worker has %s, the master %s", worker.Dir, master.Dir)
	}
	worker.Release()
	master.Release()
	again := hold(t, c, a)
	wantFiles(t, again.Dir, beyond...)
}

func TestATreeWithFilesBeyondItsTarballIsNeverEvicted(t *testing.T) {
	t.Parallel()
	c := openCache(t, t.TempDir())
	c.max = 1
	used, other := config.Archive{URL: onDisk(t, "a.tgz", release(t, "one"))},
		config.Archive{URL: onDisk(t, "b.tgz", release(t, "two"))}
	e := hold(t, c, used)
	store := "alluxio-2.9.6/underFSStorage/mydata"
	layFiles(t, e.Dir, store)
	e.Release()
	evictAll(t, c, other)
	wantFiles(t, e.Dir, store)
	if left := names(c.path("entries")); len(left) != 1 || left[0] != e.SHA256 {
		t.Errorf("the entries left are %q, want %s", left, e.SHA256)
	}
	said := strings.Join(c.Warnings(), "\n")
	for _, want := range []string{e.Dir, "alluxio-2.9.6/underFSStorage", "alluxio.integration.mesos.cache.size"} {
		if !strings.Contains(said, want) {
			t.Errorf("the warnings %q do not name %q", said, want)
		}
	}
	if err := os.RemoveAll(filepath.Join(e.Dir, "alluxio-2.9.6/underFSStorage")); err != nil {
		t.Fatal(err)
	}
	evictAll(t, c, other)
	if left := names(c.path("entries")); len(left) != 0 {
		t.Errorf("without the files, %q is left", left)
	}
}

func TestADamagedTreeIsRepairedAroundFilesBeyondIt(t *testing.T) {
	t.Parallel()
	const top = "alluxio-2.9.6/"
	remove := func(name string) func(string) error {
		return func(tree string) error { return os.RemoveAll(filepath.Join(tree, name)) }
	}
	for name, damage := range map[string]func(tree string) error{
		"a file is missing":    remove(top + "big.jar"),
		"a folder is missing":  remove(top + "conf"),
		"all of it is missing": remove(top + "bin/alluxio"),
		"a file was cut":       func(tree string) error { return os.Truncate(filepath.Join(tree, top, "big.jar"), 10) },
		"a file's mode was changed": func(tree string) error {
			return os.Chmod(filepath.Join(tree, top, "bin/alluxio"), 0o644)
		},
		"a folder's mode was changed": func(tree string) error { return os.Chmod(filepath.Join(tree, top, "bin"), 0o700) },
		"a link stands for a file": func(tree string) error {
			file := filepath.Join(tree, top, "big.jar")
			if err := os.Remove(file); err != nil {
				return err
			}
			return os.Symlink("/etc/passwd", file)
		},
		"a link is missing":          remove(top + "link"),
		"the manifest is missing":    remove("../manifest"),
		"the manifest was cut":       func(tree string) error { return os.Truncate(filepath.Join(tree, "../manifest"), 60) },
		"the description is missing": remove("../meta.json"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := tgzOf(t, dir(top), file(top+"conf/salt", "one"),
				withMode(file(top+"bin/alluxio", "#!/bin/sh\n"), 0o755), file(top+"big.jar", noise(3000)),
				symlink(top+"link", "conf/salt"))
			a := config.Archive{URL: onDisk(t, "a.tgz", data)}
			c := openCache(t, t.TempDir())
			e := hold(t, c, a)
			store := top + "underFSStorage/mydata"
			layFiles(t, e.Dir, store)
			if err := damage(e.Dir); err != nil {
				t.Fatal(err)
			}
			_, err := c.Get(context.Background(), a, nil)
			wantError(t, err, "damaged", "another task uses it")
			e.Release()
			again := hold(t, c, a)
			wantFiles(t, again.Dir, store)
			if d := readDamage(filepath.Dir(again.Dir)); d != "" {
				t.Errorf("after the repair, %s", d)
			}
			if salt := read(t, again.Dir, top, "link"); salt != "one" {
				t.Errorf("the salt is %q", salt)
			}
			wantNothingIn(t, c, "tmp")
		})
	}
}

func TestARepairRemovesNothingThatIsInItsWay(t *testing.T) {
	t.Parallel()
	a := config.Archive{URL: onDisk(t, "a.tgz", release(t, "one"))}
	c := openCache(t, t.TempDir())
	e := hold(t, c, a)
	e.Release()
	if err := os.Remove(filepath.Join(e.Dir, "alluxio-2.9.6/big.jar")); err != nil {
		t.Fatal(err)
	}
	layFiles(t, e.Dir, "alluxio-2.9.6/big.jar/mine")
	_, err := c.Get(context.Background(), a, nil)
	wantError(t, err, "damaged", e.Dir+"/alluxio-2.9.6/big.jar", "move it away")
	wantFiles(t, e.Dir, "alluxio-2.9.6/big.jar/mine")
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte("alluxio-mesos manifest 1\n-rw-r--r-- 12 \"a/b\\xff\"\ndrwxr-xr-x 0 \"a\"\nend 2\n"))
	f.Add([]byte("alluxio-mesos manifest 1\nend 0\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest(data)
		if err != nil {
			return
		}
		again, err := parseManifest(m.encode())
		if err != nil || len(again) != len(m) {
			t.Fatalf("written again: %v, %d entries of %d", err, len(again), len(m))
		}
		for i := range m {
			if m[i] != again[i] {
				t.Fatalf("entry %+v becomes %+v", m[i], again[i])
			}
		}
	})
}
