package e2e

import (
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/alluxioclient"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestAlluxio296FromATarballWithAJDKOnDefaultPorts is an operator's first hour, and the nights
// after it: one worker on every host that fits, one agent without ports, then kill -9 of everything
// in turn.
func TestAlluxio296FromATarballWithAJDKOnDefaultPorts(t *testing.T) {
	t.Parallel()
	tc := newCluster(t, testcluster.AllPorts+";cpus:4;mem:4096;disk:1000",
		testcluster.AllPorts+";cpus:4;mem:4096;disk:1000", "cpus:4;mem:4096;disk:1000")
	release := tc.Release("2.9.6")
	jdk, jdkSHA256, err := realalluxio.JDKTarball(t.Context())
	tc.Check(err)
	mirror, bodies := tc.Mirror(release.Tarball, jdk)
	secret := testcluster.NewSecret()
	f := tc.NewFramework("night",
		"alluxio.integration.mesos.alluxio.jar.url="+mirror+"/"+filepath.Base(release.Tarball),
		"alluxio.integration.mesos.alluxio.jar.sha256="+release.SHA256,
		"alluxio.integration.mesos.jdk.url="+mirror+"/"+filepath.Base(jdk),
		"alluxio.integration.mesos.jdk.sha256="+jdkSHA256,
		"alluxio.integration.mesos.jdk.path=jdk-"+realalluxio.JDKVersion,
		"alluxio.integration.mesos.backup.dir="+tc.Folder("backups"),
		"aws.secretKey="+secret,
	)
	f.Serve()
	status := f.Await("two workers", func(s *cluster.Status) bool { return testcluster.Serving(s, config.Worker) == 2 })
	master := f.Slot(status, "alluxio-master-0")
	if master.AlluxioVersion != "2.9.6" || master.JavaVersion != realalluxio.JDKVersion ||
		master.Ports[config.MasterRPC] != 19998 || master.Ports[config.MasterWeb] != 19999 {
		t.Errorf("master: %+v", master)
	}
	t.Run("status shows people what runs where", func(t *testing.T) {
		table, err := f.CLI(t.Context(), "status")
		if err != nil || !strings.Contains(table, "alluxio-master-0") || !strings.Contains(table, "serving") ||
			!strings.Contains(table, master.Web) {
			t.Errorf("%v\n%s", err, table)
		}
	})
	t.Run("an agent without ports is named with the hint", func(t *testing.T) {
		explain, err := f.CLI(t.Context(), "explain")
		if err != nil || !strings.Contains(explain, tc.Block.IP(3)) ||
			!strings.Contains(explain, "--resources='ports:[19998-19999,29999-30000,31000-32000]'") {
			t.Errorf("%v\n%s", err, explain)
		}
	})
	t.Run("no secret is in anything that Mesos or the machine shows", func(t *testing.T) { noSecret(f, secret) })
	t.Run("a second start for the same configuration is told that one runs", func(t *testing.T) {
		out, err := f.Start(t.Context(), tc.Master.Addr())
		if !strings.Contains(out, "already") {
			t.Errorf("%v: %s", err, out)
		}
	})

	file := filepath.Join(tc.Dir, "file")
	text := strings.Repeat("written before anything was killed\n", 10000)
	tc.Check(os.WriteFile(file, []byte(text), 0o644))
	f.Shell(release, "copyFromLocal", file, "/before")
	reads := func(when string) {
		t.Helper()
		t.Log("reading the file ", when)
		f.AwaitFile(release, "/before", text)
	}
	reads("at once")
	t.Run("the metadata is backed up when an operator asks for it", func(t *testing.T) { backUp(f.In(t), master.Host) })

	t.Run("kill -9 of the framework leaves every task as it was", func(t *testing.T) {
		before := testcluster.TaskIDs(status)
		f := f.In(t)
		client := f.StartClient(alluxioclient.Options{Release: release, Dir: "client", Reads: []time.Duration{0, time.Second},
			Lanes: []alluxioclient.Lane{{Name: "by-a-client", WriteType: "CACHE_THROUGH"}}})
		client.AwaitReads()
		begun := time.Now()
		f.KillFramework()
		f.Serve()
		after := f.Await("adoption", func(s *cluster.Status) bool {
			return testcluster.Serving(s, config.Worker) == 2 && testcluster.Serving(s, config.Master) == 1
		})
		if after.Framework.ID != status.Framework.ID || !maps.Equal(testcluster.TaskIDs(after), before) {
			t.Errorf("before %v of %s, after %v of %s", before, status.Framework.ID, testcluster.TaskIDs(after),
				after.Framework.ID)
		}
		tc.OnlyTasks(f, before)
		client.AwaitReadsSince(time.Now())
		report := alluxioclient.Summarize(client.Done(), "by-a-client", begun, time.Now())
		t.Log(report)
		if lost := client.End(); report.Failed > 0 || len(lost) > 0 {
			t.Errorf("a client has met %v; %d files are lost", report.Errors, len(lost))
		}
	})

	downloads := bodies.Load()
	t.Run("kill -9 of a worker's JVM brings it back on its host", func(t *testing.T) { f.KillJVM("alluxio-worker-0") })
	reads("after the loss of a worker")
	t.Run("kill -9 of the master's JVM brings it back with its journal", func(t *testing.T) {
		f.KillJVM("alluxio-master-0")
	})
	f.Await("the workers", func(s *cluster.Status) bool { return testcluster.Serving(s, config.Worker) == 2 })
	reads("after the loss of the master")
	if bodies.Load() != downloads {
		t.Errorf("relaunches downloaded %d times", bodies.Load()-downloads)
	}

	t.Run("stop leaves the tasks, teardown leaves nothing", func(t *testing.T) {
		now, err := f.Status(t.Context())
		tc.Check(err)
		if out, err := f.Stop(t.Context()); err != nil {
			t.Fatalf("stop: %v %s", err, out)
		}
		tc.OnlyTasks(f, testcluster.TaskIDs(now))
		f.Serve()
		if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
			f.Fatalf("teardown: %v %s", err, out)
		}
		tc.OnlyTasks(f, nil)
		tc.NoMounts()
	})
}

// backUp has the metadata of Alluxio backed up on the host of its only master.
func backUp(f *testcluster.Framework, host string) {
	tc, t := f.Cluster, f.Cluster.T
	t.Helper()
	printed, err := f.CLI(t.Context(), "backup")
	tc.Check(err)
	name, rest, _ := strings.Cut(printed, " on ")
	if filepath.Dir(name) != filepath.Join(tc.Dir, "backups") || !strings.HasPrefix(rest, host+" has ") {
		t.Fatalf("it prints %q", printed)
	}
	file, err := os.Open(name)
	tc.Check(err)
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	tc.Check(err)
	if n, err := io.Copy(io.Discard, unpacked); err != nil || n == 0 {
		t.Errorf("%s has %d bytes, unpacked: %v", name, n, err)
	}
	now, err := f.Status(t.Context())
	tc.Check(err)
	if now.Backup == nil || now.Backup.Last == nil || now.Backup.Last.File != name || now.Backup.Request != nil {
		t.Errorf("the status has %+v", now.Backup)
	}
}

// noSecret looks for secret wherever others could read it: Mesos's endpoints, every process's
// arguments and environment, our log and API.
func noSecret(f *testcluster.Framework, secret string) {
	f.Cluster.T.Helper()
	places := map[string]string{"framework.out": f.Log()}
	servers := []string{f.Cluster.Master.Addr()}
	for _, agent := range f.Cluster.Agents {
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
	places["status"], _ = f.CLI(f.Cluster.T.Context(), "status", "-o", "json")
	places["explain"], _ = f.CLI(f.Cluster.T.Context(), "explain")
	for place, text := range places {
		if strings.Contains(text, secret) {
			f.Cluster.T.Errorf("the secret is in %s", place)
		}
	}
	sites, _ := filepath.Glob(filepath.Join(f.Cluster.Dir,
		"agent*/work/slaves/*/frameworks/*/executors/*/runs/*/conf/alluxio-site.properties"))
	if len(sites) == 0 {
		f.Cluster.T.Error("no task has a site file")
	}
	for _, site := range sites {
		if info, err := os.Stat(site); err != nil || info.Mode().Perm() != 0o600 {
			f.Cluster.T.Errorf("%s: %v %v", site, info.Mode(), err)
		}
	}
}
