package install

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/alluxio/alluxio-mesos/config"
)

// BenchmarkUnpack unpacks a tarball of about 150 MB with the shape of an Alluxio release (a few
// large jars, many small files) side by side with `tar xzf`, which neither hashes nor keeps a
// cache. Both write to memory where the host has /dev/shm.
func BenchmarkUnpack(b *testing.B) {
	dir := memoryDir(b)
	tarball := filepath.Join(dir, "alluxio-bench.tar.gz")
	unpacked := writeRelease(b, tarball, 200<<20)
	st, err := os.Stat(tarball)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("tarball %d MB, unpacked %d MB", st.Size()/1e6, unpacked/1e6)
	var ours, theirs time.Duration
	b.SetBytes(unpacked)
	b.ResetTimer()
	for i := range b.N {
		ours += timed(b, func() error {
			c, err := Open(filepath.Join(dir, fmt.Sprint("cache", i)), 0)
			if err != nil {
				return err
			}
			e, err := c.Get(context.Background(), config.Archive{URL: "file://" + tarball}, nil)
			if err == nil {
				e.Release()
			}
			return err
		})
		b.StopTimer()
		removeAll(b, filepath.Join(dir, fmt.Sprint("cache", i)))
		theirs += timed(b, func() error {
			if err := os.Mkdir(filepath.Join(dir, "tar"), 0o755); err != nil {
				return err
			}
			return exec.Command("tar", "xzf", tarball, "-C", filepath.Join(dir, "tar")).Run()
		})
		removeAll(b, filepath.Join(dir, "tar"))
		b.StartTimer()
	}
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "x_tar_xzf")
	b.ReportMetric(float64(unpacked)/1e6*float64(b.N)/theirs.Seconds(), "tar_MB/s")
}

func timed(b *testing.B, f func() error) time.Duration {
	b.Helper()
	start := time.Now()
	if err := f(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

func removeAll(b *testing.B, dir string) {
	b.Helper()
	if err := os.RemoveAll(dir); err != nil {
		b.Fatal(err)
	}
}

// memoryDir is a temporary folder in memory, else on disk.
func memoryDir(b *testing.B) string {
	dir, err := os.MkdirTemp("/dev/shm", "alluxio-mesos-bench")
	if err != nil {
		return b.TempDir()
	}
	b.Cleanup(func() { removeAll(b, dir) })
	return dir
}

// writeRelease writes a tarball that unpacks to about size bytes and returns the exact number.
func writeRelease(b *testing.B, file string, size int) (unpacked int64) {
	b.Helper()
	f, err := os.Create(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	gz := gzip.NewWriter(f)
	tw := tar.NewWriter(gz)
	r := rand.New(rand.NewPCG(1, 2))
	add := func(name string, data []byte) {
		if err := tw.WriteHeader(&tar.Header{Name: "alluxio-2.9.6/" + name, Mode: 0o644,
			Size: int64(len(data))}); err != nil {
			b.Fatal(err)
		}
		if _, err := tw.Write(data); err != nil {
			b.Fatal(err)
		}
		unpacked += int64(len(data))
	}
	for i := range 400 {
		add(fmt.Sprintf("docs/page%d.md", i), words(r, 2_000+r.IntN(30_000)))
	}
	for i := 0; int(unpacked) < size; i++ {
		method := zip.Deflate
		if i%2 == 1 {
			method = zip.Store // as the build of an uber jar leaves some
		}
		add(fmt.Sprintf("lib/part%d.jar", i), jar(b, r, 12<<20, method))
	}
	for _, c := range []io.Closer{tw, gz} {
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
	}
	return unpacked
}

// jar is a zip file of about size bytes.
func jar(b *testing.B, r *rand.Rand, size int, method uint16) []byte {
	b.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; out.Len() < size; i++ {
		w, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("alluxio/master/Class%d.class", i), Method: method})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.Write(words(r, 3_000+r.IntN(6_000))); err != nil {
			b.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// words is text that compresses about as well as prose and class files do.
func words(r *rand.Rand, size int) []byte {
	out := make([]byte, 0, size+16)
	for len(out) < size {
		// Small numbers are frequent, as words are.
		n := int(r.ExpFloat64() * 300)
		out = append(out, fmt.Sprintf("w%x%c", n*2654435761&0xffffff, " \n"[n&1])...)
	}
	return out
}
