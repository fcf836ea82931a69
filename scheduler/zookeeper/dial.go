package zookeeper

import (
	"context"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/rs/zerolog"
)

// hosts hands out servers one after the other, by name.
type hosts struct {
	mu      sync.Mutex
	servers []string
	next    int
	tried   int // since a connection stood, that one included
}

// Init implements zk.HostProvider.
func (h *hosts) Init(servers []string) error {
	h.servers = slices.Clone(servers)
	rand.Shuffle(len(h.servers), func(i, j int) { h.servers[i], h.servers[j] = h.servers[j], h.servers[i] })
	return nil
}

// Len implements zk.HostProvider.
func (h *hosts) Len() int { return len(h.servers) }

// Next implements zk.HostProvider: before each round but the first the library pauses a second, and fails what waits.
func (h *hosts) Next() (server string, retryStart bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	server = h.servers[h.next]
	h.next = (h.next + 1) % len(h.servers)
	retryStart = h.tried > 0 && h.tried%len(h.servers) == 0
	h.tried++
	return server, retryStart
}

// Connected implements zk.HostProvider.
func (h *hosts) Connected() {
	h.mu.Lock()
	h.tried = 1 // not 0: a server that takes each connection and drops it again gets its pause too
	h.mu.Unlock()
}

// dialer dials until ctx ends, and for no longer than limit, which also bounds the wait for a server's first answer.
func dialer(ctx context.Context, limit time.Duration) zk.Dialer {
	return func(network, address string, _ time.Duration) (net.Conn, error) {
		d := net.Dialer{Timeout: limit, KeepAlive: 15 * time.Second}
		conn, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		// Whatever the library waits for on this connection, it waits no longer than until ctx ends.
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		return &prompt{Conn: conn, limit: limit, stop: stop}, nil
	}
}

// prompt is a connection whose handshake has to come soon. The library sets a deadline for the
// handshake's first bytes and takes it off for the rest; the next one that it sets is for what
// comes after.
type prompt struct {
	net.Conn
	limit    time.Duration
	deadline int // how many were set
	stop     func() bool
}

// SetReadDeadline is called by one goroutine at a time.
func (p *prompt) SetReadDeadline(t time.Time) error {
	if !t.IsZero() {
		p.deadline++
	}
	if p.deadline == 1 {
		if t.IsZero() {
			return nil
		}
		if soon := time.Now().Add(p.limit); soon.Before(t) {
			t = soon
		}
	}
	return p.Conn.SetReadDeadline(t)
}

// Close closes the connection.
func (p *prompt) Close() error {
	p.stop()
	return p.Conn.Close()
}

// logger passes on what the library logs. It never logs credentials, only how many there are.
type logger struct{ log zerolog.Logger }

// Printf implements zk.Logger.
func (l logger) Printf(format string, args ...any) {
	l.log.Debug().Str("of", "zookeeper").Msgf(format, args...)
}
