package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"
)

// ArtifactName is the file name under which agents store the executor.
const ArtifactName = "alluxio-mesos"

// Self is this process's own executable: the kernel keeps it readable under this name also when an
// upgrade has replaced the file.
const Self = "/proc/self/exe"

// Artifact serves one file, read-only, at /<sha256>/alluxio-mesos and nothing else. The digest in
// its path lets agents cache it for ever.
type Artifact struct {
	file, digest string
	listener     net.Listener
	host         string
	log          zerolog.Logger
}

// ListenArtifact opens the endpoint for file, usually Self. address is host:port; an empty host
// means this machine's address on the way to mesosMaster (host:port, or a comma list), port 0 any
// free one. A host that is not an address of this machine, as behind a port forwarding, is what
// agents are told, and the endpoint listens on every address. Errors: file cannot be read, the port
// is taken.
func ListenArtifact(ctx context.Context, file, address, mesosMaster string, log zerolog.Logger) (*Artifact, error) {
	digest, err := digestFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the executor: %w", err)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("artifact endpoint: %w", err)
	}
	bind := host
	if host == "" {
		if host, err = addressTowards(ctx, mesosMaster); err != nil {
			return nil, fmt.Errorf("artifact endpoint: %w", err)
		}
		bind = host
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(bind, port))
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		listener, err = config.Listen(ctx, "tcp", net.JoinHostPort("", port))
	}
	if err != nil {
		return nil, fmt.Errorf("artifact endpoint: %w", err)
	}
	return &Artifact{file: file, digest: digest, listener: listener, host: host, log: log}, nil
}

// URI is where agents fetch the executor: http://host:port/<sha256>/alluxio-mesos.
func (a *Artifact) URI() string {
	_, port, err := net.SplitHostPort(a.listener.Addr().String())
	if err != nil {
		return "" // unreachable: a TCP address
	}
	return "http://" + net.JoinHostPort(a.host, port) + a.path()
}

// SHA256 is the digest of the file, 64 hex digits.
func (a *Artifact) SHA256() string { return a.digest }

func (a *Artifact) path() string { return "/" + a.digest + "/" + ArtifactName }

// Serve answers until ctx ends; see API.Serve. A transfer that is cut is begun again by the agent's next launch.
func (a *Artifact) Serve(ctx context.Context) error {
	return serve(ctx, a.listener, &http.Server{
		Handler:           http.HandlerFunc(a.serve),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Minute, // a slow line and many agents at once
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    headerLimit,
	}, a.log)
}

// Close gives up the listener when Serve was never called.
func (a *Artifact) Close() error { return a.listener.Close() }

func (a *Artifact) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	switch {
	case r.URL.Path != a.path():
		http.Error(w, "not found", http.StatusNotFound)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	// Opened for each request: ServeContent then lets the kernel copy it (sendfile).
	f, err := os.Open(a.file)
	if err != nil {
		a.log.Error().Err(err).Msg("the executor cannot be read")
		http.Error(w, "the executor cannot be read", http.StatusInternalServerError)
		return
	}
	defer f.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("ETag", `"`+a.digest+`"`)
	http.ServeContent(w, r, "", time.Time{}, f)
}

func digestFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// addressTowards is this machine's address on the way to the first of masters that can be resolved.
// Nothing is sent: connecting a UDP socket only asks the kernel for the route. When none can be
// resolved, it is the host name: the framework starts all the same and says that it cannot reach
// Mesos.
func addressTowards(ctx context.Context, masters string) (string, error) {
	dialer := net.Dialer{Timeout: 5 * time.Second}
	for master := range strings.SplitSeq(masters, ",") {
		conn, err := dialer.DialContext(ctx, "udp", strings.TrimSpace(master))
		if err != nil {
			continue
		}
		host, _, err := net.SplitHostPort(conn.LocalAddr().String())
		_ = conn.Close()
		if err == nil {
			return host, nil
		}
	}
	return os.Hostname()
}
