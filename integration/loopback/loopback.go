// Package loopback hands out addresses on which nobody else listens, so that servers with fixed default ports (Alluxio's
// 19998, 29999 …) can run several times on one machine: on Linux all of 127.0.0.0/8 is local without any set-up.
package loopback

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"
)

// Block is the 254 addresses 127.X.Y.1 to 127.X.Y.254, reserved for this process until Release or its end.
type Block struct {
	x, y  int
	guard net.Listener
}

// Reserve returns a block that no other call in this or any other process of the machine holds. The reservation is a
// listener on an abstract unix socket of the block's name: like the addresses themselves it belongs to the network
// namespace, needs no file, and the kernel drops it with the process.
func Reserve() (*Block, error) {
	// 127.0.x.y is in common use (localhost, resolvers). The start is random so that a block just released rests a while.
	const first, count = 16, 239 * 256
	start := rand.IntN(count)
	for i := range count {
		n := (start + i) % count
		x, y := first+n/256, n%256
		guard, err := net.Listen("unix", fmt.Sprintf("@alluxio-mesos/loopback/127.%d.%d", x, y))
		if err == nil {
			return &Block{x: x, y: y, guard: guard}, nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("reserve loopback addresses: %w", err)
		}
	}
	return nil, errors.New("reserve loopback addresses: all of 127.16.0.0 to 127.254.255.0 are taken")
}

// IP is the block's address number n, 1 to 254.
func (b *Block) IP(n int) string { return fmt.Sprintf("127.%d.%d.%d", b.x, b.y, n) }

// Release gives the block back.
func (b *Block) Release() { _ = b.guard.Close() }

// FreePort returns a TCP port on which nobody listens at ip right now.
func FreePort(ip string) (int, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return port, nil
}
