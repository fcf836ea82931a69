package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
)

// TLS names the files of one side of TLS connections, each PEM. The files are read again when they change.
type TLS struct {
	// CAFile holds the certificates that the other side's is signed by, or "": those that this host trusts.
	CAFile string
	// CertFile and KeyFile are the certificate, with those between it and its CA, and its private key; both are set, or none.
	CertFile, KeyFile string
}

// Pair reads the certificate and its key.
func (t TLS) Pair() (tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
	if err != nil {
		return pair, fmt.Errorf("read the certificate %s and its key %s: %w", t.CertFile, t.KeyFile, err)
	}
	return pair, nil
}

// CAs reads who may sign the other side's certificate; nil for those that this host trusts.
func (t TLS) CAs() (*x509.CertPool, error) {
	if t.CAFile == "" {
		return nil, nil
	}
	data, err := os.ReadFile(t.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificates of CAs: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("there is no certificate in PEM in %s", t.CAFile)
	}
	return pool, nil
}

// tlsFiles reads the properties of a side, "" for the CA of one that has none, and checks what they name.
func (l *loader) tlsFiles(caKey, certKey, keyKey string) TLS {
	t := TLS{CertFile: get[string](l, certKey), KeyFile: get[string](l, keyKey)}
	if caKey != "" {
		t.CAFile = get[string](l, caKey)
	}
	if _, err := t.CAs(); err != nil {
		l.problem(caKey, "%s; name a file with certificates in PEM", cause(err))
	}
	switch {
	case t.CertFile == "" && t.KeyFile == "":
		return t
	case t.KeyFile == "":
		l.problem(certKey, "a certificate needs its private key; set %s as well", keyKey)
		return t
	case t.CertFile == "":
		l.problem(keyKey, "a private key needs its certificate; set %s as well", certKey)
		return t
	}
	if info, err := os.Stat(t.KeyFile); err == nil && info.Mode().Perm()&0o007 != 0 {
		l.problem(keyKey, "every user of this host can open the file (mode %04o); chmod 600 it, and make a new key if somebody may have read it", info.Mode().Perm())
	}
	if _, err := os.Stat(t.CertFile); err != nil {
		l.problem(certKey, "cannot be read: %s; name a file with a certificate in PEM", withoutPath(err))
	} else if _, err := os.Stat(t.KeyFile); err != nil {
		l.problem(keyKey, "cannot be read: %s; name a file with a private key in PEM", withoutPath(err))
	} else if _, err := t.Pair(); err != nil {
		l.problem(certKey, "%s and it are no certificate with its private key (%s); both are PEM, and belong together", keyKey, cause(err))
	}
	return t
}

// cause is the innermost error that says something of its own.
func cause(err error) string {
	if inner := errors.Unwrap(err); inner != nil {
		return withoutPath(inner)
	}
	return err.Error()
}

// minToken is the length of the shortest token that nobody guesses.
const minToken = 16

// apiToken is the token that several instances share, or none.
func (l *loader) apiToken() Secret {
	path := get[string](l, KeyAPITokenFile)
	if path == "" {
		return Secret{}
	}
	token, err := ReadPrivate(path)
	if err == nil && len(token.Reveal()) < minToken {
		err = fmt.Errorf("the token in the file is shorter than %d characters; make one with: openssl rand -hex 32", minToken)
	}
	if err != nil {
		l.problem(KeyAPITokenFile, "%s", err)
		return Secret{}
	}
	return token
}

// warnOpenAPI speaks up when tokens would cross a network as they are.
func (l *loader) warnOpenAPI(s *Settings) {
	host, _, err := net.SplitHostPort(s.APIAddress)
	if err != nil || s.APITLS.CertFile != "" || IsLoopback(host) {
		return
	}
	written, _ := l.find(KeyAPIAddress)
	l.warn("%s (%s) is not on loopback and has no TLS: whoever sees the network sees the token; set %s and %s", KeyAPIAddress, written.Source, KeyAPICertFile, KeyAPIKeyFile)
}

// IsLoopback is true for an address, or localhost, that only this host reaches.
func IsLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}
