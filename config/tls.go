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
	// Enabled is false for plain connections; nothing else is set then.
	Enabled bool
	// CAFile holds the certificates that the other side's is signed by, or "": those that this host trusts.
	CAFile string
	// CertFile and KeyFile are the certificate, with those between it and its CA, and its private
	// key; both are set, or none.
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

// MesosCiphers are Go's and, last, what a Mesos of default settings has in common with us in TLS
// 1.2: these two only, without forward secrecy. Mesos: docs/ssl.md, LIBPROCESS_SSL_CIPHERS.
func MesosCiphers() []uint16 {
	var ids []uint16
	for _, suite := range tls.CipherSuites() {
		ids = append(ids, suite.ID)
	}
	return append(ids, tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA)
}

// tlsFiles reads the properties of a side, "" for the CA of one that has none, and checks what they name.
func (l *loader) tlsFiles(caKey, certKey, keyKey string) TLS {
	t := TLS{CertFile: get[string](l, certKey), KeyFile: get[string](l, keyKey)}
	t.Enabled = t.CertFile != "" // for a server; a client says so itself
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
		l.problem(keyKey,
			"every user of this host can open the file (mode %04o); chmod 600 it, and make a new key if somebody may have "+
				"read it", info.Mode().Perm())
	}
	if _, err := os.Stat(t.CertFile); err != nil {
		l.problem(certKey, "cannot be read: %s; name a file with a certificate in PEM", withoutPath(err))
	} else if _, err := os.Stat(t.KeyFile); err != nil {
		l.problem(keyKey, "cannot be read: %s; name a file with a private key in PEM", withoutPath(err))
	} else if _, err := t.Pair(); err != nil {
		l.problem(certKey, "%s and it are no certificate with its private key (%s); both are PEM, and belong together",
			keyKey, cause(err))
	}
	return t
}

// mesosTLS is how to speak with Mesos.
func (l *loader) mesosTLS() TLS {
	t := l.tlsFiles(KeyTLSCAFile, KeyTLSCertFile, KeyTLSKeyFile)
	t.Enabled = get[bool](l, KeyTLS)
	if t.Enabled {
		return t
	}
	for _, key := range []string{KeyTLSCAFile, KeyTLSCertFile, KeyTLSKeyFile} {
		if get[string](l, key) != "" {
			l.problem(key, "has no effect while Mesos is spoken to without TLS; set %s=true, or remove the line", KeyTLS)
		}
	}
	return TLS{}
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
	if err != nil || s.APITLS.Enabled || IsLoopback(host) {
		return
	}
	written, _ := l.find(KeyAPIAddress)
	l.warn("%s (%s) is not on loopback and has no TLS: whoever sees the network sees the token; set %s and %s",
		KeyAPIAddress, written.Source, KeyAPICertFile, KeyAPIKeyFile)
}

// warnOwnTokens speaks up when instances of one framework do not take each other's token.
func (l *loader) warnOwnTokens(s *Settings) {
	if !s.StateZooKeeper.IsSet() || s.StateZooKeeper.Password.IsSet() || s.APIToken.IsSet() {
		return
	}
	written, _ := l.find(KeyState)
	l.warn("%s (%s) has no password: whoever reaches ZooKeeper can change the state, and each instance of the framework "+
		"has a token of its own, so that changes are taken only on the host of the one that acts; write user:password@ "+
		"into it, or set %s", KeyState, written.Source, KeyAPITokenFile)
}

// IsLoopback is true for an address, or localhost, that only this host reaches.
func IsLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}
