package executor

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
)

// TestOnAGenuineAgent: a genuine Mesos 1.11 master and agent, this executor, the fake JVM. It shows
// that the agent takes what we send: every update arrives with its message and report, an agent's
// restart changes nothing, and kill -9 of the executor leaves no JVM.
func TestOnAGenuineAgent(t *testing.T) {
	t.Parallel()
	s := newScheduler(t)
	spec := s.rig.master()
	s.launch("m.1", spec)
	starting := s.status("m.1", "TASK_STARTING")
	if !strings.Contains(starting.Message, "preparing") || starting.Source != "SOURCE_EXECUTOR" {
		t.Errorf("starting %+v", starting)
	}
	running := s.status("m.1", "TASK_RUNNING")
	if launch.DecodeReport(running.Data).JournalFormatted != spec.Journal.Identity || running.Message != "serving" {
		t.Errorf("running %+v", running)
	}
	jvm := s.pid()

	// An answer comes back through agent and master; nobody listens at the worker's port.
	request := launch.AdminRequest{ID: "find-1", Operation: launch.AdminFind, Within: time.Minute,
		Worker: launch.Address{Host: spec.Host, Web: freePort(t, spec.Host)}}
	s.message("m.1", running.AgentID.Value, request.Encode())
	for _, want := range []launch.AdminState{launch.AdminRunning, launch.AdminFailed} {
		if answer := s.answer(); answer.ID != request.ID || answer.State != want {
			t.Errorf("it answers %+v, not %s", answer, want)
		}
	}

	check(t, s.agent.Kill(t.Context()), s.agent.Restart(t.Context()))
	if s.pid() != jvm || syscall.Kill(jvm, 0) != nil {
		t.Error("the JVM did not outlive its agent")
	}
	s.call(
		fmt.Sprintf(`{"type":"KILL","kill":{"task_id":{"value":"m.1"},"kill_policy":{"grace_period":{"nanoseconds":%d}}}}`,
			20*time.Second))
	if killed := s.status("m.1", "TASK_KILLED"); killed.Message != "killed on request" {
		t.Errorf("killed %+v", killed)
	}
	eventually(t, "the end of the JVM", func() bool { return syscall.Kill(jvm, 0) != nil })

	check(t, os.Remove(filepath.Join(s.rig.dir, "record")))
	s.launch("m.2", s.rig.master())
	s.status("m.2", "TASK_RUNNING")
	jvm = s.pid()
	check(t, syscall.Kill(s.executor(jvm), syscall.SIGKILL))
	s.status("m.2", "TASK_FAILED") // the agent says so for an executor that is gone
	eventually(t, "the end of the JVM with its executor", func() bool { return syscall.Kill(jvm, 0) != nil })

	s.launch("m.3", &launch.Spec{Version: 99})
	if failed := s.status("m.3", "TASK_FAILED"); !strings.Contains(failed.Message, "version 99 is unknown") {
		t.Errorf("failed %+v", failed)
	}
}

// scheduler is as much of a framework as it takes to launch tasks on one agent.
type scheduler struct {
	t         *testing.T
	rig       *rig // only its folders and specs
	master    *realmesos.Master
	agent     *realmesos.Agent
	stream    string
	framework string
	offers    chan offer
	rescinded sync.Map
	statuses  chan status
	messages  chan []byte
}

type (
	id    struct{ Value string }
	offer struct {
		ID      id
		AgentID id `json:"agent_id"`
	}
	status struct {
		TaskID  id `json:"task_id"`
		AgentID id `json:"agent_id"`
		State   string
		Message string
		Source  string
		Data    []byte
		UUID    []byte
	}
)

func newScheduler(t *testing.T) *scheduler {
	t.Helper()
	mesos, err := realmesos.Build(t.Context())
	check(t, err)
	dir := t.TempDir()
	s := &scheduler{t: t, rig: newFolders(t), offers: make(chan offer, 100), statuses: make(chan status, 1000),
		messages: make(chan []byte, 100)}
	s.master, err = mesos.StartMaster(t.Context(), realmesos.MasterOptions{Dir: filepath.Join(dir, "master")})
	check(t, err)
	t.Cleanup(func() { check(t, s.master.Stop()) })
	s.agent, err = mesos.StartAgent(t.Context(),
		realmesos.AgentOptions{Master: s.master.Addr(), Dir: filepath.Join(dir, "agent")})
	check(t, err)
	t.Cleanup(func() { check(t, s.agent.Stop()) })
	me, err := user.Current()
	check(t, err)
	resp := s.post(
		fmt.Sprintf(`{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":%q,"name":"executor-test","checkpoint":true,`+
			`"failover_timeout":60}}}`, me.Username))
	s.stream = resp.Header.Get("Mesos-Stream-Id")
	subscribed, done := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(done)
		s.read(resp.Body, subscribed)
	}()
	t.Cleanup(func() { resp.Body.Close(); <-done })
	select {
	case s.framework = <-subscribed:
	case <-time.After(time.Minute):
		t.Fatal("no subscription")
	}
	return s
}

// read takes the events of the stream apart until it ends.
func (s *scheduler) read(stream io.Reader, subscribed chan<- string) {
	for in := bufio.NewReader(stream); ; {
		line, err := in.ReadString('\n')
		n, bad := strconv.Atoi(strings.TrimSpace(line))
		if err != nil || bad != nil {
			return
		}
		frame := make([]byte, n)
		if _, err := io.ReadFull(in, frame); err != nil {
			return
		}
		var e struct {
			Subscribed struct {
				FrameworkID id `json:"framework_id"`
			}
			Offers  struct{ Offers []offer }
			Rescind struct {
				OfferID id `json:"offer_id"`
			}
			Update  struct{ Status *status }
			Message struct{ Data []byte }
		}
		if json.Unmarshal(frame, &e) != nil {
			return
		}
		if f := e.Subscribed.FrameworkID.Value; f != "" {
			subscribed <- f
		}
		for _, o := range e.Offers.Offers {
			s.offers <- o
		}
		s.rescinded.Store(e.Rescind.OfferID.Value, true)
		if e.Update.Status != nil {
			s.statuses <- *e.Update.Status
		}
		if len(e.Message.Data) > 0 {
			s.messages <- e.Message.Data
		}
	}
}

func (s *scheduler) post(body string) *http.Response {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://"+s.master.Addr()+"/api/v1/scheduler", strings.NewReader(body))
	check(s.t, err)
	req.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}
	if s.stream != "" {
		req.Header.Set("Mesos-Stream-Id", s.stream)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	check(s.t, err)
	if resp.StatusCode/100 != 2 {
		text, _ := io.ReadAll(resp.Body)
		s.t.Fatalf("%s: %s %s", body, resp.Status, text)
	}
	return resp
}

func (s *scheduler) call(body string) {
	s.t.Helper()
	s.post(fmt.Sprintf(`{"framework_id":{"value":%q},`, s.framework) + strings.TrimPrefix(body, "{")).Body.Close()
}

func (s *scheduler) launch(taskID string, spec *launch.Spec) {
	s.t.Helper()
	data, err := json.Marshal(spec)
	check(s.t, err)
	var o offer
	for void := true; void; _, void = s.rescinded.Load(o.ID.Value) {
		select {
		case o = <-s.offers:
		case <-time.After(time.Minute):
			s.t.Fatal("no offer")
		}
	}
	const resources = `[{"name":"cpus","type":"SCALAR","scalar":{"value":0.1}},{"name":"mem","type":"SCALAR",` +
		`"scalar":{"value":32}}]`
	encoded, err := json.Marshal(data)
	check(s.t, err)
	s.call(fmt.Sprintf(`{"type":"ACCEPT","accept":{"offer_ids":[{"value":%q}],"filters":{"refuse_seconds":0},
		"operations":[{"type":"LAUNCH","launch":{"task_infos":[{
		"name":"t","task_id":{"value":%q},"agent_id":{"value":%q},"data":%s,"resources":%s,
		"executor":{"type":"CUSTOM","executor_id":{"value":%[2]q},"framework_id":{"value":%[6]q},"resources":%[5]s,
			"command":{"shell":false,"value":%[7]q,"arguments":[%[7]q],
			"environment":{"variables":[{"name":"JAVA_HOME","type":"VALUE","value":%[8]q}]}}}}]}}]}}`,
		o.ID.Value, taskID, o.AgentID.Value, encoded, resources, s.framework, filepath.Join(s.rig.dir, "executor"),
		filepath.Join(s.rig.dir, "jdk")))
}

// message sends a message to the executor of a task.
func (s *scheduler) message(taskID, agentID string, data []byte) {
	s.t.Helper()
	encoded, err := json.Marshal(data)
	check(s.t, err)
	s.call(fmt.Sprintf(`{"type":"MESSAGE","message":{"agent_id":{"value":%q},"executor_id":{"value":%q},"data":%s}}`,
		agentID, taskID, encoded))
}

// answer waits for the next answer of an executor.
func (s *scheduler) answer() launch.AdminAnswer {
	s.t.Helper()
	select {
	case data := <-s.messages:
		answer, err := launch.DecodeAdminAnswer(data)
		check(s.t, err)
		return answer
	case <-time.After(time.Minute):
		s.t.Fatal("no answer came")
		return launch.AdminAnswer{}
	}
}

// status waits for the next status of a task in a state, acknowledging all on the way.
func (s *scheduler) status(taskID, state string) status {
	s.t.Helper()
	var seen []string
	for deadline := time.After(2 * time.Minute); ; {
		select {
		case u := <-s.statuses:
			if len(u.UUID) > 0 {
				uuid, err := json.Marshal(u.UUID)
				check(s.t, err)
				s.call(
					fmt.Sprintf(`{"type":"ACKNOWLEDGE","acknowledge":{"agent_id":{"value":%q},"task_id":{"value":%q},"uuid":%s}}`,
						u.AgentID.Value, u.TaskID.Value, uuid))
			}
			if u.TaskID.Value == taskID && u.State == state {
				return u
			}
			seen = append(seen, u.TaskID.Value+" "+u.State+" "+u.Message)
			if u.TaskID.Value == taskID && u.State != "TASK_STARTING" && u.State != "TASK_RUNNING" {
				s.t.Fatalf("%s ended: %q", taskID, seen)
			}
		case <-deadline:
			s.t.Fatalf("no %s of %s came, only %q", state, taskID, seen)
		}
	}
}

// pid of the fake JVM that recorded its start last.
func (s *scheduler) pid() int {
	s.t.Helper()
	_, env := s.rig.jvm()
	i := slices.IndexFunc(env, func(e string) bool { return strings.HasPrefix(e, "pid ") })
	pid, err := strconv.Atoi(strings.TrimPrefix(env[i], "pid "))
	check(s.t, err)
	return pid
}

// executor is the parent of the JVM.
func (s *scheduler) executor(jvm int) int {
	s.t.Helper()
	stat := []byte(read(s.t, fmt.Sprintf("/proc/%d/stat", jvm)))
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')'):])
	parent, err := strconv.Atoi(string(fields[2]))
	check(s.t, err)
	return parent
}
