package install

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
)

// limits bound what one tarball may become on this host.
type limits struct {
	entries int
	bytes   int64
}

// defaultLimits are far above any Alluxio or JDK: the full Alluxio 2.9 has a few thousand entries and about 2 GB.
var defaultLimits = limits{entries: 1_000_000, bytes: 64 << 30}

// meter reads src, hashes what it read, and remembers the error of src, which gzip and tar hide.
type meter struct {
	src io.Reader
	sum hash.Hash
	err atomic.Pointer[error]
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.src.Read(p)
	m.sum.Write(p[:n])
	if err != nil && !errors.Is(err, io.EOF) {
		m.err.Store(&err)
	}
	return n, err
}

// blame returns the source's error, if it had one, in place of what became of it while unpacking.
// One that unpack caused itself when it gave up does not count.
func (m *meter) blame(err error) error {
	if own := m.err.Load(); own != nil && !errors.Is(*own, context.Canceled) {
		return *own
	}
	return err
}

// Sizes of the buffers between the three goroutines that read and hash, decompress, and write: all in all below 3 MB.
const (
	readChunk, readChunks     = 128 << 10, 4
	unpackChunk, unpackChunks = 256 << 10, 4
)

// unpack writes the tarball that src gives into root and reads src to its end. cancel must make a blocked src return.
func unpack(ctx context.Context, cancel context.CancelFunc, src io.Reader, root *os.Root, lim limits) error {
	raw := newPipe(src, readChunk, readChunks)
	defer func() { cancel(); raw.Close() }()
	in := bufio.NewReaderSize(raw, readChunk)
	head, err := in.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		if what := foreign(head); what != "" {
			return errors.New(what)
		}
		return finish(ctx, extract(ctx, in, root, lim), in)
	}
	gz, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("the tarball is truncated or damaged: %w", err)
	}
	plain := newPipe(gz, unpackChunk, unpackChunks)
	defer func() { cancel(); raw.Close(); plain.Close() }()
	if err := extract(ctx, plain, root, lim); err != nil {
		return err
	}
	// The checksum of gzip is at the end.
	if _, err := io.Copy(io.Discard, plain); err != nil && !errors.Is(err, gzip.ErrHeader) {
		return damaged(err)
	}
	plain.Close()
	return finish(ctx, nil, in)
}

// finish reads the rest, so that the digest is of the whole tarball.
func finish(ctx context.Context, err error, rest io.Reader) error {
	if err == nil {
		_, err = io.Copy(io.Discard, rest)
	}
	if err == nil {
		err = context.Cause(ctx)
	}
	return err
}

// foreign says what a file is that is neither gzip nor tar, or "".
func foreign(head []byte) string {
	const hint = ": give a .tar.gz, .tgz or .tar"
	known := []struct{ magic, what string }{
		{"PK\x03\x04", "it is a zip file, not a tarball"},
		{"BZh", "it is compressed with bzip2"},
		{"\xfd7zXZ", "it is compressed with xz"},
		{"\x28\xb5\x2f\xfd", "it is compressed with zstd"},
		{"\x1f\x9d", "it is compressed with compress"},
	}
	for _, k := range known {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return k.what + hint
		}
	}
	if len(head) == 0 {
		return "it is empty" + hint
	}
	if text := bytes.ToLower(bytes.TrimSpace(head)); bytes.HasPrefix(text, []byte("<!doctype")) ||
		bytes.HasPrefix(text, []byte("<html")) || bytes.HasPrefix(text, []byte("<?xml")) {
		return "it is a web page, not a tarball: is the URL right?"
	}
	return ""
}

// damaged says what an error of gzip or tar means for the tarball.
func damaged(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the tarball is truncated: it ends in the middle")
	case errors.Is(err, tar.ErrHeader):
		return errors.New("it is not a tarball, or it is damaged")
	case errors.Is(err, gzip.ErrChecksum):
		return errors.New("the tarball is damaged: its checksum does not match")
	}
	return fmt.Errorf("the tarball is damaged: %w", err)
}
