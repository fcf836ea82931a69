package web

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/certificate"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func TestReadersFromElsewhereNeedTheToken(t *testing.T) {
	t.Parallel()
	handler := newAPI().Handler()
	ask := func(method, path, from string, authorize func(*http.Request)) *httptest.ResponseRecorder {
		request := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		request.RemoteAddr = from
		authorize(request)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		return answer
	}
	nothing := func(*http.Request) {}
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	basic := func(r *http.Request) { r.SetBasicAuth("anybody", token) }
	for name, test := range map[string]struct {
		method, path, from string
		authorize          func(*http.Request)
		want               int
	}{
		"loopback reads":                       {"GET", "/v1/status", "127.0.0.1:9", nothing, 200},
		"loopback of IPv6 reads":               {"GET", "/v1/status", "[::1]:9", nothing, 200},
		"loopback as IPv6 reads":               {"GET", "/v1/status", "[::ffff:127.0.0.1]:9", nothing, 200},
		"from elsewhere health is open":        {"GET", "/healthz", "192.0.2.1:9", nothing, 200},
		"from elsewhere the status is closed":  {"GET", "/v1/status", "192.0.2.1:9", nothing, 401},
		"from elsewhere explain is closed":     {"GET", "/v1/explain", "[2001:db8::1]:9", nothing, 401},
		"from elsewhere the version is closed": {"HEAD", "/v1/version", "192.0.2.1:9", nothing, 401},
		"with the token it reads":              {"GET", "/v1/status", "192.0.2.1:9", bearer, 200},
		"a browser's user reads with it":       {"GET", "/v1/status", "192.0.2.1:9", basic, 200},
		"with another password it does not": {"GET", "/v1/status", "192.0.2.1:9", func(r *http.Request) {
			r.SetBasicAuth(token, "x")
		}, 401},
		"a browser's user changes nothing":     {"POST", "/v1/teardown", "127.0.0.1:9", basic, 401},
		"with the token it changes":            {"POST", "/v1/teardown", "192.0.2.1:9", bearer, 202},
		"an address that is none is elsewhere": {"GET", "/v1/status", "@", nothing, 401},
	} {
		answer := ask(test.method, test.path, test.from, test.authorize)
		if answer.Code != test.want {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
		if answer.Code == 401 &&
			(!strings.Contains(answer.Body.String(), "process.json") || len(answer.Header().Values("WWW-Authenticate")) == 0) {
			t.Errorf("%s has no hint: %s", name, answer.Body)
		}
	}
	wrong := ask("GET", "/v1/status", "192.0.2.1:9", func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") })
	if !strings.Contains(wrong.Body.String(), "the token is not that of this framework") {
		t.Errorf("a wrong token: %s", wrong.Body)
	}
}

func TestTheAPISpeaksTLSWithTheCertificateThatItsFilesHaveNow(t *testing.T) {
	t.Parallel()
	ca, err := certificate.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	files := func() config.TLS {
		pair, err := ca.Issue("api", "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		return config.TLS{CAFile: ca.File, CertFile: pair.CertFile, KeyFile: pair.KeyFile}
	}
	first, second := files(), files()
	a := newAPI()
	a.Certificate = Reloaded(first, zerolog.Nop())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveUntilEnd(t, func(ctx context.Context) error { return a.Serve(ctx, listener) })
	roots, err := first.CAs()
	if err != nil {
		t.Fatal(err)
	}
	serial := func() string {
		conn, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{RootCAs: roots})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
	}
	before := serial()
	broken := time.Now().Add(time.Minute)
	if err := os.Chtimes(first.CertFile, broken, broken); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(first.KeyFile, first.KeyFile+".away"); err != nil {
		t.Fatal(err)
	}
	if now := serial(); now != before {
		t.Errorf("in the middle of a renewal: %s after %s", now, before)
	}
	for from, to := range map[string]string{second.CertFile: first.CertFile, second.KeyFile: first.KeyFile} {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	if now := serial(); now == before {
		t.Error("after a renewal it is the old one")
	}
	resp, err := http.Get("http://" + listener.Addr().String() + "/v1/status")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("without TLS: %s", resp.Status)
	}
}

func TestAnInstanceThatStandsByRedirects(t *testing.T) {
	t.Parallel()
	a := newAPI()
	a.Snapshot = func(context.Context) (*cluster.Status, error) { return nil, &Standby{Leader: "https://leader:1"} }
	answer := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), "GET", "/v1/status?format=text", nil)
	request.RemoteAddr = "127.0.0.1:9"
	a.Handler().ServeHTTP(answer, request)
	if answer.Code != http.StatusTemporaryRedirect ||
		answer.Header().Get("Location") != "https://leader:1/v1/status?format=text" ||
		!strings.Contains(answer.Body.String(), "https://leader:1") {
		t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
	}
}
