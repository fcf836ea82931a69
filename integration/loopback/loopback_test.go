package loopback

import (
	"net"
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

func TestAFreePortCanBeListenedOn(t *testing.T) {
	t.Parallel()
	b, err := Reserve()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	port, err := FreePort(b.IP(7))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.ParseIP(b.IP(7)), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
