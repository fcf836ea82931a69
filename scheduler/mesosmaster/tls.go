package mesosmaster

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// ClientTLS is how to speak TLS with Mesos: nil for not at all. A certificate of ours is read for
// each connection, so that a renewed one counts. Its errors are about files.
func ClientTLS(files config.TLS) (*tls.Config, error) {
	if !files.Enabled {
		return nil, nil
	}
	roots, err := files.CAs()
	if err != nil {
		return nil, err
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, CipherSuites: config.MesosCiphers()}
	if files.CertFile != "" {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			pair, err := files.Pair()
			return &pair, err
		}
	}
	return c, nil
}

// unreachable names why a host gave no answer.
func (e *endpoint) unreachable(err error) error {
	if e.tls != nil {
		if problem, hint := e.refusedTLS(err); problem != "" {
			return fmt.Errorf("%s %s; %s", e.address, problem, hint)
		}
	}
	var cut *net.OpError
	hung := errors.Is(err, io.EOF) || strings.Contains(err.Error(), "server closed idle connection") ||
		errors.As(err, &cut) && cut.Op != "dial"
	switch {
	case hung && e.tls != nil: // an alert that came before may be lost
		doubt := "want a certificate of ours"
		if e.tls.GetClientCertificate != nil {
			doubt = "not accept our certificate"
		}
		return fmt.Errorf("%s closes the connection without an answer; does it %s (%s), or speak no TLS (then remove %s), "+
			"or is it something else than Mesos", e.address, doubt, config.KeyTLSCertFile, config.KeyTLS)
	case strings.Contains(err.Error(), "malformed HTTP response"):
		return fmt.Errorf("%s does not speak HTTP; is it a TLS port (then set %s=true), or a port of something else",
			e.address, config.KeyTLS)
	case hung:
		return fmt.Errorf("%s closes the connection without an answer; does it speak TLS only (then set %s=true), or is it "+
			"something else than Mesos", e.address, config.KeyTLS)
	}
	// without the address again, and without the names of the system's calls
	var call *os.SyscallError
	if errors.As(err, &cut) && cut.Op == "dial" {
		err = cut.Err
	}
	if errors.As(err, &call) {
		err = call.Err
	}
	return fmt.Errorf("%s does not answer: %w", e.address, err)
}

// refusedTLS says in words why there is no TLS with a host, and what would help; nothing when
// that is not the reason.
func (e *endpoint) refusedTLS(err error) (problem, hint string) {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var noTLS tls.RecordHeaderError
	var alert *net.OpError
	switch {
	case errors.As(err, &unknown):
		return "shows a certificate that none of the known CAs has signed", "name its CA with " + config.KeyTLSCAFile
	case errors.As(err, &name):
		return "shows a certificate for other names: " + name.Error(),
			"write one of its names into MESOS_MASTER, or have it made for this one, too"
	case errors.As(err, &invalid):
		return "shows a certificate that is not valid: " + invalid.Error(), "have it renewed, and look at the clocks"
	case errors.As(err, &noTLS), errors.Is(err, http.ErrSchemeMismatch):
		return "speaks no TLS", "remove " + config.KeyTLS + ", or give the address of a Mesos master with TLS"
	case errors.As(err, &alert) && alert.Op == "remote error":
		said := quoted(alert.Err.Error())
		if strings.Contains(said, "handshake failure") || strings.Contains(said, "protocol version") {
			return "agrees on no version or cipher of TLS" + said,
				"let it use TLS 1.2 or 1.3 (Mesos: LIBPROCESS_SSL_ENABLE_TLS_V1_2, LIBPROCESS_SSL_CIPHERS)"
		}
		if e.tls.GetClientCertificate == nil {
			return "wants a certificate of ours" + said, "set " + config.KeyTLSCertFile + " and " + config.KeyTLSKeyFile
		}
		return "does not accept our certificate" + said, "have it signed by a CA that Mesos knows (" + config.KeyTLSCertFile +
			")"
	}
	return "", ""
}
