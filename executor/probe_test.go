package executor

import (
	"net"
	"testing"

	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
)

// TestASilentWebPortIsExplainedInPlainWords asks a port where nobody listens, and one that hangs up.
func TestASilentWebPortIsExplainedInPlainWords(t *testing.T) {
	t.Parallel()
	ip, err := loopback.IP()
	if err != nil {
		t.Fatal(err)
	}
	p := newProber(alluxio.Probe{}, nil)
	refused := ip + ":19999"
	if got := p.ask(t.Context(), "http://"+refused+"/api/v1/master/info", askWithin); got.Err != refused+
		": connection refused" {
		t.Errorf("got %q", got.Err)
	}
	listener, err := net.Listen("tcp", ip+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1<<10)) // the request, or the close would be a reset
			_ = conn.Close()
		}
	}()
	got := p.ask(t.Context(), "http://"+listener.Addr().String()+"/", askWithin)
	if got.Err != "the connection was closed without an answer" || !got.Closed {
		t.Errorf("got %q, closed %v", got.Err, got.Closed)
	}
}
