package mesosmaster

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/certificate"
	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// authority makes a CA in a folder of its own.
func authority(t *testing.T) *certificate.CA {
	t.Helper()
	ca, err := certificate.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// issued is a certificate of ca for hosts that is valid until end.
func issued(t *testing.T, ca *certificate.CA, end time.Time, hosts ...string) certificate.Pair {
	t.Helper()
	pair, err := ca.IssueUntil("mesos", end, hosts...)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// clientTLS is how to speak with servers of ca, with a certificate of ours unless it is zero.
func clientTLS(t *testing.T, c Config, ca *certificate.CA, own certificate.Pair) Config {
	t.Helper()
	files := config.TLS{Enabled: true, CertFile: own.CertFile, KeyFile: own.KeyFile}
	if ca != nil {
		files.CAFile = ca.File
	}
	var err error
	if c.TLS, err = ClientTLS(files); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAGenuineMesosWithTLS(t *testing.T) {
	t.Parallel()
	mesos, err := realmesos.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	block, err := loopback.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	defer block.Release()
	ca, other := authority(t), authority(t)
	tomorrow := time.Now().Add(24 * time.Hour)
	// start runs a master with a certificate, or without TLS, on an address of its own.
	addresses := 0
	start := func(pair certificate.Pair, clients bool, env ...string) string {
		addresses++
		var tls *realmesos.TLS
		if pair.CertFile != "" {
			tls = &realmesos.TLS{CAFile: ca.File, CertFile: pair.CertFile, KeyFile: pair.KeyFile, Clients: clients}
		}
		master, err := mesos.StartMaster(t.Context(),
			realmesos.MasterOptions{Dir: filepath.Join(t.TempDir(), "m"), IP: block.IP(addresses), TLS: tls, Env: env})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := master.Stop(); err != nil {
				t.Error(err)
			}
		})
		return master.Addr()
	}
	plain := start(certificate.Pair{}, false)
	server := start(issued(t, ca, tomorrow, block.IP(2)), false)
	strict := start(issued(t, ca, tomorrow, block.IP(3), "localhost", "127.0.0.1"), true)
	old := start(issued(t, ca, tomorrow, block.IP(4)), false, "LIBPROCESS_SSL_ENABLE_TLS_V1_3=0",
		"LIBPROCESS_SSL_CIPHERS=AES128-SHA:AES256-SHA:RC4-SHA") // the first of Mesos's default ciphers
	// Mesos looks for the name of the client's host in its certificate as well.
	ours, foreign, none := issued(t, ca, tomorrow, "localhost", "127.0.0.1"),
		issued(t, other, tomorrow, "localhost", "127.0.0.1"), certificate.Pair{}

	for name, c := range map[string]Config{
		"its CA":                             clientTLS(t, configFor(server), ca, none),
		"a certificate that nobody asks for": clientTLS(t, configFor(server), ca, foreign),
		"the certificate that is asked for":  clientTLS(t, configFor(strict), ca, ours),
		"Mesos's default ciphers of TLS 1.2": clientTLS(t, configFor(old), ca, none),
		"a plain master first in the list":   clientTLS(t, configFor(plain, server), ca, none),
		"a master that points to its leader": clientTLS(t,
			configFor(points(t, issued(t, ca, tomorrow, "127.0.0.1"), "//"+server)), ca, none),
	} {
		t.Run("subscribes with "+name, func(t *testing.T) {
			first := next(run(t, c), func(e cluster.Event) bool {
				_, learnt := e.(cluster.MastersLearned)
				return !learnt
			})
			if subscribed, ok := first.(cluster.Subscribed); !ok || subscribed.FrameworkID == "" {
				t.Errorf("%+v", first)
			}
		})
	}
	for name, c := range map[string]struct {
		cfg  Config
		says string
	}{
		"a leader without " +
			"TLS": {clientTLS(t, configFor(points(t, issued(t, ca, tomorrow, "127.0.0.1"), "http://"+plain)), ca, none),
			"points to its leader " + plain + " without TLS; let all masters speak TLS"},
		"a CA that this host does not know": {clientTLS(t, configFor(server), nil, none),
			"shows a certificate that none of the known CAs has signed; name its CA with alluxio.integration.mesos.tls.ca.file"},
		"another CA": {clientTLS(t, configFor(server), other, none),
			"none of the known CAs has signed"},
		"a certificate for another name": {clientTLS(t, configFor(shows(t, issued(t, ca, tomorrow, "mesos.example"))),
			ca, none), "shows a certificate for other names"},
		"a certificate that has " +
			"expired": {clientTLS(t, configFor(shows(t, issued(t, ca, time.Now().Add(-time.Hour), "127.0.0.1"))), ca, none),
			"shows a certificate that is not valid: x509: certificate has expired"},
		"none of ours where one is asked for": {clientTLS(t, configFor(strict), ca, none), "a certificate of ours"},
		"one of ours of another CA":           {clientTLS(t, configFor(strict), ca, foreign), "not accept our certificate"},
		"TLS where there is none": {clientTLS(t, configFor(plain), ca, none),
			"or speak no TLS (then remove alluxio.integration.mesos.tls.enabled)"},
		"TLS at a plain web server": {clientTLS(t, configFor(serve(t, http.NotFound)), ca, none),
			"speaks no TLS; remove alluxio.integration.mesos.tls.enabled"},
		"no TLS where it is asked for": {configFor(server),
			"closes the connection without an answer; does it speak TLS only (then set " +
				"alluxio.integration.mesos.tls.enabled=true)"},
	} {
		t.Run(name+" is said", func(t *testing.T) {
			r := run(t, c.cfg)
			if e := next[cluster.Disconnected](r, nil); !strings.Contains(e.Reason, c.says) {
				t.Errorf("got  %q\nwant %q", e.Reason, c.says)
			}
			if err := r.stop(); err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
}

// shows is a server that only shows a certificate.
func shows(t *testing.T, pair certificate.Pair) (address string) {
	return secure(t, pair, http.NotFound)
}

// points is a master that points to its leader, as one that does not lead does.
func points(t *testing.T, pair certificate.Pair, leader string) (address string) {
	return secure(t, pair, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/version" {
			_, _ = io.WriteString(w, `{"version":"1.11.0"}`)
			return
		}
		w.Header().Set("Location", leader+r.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
}

func secure(t *testing.T, pair certificate.Pair, handler http.HandlerFunc) (address string) {
	t.Helper()
	own, err := config.TLS{CertFile: pair.CertFile, KeyFile: pair.KeyFile}.Pair()
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it would tell that nobody likes it
	s.TLS = &tls.Config{Certificates: []tls.Certificate{own}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "https://")
}
