package mesosagent

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/certificate"
)

// secureAgent answers SUBSCRIBE with 503 over TLS; unless ca is nil it asks for a certificate of that CA.
func secureAgent(t *testing.T, pair certificate.Pair, ca *certificate.CA) (endpoint string) {
	t.Helper()
	own, err := config.TLS{CertFile: pair.CertFile, KeyFile: pair.KeyFile}.Pair()
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it would tell of refused certificates
	s.TLS = &tls.Config{Certificates: []tls.Certificate{own}}
	if ca != nil {
		data, err := os.ReadFile(ca.File)
		if err != nil {
			t.Fatal(err)
		}
		s.TLS.ClientAuth, s.TLS.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		s.TLS.ClientCAs.AppendCertsFromPEM(data)
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "https://")
}

func TestTheAgentsEnvironmentSaysHowToSpeakTLSWithIt(t *testing.T) {
	t.Parallel()
	ca, err := certificate.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	other, err := certificate.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	issue := func(ca *certificate.CA, hosts ...string) certificate.Pair {
		pair, err := ca.Issue("agent", hosts...)
		if err != nil {
			t.Fatal(err)
		}
		return pair
	}
	hostname, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	data, err := os.ReadFile(ca.File)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "0a1b2c3d.0"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	plain, own := secureAgent(t, issue(ca, "127.0.0.1"), nil), issue(ca, "executor")
	strict, named, stranger := secureAgent(t, issue(ca, "127.0.0.1"), ca), secureAgent(t, issue(ca, hostname), nil),
		secureAgent(t, issue(ca, "stranger.example"), nil)
	verify := []string{"LIBPROCESS_SSL_VERIFY_SERVER_CERT=1", "LIBPROCESS_SSL_CA_FILE=" + ca.File}
	for name, test := range map[string]struct {
		endpoint string
		environ  []string
		fails    string
	}{
		"by default nothing is verified": {stranger, nil, ""},
		"a certificate for the address":  {plain, verify, ""},
		"the old name of the variable": {plain,
			[]string{"LIBPROCESS_SSL_VERIFY_CERT=true", "LIBPROCESS_SSL_CA_FILE=" + ca.File}, ""},
		"a folder of CAs":                   {plain, []string{verify[0], "LIBPROCESS_SSL_CA_DIR=" + folder}, ""},
		"a certificate for the host's name": {named, verify, ""},
		"a certificate for another host":    {stranger, verify, "certificate"},
		"another CA": {plain, []string{verify[0], "LIBPROCESS_SSL_CA_FILE=" + other.File},
			"unknown authority"},
		"a CA that cannot be read": {plain, []string{verify[0], "LIBPROCESS_SSL_CA_FILE=/no/such/file"},
			"no certificate can be read in LIBPROCESS_SSL_CA_FILE=/no/such/file"},
		"a certificate that the agent asks for": {strict,
			[]string{"LIBPROCESS_SSL_CERT_FILE=" + own.CertFile, "LIBPROCESS_SSL_KEY_FILE=" + own.KeyFile}, ""},
		"none where the agent asks for one": {strict, nil, "remote error: tls"},
		"one that cannot be read is none": {strict,
			[]string{"LIBPROCESS_SSL_CERT_FILE=/no/such.pem", "LIBPROCESS_SSL_KEY_FILE=/no/such.key"}, "remote error: tls"},
		"one that nobody asks for need not be so": {plain,
			[]string{"LIBPROCESS_SSL_CERT_FILE=/no/such.pem", "LIBPROCESS_SSL_KEY_FILE=/no/such.key"}, ""},
	} {
		c, err := FromEnviron(
			append([]string{"MESOS_AGENT_ENDPOINT=" + test.endpoint, "MESOS_FRAMEWORK_ID=f", "MESOS_EXECUTOR_ID=e",
				"MESOS_SANDBOX=/s",
				"LIBPROCESS_SSL_ENABLED=1"}, test.environ...))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		client := New(c, zerolog.Nop())
		resp, err := client.post(t.Context(), client.subscribeCall())
		if err == nil {
			resp.Body.Close()
		}
		client.http.CloseIdleConnections()
		if (err != nil) != (test.fails != "") || err != nil && !strings.Contains(err.Error(), test.fails) {
			t.Errorf("%s: %v, want %q", name, err, test.fails)
		}
	}
}
