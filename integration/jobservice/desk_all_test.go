//go:build testall

package jobservice

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakeagent"
	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
)

// desk is a genuine master that a genuine executor runs, and that is sent administration requests.
type desk struct {
	*parts
	agent   *fakeagent.Agent
	stream  *fakeagent.Subscription
	sandbox string
	// operations are those that the executor runs.
	operations []launch.AdminOperation
	requests   int
	clients    int
}

// newDesk makes a cluster whose master, on the first address, serves.
func newDesk(t *testing.T, site ...string) *desk {
	t.Helper()
	d := newDeskOf(t, "2.9.6", site...)
	if !slices.Contains(d.operations, launch.AdminDecommission) {
		t.Fatalf("the executor runs %v", d.operations)
	}
	return d
}

// newDeskOf is newDesk of a version.
func newDeskOf(t *testing.T, version string, site ...string) *desk {
	t.Helper()
	d := &desk{parts: newPartsOf(t, version, 1, config.NoElection, append([]string{
		"alluxio.master.worker.connect.wait.time", "1sec",
		"alluxio.master.journal.tailer.shutdown.quiet.wait.time", "200ms"}, site...)...)}
	host := d.block.IP(1)
	d.sandbox = filepath.Join(d.dir, "master-sandbox")
	check(t, os.MkdirAll(d.sandbox, 0o755))
	stdout, err := os.Create(filepath.Join(d.sandbox, "stdout"))
	check(t, err)
	d.agent = fakeagent.New(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- executor.Run(ctx, executor.Config{Environ: d.agent.Environ(d.sandbox, "JAVA_HOME="+d.javaHome,
			"PATH="+os.Getenv("PATH")), Stdout: stdout, Stderr: stdout, Log: zerolog.New(stdout)})
	}()
	t.Cleanup(func() {
		cancel()
		check(t, <-ended)
		check(t, stdout.Close())
	})
	d.stream = d.agent.Subscription()
	spec := &launch.Spec{
		Version: launch.SchemaVersion, Slot: "alluxio-master-0", Role: config.Master, Cluster: "jobservice", Site: d.site,
		Host: host, Bind: host, Ports: d.ports(config.Master), Endpoints: d.endpoints,
		Install: config.Install{Home: d.release.Dir}, Memory: launch.Memory{Heap: 512 * config.MB},
		Journal:   launch.Journal{DataDir: filepath.Join(d.dir, "data"), Identity: host + ":journal", MayFormat: true},
		KillGrace: 30 * time.Second, StartTimeout: 5 * time.Minute,
	}
	data, err := spec.Encode()
	check(t, err)
	d.stream.Launch("m.1", data)
	running := d.agent.Update(mesos.TASK_RUNNING)
	d.operations = launch.DecodeReport(running.Data).Admin
	return d
}

// do sends a request about the worker on host until its final answer comes.
func (d *desk) do(operation launch.AdminOperation, host string, change func(*launch.AdminRequest)) launch.AdminAnswer {
	d.t.Helper()
	d.requests++
	r := launch.AdminRequest{ID: fmt.Sprint(d.requests), Operation: operation, Within: 10 * time.Minute,
		Worker: launch.Address{Host: host, RPC: 29999, Web: 30000}}
	if operation == launch.AdminBackup {
		r.Worker = launch.Address{}
	}
	if change != nil {
		change(&r)
	}
	began, last := time.Now(), ""
	for {
		d.stream.Message(r.Encode())
		for {
			answer, err := launch.DecodeAdminAnswer(d.agent.Message())
			check(d.t, err)
			if answer.ID != r.ID {
				continue // a second answer to an earlier one
			}
			if answer.State.Final() {
				d.t.Logf("%v: %s %s: %s, %s", time.Since(began).Round(time.Second/10), operation, host, answer.State,
					answer.Message)
				return answer
			}
			if answer.Message != last {
				last = answer.Message
				d.t.Logf("%v: %s", time.Since(began).Round(time.Second/10), last)
			}
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// find returns what only the worker on host has.
func (d *desk) find(host string) *launch.FilesResult {
	d.t.Helper()
	answer := d.do(launch.AdminFind, host, nil)
	if answer.State != launch.AdminDone {
		d.t.Fatalf("%+v", answer)
	}
	return answer.Files
}

// worker starts a worker with a ramdisk of its own on host, or starts it again on the same ramdisk.
func (d *desk) worker(host string) *part {
	d.t.Helper()
	started := d.start(config.Worker, host)
	d.await(started)
	return started
}

// adminShell runs Alluxio's own command for administrators, and returns what it prints.
func (d *desk) adminShell(args ...string) string {
	d.t.Helper()
	conf := filepath.Join(d.release.Dir, "conf")
	argv := append([]string{"-cp", conf + ":" + filepath.Join(d.release.Dir, "assembly/alluxio-client-2.9.6.jar"),
		"-Dalluxio.home=" + d.release.Dir, "-Dalluxio.conf.dir=" + conf, "-Dalluxio.logs.dir=" + d.dir,
		"-Dalluxio.master.hostname=" + d.block.IP(1), "alluxio.cli.fsadmin.FileSystemAdminShell"}, args...)
	out, err := exec.CommandContext(d.t.Context(), d.java, argv...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("%q: %v: %s", args, err, out)
	}
	return string(out)
}

// startClient starts testdata/Client.java with these properties.
func (d *desk) startClient(properties map[string]string, args ...string) *reaper.Process {
	d.t.Helper()
	d.clients++
	dir := filepath.Join(d.dir, fmt.Sprintf("client.%d", d.clients))
	check(d.t, os.MkdirAll(dir, 0o755))
	conf := filepath.Join(d.release.Dir, "conf")
	argv := []string{d.java, "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp",
		conf + ":" + filepath.Join(d.release.Dir, "assembly/alluxio-client-2.9.6.jar")}
	all := map[string]string{
		"alluxio.home": d.release.Dir, "alluxio.conf.dir": conf, "alluxio.logs.dir": dir, "java.io.tmpdir": dir,
		"alluxio.logger.type": "USER_LOGGER", "log4j.configuration": "file:" + filepath.Join(conf, "log4j.properties"),
		"alluxio.master.hostname": d.block.IP(1), "alluxio.user.short.circuit.enabled": "false",
	}
	maps.Copy(all, properties)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		argv = append(argv, "-D"+key+"="+all[key])
	}
	source, err := filepath.Abs("testdata/Client.java")
	check(d.t, err)
	client, err := reaper.Start(d.t.Context(), reaper.Command{Argv: append(append(argv, source), args...),
		Env: append(os.Environ(), "LC_ALL=C.UTF-8"), Dir: dir, Log: filepath.Join(dir, "out")})
	check(d.t, err)
	d.t.Cleanup(func() { check(d.t, client.Close()) })
	return client
}

// client runs testdata/Client.java to its end and returns what it has printed.
func (d *desk) client(properties map[string]string, args ...string) string {
	d.t.Helper()
	client := d.startClient(properties, args...)
	if status, err := client.Wait(d.t.Context()); err != nil || status != 0 {
		d.t.Fatalf("a client ended with %v, %v: %s", status, err, client.Tail(3000))
	}
	return output(d.t, client)
}

func output(t *testing.T, client *reaper.Process) string {
	t.Helper()
	data, err := os.ReadFile(client.Log())
	check(t, err)
	return string(data)
}

// onlyTo makes a client write to the worker on host.
func onlyTo(host, writeType string) map[string]string {
	return map[string]string{
		"alluxio.user.file.writetype.default":            writeType,
		"alluxio.user.block.write.location.policy.class": "alluxio.client.block.policy.SpecificHostPolicy",
		"alluxio.worker.hostname":                        host,
	}
}

// lines are the rests of the lines of a client's output that begin with word.
func lines(out, word string) (list []string) {
	for line := range strings.Lines(out) {
		if rest, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), word+" "); ok {
			list = append(list, rest)
		}
	}
	return list
}
