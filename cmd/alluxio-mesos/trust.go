package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
)

// trust is the client's side of TLS: it trusts exactly its own certificate, whatever names that
// bears, and those for the host's name that a CA has signed. The first is for the framework on this
// host, whose files say which certificate it has: it is asked for by an address.
type trust struct {
	own   *x509.Certificate
	roots *x509.CertPool
}

// newTrust reads the files of a certificate and of CAs; "" for none and for the CAs that this host trusts.
func newTrust(certificate, caFile string) (trust, error) {
	roots, err := config.TLS{CAFile: caFile}.CAs()
	if err != nil {
		return trust{}, &exitError{exitConfiguration, "--ca-file: " + err.Error()}
	}
	return trust{firstCertificate(certificate), roots}, nil
}

// dial opens a connection with TLS to host:port.
func (t trust) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	dialer := tls.Dialer{Config: &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: host,
		InsecureSkipVerify: true, // verify does it
		VerifyConnection:   func(s tls.ConnectionState) error { return t.verify(s.PeerCertificates, host) },
	}}
	return dialer.DialContext(ctx, network, address)
}

func (t trust) verify(shown []*x509.Certificate, host string) error {
	if t.own != nil && shown[0].Equal(t.own) {
		return nil
	}
	options := x509.VerifyOptions{Roots: t.roots, DNSName: host, Intermediates: x509.NewCertPool()}
	for _, c := range shown[1:] {
		options.Intermediates.AddCert(c)
	}
	_, err := shown[0].Verify(options)
	return err
}

// firstCertificate reads a file with certificates; nil when there is none to be read.
func firstCertificate(path string) *x509.Certificate {
	if path == "" {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			certificate, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil
			}
			return certificate
		}
	}
	return nil
}

// silent says why there is no answer.
func (a *api) silent(err error) error {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var at *url.Error
	who, hint := a.name, ""
	if errors.As(err, &at) && !strings.HasPrefix(at.URL, a.base+"/") {
		who = "the instance that acts, at which " + a.name + " points,"
	}
	switch {
	case errors.As(err, &unknown):
		hint = "; name the CA of its certificate with --ca-file"
	case errors.As(err, &name):
		hint = "; ask it by a name that its certificate bears"
	case errors.Is(err, http.ErrSchemeMismatch):
		hint = "; it speaks no TLS: write http:// in front of its address"
	}
	return fmt.Errorf("%s does not answer: %w%s", who, bare(err), hint)
}

// bare is what went wrong, without the request and the steps of Go's client that it went wrong in.
func bare(err error) error {
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err
	}
	var dialed *net.OpError
	if errors.As(err, &dialed) && dialed.Op == "dial" {
		err = dialed.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return err
}
