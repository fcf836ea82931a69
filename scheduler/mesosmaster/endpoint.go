package mesosmaster

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// protobuf is the media type of requests and events. Mesos: scheduler-http-api.md.
const protobuf = "application/x-protobuf"

// endpoint is one Mesos master by its address. It is never pointed elsewhere: a leader at another
// address is another endpoint, with connections and a Host header of its own.
type endpoint struct {
	address           string // host:port
	principal         string
	secret            config.Secret
	timeout           time.Duration
	tls               *tls.Config   // nil for plain HTTP
	local             *atomic.Value // net.IP, the last local address of a connection
	version, streamID string
}

// transport makes the connections of one purpose. The caller closes its idle ones.
func (e *endpoint) transport() *http.Transport {
	dialer := &net.Dialer{Timeout: min(e.timeout, 10*time.Second), KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy: nil, // never the environment's
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err == nil {
				if a, ok := conn.LocalAddr().(*net.TCPAddr); ok {
					e.local.Store(a.IP)
				}
			}
			return conn, err
		},
		TLSClientConfig:       e.tls.Clone(),
		TLSHandshakeTimeout:   min(e.timeout, 10*time.Second),
		DisableCompression:    true,
		ResponseHeaderTimeout: e.timeout,
		ReadBufferSize:        4 << 10,
		WriteBufferSize:       4 << 10,
	}
}

func (e *endpoint) scheme() string {
	if e.tls != nil {
		return "https"
	}
	return "http"
}

// request is a POST of a call.
func (e *endpoint) request(ctx context.Context, body []byte) *http.Request {
	r := &http.Request{
		Method:        http.MethodPost,
		URL:           &url.URL{Scheme: e.scheme(), Host: e.address, Path: "/api/v1/scheduler"},
		Host:          e.address,
		Header:        http.Header{"Content-Type": {protobuf}, "Accept": {protobuf}, "User-Agent": {"alluxio-mesos"}},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
	}
	if e.streamID != "" {
		r.Header["Mesos-Stream-Id"] = []string{e.streamID}
	}
	if e.secret.IsSet() {
		r.SetBasicAuth(e.principal, e.secret.Reveal())
	}
	return r.WithContext(ctx)
}

// checkVersion makes sure that this is Mesos, and new enough, before any credentials are sent.
// Mesos answers it beside its real work, however much it has of that: endpoints/version.md.
func (e *endpoint) checkVersion(ctx context.Context, t *http.Transport, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r := &http.Request{
		Method: http.MethodGet, URL: &url.URL{Scheme: e.scheme(), Host: e.address, Path: "/version"}, Host: e.address,
		Header: http.Header{"Accept": {"application/json"}, "User-Agent": {"alluxio-mesos"}},
	}
	body := []byte{}
	resp, err := t.RoundTrip(r.WithContext(ctx))
	if err == nil {
		defer resp.Body.Close()
		body, err = io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return fmt.Errorf("%s %w within %s", e.address, errNoWord, patience)
	case err != nil:
		return e.unreachable(err)
	}
	var answer struct {
		Version string `json:"version"`
	}
	if resp.StatusCode != http.StatusOK || json.Unmarshal(body, &answer) != nil || answer.Version == "" {
		hint := ""
		if resp.StatusCode == http.StatusBadRequest { // what servers with TLS say to plain HTTP, e.g. Go's and nginx
			hint = "; is it a TLS port? Then set " + config.KeyTLS + "=true"
		}
		return fmt.Errorf("%s is not a Mesos master: it answers GET /version with %d%s%s", e.address, resp.StatusCode,
			kindOf(resp), hint)
	}
	major, minor, ok := releaseOf(answer.Version)
	if !ok {
		return fmt.Errorf("%s is not a Mesos master: its version is%s", e.address,
			strings.TrimPrefix(quoted(answer.Version), ":"))
	}
	if !supported(major, minor) {
		return tooOld(e.address, answer.Version)
	}
	e.version = answer.Version
	return nil
}

// kindOf names what came instead of an answer.
func kindOf(resp *http.Response) string {
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	switch kind {
	case "":
		return ""
	case "text/html":
		return " and a web page"
	}
	return " and " + strings.TrimPrefix(quoted(kind), ": ")
}
