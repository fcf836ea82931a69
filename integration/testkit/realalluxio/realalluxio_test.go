package realalluxio

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
)

func TestAReleaseServesAFileThatWasWrittenToIt(t *testing.T) {
	t.Parallel()
	for _, version := range tested { // one after the other: each wants all of a small machine
		t.Run(version, func(t *testing.T) {
			release, err := Get(t.Context(), version)
			if err != nil {
				t.Fatal(err)
			}
			c := newCluster(t, release)
			c.run("Format", "alluxio.cli.Format", "master")
			c.run("Format", "alluxio.cli.Format", "worker")
			master := c.start("MASTER_LOGGER", "alluxio.master.AlluxioMaster")
			c.eventually(master, func() error { _, err := c.info(); return err })
			worker := c.start("WORKER_LOGGER", "alluxio.worker.AlluxioWorker")
			c.eventually(worker, c.hasWorker)

			local := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(local, []byte("written through Alluxio\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			c.shell("copyFromLocal", local, "/file")
			if out := c.shell("cat", "/file"); out != "written through Alluxio\n" {
				t.Errorf("cat printed %q", out)
			}
			if b, err := os.ReadFile(filepath.Join(c.dir, "ufs", "file")); err != nil ||
				string(b) != "written through Alluxio\n" {
				t.Errorf("the under store holds %q, %v", b, err)
			}
			for _, log := range []string{"master.log", "worker.log"} {
				if info, err := os.Stat(filepath.Join(c.dir, "logs", log)); err != nil || info.Size() == 0 {
					t.Errorf("%s: %v", log, err)
				}
			}
		})
	}
}

func TestATarballHoldsOneTopFolderAndTheServerJar(t *testing.T) {
	t.Parallel()
	release, err := Get(t.Context(), "1.8.1")
	if err != nil {
		t.Fatal(err)
	}
	names := list(t, release.Tarball)
	for _, name := range []string{"assembly/alluxio-server-1.8.1.jar", "assembly/alluxio-client-1.8.1.jar",
		"assembly/webapp.war",
		"lib/alluxio-underfs-local-1.8.1.jar", "conf/log4j.properties"} {
		if !slices.Contains(names, "alluxio-1.8.1/"+name) {
			t.Errorf("no %s in %v", name, names)
		}
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "alluxio-1.8.1/") {
			t.Errorf("%s is outside the top folder", name)
		}
	}
	if len(release.SHA256) != 64 {
		t.Errorf("sha256 %q", release.SHA256)
	}
}

func TestTheJDKTarballHoldsAJavaThatRuns(t *testing.T) {
	t.Parallel()
	path, _, err := JDKTarball(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if out, err := exec.Command("tar", "-C", dir, "-xzf", path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	home := filepath.Join(dir, "jdk-"+JDKVersion)
	if b, err := os.ReadFile(filepath.Join(home, "release")); err != nil ||
		!strings.Contains(string(b), `JAVA_VERSION="`+JDKVersion+`"`) {
		t.Errorf("release file: %q, %v", b, err)
	}
	out, err := exec.Command(filepath.Join(home, "bin", "java"), "-version").CombinedOutput()
	if err != nil || !strings.Contains(string(out), JDKVersion) {
		t.Errorf("java -version: %v: %s", err, out)
	}
}

func TestAnUnknownVersionIsRefusedWithTheKnownOnes(t *testing.T) {
	t.Parallel()
	_, err := Get(t.Context(), "3.0")
	if err == nil || !strings.Contains(err.Error(), "there are 1.4.0, 1.5.0, 1.8.1, 2.7.3, 2.9.6") {
		t.Errorf("error %v", err)
	}
}

// cluster is one Alluxio master and worker on default ports of an address of their own.
type cluster struct {
	t       *testing.T
	release Release
	java    string
	dir, ip string
	props   map[string]string
}

func newCluster(t *testing.T, release Release) *cluster {
	t.Helper()
	java, err := Java()
	if err != nil {
		t.Fatal(err)
	}
	block, err := loopback.Reserve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(block.Release)
	c := &cluster{t: t, release: release, java: java, dir: t.TempDir(), ip: block.IP(1)}
	for _, d := range []string{"ufs", "journal", "ramdisk", "logs", "tmp"} {
		if err := os.Mkdir(filepath.Join(c.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c.props = map[string]string{
		"alluxio.master.hostname": c.ip, "alluxio.worker.hostname": c.ip,
		"alluxio.master.journal.folder": filepath.Join(c.dir, "journal") + "/",
		"alluxio.worker.memory.size":    "64MB", "alluxio.user.block.size.bytes.default": "8MB",
		"alluxio.worker.tieredstore.level0.dirs.path": filepath.Join(c.dir, "ramdisk"),
		"alluxio.user.file.writetype.default":         "CACHE_THROUGH",
	}
	for _, k := range []string{"alluxio.master.bind.host", "alluxio.master.web.bind.host", "alluxio.worker.bind.host",
		"alluxio.worker.web.bind.host", "alluxio.worker.data.bind.host"} {
		c.props[k] = c.ip
	}
	v2 := strings.HasPrefix(release.Version, "2.")
	if v2 {
		maps.Copy(c.props, map[string]string{
			"alluxio.master.mount.table.root.ufs": filepath.Join(c.dir, "ufs"), "alluxio.master.journal.type": "UFS",
			"alluxio.master.metastore.dir": filepath.Join(c.dir, "metastore"), "alluxio.master.update.check.enabled": "false",
			"alluxio.worker.management.tier.align.enabled": "false",
		})
	} else {
		c.props["alluxio.underfs.address"] = filepath.Join(c.dir, "ufs")
	}
	if v2 || release.Version == "1.8.1" {
		c.props["alluxio.master.journal.tailer.shutdown.quiet.wait.time"] = "200ms"
		c.props["alluxio.master.worker.connect.wait.time"] = "1sec"
	} else { // epoll of their netty does not load on Java 11 and later
		c.props["alluxio.worker.network.netty.channel"] = "NIO"
		c.props["alluxio.user.network.netty.channel"] = "NIO"
	}
	return c
}

func (c *cluster) argv(logger, class string, args ...string) []string {
	conf := filepath.Join(c.release.Dir, "conf")
	argv := []string{
		c.java, "-Xmx256m", "-XX:MaxDirectMemorySize=128m", "-cp", conf + ":" + c.release.ServerJar(),
		"-Dalluxio.home=" + c.release.Dir,
		"-Dalluxio.conf.dir=" + conf, "-Dalluxio.logs.dir=" + filepath.Join(c.dir, "logs"), "-Dalluxio.logger.type=" + logger,
		"-Dlog4j.configuration=file:" + filepath.Join(conf, "log4j.properties"),
		"-Djava.io.tmpdir=" + filepath.Join(c.dir, "tmp"), // where Jetty of 1.x leaves folders
	}
	for k, v := range c.props {
		argv = append(argv, "-D"+k+"="+v)
	}
	return append(append(argv, class), args...)
}

// run runs a class to its end.
func (c *cluster) run(logger, class string, args ...string) {
	c.t.Helper()
	argv := c.argv(logger, class, args...)
	if out, err := exec.CommandContext(c.t.Context(), argv[0], argv[1:]...).CombinedOutput(); err != nil {
		c.t.Fatalf("%s: %v: %s", class, err, out)
	}
}

// start starts a server that ends with the test.
func (c *cluster) start(logger, class string) *reaper.Process {
	c.t.Helper()
	out := filepath.Join(c.dir, "logs", logger+".out")
	p, err := reaper.Start(c.t.Context(), reaper.Command{Argv: c.argv(logger, class), Env: os.Environ(), Log: out})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		if c.t.Failed() {
			c.t.Logf("%s: %s", class, p.Tail(2000))
		}
		if err := p.Close(); err != nil {
			c.t.Error(err)
		}
	})
	return p
}

// info asks the master for the number of its workers.
func (c *cluster) info() (workers int, err error) {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + c.ip + ":19999/api/v1/master/info")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, errors.New(resp.Status)
	}
	var info struct{ Workers []any }
	err = json.NewDecoder(resp.Body).Decode(&info)
	return len(info.Workers), err
}

// hasWorker says why the master does not have its worker yet.
func (c *cluster) hasWorker() error {
	workers, err := c.info()
	if err == nil && workers != 1 {
		err = fmt.Errorf("%d workers", workers)
	}
	return err
}

func (c *cluster) shell(args ...string) string {
	c.t.Helper()
	out, err := c.release.Shell(c.t.Context(), c.java, c.props, args...)
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

// eventually waits until ok. It fails at once when p has ended, unless p is nil.
func (c *cluster) eventually(p *reaper.Process, ok func() error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 3*time.Minute)
	defer cancel()
	for {
		err := ok()
		if err == nil {
			return
		}
		if p != nil && p.PID() == 0 {
			c.t.Fatalf("the server has ended: %v", err)
		}
		select {
		case <-ctx.Done():
			c.t.Fatalf("it did not happen within 3 minutes: %v", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// list returns the names in a gzipped tar file.
func list(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
	}
}
