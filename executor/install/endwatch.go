package install

import (
	"io"
)

// endWatch notices whether a tar stream ends with a block of zeros, as it must, or is cut off
// between two entries.
type endWatch struct {
	in  io.Reader
	eof bool
	// zeros is how many bytes read last were 0, up to a block; it is set back before each entry, so
	// that padding is no block.
	zeros int
}

const tarBlock = 512

func (w *endWatch) Read(p []byte) (int, error) {
	n, err := w.in.Read(p)
	run := 0
	for run < min(n, tarBlock) && p[n-1-run] == 0 {
		run++
	}
	if run < n {
		w.zeros = 0
	}
	w.zeros += run
	w.eof = w.eof || err == io.EOF
	return n, err
}

func (w *endWatch) truncated() bool { return w.eof && w.zeros < tarBlock }
