package fakemesos

import (
	"fmt"
	"io"
	"net/http"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

const mediaType = "application/x-protobuf"

func (m *Master) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"build_date":"2020-11-10 12:00:00","version":%q}`, m.o.Version)
	})
	mux.HandleFunc("POST /api/v1/scheduler", m.receive)
	if _, scripted := m.o.Operator["/frameworks"]; !scripted {
		mux.HandleFunc("GET /frameworks", m.listFrameworks)
	}
	for path, body := range m.o.Operator {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if m.redirected(w, r, path) {
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, body)
		})
	}
	return mux
}

// listFrameworks lists the framework without its tasks. Mesos: endpoints/master/frameworks.md.
func (m *Master) listFrameworks(w http.ResponseWriter, r *http.Request) {
	if m.redirected(w, r, r.URL.Path) {
		return
	}
	m.mu.Lock()
	id := m.frameworkID
	m.mu.Unlock()
	list := ""
	if id != "" {
		list = fmt.Sprintf(`{"id":%q}`, id)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"frameworks":[%s]}`, list)
}

// redirected answers a request to the operator API as a master does that does not lead. It
// describes itself without its leader.
// Mesos: src/master/http.cpp, Master::Http::redirect.
func (m *Master) redirected(w http.ResponseWriter, r *http.Request, path string) bool {
	m.mu.Lock()
	leader := m.redirect
	m.mu.Unlock()
	if leader == "" || path == "/flags" {
		return false
	}
	w.Header().Set("Location", "//"+leader+r.URL.Path)
	w.WriteHeader(http.StatusTemporaryRedirect)
	return true
}

// receive takes one call. Mesos: src/master/http.cpp, Master::Http::scheduler.
func (m *Master) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the scheduler went away
	}
	if user, secret, _ := r.BasicAuth(); m.o.Principal != "" && (user != m.o.Principal || secret != m.o.Secret) {
		w.Header().Set("WWW-Authenticate", `Basic realm="mesos-master-scheduler"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	call := new(scheduler.Call)
	if err := call.Unmarshal(body); err != nil || r.Header.Get("Content-Type") != mediaType {
		http.Error(w, fmt.Sprintf("Failed to parse body into Call protobuf: %v", err), http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	if r.Host != m.addr {
		m.violation("%s: Host header %s at %s", call.Type, r.Host, m.addr)
	}
	onCall, redirect := m.onCall, m.redirect
	m.mu.Unlock()
	var answer Answer
	if onCall != nil {
		answer = onCall(call)
	}
	if !m.rest(r, answer) {
		return
	}
	if answer.Status == 0 && redirect != "" {
		w.Header().Set("Location", "//"+redirect+r.URL.Path)
		answer.Status = http.StatusTemporaryRedirect
	}
	m.mu.Lock()
	var s *stream
	if answer.Status == 0 {
		s, answer.Status, answer.Body = m.act(r, call, answer.Lost)
	}
	m.counts[call.Type]++
	if !m.o.Forget {
		m.calls = append(m.calls, Call{Call: call, At: time.Now(), Status: answer.Status})
	}
	m.mu.Unlock()
	if s != nil {
		m.serve(w, r, s)
		return
	}
	w.WriteHeader(answer.Status)
	_, _ = io.WriteString(w, answer.Body)
}

// rest waits as the script says; false when the request ended meanwhile.
func (m *Master) rest(r *http.Request, answer Answer) bool {
	var after <-chan time.Time
	if !answer.Hang {
		if answer.Delay == 0 {
			return true
		}
		timer := time.NewTimer(answer.Delay)
		defer timer.Stop()
		after = timer.C
	}
	select {
	case <-after:
		return true
	case <-m.stop:
	case <-r.Context().Done():
	}
	return false
}

// act checks a call and does it. The stream is that of a SUBSCRIBE.
func (m *Master) act(r *http.Request, call *scheduler.Call, lost bool) (*stream, int, string) {
	if call.Type == scheduler.Call_SUBSCRIBE {
		if call.Subscribe == nil || call.Subscribe.FrameworkInfo == nil {
			return nil, http.StatusBadRequest, "Expecting 'subscribe' to be present"
		}
		return m.subscribe(call, r.RemoteAddr), http.StatusOK, ""
	}
	id := r.Header.Get("Mesos-Stream-Id")
	switch {
	case call.FrameworkID.GetValue() == "":
		m.violation("%s without a framework ID", call.Type)
		return nil, http.StatusBadRequest, "Expecting 'framework_id' to be present"
	case call.FrameworkID.Value != m.frameworkID:
		return nil, http.StatusBadRequest, "Framework cannot be found"
	case m.stream == nil:
		return nil, http.StatusForbidden, "Framework is not subscribed"
	case id == "":
		m.violation("%s without Mesos-Stream-Id", call.Type)
		return nil, http.StatusBadRequest, "All non-subscribe calls should include to include the 'Mesos-Stream-Id' header"
	case id != m.stream.id:
		return nil, http.StatusBadRequest,
			"The stream ID '" + id + "' included in this request didn't match the stream ID currently associated with " +
				"framework ID " + m.frameworkID
	case r.RemoteAddr == m.stream.remote:
		m.violation("%s on the connection of the stream", call.Type)
	}
	if lost {
		return nil, http.StatusAccepted, ""
	}
	if problem := m.do(call); problem != "" {
		return nil, http.StatusBadRequest, problem
	}
	return nil, http.StatusAccepted, ""
}

// subscribe makes a stream. Mesos: src/master/master.cpp, Master::_subscribe.
func (m *Master) subscribe(call *scheduler.Call, remote string) *stream {
	info := call.Subscribe.FrameworkInfo
	m.streams++
	s := newStream(fmt.Sprintf("6f2bb2a5-6a4c-4a7b-8b68-%012x", m.streams), remote)
	id := info.GetID().GetValue()
	if id != call.FrameworkID.GetValue() {
		m.violation("SUBSCRIBE with framework ID %q in the call and %q in FrameworkInfo", call.FrameworkID.GetValue(), id)
	}
	if m.ended[id] {
		s.queue = append(s.queue, frame(&scheduler.Event{
			Type: scheduler.Event_ERROR, Error: &scheduler.Event_Error{Message: "Framework has been removed"},
		}))
		s.wake()
		s.close()
		return s
	}
	if m.stream != nil && id == m.frameworkID {
		m.write(
			frame(&scheduler.Event{Type: scheduler.Event_ERROR,
				Error: &scheduler.Event_Error{Message: "Framework failed over"}}))
	}
	m.disconnect()
	if id == "" {
		m.teardown()
		m.serial++
		id = fmt.Sprintf("6f2bb2a5-6a4c-4a7b-8b68-a5b8dc7e4a7c-%04d", m.serial)
	}
	m.frameworkID, m.info, m.suppressed, m.stream = id, info, false, s
	heartbeat := m.o.Heartbeat.Seconds()
	m.send(&scheduler.Event{Type: scheduler.Event_SUBSCRIBED, Subscribed: &scheduler.Event_Subscribed{
		FrameworkID: &mesos.FrameworkID{Value: id}, HeartbeatIntervalSeconds: &heartbeat,
	}})
	m.allocate(time.Now())
	m.resend(time.Now().Add(m.o.Resend))
	return s
}

// teardown ends the framework and its tasks.
func (m *Master) teardown() {
	if m.frameworkID == "" {
		return
	}
	m.ended[m.frameworkID] = true
	m.frameworkID = ""
	for id, t := range m.tasks {
		m.release(t)
		delete(m.tasks, id)
	}
	clear(m.pending)
	m.disconnect()
}
