package mesosmaster

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// serve answers everything with handler, for hosts that are no master.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// master answers as one does until SUBSCRIBE comes.
func master(t *testing.T, version string, subscribe http.HandlerFunc) string {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/version" {
			_, _ = fmt.Fprintf(w, `{"version":%q}`, version)
			return
		}
		subscribe(w, r)
	})
}

func TestWhatIsNoMesosMasterIsSaidAndTriedAgain(t *testing.T) {
	t.Parallel()
	nobody, err := loopback.IP()
	if err != nil {
		t.Fatal(err)
	}
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0) // it would tell of our plain HTTP
	tls.StartTLS()
	t.Cleanup(tls.Close)
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mute.Close() })
	go func() {
		for {
			c, err := mute.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	var circle string
	circle = master(t, "1.11.0", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "//"+circle+r.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	for name, c := range map[string]struct{ host, says string }{
		"nobody listens": {nobody + ":5050", "connection refused"},
		"a web page": {serve(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html>hello</html>"))
		}), "is not a Mesos master: it answers GET /version with 200 and a web page"},
		"another server":                {serve(t, http.NotFound), "is not a Mesos master: it answers GET /version with 404"},
		"a version of nothing":          {master(t, "latest", nil), `its version is "latest"`},
		"a version without a minor one": {master(t, "1", nil), `its version is "1"`},
		"a TLS port": {strings.TrimPrefix(tls.URL, "https://"),
			"answers GET /version with 400; is it a TLS port? Then set alluxio.integration.mesos.tls.enabled=true"},
		"one that hangs up": {mute.Addr().String(),
			"closes the connection without an answer; does it speak TLS only (then set " +
				"alluxio.integration.mesos.tls.enabled=true)"},
		"a page not found": {master(t, "1.11.0", http.NotFound), "is it a Mesos agent"},
		"a Mesos agent": {master(t, "1.11.0", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, agentSays, http.StatusBadRequest)
		}), "answers SUBSCRIBE as a Mesos agent does; give the address of the Mesos master"},
		"a master without a leader": {master(t, "1.11.0", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "No leader elected", http.StatusServiceUnavailable)
		}), "knows no leading master yet (503)"},
		"masters that point at each other": {circle, "redirects in circles"},
		"a redirect to nowhere": {master(t, "1.11.0", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTemporaryRedirect)
		}), "redirects to"},
		"a page instead of a stream": {master(t, "1.11.0", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html>"))
		}), "answers SUBSCRIBE with 200 and a web page instead of a stream"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := run(t, configFor(c.host))
			for range 2 {
				e := next[cluster.Disconnected](r, nil)
				if e.Subscription != 0 || !strings.Contains(e.Reason, c.says) || !strings.Contains(e.Reason, c.host) {
					t.Errorf("event %+v, want %q about %s", e, c.says, c.host)
				}
			}
			if err := r.stop(); err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
}

func TestWhatCannotGetBetterEndsRun(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		host string
		kind error
		says string
	}{
		"a Mesos without the v1 API": {master(t, "0.28.2", nil), ErrTooOld,
			"runs Mesos 0.28.2; the oldest that is supported is 1.4; upgrade"},
		"a Mesos before multiple roles": {master(t, "1.1.0", nil), ErrTooOld,
			"runs Mesos 1.1.0; the oldest that is supported is 1.4; upgrade"},
		"a Mesos before reservation refinement": {master(t, "1.3.2", nil), ErrTooOld,
			"runs Mesos 1.3.2; the oldest that is supported is 1.4; upgrade"},
		"403 on SUBSCRIBE": {master(t, "1.11.0", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "not you", http.StatusForbidden)
		}), ErrUnauthorized, `403 Forbidden: "not you"`},
		"400 on SUBSCRIBE": {master(t, "1.11.0", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "no user", http.StatusBadRequest)
		}), ErrRefused, `400: "no user"`},
	} {
		r := run(t, configFor(c.host))
		if p := asProblem(t, r.ended(), c.kind); !strings.Contains(p.Error(), c.says) ||
			!strings.Contains(p.Error(), c.host) {
			t.Errorf("%s: %v, want %q", name, p, c.says)
		}
	}
}

func TestMesosFrom14OnIsSupported(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.4.0-rc1", "1.4.3", "1.10.0", "1.11.0", "2.0.0", "10.0"} {
		m := startFake(t, fakemesos.Options{Version: version})
		if e := next[cluster.Subscribed](run(t, configFor(m.Addr())), nil); e.Master.Version != version {
			t.Errorf("event %+v, want version %s", e, version)
		}
	}
}

func TestErrorEventsAreNamedByWhatTheyMean(t *testing.T) {
	t.Parallel()
	for message, kind := range map[string]error{
		"Framework has been removed":                                      ErrFrameworkRemoved,
		"Completed framework attempted to re-register":                    ErrFrameworkRemoved,
		"Framework failed over":                                           ErrReplaced,
		"Changing framework's principal is not allowed":                   ErrRefused,
		"Not authorized to use role 'x'":                                  ErrRefused,
		"something new with control \x00\x1b[31m characters and \xff\xfe": ErrRefused,
	} {
		p := rejection("m:5050", message)
		if !errors.Is(p, kind) || strings.ContainsAny(p.Error(), "\x00\x1b") || !utf8.ValidString(p.Error()) ||
			p.Hint == "" && !strings.HasPrefix(message, "something") {
			t.Errorf("%q: %v", message, p)
		}
	}
}

func TestTheFirstHostThatAnswersServes(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{IP: "127.0.0.3"})
	web := serve(t, http.NotFound)
	r := run(t, configFor(web, m.Addr()))
	if e := next[cluster.Subscribed](r, nil); e.Master.Address != m.Addr() {
		t.Errorf("event %+v", e)
	}
	if ip := r.LocalAddress(); !strings.HasPrefix(ip, "127.0.0.") {
		t.Errorf("local address %q", ip)
	}
}

func TestAnotherProcessWithTheSameFrameworkIDEndsTheFirst(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	first := run(t, configFor(m.Addr()))
	id := next[cluster.Subscribed](first, nil).FrameworkID
	cfg := configFor(m.Addr())
	cfg.FrameworkID = id
	second := run(t, cfg)
	next[cluster.Subscribed](second, nil)
	if e := next[cluster.Failed](first, nil); e != (cluster.Failed{Subscription: 1, Message: "Framework failed over"}) {
		t.Errorf("event %+v", e)
	}
	asProblem(t, first.ended(), ErrReplaced)
}

func TestTheSecretIsSentAndShownNowhere(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{Principal: "alluxio", Secret: "s3cr3t", Agents: 1})
	cfg := configFor(m.Addr())
	cfg.Principal, cfg.Secret = "alluxio", config.NewSecret("s3cr3t")
	r := run(t, cfg)
	r.Do(1, launchOf(next[cluster.Offered](r, nil).Offers[0], "a"))
	next[cluster.CallAccepted](r, nil)
	cfg.Secret = config.NewSecret("wr0ng")
	p := asProblem(t, run(t, cfg).ended(), ErrUnauthorized)
	if text := fmt.Sprintf("%v %+v %+v", p, p, cfg); strings.Contains(text, "wr0ng") {
		t.Errorf("the secret shows: %s", text)
	}
}
