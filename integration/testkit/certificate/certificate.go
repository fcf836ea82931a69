// Package certificate makes certificates for tests of TLS: a CA of their own, and what it signs, as files in PEM.
package certificate

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// CA signs certificates.
type CA struct {
	// File is its own certificate.
	File string

	dir         string
	certificate *x509.Certificate
	key         *rsa.PrivateKey
	issued      int64
}

// Pair is a certificate and its private key.
type Pair struct{ CertFile, KeyFile string }

// keyBits is enough for a test, and quick to make. Mesos's default ciphers need RSA.
const keyBits = 2048

// NewCA makes a CA whose files are in dir.
func NewCA(dir string) (*CA, error) {
	ca := &CA{dir: dir, File: filepath.Join(dir, "ca.pem")}
	var err error
	if ca.key, err = rsa.GenerateKey(rand.Reader, keyBits); err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA of a test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour),
		IsCA:     true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &ca.key.PublicKey, ca.key)
	if err != nil {
		return nil, err
	}
	if ca.certificate, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	return ca, writePEM(ca.File, "CERTIFICATE", der, 0o644)
}

// Issue makes a certificate for servers and clients, for hosts, each a name or an address, that is valid for a day.
func (ca *CA) Issue(name string, hosts ...string) (Pair, error) {
	return ca.IssueUntil(name, time.Now().Add(24*time.Hour), hosts...)
}

// IssueUntil is Issue with another end of its validity, which may have been.
func (ca *CA) IssueUntil(name string, end time.Time, hosts ...string) (Pair, error) {
	ca.issued++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1 + ca.issued), Subject: pkix.Name{CommonName: name}, NotBefore: end.Add(-48 * time.Hour),
		NotAfter:    end,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return Pair{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.certificate, &key.PublicKey, ca.key)
	if err != nil {
		return Pair{}, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, err
	}
	pair := Pair{filepath.Join(ca.dir, fmt.Sprintf("%s-%d.pem", name, ca.issued)),
		filepath.Join(ca.dir, fmt.Sprintf("%s-%d.key", name, ca.issued))}
	if err := writePEM(pair.CertFile, "CERTIFICATE", der, 0o644); err != nil {
		return Pair{}, err
	}
	return pair, writePEM(pair.KeyFile, "PRIVATE KEY", pkcs8, 0o600)
}

func writePEM(path, kind string, der []byte, mode os.FileMode) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}
