package readme

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// patience bounds every wait for a condition; it is not a measurement.
const patience = 4 * time.Minute

// world is a genuine Mesos with one agent, a mirror with a genuine Alluxio, and the folders of the documents.
type world struct {
	*testing.T
	dir, binary, mirror string
	release             realalluxio.Release
	master              *realmesos.Master
	agent               *realmesos.Agent
	runs                int
	out                 string            // of the last command
	tasks               map[string]string // by slot, as they were first
	idleID              string
}

func newWorld(t *testing.T) *world {
	dir, err := os.MkdirTemp("", "readme-") // agents switch users: t.TempDir is for its owner only
	w := &world{T: t, dir: dir}
	w.check(err)
	t.Cleanup(func() { w.check(os.RemoveAll(dir)) })
	w.check(os.Chmod(dir, 0o755))
	for _, name := range []string{"home", "under-store", "completion", "idle/conf"} {
		w.check(os.MkdirAll(w.path(name), 0o755))
	}
	w.binary, err = clitest.BuildBinary(t.Context(), dir)
	w.check(err)
	w.release, err = realalluxio.Get(t.Context(), "2.9.6")
	w.check(err)
	mirror := httptest.NewServer(http.FileServer(http.Dir(filepath.Dir(w.release.Tarball))))
	t.Cleanup(mirror.Close)
	w.mirror = mirror.URL
	w.startMesos()
	return w
}

func (w *world) startMesos() {
	block, err := loopback.Reserve()
	w.check(err)
	w.Cleanup(block.Release)
	mesos, err := realmesos.Build(w.Context())
	w.check(err)
	w.master, err = mesos.StartMaster(w.Context(),
		realmesos.MasterOptions{Dir: w.path("master"), IP: block.IP(1), Flags: []string{"--allocation_interval=200ms"}})
	w.check(err)
	w.Cleanup(func() { w.check(w.master.Stop()) })
	w.agent, err = mesos.StartAgent(w.Context(),
		realmesos.AgentOptions{Master: w.master.Addr(), IP: block.IP(1), Dir: w.path("agent"),
			Resources: "ports:[19998-19999,29998-30000];cpus:4;mem:4096;disk:1000"})
	w.check(err)
	w.Cleanup(func() { w.check(w.agent.Stop()) })
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) check(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// substitute replaces the placeholders of a command.
func (w *world) substitute(command string) string {
	for _, s := range substitutes {
		if strings.Contains(command, s.placeholder) {
			command = strings.ReplaceAll(command, s.placeholder, s.stands(w))
		}
	}
	return command
}

// start starts a shell command as an operator would; what it leaves behind ends with the test.
func (w *world) start(in folder, script string) *reaper.Process {
	w.Helper()
	w.runs++
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "ALLUXIO_") || strings.HasPrefix(v, "ALLUXIO_MESOS_") {
			env = append(env, v)
		}
	}
	env = append(env, "COLUMNS=1000") // one message is one line
	dir := map[folder]string{home: w.path("home"), repository: clitest.Repository(), idle: w.path("idle")}[in]
	p, err := reaper.Start(w.Context(),
		reaper.Command{Argv: []string{"/bin/sh", "-ec", script}, Env: env, Dir: dir,
			Log: w.path(fmt.Sprintf("out-%d", w.runs))})
	w.check(err)
	w.Cleanup(func() { w.check(p.Close()) })
	return p
}

// run runs a shell command to its end and returns its exit code; w.out has what it printed.
func (w *world) run(in folder, script string) int {
	w.Helper()
	p := w.start(in, script)
	return w.end(p)
}

func (w *world) end(p *reaper.Process) int {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	status, err := p.Wait(ctx)
	out, _ := os.ReadFile(p.Log())
	w.out = string(out)
	if err != nil {
		w.Fatalf("%v\n%s", err, w.out)
	}
	return status.ExitStatus()
}

// await polls until done is true.
func (w *world) await(what string, done func() bool) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	w.check(clitest.Await(ctx, what, func(context.Context) (bool, error) {
		if done() {
			return true, nil
		}
		return false, errors.New(w.out)
	}))
}

// status asks the framework of a folder; nil when it does not answer.
func (w *world) status(in folder) *cluster.Status {
	if w.run(in, w.path("home/bin/alluxio-mesos")+" status -o json --conf-dir conf") != 0 {
		return nil
	}
	status := new(cluster.Status)
	w.check(json.Unmarshal([]byte(w.out), status))
	return status
}

// do carries out a step.
func (w *world) do(s step) {
	w.Helper()
	if s.before != nil {
		s.before(w)
	}
	script := w.substitute(strings.Join(append(s.with[:len(s.with):len(s.with)], s.command), "\n"))
	code := 0
	if s.terminate {
		p := w.start(s.in, "exec "+script)
		w.await("a subscription", func() bool {
			status := w.status(s.in)
			return status != nil && status.Mesos.State == "subscribed" && status.Complete
		})
		if s.after != nil {
			s.after(w)
			s.after = nil
		}
		w.check(p.Signal(syscall.SIGTERM))
		code = w.end(p)
	} else {
		code = w.run(s.in, script)
	}
	if code != 0 || !strings.Contains(w.out, s.want) {
		w.Fatalf("$ %s\nexit code %d, want 0 and %q in\n%s%s", script, code, s.want, w.out, w.log(s.in))
	}
	if s.after != nil {
		s.after(w)
	}
}

// log is the end of a framework's log.
func (w *world) log(in folder) string {
	data, _ := os.ReadFile(filepath.Join(map[folder]string{home: w.path("home"), idle: w.path("idle")}[in],
		"logs/framework.out"))
	return string(data[max(0, len(data)-6000):])
}
