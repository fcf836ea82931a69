package realmesos

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"time"
)

// TLS makes a server speak nothing but TLS, with a certificate for its address that CAFile has
// signed. The files are PEM. Mesos: docs/ssl.md.
type TLS struct {
	CAFile, CertFile, KeyFile string
	// Clients is whether everybody who connects has to show a certificate that CAFile has signed;
	// other Mesos servers show theirs.
	Clients bool
}

// Environment is what libprocess reads of it. An agent does not pass it on: see its --executor_environment_variables.
func (t *TLS) Environment() []string {
	if t == nil {
		return nil
	}
	env := []string{
		"LIBPROCESS_SSL_ENABLED=1", "LIBPROCESS_SSL_CA_FILE=" + t.CAFile, "LIBPROCESS_SSL_CERT_FILE=" + t.CertFile,
		"LIBPROCESS_SSL_KEY_FILE=" + t.KeyFile,
		"LIBPROCESS_SSL_VERIFY_SERVER_CERT=1", "LIBPROCESS_SSL_VERIFY_IPADD=1",
	}
	if t.Clients {
		env = append(env, "LIBPROCESS_SSL_REQUIRE_CLIENT_CERT=1")
	}
	return env
}

// client asks a server: without the proxies of the environment and without connections that outlive a query.
func (t *TLS) client() (scheme string, c *http.Client, err error) {
	transport := &http.Transport{Proxy: nil, DisableKeepAlives: true}
	c = &http.Client{Transport: transport, Timeout: 10 * time.Second}
	if t == nil {
		return "http", c, nil
	}
	pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
	if err != nil {
		return "", nil, err
	}
	ca, err := os.ReadFile(t.CAFile)
	if err != nil {
		return "", nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return "", nil, fmt.Errorf("no certificate in %s", t.CAFile)
	}
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}
	return "https", c, nil
}
