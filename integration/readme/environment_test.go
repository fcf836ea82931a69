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
	"github.com/alluxio/alluxio-mesos/integration/testkit/terminal"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// patience bounds every wait for a condition; it is not a measurement.
const patience = 4 * time.Minute

// environment is a genuine Mesos with one agent, a mirror with a genuine Alluxio, and the folders of the documents.
type environment struct {
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

func newEnvironment(t *testing.T) *environment {
	dir, err := os.MkdirTemp("", "readme-") // agents switch users: t.TempDir is for its owner only
	e := &environment{T: t, dir: dir}
	e.check(err)
	t.Cleanup(func() { e.check(os.RemoveAll(dir)) })
	e.check(os.Chmod(dir, 0o755))
	for _, name := range []string{"home", "under-store", "completion", "idle/conf"} {
		e.check(os.MkdirAll(e.path(name), 0o755))
	}
	e.binary, err = clitest.BuildBinary(t.Context(), dir)
	e.check(err)
	e.release, err = realalluxio.Get(t.Context(), "2.9.6")
	e.check(err)
	mirror := httptest.NewServer(http.FileServer(http.Dir(filepath.Dir(e.release.Tarball))))
	t.Cleanup(mirror.Close)
	e.mirror = mirror.URL
	e.startMesos()
	return e
}

func (e *environment) startMesos() {
	block, err := loopback.Reserve()
	e.check(err)
	e.Cleanup(block.Release)
	mesos, err := realmesos.Build(e.Context())
	e.check(err)
	e.master, err = mesos.StartMaster(e.Context(),
		realmesos.MasterOptions{Dir: e.path("master"), IP: block.IP(1), Flags: []string{"--allocation_interval=200ms"}})
	e.check(err)
	e.Cleanup(func() { e.check(e.master.Stop()) })
	e.agent, err = mesos.StartAgent(e.Context(),
		realmesos.AgentOptions{Master: e.master.Addr(), IP: block.IP(1), Dir: e.path("agent"),
			Resources: "ports:[19998-19999,29998-30000];cpus:4;mem:4096;disk:1000"})
	e.check(err)
	e.Cleanup(func() { e.check(e.agent.Stop()) })
}

func (e *environment) path(name string) string { return filepath.Join(e.dir, name) }

func (e *environment) check(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// substitute replaces the placeholders of a command.
func (e *environment) substitute(command string) string {
	for _, s := range substitutes {
		if strings.Contains(command, s.placeholder) {
			command = strings.ReplaceAll(command, s.placeholder, s.stands(e))
		}
	}
	return command
}

// start starts a shell command as an operator would; what it leaves behind ends with the test.
func (e *environment) start(in folder, script string) *reaper.Process {
	e.Helper()
	e.runs++
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "ALLUXIO_") || strings.HasPrefix(v, "ALLUXIO_MESOS_") {
			env = append(env, v)
		}
	}
	env = append(env, "COLUMNS=1000") // one message is one line
	dir := map[folder]string{home: e.path("home"), repository: clitest.Repository(), idle: e.path("idle")}[in]
	p, err := reaper.Start(e.Context(),
		reaper.Command{Argv: []string{"/bin/sh", "-ec", script}, Env: env, Dir: dir,
			Log: e.path(fmt.Sprintf("out-%d", e.runs))})
	e.check(err)
	e.Cleanup(func() { e.check(p.Close()) })
	return p
}

// run runs a shell command to its end and returns its exit code; e.out has what it printed.
func (e *environment) run(in folder, script string) int {
	e.Helper()
	p := e.start(in, script)
	return e.end(p)
}

func (e *environment) end(p *reaper.Process) int {
	e.Helper()
	ctx, cancel := context.WithTimeout(e.Context(), patience)
	defer cancel()
	status, err := p.Wait(ctx)
	out, _ := os.ReadFile(p.Log())
	e.out = string(out)
	if err != nil {
		e.Fatalf("%v\n%s", err, e.out)
	}
	return status.ExitStatus()
}

// await polls until done is true.
func (e *environment) await(what string, done func() bool) {
	e.Helper()
	ctx, cancel := context.WithTimeout(e.Context(), patience)
	defer cancel()
	e.check(clitest.Await(ctx, what, func(context.Context) (bool, error) {
		if done() {
			return true, nil
		}
		return false, errors.New(e.out)
	}))
}

// status asks the framework of a folder; nil when it does not answer.
func (e *environment) status(in folder) *cluster.Status {
	if e.run(in, e.path("home/bin/alluxio-mesos")+" status -o json --conf-dir conf") != 0 {
		return nil
	}
	status := new(cluster.Status)
	e.check(json.Unmarshal([]byte(e.out), status))
	return status
}

// do carries out a step.
func (e *environment) do(s step) {
	e.Helper()
	if s.before != nil {
		s.before(e)
	}
	script := e.substitute(strings.Join(append(s.with[:len(s.with):len(s.with)], s.command), "\n"))
	if s.types != "" {
		person, tty := terminal.Open(e.T, 100)
		_, err := person.WriteString(s.types) // the terminal keeps it until the command reads
		e.check(err)
		script = "exec < " + tty.Name() + "\n" + script
	}
	code := 0
	if s.terminate {
		p := e.start(s.in, "exec "+script)
		e.await("a subscription", func() bool {
			status := e.status(s.in)
			return status != nil && status.Mesos.State == "subscribed" && status.Complete
		})
		if s.after != nil {
			s.after(e)
			s.after = nil
		}
		e.check(p.Signal(syscall.SIGTERM))
		code = e.end(p)
	} else {
		code = e.run(s.in, script)
	}
	if code != 0 || !strings.Contains(e.out, s.want) {
		e.Fatalf("$ %s\nexit code %d, want 0 and %q in\n%s%s", script, code, s.want, e.out, e.log(s.in))
	}
	if s.after != nil {
		s.after(e)
	}
}

// log is the end of a framework's log.
func (e *environment) log(in folder) string {
	data, _ := os.ReadFile(filepath.Join(map[folder]string{home: e.path("home"), idle: e.path("idle")}[in],
		"logs/framework.out"))
	return string(data[max(0, len(data)-6000):])
}
