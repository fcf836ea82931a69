package install

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// onRange changes how s answers requests for a range: edit returns true when it has answered
// itself.
func onRange(s *fileServer, edit func(w http.ResponseWriter, r *http.Request) bool) {
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "" || !edit(w, r) {
			inner.ServeHTTP(w, r)
		}
	})
}

func TestAServerThatFailsInTheMiddleIsAskedForTheRestAgain(t *testing.T) {
	t.Parallel()
	data := release(t, "one")
	s := serve(t, data)
	s.breaks, s.breakAfter = 1, 200_000
	var answers atomic.Int32
	onRange(s, func(w http.ResponseWriter, _ *http.Request) bool {
		if answers.Add(1) > 2 {
			return false
		}
		http.Error(w, "starting", http.StatusServiceUnavailable)
		return true
	})
	mustGet(t, openCache(t, t.TempDir()), config.Archive{URL: s.url()}, "one")
	if requests, bodies, _ := s.counts(); bodies != 2 || strings.Count(strings.Join(requests, " "), "GETbytes=") != 1 {
		t.Errorf("%d bodies were sent in %q, want the second one for a range", bodies, requests)
	}
}

func TestAServerThatDoesNotKnowIfRangeMixesNothing(t *testing.T) {
	t.Parallel()
	one, two := release(t, "one"), release(t, "two")
	for name, describe := range map[string]func(s *fileServer, first bool){
		"by ETag": func(s *fileServer, first bool) { s.etag = map[bool]string{true: `"v1"`, false: `"v2"`}[first] },
		"by date": func(s *fileServer, first bool) {
			s.etag, s.date = "", map[bool]time.Time{true: time.Unix(1e9, 0), false: time.Unix(2e9-1e9+5, 0)}[first]
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, one)
			describe(s, true)
			s.breaks, s.breakAfter = 1, 200_000
			onRange(s, func(_ http.ResponseWriter, r *http.Request) bool {
				r.Header.Del("If-Range")
				s.mu.Lock()
				defer s.mu.Unlock()
				s.data = two
				describe(s, false)
				return false
			})
			mustGet(t, openCache(t, t.TempDir()), config.Archive{URL: s.url()}, "two")
		})
	}
}

func TestLongDownloadCompletesDespiteFrequentDisconnects(t *testing.T) {
	t.Parallel()
	data := release(t, "one")
	s := serve(t, data)
	s.breaks, s.breakAfter = 14, 20_000 // more than tries in all, and never that many in a row
	c := openCache(t, t.TempDir())
	c.fetch.wellAfter = 10_000
	mustGet(t, c, config.Archive{URL: s.url()}, "one")

	whole := serve(t, data)
	whole.etag, whole.breaks, whole.breakAfter = "", 1000, 200_000 // it can never be gone on with
	c = openCache(t, t.TempDir())
	c.fetch.wellAfter = 10_000
	_, err := get(t, c, config.Archive{URL: whole.url()})
	wantError(t, err, "broke off after")
	if _, bodies, _ := whole.counts(); bodies != 1+c.fetch.tries {
		t.Errorf("%d bodies were sent, want %d", bodies, 1+c.fetch.tries)
	}
}

func TestATarballOfTheWrongDigestIsFetchedOnce(t *testing.T) {
	t.Parallel()
	wrong, right := release(t, "wrong"), release(t, "right")
	longer := slices.Concat(right, make([]byte, 4096)) // it can be told apart without any header
	for _, c := range []struct {
		name string
		set  func(*fileServer)
		says string
	}{
		{"with an ETag", func(*fileServer) {}, "has not changed since"},
		{"with a date", func(s *fileServer) { s.etag, s.date = "", time.Unix(1e9, 0) }, "has not changed since"},
		{"with nothing that shows a change", func(s *fileServer) { s.etag = "" }, "not fetched again for 10m"},
		{"from a server without HEAD", func(s *fileServer) {
			inner := s.Config.Handler
			s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodHead {
					w.WriteHeader(http.StatusMethodNotAllowed)
					return
				}
				inner.ServeHTTP(w, r)
			})
		}, "not fetched again for 10m"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, wrong)
			c.set(s)
			dir, a := t.TempDir(), config.Archive{URL: s.url(), SHA256: digestOf(right)}
			for try := range 6 { // as tasks that are launched again and again
				cache := openCache(t, dir)
				_, err := get(t, cache, a)
				wantError(t, err, digestOf(wrong), digestOf(right), "the tarball or the configured digest is wrong")
				if try > 0 {
					wantError(t, err, c.says)
				}
				cache.evict(0)
			}
			if requests, bodies, _ := s.counts(); bodies != 1 {
				t.Errorf("%d bodies were sent in %q, want one", bodies, requests)
			}
			// The digest was the wrong one of the two.
			mustGet(t, openCache(t, dir), config.Archive{URL: s.url(), SHA256: digestOf(wrong)}, "wrong")
			s.put(longer, `"v2"`)
			mustGet(t, openCache(t, dir), config.Archive{URL: s.url(), SHA256: digestOf(longer)}, "right")
		})
	}
}

func TestATarballOfTheWrongDigestIsFetchedAgainInTime(t *testing.T) {
	t.Parallel()
	wrong, right := release(t, "wrong"), release(t, "right")
	s := serve(t, wrong)
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		s.ServeHTTP(w, r)
	})
	c := openCache(t, t.TempDir())
	a := config.Archive{URL: s.url(), SHA256: digestOf(right)}
	_, err := get(t, c, a)
	wantError(t, err, digestOf(wrong))
	s.put(right, "")
	_, err = get(t, c, a)
	wantError(t, err, "not fetched again for 10m")
	src, err := parseSource(a.URL)
	if err != nil {
		t.Fatal(err)
	}
	rec, ok := c.recall(src)
	if !ok || rec.Refused.IsZero() {
		t.Fatalf("the record is %+v, %t", rec, ok)
	}
	rec.Refused = rec.Refused.Add(-refuseAgainWithin)
	data, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.path("sources", fmt.Sprint(src.key(), ".json")), data, 0o600); err != nil {
		t.Fatal(err)
	}
	mustGet(t, c, a, "right")
}
