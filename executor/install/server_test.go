package install

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// fileServer serves one tarball under /a.tar.gz as real servers do (ranges, conditional requests),
// with faults on demand.
type fileServer struct {
	*httptest.Server

	mu   sync.Mutex
	data []byte
	etag string
	date time.Time
	// breakAfter cuts the next breaks bodies after so many bytes; fail answers the next requests with a status.
	breaks, breakAfter int
	fail               []int
	gate               chan struct{} // when set, a body waits in the middle until it is closed

	requests []string // method and range
	bodies   int      // responses that had a body of the tarball
	sent     int      // bytes of it
}

func serve(t testing.TB, data []byte) *fileServer {
	s := &fileServer{data: data, etag: fmt.Sprintf("%q", digestOf(data)[:8])}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *fileServer) url() string { return s.URL + "/a.tar.gz" }

// wait makes every body wait in the middle until release is called or the test ends.
func (s *fileServer) wait(t testing.TB) (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.gate = gate
	release = sync.OnceFunc(func() { close(gate) })
	t.Cleanup(release)
	return release
}

func (s *fileServer) put(data []byte, etag string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data, s.etag = data, etag
}

func (s *fileServer) counts() (requests []string, bodies, sent int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...), s.bodies, s.sent
}

func (s *fileServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+r.Header.Get("Range"))
	status, data, gate, cut := 0, s.data, s.gate, -1
	if len(s.fail) > 0 {
		status, s.fail = s.fail[0], s.fail[1:]
	} else if s.breaks > 0 && r.Method == http.MethodGet {
		s.breaks--
		cut = s.breakAfter
	}
	if s.etag != "" {
		w.Header().Set("ETag", s.etag)
	}
	date := s.date
	s.mu.Unlock()
	if status != 0 {
		http.Error(w, "fault", status)
		return
	}
	counted := &countingWriter{ResponseWriter: w, server: s, cut: cut, gate: gate, halfway: len(data) / 2}
	http.ServeContent(counted, r, "a.tar.gz", date, bytes.NewReader(data))
}

type countingWriter struct {
	http.ResponseWriter
	server  *fileServer
	cut     int
	gate    chan struct{}
	halfway int
	wrote   int
}

func (w *countingWriter) Write(p []byte) (int, error) {
	w.server.mu.Lock()
	if w.wrote == 0 {
		w.server.bodies++
	}
	w.server.sent += len(p)
	w.server.mu.Unlock()
	if w.cut >= 0 && w.wrote+len(p) > w.cut {
		_, _ = w.ResponseWriter.Write(p[:w.cut-w.wrote])
		w.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler) // closes the connection in the middle
	}
	if w.gate != nil && w.wrote+len(p) > w.halfway {
		w.ResponseWriter.(http.Flusher).Flush()
		<-w.gate
	}
	w.wrote += len(p)
	return w.ResponseWriter.Write(p)
}
