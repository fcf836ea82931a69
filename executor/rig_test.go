package executor

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakeagent"
	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
)

// rig is a running executor between a fake agent and a fake JVM.
type rig struct {
	t       testing.TB
	agent   *fakeagent.Agent
	stream  *fakeagent.Subscription
	dir     string
	sandbox string
	cancel  context.CancelFunc
	ended   chan error
	log     *buffer
}

// buffer is a log that may be written while it is read.
type buffer struct {
	mu   sync.Mutex
	b    bytes.Buffer
	text string
	call func()
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.call != nil && bytes.Contains(p, []byte(b.text)) {
		b.call()
	}
	return b.b.Write(p)
}

// on calls f when a line with text is logged.
func (b *buffer) on(text string, f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text, b.call = text, f
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// newFolders makes what an executor finds on its host: an Alluxio, a JDK, a sandbox.
func newFolders(t testing.TB) *rig {
	t.Helper()
	dir := t.TempDir()
	r := &rig{t: t, dir: dir, sandbox: filepath.Join(dir, "sandbox"), ended: make(chan error, 1), log: &buffer{}}
	java := filepath.Join(dir, "jdk/bin/java")
	self, err := os.Executable()
	check(t, err, os.MkdirAll(filepath.Dir(java), 0o755), os.MkdirAll(filepath.Join(dir, "alluxio/assembly"), 0o755),
		os.Mkdir(r.sandbox, 0o755))
	check(t, os.Symlink(self, java), os.Symlink(self, filepath.Join(dir, "executor")),
		os.WriteFile(filepath.Join(dir, "jdk/release"), []byte("JAVA_VERSION=\"17.0.15\"\n"), 0o644),
		os.WriteFile(filepath.Join(dir, "alluxio/assembly/alluxio-server-2.9.6.jar"), nil, 0o644))
	return r
}

// newRig starts an executor and waits for its subscription. It is stopped, and its JVM with it, when the test ends.
func newRig(t testing.TB, environ ...string) *rig {
	t.Helper()
	r := newFolders(t)
	r.agent = fakeagent.New(t)
	dir := r.dir
	stdout, err1 := os.Create(filepath.Join(r.sandbox, "stdout"))
	stderr, err2 := os.Create(filepath.Join(r.sandbox, "stderr"))
	check(t, err1, err2)
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	environ = append([]string{"JAVA_HOME=" + filepath.Join(dir, "jdk"), "PATH=/bin",
		"MESOS_EXECUTOR_AUTHENTICATION_TOKEN=executor-token", "AWS_SECRET=agent"}, environ...)
	c := Config{Environ: r.agent.Environ(r.sandbox, environ...), Stdout: stdout, Stderr: stderr,
		Log: zerolog.New(r.log).With().Timestamp().Logger()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.ended <- Run(ctx, c)
		stdout.Close()
		stderr.Close()
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		if t.Failed() {
			t.Logf("executor's log:\n%s", r.log)
		}
	})
	r.stream = r.agent.Subscription()
	return r
}

func check(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func freePort(t testing.TB, ip string) uint16 {
	t.Helper()
	port, err := loopback.FreePort(ip)
	check(t, err)
	return uint16(port)
}

// master is a LaunchSpec of a master with a journal of its own that may be formatted. It listens on
// an address that nobody else uses.
func (r *rig) master(options ...string) *launch.Spec {
	ip, err := loopback.IP()
	check(r.t, err)
	rpc, web := freePort(r.t, ip), freePort(r.t, ip)
	return &launch.Spec{
		Version: launch.SchemaVersion, Slot: "alluxio-master-0", Role: config.Master, Cluster: "executor-test-" + ip,
		Host: ip, Bind: ip,
		Install:   config.Install{Home: filepath.Join(r.dir, "alluxio")},
		Ports:     map[config.PortName]uint16{config.MasterRPC: rpc, config.MasterWeb: web},
		Endpoints: map[config.Role][]launch.Address{config.Master: {{Host: ip, RPC: 1, Web: web}}},
		Journal: launch.Journal{DataDir: filepath.Join(r.dir, "data"),
			Identity: ip + ":" + filepath.Join(r.dir, "data/journal"), MayFormat: true},
		KillGrace: 30 * time.Second, StartTimeout: 2 * time.Minute,
		JavaOpts: append([]string{fmt.Sprintf("-Dfake.web=%s:%d", ip, web),
			"-Dfake.record=" + filepath.Join(r.dir, "record")}, options...),
	}
}

// worker is a LaunchSpec of a worker of the master that serves at leaderWeb on loopback.
func (r *rig) worker(leaderWeb uint16, options ...string) *launch.Spec {
	s := r.master(options...)
	web := s.Ports[config.MasterWeb]
	s.Role, s.Slot, s.Journal = config.Worker, "alluxio-worker-0", launch.Journal{}
	s.Ports = map[config.PortName]uint16{config.WorkerRPC: 29999, config.WorkerWeb: web}
	s.Endpoints[config.Master] = []launch.Address{{Host: "127.0.0.1", RPC: 1, Web: leaderWeb}}
	s.Ramdisk = config.Ramdisk{Size: config.MB, Path: filepath.Join(r.dir, "blocks")}
	check(r.t, os.Mkdir(s.Ramdisk.Path, 0o755))
	return s
}

func (r *rig) launch(id string, s *launch.Spec) {
	r.t.Helper()
	data, err := s.Encode()
	check(r.t, err)
	r.stream.Launch(id, data)
}

// end waits for the executor to end by itself.
func (r *rig) end() {
	r.t.Helper()
	select {
	case err := <-r.ended:
		check(r.t, err)
	case <-time.After(time.Minute):
		r.t.Fatal("the executor does not end")
	}
}

// failure waits for TASK_FAILED with every one of these in its message.
func (r *rig) failure(parts ...string) mesos.TaskStatus {
	r.t.Helper()
	s := r.agent.Update(mesos.TASK_FAILED)
	for _, p := range parts {
		if !strings.Contains(s.GetMessage(), p) {
			r.t.Errorf("message %q lacks %q", s.GetMessage(), p)
		}
	}
	return s
}

// jvm is what the fake JVM has recorded of its last start: its arguments and environment.
func (r *rig) jvm() (args string, env []string) {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.dir, "record"))
	check(r.t, err)
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return lines[1], lines[2:]
}

// eventually polls until f is true.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !f(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come", what)
		}
	}
}

func read(t testing.TB, elem ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	check(t, err)
	return string(data)
}
