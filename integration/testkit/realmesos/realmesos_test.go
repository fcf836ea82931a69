package realmesos

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
)

// TestAMasterAndTwoAgents is one cluster that carries all assertions about a genuine Mesos; what
// ends things comes last.
func TestAMasterAndTwoAgents(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	mesos, err := Build(ctx)
	if err != nil {
		t.Fatal(err)
	}
	block, err := loopback.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	defer block.Release()
	master, err := mesos.StartMaster(ctx, MasterOptions{Dir: filepath.Join(t.TempDir(), "m"), IP: block.IP(1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop(t, master.Stop))
	var agents []*Agent
	for i := range 2 {
		a, err := mesos.StartAgent(ctx, AgentOptions{
			Master: master.Addr(), IP: block.IP(1 + i), Dir: filepath.Join(t.TempDir(), "a"),
			Attributes: fmt.Sprintf("rack:r%d", i),
			Resources:  fmt.Sprintf("ports:[19998-19999];cpus:%d;mem:1024;disk:100", 1+i), StopGrace: 2 * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop(t, a.Stop))
		agents = append(agents, a)
	}

	s, err := master.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if s.Version != Version || s.Leader != "master@"+master.Addr() || len(s.Agents) != 2 {
		t.Fatalf("state %+v", s)
	}
	for _, a := range s.Agents {
		want := Resources{CPUs: 1, Mem: 1024, Disk: 100, Ports: "[19998-19999]"}
		if a.Hostname == block.IP(2) {
			want.CPUs = 2
		}
		if !a.Active || a.Resources != want || a.Attributes["rack"] != "r"+strconv.Itoa(int(want.CPUs)-1) {
			t.Errorf("agent %+v", a)
		}
	}

	sandbox := runExecutor(t, master, agents)
	up := filepath.Join(sandbox, "up")
	eventually(t, func() bool { b, _ := os.ReadFile(up); return bytes.Count(b, []byte("\n")) == 2 })
	b, err := os.ReadFile(up)
	if err != nil {
		t.Fatal(err)
	}
	var executor, orphan int
	if n, err := fmt.Sscan(string(b), &executor, &orphan); n != 2 {
		t.Fatalf("executor wrote %q: %v", b, err)
	}
	if _, err := os.Stat(filepath.Join(sandbox, "fetched.txt")); err != nil {
		t.Errorf("the fetcher: %v", err)
	}

	if err := agents[0].Kill(ctx); err != nil {
		t.Fatal(err)
	}
	if err := agents[0].Restart(ctx); err != nil {
		t.Fatal(err)
	}
	if again, err := master.State(ctx); err != nil || len(again.Agents) != 2 || again.Agents[0].ID != s.Agents[0].ID {
		t.Errorf("after an agent's restart: agents %+v, %v", again.Agents, err)
	}

	if err := agents[1].Kill(ctx); err != nil {
		t.Fatal(err)
	}
	if !alive(executor) || !alive(orphan) {
		t.Errorf("after Kill of the agent: executor alive %v, its orphan alive %v", alive(executor), alive(orphan))
	}
	if err := agents[1].Stop(); err != nil {
		t.Fatal(err)
	}
	if alive(executor) || alive(orphan) {
		t.Errorf("after Stop: executor alive %v, its orphan alive %v", alive(executor), alive(orphan))
	}
}

func TestAServerThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	mesos, err := Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = mesos.StartMaster(t.Context(), MasterOptions{Dir: t.TempDir(), Flags: []string{"--no-such-flag=1"}})
	if err == nil || !strings.Contains(err.Error(), "no-such-flag") {
		t.Errorf("error %v", err)
	}
	_, err = mesos.StartAgent(t.Context(),
		AgentOptions{Master: "127.0.0.1:1", Dir: t.TempDir(), User: 65534, Group: 65534})
	if err == nil || !strings.Contains(err.Error(), "is closed to other users") {
		t.Errorf("error %v", err)
	}
}

// runExecutor launches, through the v1 scheduler API, an executor that only leaves processes
// behind, on the second agent, and returns its sandbox. Its task stays in TASK_STAGING: it speaks
// to no agent.
func runExecutor(t *testing.T, master *Master, agents []*Agent) string {
	t.Helper()
	ctx := t.Context()
	fetched := filepath.Join(t.TempDir(), "fetched.txt")
	if err := os.WriteFile(fetched, []byte("fetched"), 0o644); err != nil {
		t.Fatal(err)
	}
	resp := call(ctx, t, master, "",
		fmt.Sprintf(`{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":%q,"name":"test","checkpoint":true,`+
			`"failover_timeout":60}}}`, "root"))
	t.Cleanup(func() { _ = resp.Body.Close() })
	var framework, agentID string
	for r := bufio.NewReader(resp.Body); agentID == ""; {
		var e struct {
			Subscribed struct {
				FrameworkID struct{ Value string } `json:"framework_id"`
			}
			Offers struct {
				Offers []struct {
					ID       struct{ Value string }
					AgentID  struct{ Value string } `json:"agent_id"`
					Hostname string
				}
			}
		}
		if err := next(r, &e); err != nil {
			t.Fatal(err)
		}
		framework += e.Subscribed.FrameworkID.Value
		for _, o := range e.Offers.Offers {
			if !strings.HasPrefix(agents[1].Addr(), o.Hostname+":") {
				continue
			}
			agentID = o.AgentID.Value
			accept := fmt.Sprintf(`{"framework_id":{"value":%q},"type":"ACCEPT","accept":{"offer_ids":[{"value":%q}],
				"operations":[{"type":"LAUNCH","launch":{"task_infos":[{
				"name":"t","task_id":{"value":"t"},"agent_id":{"value":%q},
				"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":0.1}},
					{"name":"mem","type":"SCALAR","scalar":{"value":32}}],
				"executor":{"type":"CUSTOM","executor_id":{"value":"e"},"framework_id":{"value":%[1]q},
					"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":0.1}},
					{"name":"mem","type":"SCALAR","scalar":{"value":32}}],
					"command":{"value":%[4]q,"uris":[{"value":%[5]q}]}}}]}}]}}`,
				framework, o.ID.Value, agentID,
				`(setsid env -i sleep 1000 & echo $! >orphan); echo $$ >up; cat orphan >>up; exec sleep 1000`, "file://"+fetched)
			r := call(ctx, t, master, resp.Header.Get("Mesos-Stream-Id"), accept)
			if err := r.Body.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	eventually(t, func() bool {
		s, err := master.State(ctx)
		f, ok := s.Framework("test")
		return err == nil && ok && len(f.Tasks) == 1
	})
	return agents[1].Sandbox(agentID, framework, "e")
}

// call posts a scheduler call.
func call(ctx context.Context, t *testing.T, master *Master, stream, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+master.Addr()+"/api/v1/scheduler",
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}
	if stream != "" {
		req.Header.Set("Mesos-Stream-Id", stream)
	}
	resp, err := (&http.Transport{}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode/100 != 2 {
		b, _ := io.ReadAll(resp.Body)
		t.Fatalf("call: %s: %s", resp.Status, b)
	}
	return resp
}

// next reads one event of a RecordIO stream.
func next(r *bufio.Reader, event any) error {
	length, err := r.ReadString('\n')
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(strings.TrimSpace(length))
	if err != nil {
		return err
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	return json.Unmarshal(b, event)
}

func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func stop(t *testing.T, stop func() error) func() {
	return func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatal("it did not happen within a minute")
		case <-time.After(10 * time.Millisecond):
		}
	}
}
