package install

import (
	"io"
	"sync"
)

// pipe reads ahead of its reader in a goroutine of its own, by a fixed number of buffers.
type pipe struct {
	full   chan chunk
	empty  chan []byte
	stop   chan struct{}
	closed sync.Once
	ended  chan struct{}

	now chunk
	off int
}

type chunk struct {
	data []byte
	err  error
}

// newPipe starts to read src. Close waits for that to end: src must not block for ever.
func newPipe(src io.Reader, size, count int) *pipe {
	p := &pipe{full: make(chan chunk, count), empty: make(chan []byte, count), stop: make(chan struct{}),
		ended: make(chan struct{})}
	for range count {
		p.empty <- make([]byte, size)
	}
	go p.fill(src)
	return p
}

func (p *pipe) fill(src io.Reader) {
	defer close(p.ended)
	for {
		select {
		case <-p.stop:
			return
		case buf := <-p.empty:
			n, err := 0, error(nil)
			for n < len(buf) && err == nil {
				var m int
				m, err = src.Read(buf[n:])
				n += m
			}
			p.full <- chunk{buf[:n], err} // never blocks: there are as many places as buffers
			if err != nil {
				return
			}
		}
	}
}

// Read implements io.Reader.
func (p *pipe) Read(b []byte) (int, error) {
	for p.off == len(p.now.data) {
		if p.now.err != nil {
			return 0, p.now.err
		}
		if p.now.data != nil {
			p.empty <- p.now.data[:cap(p.now.data)]
		}
		select {
		case p.now = <-p.full:
			p.off = 0
		case <-p.stop:
			return 0, io.ErrClosedPipe
		}
	}
	n := copy(b, p.now.data[p.off:])
	p.off += n
	return n, nil
}

// Close ends the reading and waits for it. Read must not be called at the same time.
func (p *pipe) Close() {
	p.closed.Do(func() { close(p.stop) })
	<-p.ended
}
