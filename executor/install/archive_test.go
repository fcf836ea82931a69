package install

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// file, dir and symlink are entries of a test tarball.
func file(name, data string) entrySpec {
	return entrySpec{tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(data))}, data}
}

func dir(name string) entrySpec {
	return entrySpec{tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: 0o755}, ""}
}

func symlink(name, target string) entrySpec {
	return entrySpec{tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: target, Mode: 0o777}, ""}
}

func hardLink(name, target string) entrySpec {
	return entrySpec{tar.Header{Name: name, Typeflag: tar.TypeLink, Linkname: target, Mode: 0o644}, ""}
}

func special(name string, kind byte) entrySpec {
	return entrySpec{tar.Header{Name: name, Typeflag: kind, Mode: 0o644}, ""}
}

func withMode(e entrySpec, mode int64) entrySpec {
	e.header.Mode = mode
	return e
}

type entrySpec struct {
	header tar.Header
	data   string
}

// tarOf is a real tar stream of entries.
func tarOf(t testing.TB, entries ...entrySpec) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		if err := w.WriteHeader(&e.header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipOf(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func tgzOf(t testing.TB, entries ...entrySpec) []byte { return gzipOf(t, tarOf(t, entries...)) }

// release is a small tarball of the usual shape; salt makes another one of it.
func release(t testing.TB, salt string) []byte {
	t.Helper()
	return tgzOf(t, dir("alluxio-2.9.6/"), file("alluxio-2.9.6/conf/salt", salt),
		withMode(file("alluxio-2.9.6/bin/alluxio", "#!/bin/sh\n"), 0o755), file("alluxio-2.9.6/big.jar", noise(300_000)))
}

// noise does not compress.
func noise(n int) string {
	out := make([]byte, 0, n+sha256.Size)
	sum := sha256.Sum256(nil)
	for len(out) < n {
		sum = sha256.Sum256(sum[:])
		out = append(out, sum[:]...)
	}
	return string(out[:n])
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// onDisk writes data to a file and returns its URL.
func onDisk(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

// openCache opens a cache that does not wait between tries.
func openCache(t testing.TB, dir string) *Cache {
	t.Helper()
	c, err := Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	c.fetch.pause, c.fetch.maxPause = time.Millisecond, time.Millisecond
	return c
}

func read(t testing.TB, parts ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// wantError checks that err is a sentence with every one of parts.
func wantError(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

// wantNothingIn checks that a folder of the cache is empty.
func wantNothingIn(t testing.TB, c *Cache, folder string) {
	t.Helper()
	if left := names(c.path(folder)); len(left) > 0 {
		t.Errorf("%s holds %q", folder, left)
	}
}
