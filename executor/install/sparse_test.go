package install

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// sparseOf is a tar stream with a file of one byte and a sparse one that claims size bytes and
// holds none. archive/tar reads sparse files but writes none, so this one is put together here. GNU
// tar: Sparse Formats, PAX 0.1.
func sparseOf(t testing.TB, size int64) []byte {
	t.Helper()
	plain := tarOf(t, file("a/x", "x"))
	out := bytes.NewBuffer(bytes.Clone(plain[:2*tarBlock]))
	var pax strings.Builder
	for _, r := range [][2]string{{"major", "0"}, {"minor", "1"}, {"name", "a/bomb"}, {"size", fmt.Sprint(size)},
		{"numblocks", "1"}, {"map", "0,0"}} {
		record := fmt.Sprintf(" GNU.sparse.%s=%s\n", r[0], r[1])
		length := len(record) + 2 // of two digits
		fmt.Fprintf(&pax, "%d%s", length, record)
	}
	out.Write(rawHeader("PaxHeader/bomb", 'x', pax.Len()))
	body := make([]byte, (pax.Len()+tarBlock-1)/tarBlock*tarBlock)
	copy(body, pax.String())
	out.Write(body)
	out.Write(rawHeader("a/GNUSparse/bomb", '0', 0))
	out.Write(make([]byte, 2*tarBlock))
	return out.Bytes()
}

// rawHeader is a ustar header block.
func rawHeader(name string, kind byte, size int) []byte {
	b := make([]byte, tarBlock)
	copy(b, name)
	for at, field := range map[int]string{100: "0000644\x00", 108: "0000000\x00", 116: "0000000\x00",
		124: fmt.Sprintf("%011o\x00", size),
		136: "00000000000\x00", 148: "        ", 156: string(kind), 257: "ustar\x0000"} {
		copy(b[at:], field)
	}
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	return b
}

func TestSparseFilesCountWithTheSizeThatTheyClaim(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{math.MaxInt64, math.MaxInt64 - 1, 1 << 40, 1 << 20} {
		c := openCache(t, t.TempDir())
		c.limits.bytes = 1 << 20
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // else a failure fills the disk
		_, err := c.Get(ctx, config.Archive{URL: onDisk(t, "a.tar", sparseOf(t, size))}, nil)
		cancel()
		wantError(t, err, "a/bomb", "larger than 1MB unpacked")
	}
	c := openCache(t, t.TempDir())
	c.limits.bytes = 1 << 20
	e := hold(t, c, config.Archive{URL: onDisk(t, "a.tar", sparseOf(t, 1<<20-1))})
	if st, err := os.Stat(filepath.Join(e.Dir, "a/bomb")); err != nil || st.Size() != 1<<20-1 {
		t.Errorf("the file within the bound: %v, %v", st, err)
	}
}

// The zeros of a hole come from no source, and so do not end with it.
func TestTheEndOfTheTaskEndsAHugeSparseFile(t *testing.T) {
	t.Parallel()
	c := openCache(t, t.TempDir())
	ctx, cancel := context.WithCancelCause(context.Background())
	killed := errors.New("the task is killed")
	done := make(chan error)
	go func() {
		_, err := c.Get(ctx, config.Archive{URL: onDisk(t, "a.tar", sparseOf(t, 64<<30-1))}, nil)
		done <- err
	}()
	begun := func() bool {
		all, err := filepath.Glob(c.path("tmp", "*", "tree", "a", "bomb"))
		return err == nil && len(all) == 1
	}
	for !begun() {
		select {
		case err := <-done:
			t.Fatalf("ended by itself: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	cancel(killed)
	if err := <-done; !errors.Is(err, killed) {
		t.Errorf("the error is %v, want %v", err, killed)
	}
	wantNothingIn(t, c, "tmp")
}

func TestRecordsOfSourcesOutliveACleanUpAtTheSameTime(t *testing.T) {
	t.Parallel()
	c := openCache(t, t.TempDir())
	digest := strings.Repeat("a", 64)
	if err := os.Mkdir(c.path("entries", digest), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			c.sweepSources()
		}
	}()
	for i := range 200 {
		src, err := parseSource(fmt.Sprintf("http://h/%d.tgz", i%3))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.remember(ctx, src, record{SHA256: digest, Size: int64(i)}); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		if rec, ok := c.recall(src); !ok || rec.Size != int64(i) {
			t.Fatalf("record %d is %+v, %t", i, rec, ok)
		}
	}
	cancel()
	<-ended
	layFiles(t, c.dir, "sources/"+digest+".json.new")
	writer, err := hostfs.TryPrivateLock(c.path("locks", sourcesLock), hostfs.Exclusive)
	if err != nil {
		t.Fatal(err)
	}
	c.sweepSources()
	wantFiles(t, c.dir, "sources/"+digest+".json.new") // its writer lives
	writer.Remove()
	c.sweepSources()
	if left := names(c.path("sources")); len(left) != 3 {
		t.Errorf("the sources left are %q, want three", left)
	}
}
