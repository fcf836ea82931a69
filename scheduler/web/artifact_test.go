package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rs/zerolog"
)

// startArtifact serves a small file and returns its URI.
func startArtifact(t *testing.T, content, address, master string) (*Artifact, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "binary")
	if err := os.WriteFile(file, []byte(content), 0o700); err != nil {
		t.Fatal(err)
	}
	a, err := ListenArtifact(t.Context(), file, address, master, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	serveUntilEnd(t, a.Serve)
	return a, a.URI()
}

func TestTheArtifactIsServedUnderItsDigestAndNothingElseIs(t *testing.T) {
	t.Parallel()
	a, uri := startArtifact(t, "the binary", "127.0.0.1:0", "")
	sum := sha256.Sum256([]byte("the binary"))
	digest := hex.EncodeToString(sum[:])
	if a.SHA256() != digest || !strings.HasSuffix(uri, "/"+digest+"/alluxio-mesos") {
		t.Fatalf("URI is %s, digest %s", uri, a.SHA256())
	}
	resp, body := do(t, "GET", uri)
	if resp.StatusCode != http.StatusOK || body != "the binary" || resp.Header.Get("ETag") != `"`+digest+`"` {
		t.Errorf("GET: %s %q %v", resp.Status, body, resp.Header)
	}
	resp, body = do(t, "HEAD", uri)
	if resp.StatusCode != http.StatusOK || body != "" || resp.ContentLength != 10 {
		t.Errorf("HEAD: %s %q, %d bytes", resp.Status, body, resp.ContentLength)
	}
	resp, body = do(t, "GET", uri, "Range", "bytes=4-")
	if resp.StatusCode != http.StatusPartialContent || body != "binary" {
		t.Errorf("a range: %s %q", resp.Status, body)
	}
	if resp, _ = do(t, "GET", uri, "If-None-Match", `"`+digest+`"`); resp.StatusCode != http.StatusNotModified {
		t.Errorf("with its ETag: %s", resp.Status)
	}
	base, _, _ := strings.Cut(uri, "/"+digest)
	for _, path := range []string{"/", "/" + digest, "/" + digest + "/", "/" + digest + "/other", "/x/alluxio-mesos",
		"/v1/status", "/../../etc/passwd", uri[len(base):] + "/.."} {
		if resp, body := do(t, "GET", base+path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s %q", path, resp.Status, body)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		if resp, _ := do(t, method, uri); resp.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: %s", method, resp.Status)
		}
	}
}

func TestTheArtifactIsOnTheAddressThatReachesMesos(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ address, master, want string }{
		"the way to a Mesos master":                       {":0", "127.0.0.1:5050", "127.0.0.1"},
		"the first master that has an address counts":     {":0", "without a port,127.0.0.1:5050", "127.0.0.1"},
		"a configured host wins":                          {"127.0.0.9:0", "127.0.0.1:5050", "127.0.0.9"},
		"a host that is not ours is what agents are told": {"192.0.2.1:0", "127.0.0.1:5050", "192.0.2.1"},
	} {
		a, uri := startArtifact(t, "x", tt.address, tt.master)
		u, err := url.Parse(uri)
		if err != nil || u.Hostname() != tt.want {
			t.Errorf("%s: URI is %s, want host %s", name, uri, tt.want)
		}
		if tt.want != "192.0.2.1" {
			continue
		}
		_, port, _ := net.SplitHostPort(a.listener.Addr().String())
		if resp, body := do(t, "GET", "http://127.0.0.1:"+port+u.Path); resp.StatusCode != http.StatusOK || body != "x" {
			t.Errorf("%s: %s %q", name, resp.Status, body)
		}
	}
}

func TestWithoutAResolvableMasterTheHostNameIsUsed(t *testing.T) {
	t.Parallel()
	want, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	got, err := addressTowards(t.Context(), "without a port")
	if err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestTheArtifactsProblemsAreErrors(t *testing.T) {
	t.Parallel()
	a, _ := startArtifact(t, "x", "127.0.0.1:0", "")
	if _, err := ListenArtifact(t.Context(), Self, a.listener.Addr().String(), "", zerolog.Nop()); err == nil ||
		!strings.Contains(err.Error(), syscall.EADDRINUSE.Error()) {
		t.Errorf("a port that is taken: %v", err)
	}
	if _, err := ListenArtifact(t.Context(), "/no/such/file", "127.0.0.1:0", "", zerolog.Nop()); err == nil ||
		!strings.Contains(err.Error(), "/no/such/file") {
		t.Errorf("no file: %v", err)
	}
}

func TestOurOwnExecutableCanBeServed(t *testing.T) {
	t.Parallel()
	a, err := ListenArtifact(context.Background(), Self, "127.0.0.1:0", "", zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	serveUntilEnd(t, a.Serve)
	resp, body := do(t, "GET", a.URI())
	sum := sha256.Sum256([]byte(body))
	if resp.StatusCode != http.StatusOK || hex.EncodeToString(sum[:]) != a.SHA256() {
		t.Errorf("%s, %d bytes do not have the digest", resp.Status, len(body))
	}
}
