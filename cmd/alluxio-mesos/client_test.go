package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/certificate"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// issue makes a CA and a certificate for hosts.
func issue(t *testing.T, hosts ...string) (*certificate.CA, certificate.Pair) {
	t.Helper()
	ca, err := certificate.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := ca.Issue("api", hosts...)
	if err != nil {
		t.Fatal(err)
	}
	return ca, pair
}

func TestTheCommandLineAsksAnAPIWithTLS(t *testing.T) {
	t.Parallel()
	ca, pair := issue(t, "127.0.0.1")
	other, err := ca.Issue("other", "framework.example")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		pair    certificate.Pair
		refused string
	}{
		"with a certificate for its address":  {pair, ""},
		"with a certificate for another name": {other, "ask it by a name that its certificate bears"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t, "alluxio.integration.mesos.api.tls.cert.file="+test.pair.CertFile,
				"alluxio.integration.mesos.api.tls.key.file="+test.pair.KeyFile)
			if out := h.start(nobody(t)); !strings.Contains(out, "API https://127.0.0.1:") {
				t.Errorf("start says %s", out)
			}
			if s, err := h.Status(h.within()); err != nil || s.Framework.Name != "alluxio" {
				t.Errorf("on this host: %+v, %v", s, err)
			}
			address := h.process().API
			_, err := h.CLI(h.within(), "status", "--api", address)
			h.fails(err, 1, "speaks TLS; write https:// in front of its address")
			_, err = h.CLI(h.within(), "status", "--api", "https://"+address)
			h.fails(err, 1, "does not answer", cmp.Or(test.refused, "name the CA of its certificate with --ca-file"))
			out, err := h.CLI(h.within(), "status", "--api", "https://"+address, "--ca-file", ca.File)
			if test.refused != "" {
				h.fails(err, 1, test.refused)
			} else if err != nil || !strings.Contains(out, "Framework  alluxio") {
				t.Errorf("with its CA: %v %s", err, out)
			}
		})
	}
}

func TestTheCommandLineTakesTheTokenToTheInstanceThatActs(t *testing.T) {
	t.Parallel()
	got := make(chan string, 10)
	leader := serveAt(t, "127.0.0.2", func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header.Get("Authorization")
		_, _ = w.Write([]byte(`{}`))
	})
	standby := serveAt(t, "127.0.0.3", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, leader+r.URL.Path, http.StatusTemporaryRedirect)
	})
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("of the file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]*cli{
		"Bearer of the file":        {apiURL: standby, tokenFile: file},
		"Bearer of the environment": {apiURL: strings.TrimPrefix(standby, "http://")},
	} {
		c.env = func(name string) string { return map[string]string{envToken: "of the environment"}[name] }
		a, err := c.findAPI()
		if err != nil {
			t.Fatal(err)
		}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if _, err := a.do(t.Context(), method, "/v1/x"); err != nil {
				t.Error(err)
			} else if authorization := <-got; authorization != want {
				t.Errorf("the leader was shown %q, want %q", authorization, want)
			}
		}
	}
}

func TestOneThatStandsByMayPointAtACertificateThatOnlyACAKnows(t *testing.T) {
	t.Parallel()
	ca, pair := issue(t, "127.0.0.2")
	_, own := issue(t, "standby.example")
	answer := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{}`)) }
	leader := serveTLS(t, "127.0.0.2", pair, answer)
	standby := serveTLS(t, "127.0.0.3", own, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, leader+r.URL.Path, http.StatusTemporaryRedirect)
	})
	process := store.Process{PID: 17, API: strings.TrimPrefix(standby, "https://"), Certificate: own.CertFile}
	for caFile, want := range map[string]string{
		ca.File: "",
		"":      "the instance that acts, at which process 17 points, does not answer",
	} {
		a, err := newAPI(process, caFile)
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.do(t.Context(), http.MethodGet, "/v1/status")
		if want == "" && err != nil || want != "" &&
			(err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--ca-file")) {
			t.Errorf("with %q: %v, want %q", caFile, err, want)
		}
	}
}

// serveTLS is serveAt with a certificate.
func serveTLS(t *testing.T, ip string, pair certificate.Pair, handler http.HandlerFunc) string {
	t.Helper()
	loaded, err := tls.LoadX509KeyPair(pair.CertFile, pair.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	server := prepare(t, ip, handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{loaded}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // one client trusts it not
	server.StartTLS()
	return server.URL
}

// serveAt serves on a loopback address of its own and returns the base URL.
func serveAt(t *testing.T, ip string, handler http.HandlerFunc) string {
	t.Helper()
	server := prepare(t, ip, handler)
	server.Start()
	return server.URL
}

func prepare(t *testing.T, ip string, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	listener, err := net.Listen("tcp", ip+":0")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	_ = server.Listener.Close()
	server.Listener = listener
	t.Cleanup(server.Close)
	return server
}

func TestARemoteAPIThatCannotBeAskedIsSaid(t *testing.T) {
	t.Parallel()
	secured := serveAt(t, "127.0.0.1", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error": "this request needs a token"}`))
	})
	var circle string
	circle = serveAt(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, circle+r.URL.Path, http.StatusTemporaryRedirect)
	})
	open := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(open, []byte("0123456789abcdef"), 0o644); err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]*cli{
		"this request needs a token; give it with --token-file or in ALLUXIO_MESOS_TOKEN": {apiURL: secured},
		"it speaks no TLS: write http:// in front of its address": {apiURL: "https" +
			strings.TrimPrefix(secured, "http")},
		"the instances of the framework point at each other":          {apiURL: circle},
		"--api is not the address of an API; write https://host:port": {apiURL: "ftp://host:1"},
		"--api is not the address of an API":                          {apiURL: "host"},
		"every user of this host can open the file (mode 0644)":       {apiURL: secured, tokenFile: open},
		"there is no such file":                                       {apiURL: secured, tokenFile: "/no/such/file"},
		"--ca-file: read the certificates of CAs":                     {apiURL: secured, caFile: "/no/such/file"},
		"there is no certificate in PEM in " + open:                   {apiURL: secured, caFile: open},
	} {
		c.env = func(string) string { return "" }
		a, err := c.findAPI()
		if err == nil {
			_, err = a.do(context.Background(), http.MethodGet, "/v1/status")
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	h := newHome(t)
	_, err := h.CLI(h.within(), "stop", "--api", "host:1")
	h.fails(err, 2, "--api cannot stop a framework: its process is on another host")
}
