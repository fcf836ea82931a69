package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/certificate"
)

// pairs are two certificates of a CA.
func pairs(t *testing.T) (ca string, one, two certificate.Pair) {
	t.Helper()
	authority, err := certificate.NewCA(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if one, err = authority.Issue("one", "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	if two, err = authority.Issue("two", "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	return authority.File, one, two
}

func TestTheAPIHasACertificateAndAToken(t *testing.T) {
	t.Parallel()
	_, pair, _ := pairs(t)
	s := load(t,
		conf(t, enough+KeyAPIAddress+"=0.0.0.0:9000\n"+KeyAPICertFile+"="+pair.CertFile+"\n"+KeyAPIKeyFile+"="+pair.KeyFile+
			"\n"+KeyAPITokenFile+"="+private(t, "0123456789abcdef\n", 0o600)))
	if s.APITLS != (TLS{Enabled: true, CertFile: pair.CertFile, KeyFile: pair.KeyFile}) ||
		s.APIToken.Reveal() != "0123456789abcdef" || len(s.Warnings) > 0 {
		t.Errorf("%+v, warnings %q", s.APITLS, s.Warnings)
	}
	for address, warned := range map[string]bool{"0.0.0.0:1": true, ":1": true, "10.0.0.1:1": true, "a.example:1": true,
		"127.0.0.2:1": false, "[::1]:1": false, "localhost:1": false} {
		s := load(t, conf(t, enough+KeyAPIAddress+"="+address))
		if got := strings.Join(s.Warnings, "\n"); strings.Contains(got,
			"is not on loopback and has no TLS: whoever sees the network sees the token") != warned {
			t.Errorf("%s: %q", address, got)
		}
	}
}

func TestFilesOfTLSThatCannotServeAreProblems(t *testing.T) {
	t.Parallel()
	_, one, two := pairs(t)
	open := filepath.Join(filepath.Dir(two.KeyFile), "open.key")
	data, err := os.ReadFile(two.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	write(t, open, string(data))
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ cert, key, want string }{
		"no key":         {one.CertFile, "", "a certificate needs its private key; set " + KeyAPIKeyFile},
		"no certificate": {"", one.KeyFile, "a private key needs its certificate; set " + KeyAPICertFile},
		"no certificate file": {"/no/such.pem", one.KeyFile,
			"cannot be read: no such file or directory; name a file with a certificate in PEM"},
		"no key file":           {one.CertFile, "/no/such.key", "name a file with a private key in PEM"},
		"the key of another":    {one.CertFile, two.KeyFile, "private key does not match public key"},
		"the two the wrong way": {one.KeyFile, one.CertFile, "are no certificate with its private key"},
		"a key for everyone": {two.CertFile, open,
			"every user of this host can open the file (mode 0644); chmod 600 it, and make a new key"},
		"something that is no file": {t.TempDir(), one.KeyFile, "are no certificate with its private key"},
	} {
		got := strings.Join(problemsOf(t, conf(t, enough+KeyAPICertFile+"="+test.cert+"\n"+KeyAPIKeyFile+"="+test.key)), "\n")
		if !strings.Contains(got, test.want) {
			t.Errorf("%s\ngot  %q\nwant %q", name, got, test.want)
		}
	}
	for name, test := range map[string]struct{ file, want string }{
		"a short token": {private(t, "0123456789abcde", 0o600),
			"shorter than 16 characters; make one with: openssl rand -hex 32"},
		"an open token": {private(t, "0123456789abcdef", 0o644), "chmod 600"},
		"no token":      {"/no/such/file", "there is no such file"},
	} {
		if got := strings.Join(problemsOf(t, conf(t, enough+KeyAPITokenFile+"="+test.file)), "\n"); !strings.Contains(got,
			test.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestMesosIsSpokenToWithTLS(t *testing.T) {
	t.Parallel()
	ca, pair, _ := pairs(t)
	files := KeyTLSCAFile + "=" + ca + "\n" + KeyTLSCertFile + "=" + pair.CertFile + "\n" + KeyTLSKeyFile + "=" +
		pair.KeyFile
	for site, want := range map[string]TLS{
		"":                         {},
		KeyTLS + "=true":           {Enabled: true},
		KeyTLS + "=true\n" + files: {Enabled: true, CAFile: ca, CertFile: pair.CertFile, KeyFile: pair.KeyFile},
	} {
		if s := load(t, conf(t, enough+site)); s.MesosTLS != want || len(s.Warnings) > 0 {
			t.Errorf("%s\n%+v, warnings %q", site, s.MesosTLS, s.Warnings)
		}
	}
	for site, want := range map[string]string{
		files: "has no effect while Mesos is spoken to without TLS; set alluxio.integration.mesos.tls.enabled=true, or " +
			"remove the line",
		KeyTLS + "=true\n" + KeyTLSCAFile +
			"=/no/such/file": "no such file or directory; name a file with certificates in PEM",
		KeyTLS + "=true\n" + KeyTLSCAFile + "=" + pair.KeyFile: "there is no certificate in PEM in " + pair.KeyFile,
		KeyTLS + "=true\n" + KeyTLSCertFile + "=" + pair.CertFile: "a certificate needs its private key; set " +
			KeyTLSKeyFile,
		KeyTLS + "=yes": "write true or false",
	} {
		if got := strings.Join(problemsOf(t, conf(t, enough+site)), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s\ngot  %q\nwant %q", site, got, want)
		}
	}
}

func TestInstancesWithTokensOfTheirOwnDrawAWarning(t *testing.T) {
	t.Parallel()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for site, want := range map[string]bool{
		KeyState + "=zk://zk:2181/a":                                   true,
		KeyState + "=zk://zk:2181/a\n" + KeyAPITokenFile + "=" + token: false,
		KeyState + "=zk://u:hunter2@zk:2181/a":                         false,
		KeyAPITokenFile + "=" + token:                                  false,
	} {
		got := strings.Join(load(t, conf(t, enough+site)).Warnings, "\n")
		if strings.Contains(got, "each instance of the framework has a token of its own") != want {
			t.Errorf("%s: warnings %q", site, got)
		}
	}
}
