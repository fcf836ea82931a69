package executor

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// TestAMasterFromLaunchToKill: STARTING, a journal formatted once, RUNNING when it serves, KILLED,
// and the executor ends.
func TestAMasterFromLaunchToKill(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	spec := r.master()
	spec.Site = []config.Property{{Key: "s3a.secretKey", Value: "hunter22"}}
	r.launch("m.1", spec)
	first := r.agent.Update(mesos.TASK_STARTING)
	if first.GetMessage() == "" || first.GetSource() != mesos.SOURCE_EXECUTOR || len(first.UUID) != 16 {
		t.Errorf("first update %v", first)
	}
	running := r.agent.Update(mesos.TASK_RUNNING)
	report := launch.DecodeReport(running.Data)
	if report.AlluxioVersion != "2.9.6" || report.JavaVersion != "17.0.15" ||
		report.JournalFormatted != spec.Journal.Identity || report.JournalFolder != filepath.Join(r.dir, "data/journal") {
		t.Errorf("report %+v", report)
	}
	args, env := r.jvm()
	if !strings.HasSuffix(args, "alluxio.master.AlluxioMaster") || strings.Contains(args, "hunter22") {
		t.Errorf("arguments %s", args)
	}
	for _, e := range env {
		if !regexp.MustCompile(`^(PATH|HOME|USER|LANG|MESOS_SANDBOX|JAVA_HOME|ALLUXIO_[A-Z_]+)=|^pid `).MatchString(e) ||
			strings.Contains(e, "token") {
			t.Errorf("the JVM's environment has %s", e)
		}
	}
	for path, want := range map[string]os.FileMode{"conf": 0o700 | os.ModeDir, "conf/alluxio-site.properties": 0o600,
		"logs": 0o700 | os.ModeDir} {
		if info, err := os.Stat(filepath.Join(r.sandbox, path)); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	if !strings.Contains(read(t, r.sandbox, "stderr"), "stderr of the fake JVM") ||
		!strings.Contains(read(t, r.sandbox, "stdout"), "stdout of") {
		t.Error("the JVM's output is not in the sandbox")
	}
	r.stream.Kill("m.1", 0)
	if s := r.agent.Update(mesos.TASK_KILLED); s.GetMessage() != "killed on request" {
		t.Errorf("killed: %v", s)
	}
	r.end()
}

// TestAWorkerRunsWhenTheLeaderListsIt, and not when only its own web port answers.
func TestAWorkerRunsWhenTheLeaderListsIt(t *testing.T) {
	t.Parallel()
	var listed atomic.Bool
	var asked atomic.Int32
	leader := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if listed.Load() {
			fmt.Fprint(w, `{"workers":[{"address":{"host":"localhost","rpcPort":29999},"capacityBytes":1048576}]}`)
			return
		}
		fmt.Fprint(w, `{"workers":[]}`)
	}))
	defer leader.Close()
	var port uint16
	if _, err := fmt.Sscanf(leader.URL, "http://127.0.0.1:%d", &port); err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	spec := r.worker(port)
	spec.Host = "localhost"
	r.launch("w.1", spec)
	eventually(t, "a second question to the leader", func() bool { return asked.Load() > 1 })
	if strings.Contains(r.log.String(), `"state":"running"`) {
		t.Error("running though the leader does not list it")
	}
	listed.Store(true)
	if report := launch.DecodeReport(r.agent.Update(mesos.TASK_RUNNING).Data); !strings.Contains(report.Storage, r.dir) {
		t.Errorf("report %+v", report)
	}
	r.stream.Send(&executor.Event{Type: executor.Event_SHUTDOWN})
	r.agent.Update(mesos.TASK_KILLED)
	r.end()
}

func TestFailuresSayWhy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options []string
		change  func(*rig, *launch.Spec)
		want    []string
	}{
		"the JVM exits": {[]string{"-Dfake=exit"}, nil,
			[]string{"while starting with exit code 3", "Could not create the Java Virtual Machine"}},
		"Alluxio's own log comes first": {
			[]string{"-Dfake=exit", "-Dfake.log=AlluxioMaster"}, nil, []string{"exit code 3", "ERROR AlluxioMaster"},
		},
		"it never serves": {[]string{"-Dfake=mute", "-Dfake.log=slow"}, func(r *rig, s *launch.Spec) {
			s.StartTimeout = 15 * time.Second // enough for the JVM and one probe, also on a slow machine
			check(t, os.MkdirAll(filepath.Join(r.dir, "data/journal/log"), 0o700))
		}, []string{
			"does not serve 15s after its launch", "web port does not answer", "ERROR slow",
		}},
		"there is no Alluxio": {nil, func(r *rig, s *launch.Spec) { s.Install.Home = filepath.Join(r.dir, "nowhere") },
			[]string{
				"alluxio.home=", "nowhere", "there is no such folder", "alluxio.integration.mesos.alluxio.jar.url",
			}},
		"the folder holds something else": {nil, func(r *rig, s *launch.Spec) {
			s.Install.Home = filepath.Join(r.dir, "jdk")
		}, []string{"no Alluxio inside"}},
		"there is no tarball": {nil, func(r *rig, s *launch.Spec) {
			s.Install.Alluxio.URL = "file://" + r.dir + "/none.tar.gz"
			s.Install.CacheDir = r.dir + "/cache"
		}, []string{"none.tar.gz"}},
		"the Java is too old": {nil, func(r *rig, _ *launch.Spec) {
			_ = os.WriteFile(filepath.Join(r.dir, "jdk/release"), []byte("JAVA_VERSION=\"1.7.0_80\"\n"), 0o644)
		}, []string{"1.7.0_80", "needs Java 8"}},
		"the JVM cannot be executed": {nil, func(r *rig, _ *launch.Spec) {
			_ = os.Remove(filepath.Join(r.dir, "jdk/bin/java"))
			_ = os.WriteFile(filepath.Join(r.dir, "jdk/bin/java"), []byte("x"), 0o644)
		}, []string{"permission denied"}},
		"JAVA_HOME is wrong": {nil, func(r *rig, _ *launch.Spec) { _ = os.Remove(filepath.Join(r.dir, "jdk/bin/java")) },
			[]string{"JAVA_HOME=", "alluxio.integration.mesos.jdk.url"}},
		"a secret in a log is masked": {[]string{"-Dfake=exit", "-Dfake.log=key=hunter22"}, func(_ *rig, s *launch.Spec) {
			s.Site = []config.Property{{Key: "aws.secretKey", Value: "hunter22"}}
		}, []string{"ERROR key=***"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			spec := r.master(c.options...)
			if c.change != nil {
				c.change(r, spec)
			}
			r.launch("m.1", spec)
			r.failure(c.want...)
			r.end()
		})
	}
}

func TestWhatCannotRunHereFails(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.launch("m.1", r.master())
	r.agent.Update(mesos.TASK_RUNNING)
	r.launch("m.2", r.master())
	r.failure("already runs m.1")
	r.stream.Send(&executor.Event{Type: executor.Event_LAUNCH_GROUP, LaunchGroup: &executor.Event_LaunchGroup{
		TaskGroup: mesos.TaskGroupInfo{Tasks: []mesos.TaskInfo{{TaskID: mesos.TaskID{Value: "g.1"}}}},
	}})
	r.failure("no task groups")
	r.launch("m.1", r.master()) // again, as after a lost acknowledgement
	r.stream.Kill("unknown", 0)
	r.stream.Send(&executor.Event{Type: executor.Event_MESSAGE, Message: &executor.Event_Message{Data: []byte("x")}})
	r.stream.Kill("m.1", 0)
	if s := r.agent.Update(mesos.TASK_KILLED); s.TaskID.Value != "m.1" {
		t.Errorf("killed %v", s)
	}
	r.end()
}

func TestBadDataFailsTheTask(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{"": "decode LaunchSpec", "{\"version\":99}": "version 99 is unknown",
		"\x00\xff": "decode LaunchSpec", "{\"version\":1,\"role\":\"x\"}": `unknown role "x"`} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.stream.Launch("m.1", []byte(data))
			r.failure(want)
			r.end()
		})
	}
}

func TestStubbornJVMIsKilledAfterTheGrace(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.launch("m.1", r.master("-Dfake=stubborn"))
	r.agent.Update(mesos.TASK_RUNNING)
	r.stream.Kill("m.1", 200*time.Millisecond)
	r.agent.Update(mesos.TASK_KILLED)
	if log := r.log.String(); strings.Index(log, `"signal":"terminated"`) > strings.Index(log, `"signal":"killed"`) ||
		!strings.Contains(log, `"signal":"killed"`) {
		t.Errorf("signals: %s", log)
	}
	r.end()
}

func TestAKilledJVMFailsTheTask(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.launch("m.1", r.master())
	r.agent.Update(mesos.TASK_RUNNING)
	var pid int
	m := regexp.MustCompile(`"pid":(\d+)`).FindStringSubmatch(r.log.String())
	if _, err := fmt.Sscan(m[1], &pid); err != nil {
		t.Fatal(err)
	}
	check(t, syscall.Kill(pid, syscall.SIGKILL))
	if s := r.failure("killed by SIGKILL"); strings.Contains(s.GetMessage(), "memory") {
		t.Errorf("nobody knows that it was memory: %q", s.GetMessage())
	}
	r.end()
}

// TestKillWhileFetchingCancelsTheFetch, of which the updates had told how far it was, and then that
// nothing came.
func TestKillWhileFetchingCancelsTheFetch(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 1<<20)
	_, err := rand.NewChaCha8([32]byte{}).Read(noise)
	check(t, err)
	data := tarball(t, map[string][]byte{"alluxio/noise": noise})
	cancelled := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		if r.Method == http.MethodHead {
			return
		}
		for rest, parts := data, 0; r.Context().Err() == nil; parts++ {
			part := rest[:len(rest)/100]
			rest = rest[len(part):]
			if parts == 40 {
				<-r.Context().Done()
				break
			}
			_, _ = w.Write(part) // fails once nobody reads
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
		cancelled <- struct{}{}
	}))
	defer server.Close()
	r := newRig(t)
	spec := r.master()
	spec.Install.Alluxio.URL, spec.Install.CacheDir = server.URL+"/alluxio.tar.gz", filepath.Join(r.dir, "cache")
	r.launch("m.1", spec)
	for _, want := range []string{
		`^fetching Alluxio: [1-9][0-9]? %$`,
		`^fetching Alluxio: [1-9][0-9] %; ` + server.URL +
			`/alluxio.tar.gz: no byte for 1[0-9] s after [0-9.]+KB of 1MB \(try 1 of 6\)$`,
	} {
		said := regexp.MustCompile(want)
		for {
			if s := r.agent.Update(mesos.TASK_STARTING); said.MatchString(s.GetMessage()) &&
				launch.DecodeReport(s.Data).Phase == s.GetMessage() {
				break
			}
		}
	}
	r.stream.Kill("m.1", 0)
	r.agent.Update(mesos.TASK_KILLED)
	<-cancelled
	r.end()
}

// TestTheAgentRestarts: the JVM lives on, and what was not acknowledged travels in the next subscription.
func TestTheAgentRestarts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.agent.Acknowledge(false)
	r.launch("m.1", r.master("-Dfake=mute"))
	r.agent.Update(mesos.TASK_STARTING)
	r.agent.Update(mesos.TASK_STARTING) // the journal was formatted
	r.stream.End()
	again := r.agent.Subscription()
	if u := again.Call.Subscribe; len(u.UnacknowledgedUpdates) != 2 || len(u.UnacknowledgedTasks) != 1 ||
		u.UnacknowledgedTasks[0].TaskID.Value != "m.1" {
		t.Errorf("subscription %v", u)
	}
	r.agent.Acknowledge(true)
	again.Kill("m.1", 0)
	r.agent.Update(mesos.TASK_KILLED)
	r.end()
}

func TestALostAgentEndsTheJVM(t *testing.T) {
	t.Parallel()
	r := newRig(t, "MESOS_CHECKPOINT=0")
	r.launch("m.1", r.master())
	r.agent.Update(mesos.TASK_RUNNING)
	r.stream.End()
	r.end()
	if !strings.Contains(r.log.String(), `"signal":"terminated"`) {
		t.Errorf("log: %s", r.log)
	}
}

func TestCancelEndsInOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.launch("m.1", r.master())
	r.agent.Update(mesos.TASK_RUNNING)
	r.cancel()
	r.agent.Update(mesos.TASK_KILLED)
	r.end()
}

func TestShutdownWithoutATaskEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.stream.Send(&executor.Event{Type: executor.Event_SHUTDOWN})
	r.end()
}

func TestRunWithoutAnAgentIsAnError(t *testing.T) {
	t.Parallel()
	if err := Run(context.Background(), Config{Log: zerolog.Nop()}); err == nil ||
		!strings.Contains(err.Error(), "MESOS_AGENT_ENDPOINT") {
		t.Error(err)
	}
	r := newRig(t, "MESOS_CHECKPOINT=0")
	r.stream.End()
	select {
	case err := <-r.ended:
		if err == nil || !strings.Contains(err.Error(), "before it launched") {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("does not end")
	}
}
