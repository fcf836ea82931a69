package mesosmaster

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
)

// DefaultMaxFrame bounds one frame of the stream: 256 MiB. The OFFERS event of 50,000 agents has 23 MB.
const DefaultMaxFrame = 256 << 20

// firstRead is how much of a frame is taken on trust: a hostile length costs no more memory than
// the bytes that really come.
const firstRead = 1 << 20

// keptBuffer is the biggest buffer, in bytes, that is kept for the next frame.
const keptBuffer = 4 << 20

// frames reads RecordIO: a decimal length, a newline, and as many bytes. Mesos: recordio.md.
type frames struct {
	r     *bufio.Reader
	limit int
	buf   []byte

	// number counts frames from 1. While inside is true the first byte of that frame was read and
	// its last was not: got of size bytes are here, and size is 0 until its line is complete.
	number    uint64
	inside    bool
	got, size int
}

func newFrames(r io.Reader, limit int) *frames {
	return &frames{r: bufio.NewReaderSize(r, 64<<10), limit: limit}
}

// next reads a frame. It belongs to the reader until the next call, unless the caller keeps it with
// detach. io.EOF is a stream that ended between two frames.
func (f *frames) next() ([]byte, error) {
	f.got, f.size = 0, 0
	size, err := f.readSize()
	if err != nil {
		return nil, err
	}
	if f.size = size; cap(f.buf) > keptBuffer {
		f.buf = nil
	}
	f.buf = f.buf[:0]
	for len(f.buf) < size {
		have := len(f.buf)
		more := min(size-have, max(have, firstRead))
		f.buf = slices.Grow(f.buf, more)[:have+more]
		n, err := io.ReadFull(f.r, f.buf[have:])
		if f.got += n; err != nil {
			f.buf = f.buf[:0]
			return nil, cutOff(err)
		}
	}
	f.inside = false
	return f.buf, nil
}

// detach gives the last frame to the caller.
func (f *frames) detach() { f.buf = nil }

// readSize reads the line before a frame.
func (f *frames) readSize() (int, error) {
	size, digits := 0, 0
	for {
		b, err := f.r.ReadByte()
		if err != nil {
			if digits == 0 {
				return 0, err
			}
			return 0, cutOff(err)
		}
		if !f.inside {
			f.inside = true
			f.number++
		}
		if b == '\n' && digits > 0 {
			return size, nil
		}
		if b < '0' || b > '9' || digits == 20 {
			return 0, fmt.Errorf("the stream is not RecordIO: byte %#02x in the length of a frame", b)
		}
		digits++
		if size = size*10 + int(b-'0'); size > f.limit {
			return 0, fmt.Errorf("a frame of more than the limit of %d bytes", f.limit)
		}
	}
}

// cutOff names an end of the stream in the middle of a frame.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the stream ended inside a frame: %w", io.ErrUnexpectedEOF)
	}
	return err
}
