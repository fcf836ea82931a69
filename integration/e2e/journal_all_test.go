//go:build testall

package e2e

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/mesosagent/agenttest"
	"github.com/alluxio/alluxio-mesos/integration/keeper"
	"github.com/alluxio/alluxio-mesos/integration/world"
)

// endEvery is the time from one moment at which a first start is ended to the next; servedRounds is
// how many rounds end one that serves, which are the last.
const (
	endEvery     = 100 * time.Millisecond
	servedRounds = 2
)

// TestAFirstStartThatIsEndedAtAnyMomentLosesNothing ends a genuine master every 100 ms of the first
// start of its journal, while a client writes. What the client was told to be written is there when
// the next master serves, and each serves: one that finds no root is formatted again only if the
// client was told nothing.
func TestAFirstStartThatIsEndedAtAnyMomentLosesNothing(t *testing.T) {
	t.Parallel()
	f := newFirstStarts(t)
	f.format()
	served := 0
	for at := time.Duration(0); served < servedRounds; at += endEvery {
		dir := filepath.Join(f.w.Dir, fmt.Sprintf("round-%v", at))
		f.w.Check(os.CopyFS(filepath.Join(dir, "data"), os.DirFS(filepath.Join(f.w.Dir, "formatted/data"))))
		if f.round(dir, at) {
			served++
		}
		f.w.Check(os.RemoveAll(dir)) // a metastore for each is a lot of disk
	}
}

// firstStarts are masters without a Mesos on one address, and a client that writes to whichever is
// there.
type firstStarts struct {
	w        *world.World
	home, ip string
	writer   *keeper.Process
	seen     int // bytes of the writer's log
	// formatted is the journal before any master ran.
	formatted map[string]string
}

func newFirstStarts(t *testing.T) *firstStarts {
	w := newWorld(t)
	release := w.Release("2.9.6")
	f := &firstStarts{w: w, home: release.Dir, ip: w.Block.IP(1)}
	source := filepath.Join("testdata", "Writer.java")
	conf := filepath.Join(release.Dir, "conf")
	argv := []string{"java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp",
		conf + ":" + filepath.Join(release.Dir, "assembly/alluxio-client-2.9.6.jar")}
	for key, value := range map[string]string{
		"alluxio.home": release.Dir, "alluxio.conf.dir": conf, "alluxio.logs.dir": w.Folder("writer-logs"), "alluxio.logger.type": "USER_LOGGER",
		"log4j.configuration": "file:" + filepath.Join(conf, "log4j.properties"), "java.io.tmpdir": w.Folder("writer-tmp"),
		"alluxio.master.hostname": f.ip, "alluxio.master.rpc.port": "19998", "alluxio.user.conf.cluster.default.enabled": "false",
		"alluxio.user.rpc.retry.max.duration": "200ms", "alluxio.user.rpc.retry.base.sleep": "20ms", "alluxio.user.metrics.collection.enabled": "false",
	} {
		argv = append(argv, "-D"+key+"="+value)
	}
	var err error
	f.writer, err = keeper.Start(t.Context(), keeper.Command{Argv: append(argv, source), Env: os.Environ(),
		Log: filepath.Join(w.Dir, "writer.log")})
	w.Check(err)
	t.Cleanup(func() { w.Ended(f.writer.Close()) })
	f.acknowledged() // it runs
	return f
}

// acknowledged are the files that the client was told to be written since the last call, until now:
// it waits for one that was not.
func (f *firstStarts) acknowledged() (paths []string) {
	f.w.T.Helper()
	log := f.text()
	from := max(len(log), f.seen)
	f.w.T.Helper()
	waitFor(f.w, "a file that the client cannot write", func() bool { log = f.text(); return strings.Contains(log[from:], "\n-\n") })
	end := from + strings.Index(log[from:], "\n-\n") + 1
	for line := range strings.Lines(log[f.seen:end]) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "/w") {
			paths = append(paths, line)
		}
	}
	f.seen = end
	return paths
}

func (f *firstStarts) text() string {
	log, err := os.ReadFile(f.writer.Log())
	f.w.Check(err)
	return string(log)
}

func waitFor(w *world.World, what string, done func() bool) {
	w.T.Helper()
	for limit := time.Now().Add(5 * time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			w.T.Fatalf("%s did not come", what)
		}
	}
}

// format makes the journal that each round begins with, and its mark.
func (f *firstStarts) format() {
	dir := f.w.Folder("formatted")
	m := f.master(dir, "m.0", launch.Journal{MayFormat: true})
	waitFor(f.w, "the start of the JVM", func() bool { return strings.Contains(m.log(), "started Alluxio") })
	m.stream.Kill("m.0", 30*time.Second)
	m.agent.Update(mesos.TASK_KILLED)
	m.ended()
	f.formatted = f.files(dir)
}

// files are the contents of a journal.
func (f *firstStarts) files(dir string) map[string]string {
	f.w.T.Helper()
	files := map[string]string{}
	root := os.DirFS(filepath.Join(dir, "data/journal"))
	f.w.Check(fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, path)
		files[path] = string(text)
		return err
	}))
	return files
}

// round ends the first master of a journal at a moment after its JVM was started, and looks at the
// next one, unless the first has changed nothing. served is true when the first had served.
func (f *firstStarts) round(dir string, at time.Duration) (served bool) {
	w := f.w
	w.T.Helper()
	f.acknowledged()
	mark := filepath.Join(dir, "data/.journal.alluxio-mesos-first-start")
	first := f.master(dir, "m.1", launch.Journal{})
	waitFor(w, "the start of the JVM", func() bool { return strings.Contains(first.log(), "started Alluxio") })
	<-time.After(at) // the moment of the fault
	first.stream.Kill("m.1", 30*time.Second)
	first.agent.Update(mesos.TASK_KILLED)
	first.ended()
	told := f.acknowledged()
	_, err := os.Stat(mark)
	served = os.IsNotExist(err)
	if term := strings.Contains(first.log(), "signal=terminated"); term != served {
		w.T.Errorf("ended after %v, when it had served: %v, SIGTERM: %v", at, served, term)
	}
	if maps.Equal(f.files(dir), f.formatted) && len(told) == 0 && !served {
		return false
	}
	next := f.master(dir, "m.2", launch.Journal{})
	if report := next.serves(); report.JournalNeverServed {
		if len(told) > 0 {
			w.T.Fatalf("ended after %v: %d files were acknowledged, and the journal is to be formatted", at, len(told))
		}
		next.ended()
		next = f.master(dir, "m.3", launch.Journal{Format: true})
		if report = next.serves(); report.JournalUnusable != "" {
			w.T.Fatalf("ended after %v: formatted again, it does not serve", at)
		}
	}
	there := f.list()
	for _, path := range told {
		if !slices.Contains(there, path) {
			w.T.Errorf("ended after %v: %s was acknowledged and is lost; there are %d", at, path, len(there))
		}
	}
	w.T.Logf("ended after %v: served %v, %d files acknowledged", at, served, len(told))
	w.Check(next.process.Close())
	next.jvmEnds()
	return served
}

// list asks the master for all files in the root.
func (f *firstStarts) list() (paths []string) {
	f.w.T.Helper()
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + f.ip + ":19999/api/v1/master/webui_browse?path=/&offset=0&limit=1000000")
	f.w.Check(err)
	defer resp.Body.Close()
	var answer struct {
		FileInfos []struct{ AbsolutePath string }
	}
	f.w.Check(json.NewDecoder(resp.Body).Decode(&answer))
	if resp.StatusCode != http.StatusOK {
		f.w.T.Fatalf("list the root: %s", resp.Status)
	}
	for _, info := range answer.FileInfos {
		paths = append(paths, info.AbsolutePath)
	}
	return paths
}

// firstMaster is one executor with its agent and master.
type firstMaster struct {
	w       *world.World
	ip      string
	agent   *agenttest.Agent
	stream  *agenttest.Subscription
	process *keeper.Process
}

// master starts an executor and its task on the journal of dir.
func (f *firstStarts) master(dir, task string, journal launch.Journal) *firstMaster {
	w := f.w
	w.T.Helper()
	sandbox := filepath.Join(dir, task)
	w.Check(os.MkdirAll(sandbox, 0o755))
	w.Check(os.MkdirAll(filepath.Join(dir, "ufs"), 0o755))
	m := &firstMaster{w: w, ip: f.ip, agent: agenttest.New(w.T)}
	process, err := keeper.Start(w.T.Context(), keeper.Command{Argv: []string{binary, "executor"},
		Env: m.agent.Environ(sandbox, os.Environ()...), Dir: sandbox, Log: filepath.Join(dir, task+".log")})
	w.Check(err)
	m.process = process
	w.T.Cleanup(func() { w.Ended(process.Close()) })
	m.stream = m.agent.Subscription()
	journal.DataDir, journal.Identity = filepath.Join(dir, "data"), "journal"
	ufs := filepath.Join(dir, "ufs")
	var site []config.Property
	for _, line := range []string{"alluxio.master.mount.table.root.ufs=" + ufs,
		"alluxio.master.worker.connect.wait.time=1sec",
		"alluxio.master.journal.tailer.shutdown.quiet.wait.time=200ms"} {
		key, value, _ := strings.Cut(line, "=")
		site = append(site, config.Property{Key: key, Value: value, Source: "site"})
	}
	spec := &launch.Spec{
		Version: launch.SchemaVersion, Slot: "alluxio-master-0", Role: config.Master, Cluster: "first", Host: f.ip,
		Bind: f.ip, Site: site,
		Install: config.Install{Home: f.home}, Ports: map[config.PortName]uint16{config.MasterRPC: 19998,
			config.MasterWeb: 19999},
		Masters: []launch.Address{{Host: f.ip, RPC: 19998, Web: 19999}}, Memory: launch.Memory{Heap: 256 * config.MB},
		Journal: journal, KillGrace: 30 * time.Second, StartTimeout: 5 * time.Minute,
	}
	data, err := spec.Encode()
	w.Check(err)
	m.stream.Launch(task, data)
	return m
}

func (m *firstMaster) log() string {
	log, err := os.ReadFile(m.process.Log())
	m.w.Check(err)
	return string(log)
}

// serves waits until the master serves, or has failed since its journal has no root, and returns
// the report.
func (m *firstMaster) serves() launch.Report {
	m.w.T.Helper()
	waitFor(m.w, "a master that serves or fails", func() bool {
		return strings.Contains(m.log(), `state=running`) || strings.Contains(m.log(), `state=ended`)
	})
	want := mesos.TASK_RUNNING
	if strings.Contains(m.log(), `state=ended`) {
		want = mesos.TASK_FAILED
	}
	return launch.DecodeReport(m.agent.Update(want).Data)
}

// ended waits until the executor has ended by itself.
func (m *firstMaster) ended() {
	m.w.T.Helper()
	_, err := m.process.Wait(m.w.T.Context())
	m.w.Check(err)
	m.jvmEnds()
}

// jvmEnds waits until nothing has the master's port.
func (m *firstMaster) jvmEnds() {
	m.w.T.Helper()
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	waitFor(m.w, "the end of the JVM", func() bool {
		resp, err := client.Get("http://" + m.ip + ":19999/")
		if err == nil {
			resp.Body.Close()
		}
		return err != nil && strings.Contains(err.Error(), "connection refused")
	})
}
