package install

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/config"
)

var paxComment = tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header",
	PAXRecords: map[string]string{"comment": "0123456789"}}

// splitGzip compresses the halves of data each by itself.
func splitGzip(t testing.TB, data []byte) []byte {
	return append(gzipOf(t, data[:len(data)/2]), gzipOf(t, data[len(data)/2:])...)
}

func zipOf(t *testing.T) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create("alluxio/a")
	if err == nil {
		_, err = f.Write([]byte("A"))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGetRefuses(t *testing.T) {
	t.Parallel()
	good := release(t, "")
	plain := tarOf(t, file("a/b", strings.Repeat("x", 5000)), file("a/c", "y"))
	flipped := bytes.Clone(good)
	flipped[len(flipped)-8] ^= 1 // of the checksum
	for _, c := range []struct {
		name string
		data []byte
		says []string
	}{
		{"a truncated .tar.gz", good[:len(good)/2], []string{"truncated"}},
		{"a .tar.gz without its last byte", good[:len(good)-1], []string{"truncated"}},
		{"a .tar cut in a file", plain[:2000], []string{"truncated"}},
		{"a .tar cut between two files", plain[:512+5120], []string{"truncated"}},
		{"a wrong checksum", flipped, []string{"checksum"}},
		{"a gzip of no tarball", gzipOf(t, []byte(strings.Repeat("hello ", 500))), []string{"not a tarball"}},
		{"no tarball", []byte(strings.Repeat("hello ", 500)), []string{"not a tarball"}},
		{"a zip", zipOf(t), []string{"zip", ".tar.gz"}},
		{"an xz", []byte("\xfd7zXZ\x00\x00"), []string{"xz", ".tar.gz"}},
		{"a web page", []byte("<!DOCTYPE html><html>Sign in"), []string{"web page"}},
		{"an empty file", nil, []string{"empty"}},
		{"a tarball of nothing", tgzOf(t), []string{"nothing"}},
		{"..", tgzOf(t, file("../evil", "x")), []string{`"../evil"`, "outside"}},
		{".. inside a name", tgzOf(t, file("a/../../evil", "x")), []string{`"a/../../evil"`, "outside"}},
		{"an absolute name", tgzOf(t, file("/tmp/evil", "x")), []string{`"/tmp/evil"`, "outside"}},
		{"a folder outside", tgzOf(t, dir("../evil/")), []string{`"../evil/"`, "outside"}},
		{"an absolute symbolic link", tgzOf(t, symlink("a", "/etc")), []string{`"a"`, `"/etc"`, "outside"}},
		{"a symbolic link that climbs out", tgzOf(t, symlink("a/b", "../../etc")), []string{`"a/b"`, "outside"}},
		{"a file behind a symbolic link", tgzOf(t, dir("d"), symlink("l", "d"), file("l/x", "x")),
			[]string{`"l/x"`, `"l"`, "refused"}},
		{"symbolic links that climb out together", tgzOf(t, symlink("a/b/c", "../.."), symlink("l", "a/b/c/../x")),
			[]string{`"l"`, "outside"}},
		{"a hard link outside", tgzOf(t, hardLink("a", "../../etc/passwd")), []string{`"a"`, "outside"}},
		{"a hard link to what is not there", tgzOf(t, hardLink("a", "etc/passwd")),
			[]string{`"a"`, "no file of this tarball"}},
		{"a hard link to a symbolic link", tgzOf(t, symlink("s", "x"), hardLink("a", "s")),
			[]string{`"a"`, "no file of this tarball"}},
		{"a character device", tgzOf(t, special("dev/null", tar.TypeChar)), []string{`"dev/null"`, "device"}},
		{"a block device", tgzOf(t, special("sda", tar.TypeBlock)), []string{`"sda"`, "device"}},
		{"a named pipe", tgzOf(t, special("p", tar.TypeFifo)), []string{`"p"`, "pipe"}},
		{"a setuid program", tgzOf(t, withMode(file("bin/su", "x"), 0o4755)), []string{`"bin/su"`, "setuid"}},
		{"a setgid program", tgzOf(t, withMode(file("bin/su", "x"), 0o2755)), []string{`"bin/su"`, "setgid"}},
		{"a file that is also a folder", tgzOf(t, file("a", "x"), file("a/b", "x")), []string{`"a"`, "both"}},
		{"a folder that is also a file", tgzOf(t, file("a/b", "x"), file("a", "x")), []string{`"a"`, "both"}},
		{"a name that is too long", tgzOf(t, file(strings.Repeat("d/", 3000)+"f", "")), []string{"4096"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			outer := t.TempDir()
			cache := openCache(t, filepath.Join(outer, "cache"))
			url := onDisk(t, "a.tar.gz", c.data)
			e, err := cache.Get(context.Background(), config.Archive{URL: url}, nil)
			if err == nil {
				e.Release()
			}
			wantError(t, err, append(c.says, "install "+url)...)
			for _, folder := range []string{"entries", "sources", "tmp", "locks"} {
				wantNothingIn(t, cache, folder)
			}
			if left := names(outer); len(left) != 1 {
				t.Errorf("beside the cache there is now %q", left)
			}
		})
	}
}

func TestGetNamesBothDigestsWhenTheyDiffer(t *testing.T) {
	t.Parallel()
	data, other := release(t, ""), digestOf([]byte("other"))
	cache := openCache(t, t.TempDir())
	_, err := cache.Get(context.Background(), config.Archive{URL: onDisk(t, "a.tgz", data), SHA256: other}, nil)
	wantError(t, err, digestOf(data), other)
	wantNothingIn(t, cache, "entries")
}

func TestGetRefusesWhatCannotBeASource(t *testing.T) {
	t.Parallel()
	cache := openCache(t, t.TempDir())
	for url, says := range map[string]string{
		"ftp://host/a.tgz":              "only http, https and file",
		"alluxio.tar.gz":                "only http, https and file",
		"http:///a.tgz":                 "names no host",
		"file://other/a.tgz":            "absolute path",
		"file:///no/such/file.tgz":      "no such file",
		"file:///":                      "not a file",
		"http://u:geheim@h:badport/%zz": "cannot be read",
	} {
		_, err := cache.Get(context.Background(), config.Archive{URL: url}, nil)
		wantError(t, err, says)
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q shows a password", err)
		}
	}
	_, err := cache.Get(context.Background(), config.Archive{URL: "file:///x", SHA256: "abc"}, nil)
	wantError(t, err, `"abc"`, "64")
}

func TestGetStopsAtTheBounds(t *testing.T) {
	t.Parallel()
	data := tgzOf(t, file("a", strings.Repeat("x", 1000)), file("b", strings.Repeat("x", 1000)), file("c", ""))
	for says, lim := range map[string]limits{"more than 2 entries": {2, 1 << 20}, "larger than 1.9KB": {10, 1999}} {
		cache := openCache(t, t.TempDir())
		cache.limits = lim
		_, err := cache.Get(context.Background(), config.Archive{URL: onDisk(t, "a.tgz", data)}, nil)
		wantError(t, err, says)
	}
}

// On a tmpfs of 1 MB where the test may mount one; else the sentence itself is checked.
func TestAFullDiskIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("alluxio-mesos-test", dir, "tmpfs", 0, "size=1m"); err != nil {
		wantError(t, entryError("a", &os.PathError{Op: "write", Path: "/x", Err: unix.ENOSPC}), "disk is full")
		return
	}
	t.Cleanup(func() {
		deadline, err := time.Now().Add(time.Minute), unix.Unmount(dir, 0)
		for ; errors.Is(err, unix.EBUSY) && time.Now().Before(deadline); err = unix.Unmount(dir, 0) {
			time.Sleep(5 * time.Millisecond) // a child that another test forks has our files open for a moment
		}
		if err != nil {
			t.Error(err)
		}
	})
	cache := openCache(t, filepath.Join(dir, "cache"))
	_, err := cache.Get(context.Background(), config.Archive{URL: onDisk(t, "a.tgz", tgzOf(t, file("a", noise(2<<20))))},
		nil)
	wantError(t, err, "disk is full", `"a"`)
	// What nobody uses makes room for what is needed.
	for _, name := range []string{"first", "second"} {
		e, err := cache.Get(context.Background(), config.Archive{URL: onDisk(t, name, tgzOf(t, file(name, noise(600<<10))))},
			nil)
		if err != nil {
			t.Fatal(err)
		}
		e.Release()
	}
}

func FuzzExtract(f *testing.F) {
	f.Add(tarOf(f, file("a/b", "x"), symlink("l", "a"), hardLink("h", "a/b")))
	f.Add(tarOf(f, symlink("a/b/c", "../.."), symlink("l", "a/b/c/../x")))
	// short: what is long is mutated slowly
	f.Add(tgzOf(f, dir("a/"), withMode(file("a/bin", "#!/bin/sh\n"), 0o755), file("a/conf/x", "y")))
	outer := f.TempDir() // folders for each input would cost more than the extraction
	inner := filepath.Join(outer, "in")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.Mkdir(inner, 0o755); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
		root, err := os.OpenRoot(inner)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		// Only what it leaves outside matters.
		_ = unpack(context.Background(), func() {}, bytes.NewReader(data), root, limits{100, 1 << 20})
		if left := names(outer); len(left) != 1 {
			t.Fatalf("outside there is %q", left)
		}
		if len(names(inner)) > 0 {
			if err := os.RemoveAll(inner); err != nil {
				t.Fatal(err)
			}
		}
	})
}
