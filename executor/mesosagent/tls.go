package mesosagent

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
)

// TLS is what the environment says about TLS, in libprocess's words: an agent gives it to executors
// with --executor_environment_variables. Mesos: docs/ssl.md.
type TLS struct {
	// Enabled is true when the agent speaks TLS only.
	Enabled bool
	// Verify is whether the agent's certificate must be signed by a CA of CAFile or CADir, else by
	// one that this host trusts. Without it, as by default, the agent is taken for who it says it
	// is.
	Verify        bool
	CAFile, CADir string
	// CertFile and KeyFile are shown to an agent that asks for a certificate.
	CertFile, KeyFile string
}

func (r *reader) tls() TLS {
	return TLS{
		Enabled: r.flag("LIBPROCESS_SSL_ENABLED"),
		Verify:  r.flag("LIBPROCESS_SSL_VERIFY_SERVER_CERT") || r.flag("LIBPROCESS_SSL_VERIFY_CERT"),
		CAFile:  r.values["LIBPROCESS_SSL_CA_FILE"], CADir: r.values["LIBPROCESS_SSL_CA_DIR"],
		CertFile: r.values["LIBPROCESS_SSL_CERT_FILE"], KeyFile: r.values["LIBPROCESS_SSL_KEY_FILE"],
	}
}

// client is how to speak with the agent at endpoint.
func (t TLS) client(endpoint string, log zerolog.Logger) *tls.Config {
	// verify does it, if asked for
	c := &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: config.MesosCiphers(), InsecureSkipVerify: true}
	if t.Verify {
		c.VerifyConnection = func(s tls.ConnectionState) error { return t.verify(s.PeerCertificates, endpoint) }
	}
	if t.CertFile != "" && t.KeyFile != "" {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			pair, err := config.TLS{CertFile: t.CertFile, KeyFile: t.KeyFile}.Pair()
			if err != nil { // the agent decides whether it can do without
				log.Warn().Err(err).Msg("the Mesos agent asks for a certificate, and this executor has none that it can read")
				return new(tls.Certificate), nil
			}
			return &pair, nil
		}
	}
	return c
}

// verify checks who signed a certificate, and that it is one of this host: executors run beside their agent.
func (t TLS) verify(shown []*x509.Certificate, endpoint string) error {
	roots, err := t.roots()
	if err != nil {
		return err
	}
	options := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	for _, c := range shown[1:] {
		options.Intermediates.AddCert(c)
	}
	if _, err := shown[0].Verify(options); err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return err
	}
	if err = shown[0].VerifyHostname(host); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), subscribeWithin)
	defer cancel()
	names, _ := net.DefaultResolver.LookupAddr(ctx, host) // as libprocess does
	if own, e := os.Hostname(); e == nil {
		names = append(names, own)
	}
	for _, name := range names {
		if shown[0].VerifyHostname(strings.TrimSuffix(name, ".")) == nil {
			return nil
		}
	}
	return err
}

// roots are the CAs that may have signed the agent's certificate; nil for those that this host trusts.
func (t TLS) roots() (*x509.CertPool, error) {
	files := []string{}
	if t.CADir != "" {
		files, _ = filepath.Glob(filepath.Join(t.CADir, "*")) // the pattern is a good one
	}
	if t.CAFile != "" {
		files = append(files, t.CAFile)
	}
	if len(files) == 0 {
		return nil, nil
	}
	pool, found := x509.NewCertPool(), false
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			found = pool.AppendCertsFromPEM(data) || found
		}
	}
	if !found {
		return nil,
			fmt.Errorf("no certificate can be read in LIBPROCESS_SSL_CA_FILE=%s or LIBPROCESS_SSL_CA_DIR=%s; the task's user "+
				"must be able to read them", t.CAFile, t.CADir)
	}
	return pool, nil
}

// hungUp is true for a connection that the other side gives up at once, which is what libprocess
// does with TLS only when it is spoken to without.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}
