package e2e

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/realalluxio"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestAlluxio296FromATarballWithAJDKOnDefaultPorts is an operator's first hour, and the nights after it: one worker on every host that fits, one
// agent without ports, then kill -9 of everything in turn.
func TestAlluxio296FromATarballWithAJDKOnDefaultPorts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, allPorts+";cpus:4;mem:4096;disk:1000", allPorts+";cpus:4;mem:4096;disk:1000", "cpus:4;mem:4096;disk:1000")
	release := w.release("2.9.6")
	jdk, jdkSHA256, err := realalluxio.JDKTarball(t.Context())
	w.check(err)
	mirror, bodies := w.mirror(release.Tarball, jdk)
	secret := newSecret()
	f := w.newFramework("night",
		"alluxio.integration.mesos.alluxio.jar.url="+mirror+"/"+filepath.Base(release.Tarball),
		"alluxio.integration.mesos.alluxio.jar.sha256="+release.SHA256,
		"alluxio.integration.mesos.jdk.url="+mirror+"/"+filepath.Base(jdk),
		"alluxio.integration.mesos.jdk.sha256="+jdkSHA256,
		"alluxio.integration.mesos.jdk.path=jdk-"+realalluxio.JDKVersion,
		"aws.secretKey="+secret,
	)
	f.start()
	status := f.await("two workers", func(s *cluster.Status) bool { return serving(s, config.Worker) == 2 })
	master := f.slot(status, "alluxio-master-0")
	if master.AlluxioVersion != "2.9.6" || master.JavaVersion != realalluxio.JDKVersion || master.Ports[config.MasterRPC] != 19998 || master.Ports[config.MasterWeb] != 19999 {
		t.Errorf("master: %+v", master)
	}
	t.Run("status shows people what runs where", func(t *testing.T) {
		table, err := f.CLI(t.Context(), "status")
		if err != nil || !strings.Contains(table, "alluxio-master-0") || !strings.Contains(table, "serving") || !strings.Contains(table, master.Web) {
			t.Errorf("%v\n%s", err, table)
		}
	})
	t.Run("D14 an agent without ports is named with the mend", func(t *testing.T) {
		explain, err := f.CLI(t.Context(), "explain")
		if err != nil || !strings.Contains(explain, w.block.IP(3)) || !strings.Contains(explain, "--resources='ports:[19998-19999,29999-30000]'") {
			t.Errorf("%v\n%s", err, explain)
		}
	})
	t.Run("D11 no secret is in anything that Mesos or the machine shows", func(t *testing.T) { f.noSecret(secret) })
	t.Run("a second start for the same configuration is told that one runs", func(t *testing.T) {
		out, err := f.Start(t.Context(), w.master.Addr())
		if !strings.Contains(out, "already") {
			t.Errorf("%v: %s", err, out)
		}
	})

	file := filepath.Join(w.dir, "file")
	text := strings.Repeat("written before anything was killed\n", 10000)
	w.check(os.WriteFile(file, []byte(text), 0o644))
	f.shell(release, "copyFromLocal", file, "/before")
	reads := func(when string) {
		t.Helper()
		if got := f.shell(release, "cat", "/before"); !strings.Contains(got, text) {
			f.fatalf("the file is not read %s: %d bytes", when, len(got))
		}
	}
	reads("at once")

	t.Run("D3 D8 kill -9 of the framework leaves every task as it was", func(t *testing.T) {
		before := taskIDs(status)
		f.killFramework()
		f.start()
		after := f.await("adoption", func(s *cluster.Status) bool { return serving(s, config.Worker) == 2 && serving(s, config.Master) == 1 })
		if after.Framework.ID != status.Framework.ID || !maps.Equal(taskIDs(after), before) {
			t.Errorf("before %v of %s, after %v of %s", before, status.Framework.ID, taskIDs(after), after.Framework.ID)
		}
		w.onlyTasks(f, before)
	})

	downloads := bodies.Load()
	t.Run("D2 kill -9 of a worker's JVM brings it back on its host", func(t *testing.T) { f.killJVM("alluxio-worker-0") })
	reads("after the loss of a worker")
	t.Run("D1 kill -9 of the master's JVM brings it back with its journal", func(t *testing.T) { f.killJVM("alluxio-master-0") })
	f.await("the workers", func(s *cluster.Status) bool { return serving(s, config.Worker) == 2 })
	reads("after the loss of the master")
	if bodies.Load() != downloads {
		t.Errorf("relaunches downloaded %d times", bodies.Load()-downloads)
	}

	t.Run("stop leaves the tasks, teardown leaves nothing", func(t *testing.T) {
		now, err := f.Status(t.Context())
		w.check(err)
		if out, err := f.Stop(t.Context()); err != nil {
			t.Fatalf("stop: %v %s", err, out)
		}
		w.onlyTasks(f, taskIDs(now))
		f.start()
		if out, err := f.Stop(t.Context(), "--teardown"); err != nil {
			f.fatalf("teardown: %v %s", err, out)
		}
		w.onlyTasks(f, nil)
		w.noMounts()
	})
}

func newSecret() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// noSecret looks for secret wherever others could read it: Mesos's endpoints, every process's arguments and environment, our log and API.
func (f *framework) noSecret(secret string) {
	f.w.t.Helper()
	places := map[string]string{"framework.out": f.Log()}
	servers := []string{f.w.master.Addr()}
	for _, agent := range f.w.agents {
		servers = append(servers, agent.Addr())
	}
	for _, addr := range servers {
		for _, path := range []string{"/state", "/slaves", "/frameworks", "/tasks", "/containers"} {
			if response, err := http.Get("http://" + addr + path); err == nil {
				body, _ := io.ReadAll(response.Body)
				response.Body.Close()
				places[addr+path] = string(body)
			}
		}
	}
	for _, pattern := range []string{"/proc/[0-9]*/cmdline", "/proc/[0-9]*/environ"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			data, _ := os.ReadFile(file)
			places[file] = string(data)
		}
	}
	places["status"], _ = f.CLI(f.w.t.Context(), "status", "-o", "json")
	places["explain"], _ = f.CLI(f.w.t.Context(), "explain")
	for place, text := range places {
		if strings.Contains(text, secret) {
			f.w.t.Errorf("the secret is in %s", place)
		}
	}
	sites, _ := filepath.Glob(filepath.Join(f.w.dir, "agent*/work/slaves/*/frameworks/*/executors/*/runs/*/conf/alluxio-site.properties"))
	if len(sites) == 0 {
		f.w.t.Error("no task has a site file")
	}
	for _, site := range sites {
		if info, err := os.Stat(site); err != nil || info.Mode().Perm() != 0o600 {
			f.w.t.Errorf("%s: %v %v", site, info.Mode(), err)
		}
	}
}

// killFramework ends the framework's process as a crash does.
func (f *framework) killFramework() {
	f.w.t.Helper()
	pid := f.pid()
	f.w.check(syscall.Kill(pid, syscall.SIGKILL))
	f.w.gone(pid)
}

// killJVM ends the JVM of a slot as a crash does, and waits until another task serves in its place, on the same host.
func (f *framework) killJVM(name string) {
	f.w.t.Helper()
	status, err := f.Status(f.w.t.Context())
	f.w.check(err)
	before := f.slot(status, name)
	f.w.check(syscall.Kill(f.jvm(before), syscall.SIGKILL))
	status = f.await("another task of "+name, func(s *cluster.Status) bool {
		now := f.slot(s, name)
		return now.TaskID != before.TaskID && now.State == "serving"
	})
	after := f.slot(status, name)
	if after.Host != before.Host || after.Restarts != before.Restarts+1 || after.LastFailure == nil || !strings.Contains(after.LastFailure.Message, "SIGKILL") {
		f.w.t.Errorf("before %+v\nafter %+v", before, after)
	}
}
