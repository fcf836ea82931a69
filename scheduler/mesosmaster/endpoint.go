package mesosmaster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// protobuf is the media type of requests and events. Mesos: scheduler-http-api.md.
const protobuf = "application/x-protobuf"

// endpoint is one Mesos master by its address. It is never pointed elsewhere: a leader at another address is another endpoint, with
// connections and a Host header of its own (T1, T6).
type endpoint struct {
	address           string // host:port
	principal         string
	secret            config.Secret
	timeout           time.Duration
	local             *atomic.Value // net.IP, the last local address of a connection
	version, streamID string
}

// transport makes the connections of one purpose. The caller closes its idle ones.
func (e *endpoint) transport() *http.Transport {
	dialer := &net.Dialer{Timeout: min(e.timeout, 10*time.Second), KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy: nil, // never the environment's (T17)
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err == nil {
				if a, ok := conn.LocalAddr().(*net.TCPAddr); ok {
					e.local.Store(a.IP)
				}
			}
			return conn, err
		},
		DisableCompression:    true,
		ResponseHeaderTimeout: e.timeout,
		ReadBufferSize:        4 << 10,
		WriteBufferSize:       4 << 10,
	}
}

// request is a POST of a call.
func (e *endpoint) request(ctx context.Context, body []byte) *http.Request {
	r := &http.Request{
		Method:        http.MethodPost,
		URL:           &url.URL{Scheme: "http", Host: e.address, Path: "/api/v1/scheduler"},
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

// checkVersion makes sure that this is Mesos, and new enough, before any credentials are sent. Mesos: endpoints/version.md.
func (e *endpoint) checkVersion(ctx context.Context, t *http.Transport) error {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	r := &http.Request{
		Method: http.MethodGet, URL: &url.URL{Scheme: "http", Host: e.address, Path: "/version"}, Host: e.address,
		Header: http.Header{"Accept": {"application/json"}, "User-Agent": {"alluxio-mesos"}},
	}
	resp, err := t.RoundTrip(r.WithContext(ctx))
	if err != nil {
		return unreachable(e.address, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return unreachable(e.address, err)
	}
	var answer struct {
		Version string `json:"version"`
	}
	if resp.StatusCode != http.StatusOK || json.Unmarshal(body, &answer) != nil || answer.Version == "" {
		hint := ""
		if resp.StatusCode == http.StatusBadRequest { // what servers with TLS say to plain HTTP, e.g. Go's and nginx
			hint = "; is it a TLS port"
		}
		return fmt.Errorf("%s is not a Mesos master: it answers GET /version with %d%s%s", e.address, resp.StatusCode, kindOf(resp), hint)
	}
	major, _, _ := strings.Cut(answer.Version, ".")
	n, err := strconv.Atoi(major)
	if err != nil {
		return fmt.Errorf("%s is not a Mesos master: its version is%s", e.address, strings.TrimPrefix(quoted(answer.Version), ":"))
	}
	if n < 1 {
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

// unreachable names why a host gave no answer.
func unreachable(address string, err error) error {
	var cut *net.OpError
	text := err.Error()
	switch {
	case strings.Contains(text, "malformed HTTP response"):
		return fmt.Errorf("%s does not speak HTTP; is it a TLS port, or a port of something else", address)
	case errors.Is(err, io.EOF), strings.Contains(text, "server closed idle connection"), errors.As(err, &cut) && cut.Op != "dial":
		return fmt.Errorf("%s closes the connection without an answer; does it speak TLS only, or is it something else than Mesos", address)
	}
	return fmt.Errorf("%s does not answer: %w", address, err)
}
