package fakemesos

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// stream is the answer to a SUBSCRIBE.
type stream struct {
	id     string
	remote string
	queue  [][]byte // guarded by the master's lock
	ready  chan struct{}
	ended  chan struct{}
	once   sync.Once
}

func newStream(id, remote string) *stream {
	return &stream{id: id, remote: remote, ready: make(chan struct{}, 1), ended: make(chan struct{})}
}

func (s *stream) wake() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

func (s *stream) close() { s.once.Do(func() { close(s.ended) }) }

// frame encodes an event as RecordIO.
func frame(e *scheduler.Event) []byte {
	b, err := e.Marshal()
	if err != nil {
		panic(fmt.Sprintf("fakemesos: encode an event: %v", err)) // a mistake in a test
	}
	return append(append(strconv.AppendInt(make([]byte, 0, len(b)+12), int64(len(b)), 10), '\n'), b...)
}

// send puts an event into the stream, through the script.
func (m *Master) send(e *scheduler.Event) {
	if m.stream == nil {
		return
	}
	events := []*scheduler.Event{e}
	if m.intercept != nil {
		events = m.intercept(e)
	}
	for _, e := range events {
		m.write(frame(e))
	}
}

func (m *Master) write(b []byte) {
	if m.stream != nil {
		m.stream.queue = append(m.stream.queue, b)
		m.stream.wake()
	}
}

// serve writes the stream until either side ends it.
func (m *Master) serve(w http.ResponseWriter, r *http.Request, s *stream) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Mesos-Stream-Id", s.id)
	w.WriteHeader(http.StatusOK)
	control := http.NewResponseController(w)
	heartbeat := time.NewTicker(m.o.Heartbeat)
	defer heartbeat.Stop()
	defer m.closed(s)
	beat := frame(&scheduler.Event{Type: scheduler.Event_HEARTBEAT})
	for {
		if control.Flush() != nil {
			return
		}
		var due bool
		select {
		case <-r.Context().Done():
			return
		case <-s.ended:
			m.flush(w, s)
			return
		case <-heartbeat.C:
			due = true
		case <-s.ready:
		}
		if !m.flush(w, s) {
			continue
		}
		if due {
			_, _ = w.Write(beat) // an error shows in Flush
			m.beats.Add(1)
		}
	}
}

// flush writes what waits; false while the master is silent.
func (m *Master) flush(w http.ResponseWriter, s *stream) bool {
	m.mu.Lock()
	if m.silent {
		m.mu.Unlock()
		return false
	}
	queue := s.queue
	s.queue = nil
	m.mu.Unlock()
	for _, b := range queue {
		_, _ = w.Write(b)
	}
	return true
}

// closed notes that the scheduler is gone.
func (m *Master) closed(s *stream) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stream == s {
		m.disconnect()
	}
}

// disconnect ends the stream and what belongs to it: offers are taken back, filters forgotten. Tasks stay.
func (m *Master) disconnect() {
	if m.stream == nil {
		return
	}
	m.stream.close()
	m.stream = nil
	for id, o := range m.offers {
		o.agent.give(o.share)
		delete(m.offers, id)
	}
	for _, a := range m.agents {
		a.refused = time.Time{}
	}
}
