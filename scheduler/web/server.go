package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

const (
	// askTime bounds how long a request waits for the loop.
	askTime = 10 * time.Second
	// bodyLimit bounds a request's body in bytes; no request needs one.
	bodyLimit = 64 << 10
	// headerLimit bounds a request's header in bytes.
	headerLimit = 32 << 10
	// goodbye is how long a server waits for requests under way when it is told to end.
	goodbye = 3 * time.Second
)

// Handler is the API with its protections.
func (a *API) Handler() http.Handler {
	cross := http.NewCrossOriginProtection()
	a.sharing.tickets = make(chan struct{}, mostReaders)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				a.Log.Error().Str("panic", fmt.Sprint(p)).Str("path", r.URL.Path).Msg("a request to the API failed")
				a.fail(w, http.StatusInternalServerError, "the request failed; see framework.out")
			}
		}()
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		if !hostAllowed(r) {
			a.fail(w, http.StatusForbidden,
				"on a loopback address the API answers to an IP address or localhost only, so that no web page can reach it "+
					"under a name of its own")
			return
		}
		if err := cross.Check(r); err != nil {
			a.fail(w, http.StatusForbidden, "a web page of another origin is not allowed to change anything here")
			return
		}
		if r.ContentLength > bodyLimit {
			header.Set("Connection", "close") // else net/http waits for the body before it answers
			a.fail(w, http.StatusRequestEntityTooLarge, "the request's body is too large; no request needs one")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
		a.dispatch(w, r)
	})
}

// hostAllowed stops DNS rebinding: a page of evil.example that resolves to 127.0.0.1 has the
// browser send its own name as Host.
func hostAllowed(r *http.Request) bool {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if local == nil {
		return true
	}
	addr, err := netip.ParseAddrPort(local.String())
	if err != nil || !addr.Addr().Unmap().IsLoopback() {
		return true
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	_, err = netip.ParseAddr(host)
	return err == nil || host == "localhost"
}

// Serve answers on listener until ctx ends, then lets requests under way finish for a few seconds.
// It closes listener and returns nil, or the error that ended it before.
func (a *API) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           a.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    headerLimit,
	}
	if a.Certificate != nil {
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return a.Certificate() }}
	}
	return serve(ctx, listener, server, a.Log)
}

func serve(ctx context.Context, listener net.Listener, server *http.Server, logger zerolog.Logger) error {
	server.ErrorLog = log.New(debugWriter{logger}, "", 0)
	ended := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			ended <- server.ServeTLS(listener, "", "")
		} else {
			ended <- server.Serve(listener)
		}
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("serve HTTP on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	if err := server.Shutdown(wait); err != nil {
		_ = server.Close() // what is left are clients that take too long
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve HTTP on %s: %w", listener.Addr(), err)
	}
	return nil
}

// debugWriter takes the lines of net/http about single connections, such as a client that speaks no HTTP.
type debugWriter struct{ log zerolog.Logger }

func (d debugWriter) Write(line []byte) (int, error) {
	d.log.Debug().Msg(strings.TrimSpace(string(line)))
	return len(line), nil
}
