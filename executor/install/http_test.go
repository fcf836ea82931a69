package install

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
)

// get gets and releases, and returns the salt of the release.
func get(t testing.TB, c *Cache, a config.Archive) (string, error) {
	t.Helper()
	e, err := c.Get(context.Background(), a, nil)
	if err != nil {
		return "", err
	}
	defer e.Release()
	return read(t, e.Dir, "alluxio-2.9.6/conf/salt"), nil
}

func mustGet(t testing.TB, c *Cache, a config.Archive, want string) {
	t.Helper()
	if got, err := get(t, c, a); err != nil || got != want {
		t.Fatalf("got %q, %v, want %q", got, err, want)
	}
}

func TestARelaunchDownloadsNothing(t *testing.T) {
	t.Parallel()
	data := release(t, "one")
	for _, c := range []struct {
		name, digest, etag string
		date               time.Time
		requests           string
	}{
		{"with an ETag", "", `"v1"`, time.Time{}, "GET HEAD"},
		{"with a weak ETag", "", `W/"v1"`, time.Time{}, "GET HEAD"},
		{"with a date", "", "", time.Unix(1e9, 0), "GET HEAD"},
		{"with nothing that shows a change", "", "", time.Time{}, "GET HEAD"},
		{"with a sha256 without asking", digestOf(data), `"v1"`, time.Time{}, "GET"},
		{"with a sha256 in capitals", strings.ToUpper(digestOf(data)), "", time.Time{}, "GET"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, data)
			s.etag, s.date = c.etag, c.date
			dir, a := t.TempDir(), config.Archive{URL: s.url(), SHA256: c.digest}
			mustGet(t, openCache(t, dir), a, "one")
			mustGet(t, openCache(t, dir), a, "one")
			requests, bodies, sent := s.counts()
			if got := strings.Join(requests, " "); got != c.requests || bodies != 1 || sent != len(data) {
				t.Errorf("requests %q with %d bodies of %d bytes together, want %q, one, %d", got, bodies, sent, c.requests,
					len(data))
			}
			s.Close()
			mustGet(t, openCache(t, dir), a, "one")
		})
	}
}

func TestATarballThatChangedIsFetchedAgain(t *testing.T) {
	t.Parallel()
	s := serve(t, release(t, "one"))
	c := openCache(t, t.TempDir())
	mustGet(t, c, config.Archive{URL: s.url()}, "one")
	s.put(release(t, "two"), `"v2"`)
	mustGet(t, c, config.Archive{URL: s.url()}, "two")
	s.put(release(t, "three"), "") // no ETag any more: the length tells
	mustGet(t, c, config.Archive{URL: s.url()}, "three")
}

func TestABrokenDownload(t *testing.T) {
	t.Parallel()
	data := release(t, "one")
	half := len(data) / 2
	for _, c := range []struct {
		name string
		set  func(*fileServer)
		// sent is how many bytes of the tarball the server may send together; says is "" when the download must succeed.
		sent int
		says []string
	}{
		{"is continued where it broke", func(s *fileServer) {
			s.breaks, s.breakAfter = 1, half
		}, len(data) + len(data)/2 + 1<<15, nil},
		{"is continued by date", func(s *fileServer) {
			s.breaks, s.breakAfter, s.etag, s.date = 1, half, "", time.Unix(1e9, 0)
		}, len(data) + len(data)/2 + 1<<15, nil},
		{"starts again when nothing shows that it is the same", func(s *fileServer) {
			s.breaks, s.breakAfter, s.etag = 1, half, ""
		}, 2 * len(data), nil},
		{"starts again when it broke at once", func(s *fileServer) { s.breaks, s.breakAfter = 2, 0 }, 3 * len(data), nil},
		{"waits for a server that is starting", func(s *fileServer) { s.fail = []int{503, 500, 429} }, len(data), nil},
		{"fails after so many tries", func(s *fileServer) { s.breaks, s.breakAfter = 100, 10_000 }, 100 * len(data),
			[]string{"broke off", "of "}},
		{"fails after so many errors", func(s *fileServer) { s.fail = []int{503, 503, 503, 503, 503, 503, 503} }, 0,
			[]string{"503 Service Unavailable"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, data)
			c.set(s)
			got, err := get(t, openCache(t, t.TempDir()), config.Archive{URL: s.url(), SHA256: digestOf(data)})
			if c.says != nil {
				wantError(t, err, c.says...)
			} else if err != nil || got != "one" {
				t.Errorf("got %q, %v", got, err)
			}
			if requests, _, sent := s.counts(); sent > c.sent || len(requests) > 1+newFetcher().tries {
				t.Errorf("%d bytes sent in %q, want at most %d", sent, requests, c.sent)
			}
		})
	}
}

func TestATarballThatChangesInTheMiddleIsNotMixed(t *testing.T) {
	t.Parallel()
	s := serve(t, release(t, "one"))
	s.breaks, s.breakAfter = 1, 100_000
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			s.put(release(t, "two"), `"v2"`)
		}
		s.ServeHTTP(w, r)
	})
	mustGet(t, openCache(t, t.TempDir()), config.Archive{URL: s.url()}, "two")
}

func TestAnAnswerThatTryingAgainCannotChangeIsFinal(t *testing.T) {
	t.Parallel()
	for status, says := range map[int]string{404: "404 Not Found", 403: "403 Forbidden", 401: "credentials",
		410: "410 Gone", 400: "400 Bad Request"} {
		s := serve(t, release(t, ""))
		s.fail = []int{status}
		_, err := get(t, openCache(t, t.TempDir()), config.Archive{URL: s.url()})
		wantError(t, err, says, s.url())
		if requests, _, _ := s.counts(); len(requests) != 1 {
			t.Errorf("status %d: requests %q, want one", status, requests)
		}
	}
}

func TestASilentServerIsGivenUp(t *testing.T) {
	t.Parallel()
	s := serve(t, release(t, ""))
	s.wait(t)
	c := openCache(t, t.TempDir())
	c.fetch.stall, c.fetch.tries = 20*time.Millisecond, 1
	_, err := get(t, c, config.Archive{URL: s.url()})
	wantError(t, err, "silent")
}

func TestAServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	nobody, err := loopback.IP()
	if err != nil {
		t.Fatal(err)
	}
	_, err = get(t, openCache(t, t.TempDir()), config.Archive{URL: "http://" + nobody + ":8080/a.tgz"})
	wantError(t, err, "cannot be reached", "connection refused")
}

func TestTheEndOfTheTaskEndsTheDownload(t *testing.T) {
	t.Parallel()
	s := serve(t, release(t, ""))
	s.wait(t)
	c := openCache(t, t.TempDir())
	killed := errors.New("the task is killed")
	ctx, cancel := context.WithCancelCause(context.Background())
	_, err := c.Get(ctx, config.Archive{URL: s.url()}, func(p Progress) {
		if p.Done > 0 {
			cancel(killed)
		}
	})
	if !errors.Is(err, killed) {
		t.Errorf("the error is %v, want %v", err, killed)
	}
	wantNothingIn(t, c, "tmp")
	wantNothingIn(t, c, "locks")
}

func TestTLS(t *testing.T) {
	t.Parallel()
	s := &fileServer{data: release(t, "one")}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshake below
	s.StartTLS()
	t.Cleanup(s.Close)
	c := openCache(t, t.TempDir())
	_, err := get(t, c, config.Archive{URL: s.url()})
	wantError(t, err, "certificate", "not trusted")

	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	c.fetch.client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: pool}
	mustGet(t, c, config.Archive{URL: s.url()}, "one")

	plain := serve(t, release(t, "evil"))
	down := httptest.NewUnstartedServer(http.RedirectHandler(plain.url(), http.StatusFound))
	down.TLS = &tls.Config{Certificates: s.TLS.Certificates}
	down.StartTLS()
	t.Cleanup(down.Close)
	_, err = get(t, c, config.Archive{URL: down.URL + "/a.tgz"})
	wantError(t, err, "redirects from https to http")
}

func TestCredentialsInURLsWorkAndAreNeverShown(t *testing.T) {
	t.Parallel()
	s := serve(t, release(t, "one"))
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "ali" || password != "geheim" || r.URL.Query().Get("sig") != "geheim" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		inner.ServeHTTP(w, r)
	})
	with := func(password string) string {
		u, err := url.Parse(s.url() + "?sig=geheim")
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword("ali", password)
		return u.String()
	}
	dir := t.TempDir()
	s.breaks, s.breakAfter = 2, 200_000
	r, ended := getAside(t, openCache(t, dir), config.Archive{URL: with("geheim")})
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for _, p := range r.all {
		if text := fmt.Sprintf("%+v %s", p, p); strings.Contains(text, "geheim") || strings.Contains(text, "ali") {
			t.Errorf("progress with a credential: %s", text)
		}
	}
	if last := r.all[len(r.all)-1]; last.Err == nil || last.Source != s.url()+"?…" {
		t.Errorf("the last progress is %+v", last)
	}
	_, wrong := get(t, openCache(t, dir), config.Archive{URL: with("geheim2")})
	wantError(t, wrong, "credentials")
	_, gone := get(t, openCache(t, t.TempDir()),
		config.Archive{URL: strings.Replace(with("geheim"), s.Listener.Addr().String(), "127.0.0.1:1", 1)})
	for _, err := range []error{wrong, gone} {
		if err == nil || strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "ali:") {
			t.Errorf("error %v, want one without credentials", err)
		}
	}
	c := openCache(t, dir)
	for _, folder := range []string{"sources", "entries"} {
		for _, name := range names(c.path(folder)) {
			file := c.path(folder, name)
			if folder == "entries" {
				file = c.path(folder, name, "meta.json")
			}
			if text := read(t, file); strings.Contains(text, "geheim") || strings.Contains(name, "geheim") {
				t.Errorf("%s shows a credential: %s", file, text)
			}
		}
	}
}
