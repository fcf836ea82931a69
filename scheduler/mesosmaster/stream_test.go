package mesosmaster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// A header that announces 100 MB swallows every heartbeat after it: the stream would stay open, and
// no event would come, for years.
func TestFrameThatArrivesTooSlowlyEndsTheSubscription(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{Heartbeat: 100 * time.Millisecond})
	r := run(t, configFor(m.Addr()))
	next[cluster.Subscribed](r, nil)
	m.SendBytes([]byte("100000000\n"))
	if e := next[cluster.Disconnected](r, nil); !strings.Contains(e.Reason,
		m.Addr()+" did not complete an event within 500ms: ") ||
		!strings.Contains(e.Reason, " of 100000000 bytes came") {
		t.Errorf("event %+v", e)
	}
	next[cluster.Subscribed](r, nil)
}

// trickle writes pieces of b, one after each pause, until the reader goes away.
func trickle(w io.Writer, b []byte, piece int, pause time.Duration) {
	for len(b) > 0 {
		time.Sleep(pause)
		n := min(piece, len(b))
		if _, err := w.Write(b[:n]); err != nil {
			return
		}
		b = b[n:]
	}
}

// readTrickle reads the frames in b, which come in pieces, until the watchdog ends that. It closes
// the pipe, as the end of a subscription closes its connection, and returns when it did.
func readTrickle(b []byte, piece int, pause, limit time.Duration, each func()) (time.Time, error) {
	r, w := io.Pipe()
	var writing sync.WaitGroup
	writing.Go(func() { trickle(w, b, piece, pause) })
	defer writing.Wait()
	defer r.Close()
	stream := &watched{body: r, limit: limit}
	stream.frames = newFrames(stream, DefaultMaxFrame)
	stream.timer = time.AfterFunc(limit, func() { _ = w.CloseWithError(errSilent) })
	defer stream.timer.Stop()
	for {
		if _, err := stream.frames.next(); err != nil {
			return time.Now(), err
		}
		each()
	}
}

func TestEachFrameHasADeadlineOfItsOwn(t *testing.T) {
	t.Parallel()
	frame := append([]byte("1000\n"), make([]byte, 1000)...)
	for name, c := range map[string]struct {
		frames []byte
		piece  int
		pause  time.Duration
		whole  int
		ends   time.Duration // since the last whole frame
	}{
		"frames that are quick enough":        {bytes.Repeat(frame, 3), 201, 10 * time.Second, 3, 75 * time.Second},
		"heartbeats":                          {bytes.Repeat([]byte("2\nab"), 20), 4, 70 * time.Second, 20, 75 * time.Second},
		"a frame that never becomes complete": {frame, 1, time.Second, 0, 76 * time.Second}, // its first byte comes after 1 s
		"a length that never becomes one":     {bytes.Repeat([]byte("0"), 19), 1, 10 * time.Second, 0, 85 * time.Second},
		"a slow one behind a quick one": {append(bytes.Clone(frame), "9999\n"...), 1005 + 3, time.Second, 1,
			75 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				whole, last := 0, time.Now()
				at, err := readTrickle(c.frames, c.piece, c.pause, 75*time.Second,
					func() { whole++; last = time.Now() })
				if !errors.Is(err, errSilent) || whole != c.whole || at.Sub(last) != c.ends {
					t.Errorf("%d frames, then %v after %s; want %d and %s", whole, err, at.Sub(last), c.whole, c.ends)
				}
			})
		})
	}
}

func TestTimeThatTheReaderDoesNotWaitIsNotCountedBetweenFrames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		whole := 0
		if _, err := readTrickle(bytes.Repeat([]byte("2\nab"), 5), 6, 10*time.Second, 75*time.Second,
			func() { whole++; time.Sleep(time.Hour) }); !errors.Is(err, errSilent) || whole != 5 {
			t.Errorf("%d frames, then %v", whole, err)
		}
	})
}

func TestTheBufferOfABigFrameIsNotKept(t *testing.T) {
	t.Parallel()
	f := newFrames(io.MultiReader(strings.NewReader(fmt.Sprintf("%d\n", 20<<20)), bytes.NewReader(make([]byte, 20<<20)),
		strings.NewReader("2\nab2\ncd")), DefaultMaxFrame)
	for range 3 {
		if _, err := f.next(); err != nil {
			t.Fatal(err)
		}
	}
	if cap(f.buf) > keptBuffer {
		t.Errorf("%d bytes are kept for frames of 2", cap(f.buf))
	}
}
