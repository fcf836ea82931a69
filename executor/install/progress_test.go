package install

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// recorder keeps every Progress of a Get.
type recorder struct {
	t testing.TB

	mu  sync.Mutex
	all []Progress
	saw chan Progress
}

// getAside starts a Get of a in the background.
func getAside(t testing.TB, c *Cache, a config.Archive) (r *recorder, ended chan error) {
	r, ended = &recorder{t: t, saw: make(chan Progress, 10_000)}, make(chan error, 1)
	go func() {
		e, err := c.Get(context.Background(), a, func(p Progress) {
			r.mu.Lock()
			r.all = append(r.all, p)
			r.mu.Unlock()
			r.saw <- p
		})
		if err == nil {
			e.Release()
		}
		ended <- err
	}()
	return r, ended
}

// await returns the first Progress that fits.
func (r *recorder) await(what string, fits func(Progress) bool) Progress {
	r.t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case p := <-r.saw:
			if fits(p) {
				return p
			}
		case <-limit:
			r.t.Fatalf("no progress with %s; there were %v", what, r.all)
		}
	}
}

// wantNoSilentFall checks that the bytes never fall without a word.
func (r *recorder) wantNoSilentFall() {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	last := int64(0)
	for _, p := range r.all {
		if p.Done < last && (!p.Again || !strings.Contains(p.String(), "from the beginning again")) {
			r.t.Errorf("the progress falls from %d to %d with the words %q", last, p.Done, p)
		}
		last = p.Done
	}
}

func TestStalledDownloadIsReportedAndResumed(t *testing.T) {
	t.Parallel()
	data := release(t, "one")
	s := serve(t, data)
	goOn := s.wait(t)
	c := openCache(t, t.TempDir())
	c.fetch.silent, c.fetch.stall = 50*time.Millisecond, 2*time.Second
	r, ended := getAside(t, c, config.Archive{URL: s.url()})
	p := r.await("a stall", func(p Progress) bool { return p.Silent > 0 && p.Done > 0 })
	if p.Try != 1 || p.Tries != 6 || p.Total != int64(len(data)) || p.Err != nil ||
		!strings.Contains(p.String(), s.url()+": no byte for 0 s after ") ||
		!strings.Contains(p.String(), " of "+hostfs.Human(int64(len(data)))+" (try 1 of 6)") {
		t.Errorf("the stall is reported as %+v, %q", p, p)
	}
	r.await("a second word on it", func(p Progress) bool { return p.Silent > 0 })
	p = r.await("the next try", func(p Progress) bool { return p.Try == 2 })
	if !strings.Contains(p.String(), "(try 2 of 6; last error: the download broke off after 1") ||
		!strings.Contains(p.String(), "the server went silent)") {
		t.Errorf("the next try is reported as %q", p)
	}
	goOn()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	r.wantNoSilentFall()
	requests, _, _ := s.counts()
	if len(requests) < 2 || !strings.HasPrefix(requests[1], "GETbytes=") || requests[1] == "GETbytes=0-" {
		t.Errorf("the requests are %q, want the rest by a range", requests)
	}
}

func TestASilentStartIsReported(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	s := serve(t, release(t, "one"))
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-gate
		inner.ServeHTTP(w, r)
	})
	c := openCache(t, t.TempDir())
	c.fetch.silent = 50 * time.Millisecond
	r, ended := getAside(t, c, config.Archive{URL: s.url()})
	p := r.await("a stall", func(p Progress) bool { return p.Silent > 0 })
	if want := "0 MB; " + s.url() + ": no byte for 0 s after 0B (try 1 of 6)"; p.String() != want {
		t.Errorf("the report is %q, want %q", p, want)
	}
	close(gate)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func TestADownloadThatBeginsAgainSaysSo(t *testing.T) {
	t.Parallel()
	s := serve(t, release(t, "one"))
	s.etag, s.breaks, s.breakAfter = "", 1, 200_000
	c := openCache(t, t.TempDir())
	r, ended := getAside(t, c, config.Archive{URL: s.url()})
	p := r.await("a new start", func(p Progress) bool { return p.Again })
	if p.Done != 0 ||
		!strings.Contains(p.String(), "0 %, from the beginning again; "+s.url()+
			" (try 2 of 6; last error: the download broke off after ") {
		t.Errorf("the new start is reported as %+v, %q", p, p)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	r.wantNoSilentFall()
	if last := r.all[len(r.all)-1]; last.Again || last.Done != last.Total {
		t.Errorf("the last report is %+v", last)
	}
}

func TestATaskThatWaitsForAnotherDownloadSaysSo(t *testing.T) {
	t.Parallel()
	s := serve(t, release(t, "one"))
	goOn := s.wait(t)
	dir := t.TempDir()
	first, firstEnded := getAside(t, openCache(t, dir), config.Archive{URL: s.url()})
	first.await("bytes", func(p Progress) bool { return p.Done > 0 })
	c := openCache(t, dir)
	c.fetch.silent = 50 * time.Millisecond
	second, secondEnded := getAside(t, c, config.Archive{URL: s.url()})
	p := second.await("a word on the wait", func(p Progress) bool { return p.Waiting })
	if want := "another task on this host has been fetching " + s.url() + " for 0 s"; p.String() != want {
		t.Errorf("the report is %q, want %q", p, want)
	}
	goOn()
	if err := errors.Join(<-firstEnded, <-secondEnded); err != nil {
		t.Fatal(err)
	}
}
