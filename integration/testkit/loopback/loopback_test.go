package loopback

import (
	"net"
	"strings"
	"testing"
)

func TestBlocksThatAreHeldAreDifferent(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 50 {
		b, err := Reserve()
		if err != nil {
			t.Fatal(err)
		}
		defer b.Release()
		if seen[b.IP(1)] {
			t.Fatalf("%s was handed out twice", b.IP(1))
		}
		seen[b.IP(1)] = true
		if !net.ParseIP(b.IP(254)).IsLoopback() {
			t.Errorf("%s is no loopback address", b.IP(254))
		}
	}
}

func TestSingleAddressesAreDifferentAndOfNoOtherBlock(t *testing.T) {
	t.Parallel()
	other, err := Reserve()
	if err != nil {
		t.Fatal(err)
	}
	defer other.Release()
	seen := map[string]bool{}
	for range 2*blockSize + 1 {
		ip, err := IP()
		if err != nil {
			t.Fatal(err)
		}
		if seen[ip] || strings.HasPrefix(ip, strings.TrimSuffix(other.IP(1), "1")) || !net.ParseIP(ip).IsLoopback() {
			t.Fatalf("%s was handed out before, or is that of a block, or no loopback address", ip)
		}
		seen[ip] = true
	}
}

func TestAFreePortIsNoneThatTheKernelGivesToOthersAndNoneThatIsTaken(t *testing.T) {
	t.Parallel()
	const fromKernel = 32768 // Linux: net.ipv4.ip_local_port_range
	ip, err := IP()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for range 50 {
		port, err := FreePort(ip)
		if err != nil {
			t.Fatal(err)
		}
		if seen[port] || port >= fromKernel {
			t.Errorf("port %d was given before, or is of those from %d on", port, fromKernel)
		}
		seen[port] = true
		l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.ParseIP(ip), Port: port})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
	portsGiven.Add(-50) // as if it began again
	if port, err := FreePort(ip); err != nil || seen[port] {
		t.Errorf("port %d, %v, though somebody listens there", port, err)
	}
}
