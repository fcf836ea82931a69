package install

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// Progress is how far Get is.
type Progress struct {
	// Source is the tarball's URL without credentials.
	Source string
	// Done and Total are bytes of the tarball; Total is -1 while it is unknown.
	Done, Total int64
	// Waiting is true while another task on this host fetches the same tarball.
	Waiting bool
	// Silent is how long no byte has come, or how long the other task has been waited for: 0 below
	// ten seconds.
	Silent time.Duration
	// Again is true while a download that began again at the first byte is not as far as the one
	// before.
	Again bool
	// Try counts the tries since the download went on well, from 1; Tries is the most. Err is why
	// the one before ended, or nil.
	Try, Tries int
	Err        error
}

// String is a short text for people: the percentage, and what is wrong.
func (p Progress) String() string {
	if p.Waiting {
		return fmt.Sprintf("another task on this host has been fetching %s for %d s", p.Source, int(p.Silent.Seconds()))
	}
	text := fmt.Sprintf("%d MB", p.Done>>20)
	if p.Total > 0 {
		text = fmt.Sprintf("%d %%", 100*p.Done/p.Total)
	}
	if p.Again {
		text += ", from the beginning again"
	}
	if p.Silent == 0 && p.Err == nil {
		return text
	}
	text += "; " + p.Source
	if p.Silent > 0 {
		text += fmt.Sprintf(": no byte for %d s after %s", int(p.Silent.Seconds()), hostfs.Human(p.Done))
		if p.Total > 0 {
			text += " of " + hostfs.Human(p.Total)
		}
	}
	text += fmt.Sprintf(" (try %d of %d", p.Try, p.Tries)
	if p.Err != nil {
		text += "; last error: " + p.Err.Error()
	}
	return text + ")"
}

const (
	// reportEvery is the shortest time between two reports of bytes.
	reportEvery = 100 * time.Millisecond
	// silentAfter is how long nothing may come until that is reported, and then the time between
	// reports.
	silentAfter = 10 * time.Second
)

// watch reports the progress of one Get: also that there is none. Its methods may be called by
// several goroutines, its report is called by one at a time, and not after close.
type watch struct {
	report func(Progress)
	silent time.Duration // silentAfter

	mu       sync.Mutex
	now      Progress
	reported time.Time
	// since is when the next byte began to be waited for, zero while none is.
	since time.Time
	// most is how far a download had come that was given up for one from the beginning.
	most int64

	stop, ended chan struct{}
}

func newWatch(source string, report func(Progress), silent time.Duration) *watch {
	w := &watch{
		report: report, silent: silent, now: Progress{Source: source, Total: -1, Try: 1, Tries: 1},
		stop: make(chan struct{}), ended: make(chan struct{}),
	}
	if report == nil {
		w.report = func(Progress) {}
	}
	go w.tick()
	return w
}

func (w *watch) tick() {
	defer close(w.ended)
	ticker := time.NewTicker(w.silent / 10)
	defer ticker.Stop()
	for {
		select {
		case <-w.stop:
			return
		case <-ticker.C:
			w.change(func() bool { return w.silence() > 0 && time.Since(w.reported) >= w.silent })
		}
	}
}

func (w *watch) close() {
	close(w.stop)
	<-w.ended
}

// change applies f, and reports when f says so.
func (w *watch) change(f func() (report bool)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f() {
		w.reported = time.Now()
		w.now.Silent = w.silence()
		w.report(w.now)
	}
}

// silence is how long nothing has come, or 0 when that is not long.
func (w *watch) silence() time.Duration {
	if w.since.IsZero() || time.Since(w.since) < w.silent {
		return 0
	}
	return time.Since(w.since)
}

// await notes that a wait begins, unless one has begun.
func (w *watch) await() {
	w.change(func() bool {
		if w.since.IsZero() {
			w.since = time.Now()
		}
		return false
	})
}

// queue notes whether another task's download is waited for.
func (w *watch) queue(waiting bool) {
	w.change(func() bool {
		w.now.Waiting, w.since = waiting, time.Time{}
		if waiting {
			w.since = time.Now()
		}
		return false
	})
}

// got notes n bytes of total that have come, and that there are no more when end is true.
func (w *watch) got(n int, total int64, end bool) {
	w.change(func() bool {
		w.now.Total = total
		w.now.Done += int64(n)
		if n > 0 {
			w.since = time.Time{}
		}
		w.now.Again = w.now.Again && w.now.Done < w.most
		return end || n > 0 && time.Since(w.reported) >= reportEvery
	})
}

// try notes the number of a try, and why the one before has ended.
func (w *watch) try(number, most int, err error) {
	w.change(func() bool {
		report := err != nil
		w.now.Try, w.now.Tries, w.now.Err = number, most, err
		return report
	})
}

// restart notes that the download begins again at the first byte.
func (w *watch) restart() {
	w.change(func() bool {
		w.most = max(w.most, w.now.Done)
		w.now.Done, w.now.Again = 0, w.most > 0
		return w.now.Again
	})
}

// watchedReader tells a watch what it reads.
type watchedReader struct {
	src   io.Reader
	total int64
	watch *watch
}

func (r watchedReader) Read(p []byte) (int, error) {
	r.watch.await()
	n, err := r.src.Read(p)
	r.watch.got(n, r.total, err == io.EOF)
	return n, err
}
