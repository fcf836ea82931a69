package mesosagent

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxFrame bounds one event, in bytes: a LAUNCH carries a LaunchSpec of at most 256 KiB.
const maxFrame = 8 << 20

// frames reads RecordIO: the length in decimal, a line feed, that many bytes. Mesos:
// executor-http-api.md, "RecordIO response format".
type frames struct {
	in  *bufio.Reader
	buf bytes.Buffer
}

func newFrames(r io.Reader) *frames { return &frames{in: bufio.NewReader(r)} }

// next returns the next frame, which is valid until the next call; io.EOF at an orderly end.
func (f *frames) next() ([]byte, error) {
	size := 0
	for digits := 0; ; digits++ {
		b, err := f.in.ReadByte()
		switch {
		case err != nil && digits > 0:
			return nil, fmt.Errorf("read a frame's length: %w", unexpected(err))
		case err != nil:
			return nil, err
		case b == '\n' && digits > 0:
			return f.body(size)
		case b < '0' || b > '9':
			return nil, fmt.Errorf("read a frame's length: unexpected byte %q", b)
		}
		if size = size*10 + int(b-'0'); size > maxFrame {
			return nil, fmt.Errorf("read a frame: more than %d bytes are announced", maxFrame)
		}
	}
}

// body grows with what really arrives, not with what was announced.
func (f *frames) body(size int) ([]byte, error) {
	f.buf.Reset()
	if _, err := io.CopyN(&f.buf, f.in, int64(size)); err != nil {
		return nil, fmt.Errorf("read a frame of %d bytes: %w", size, unexpected(err))
	}
	return f.buf.Bytes(), nil
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
