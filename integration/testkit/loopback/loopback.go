// Package loopback hands out addresses on which nobody else listens, so that servers with fixed
// default ports (Alluxio's 19998, 29999 …) can run several times on one machine: on Linux all of
// 127.0.0.0/8 is local without any set-up.
package loopback

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
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

// blockSize is how many addresses a block has.
const blockSize = 254

// IP is the block's address number n, 1 to 254.
func (b *Block) IP(n int) string { return fmt.Sprintf("127.%d.%d.%d", b.x, b.y, n) }

// Release gives the block back.
func (b *Block) Release() { _ = b.guard.Close() }

// single is where IP takes addresses from. Its blocks stay reserved until the process ends.
var single struct {
	sync.Mutex
	blocks []*Block
	used   int // addresses of the last block
}

// IP returns an address that no other call in this or any other process of the machine is given
// until this process ends.
func IP() (string, error) {
	single.Lock()
	defer single.Unlock()
	if len(single.blocks) == 0 || single.used == blockSize {
		b, err := Reserve()
		if err != nil {
			return "", err
		}
		single.blocks, single.used = append(single.blocks, b), 0
	}
	single.used++
	return single.blocks[len(single.blocks)-1].IP(single.used), nil
}

// firstPort and portCount are the ports of FreePort. They are below those that the kernel gives to
// whoever asks for any (net.ipv4.ip_local_port_range, from 32768 on): a port that was free a moment
// ago could become that of an outgoing connection or of a listener on all addresses before its
// server has come up. And they are below Alluxio's own.
const firstPort, portCount = 10000, 6000

// FreePort begins elsewhere in each process, and goes on from there.
var (
	portsFrom  = rand.IntN(portCount)
	portsGiven atomic.Int64
)

// FreePort returns a TCP port on which nobody listens at ip, and which this process is not given
// again soon. It only asks for a connection: a listener, though closed, would stay open for a
// moment in a child that another goroutine forks meanwhile.
func FreePort(ip string) (int, error) {
	for range portCount {
		port := firstPort + (portsFrom+int(portsGiven.Add(1)))%portCount
		conn, err := net.Dial("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
		if errors.Is(err, syscall.ECONNREFUSED) {
			return port, nil
		}
		if err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		_ = conn.Close()
	}
	return 0, fmt.Errorf("find a free port: all from %d on are taken at %s", firstPort, ip)
}
