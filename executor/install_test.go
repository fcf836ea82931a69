package executor

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// tarball packs files as .tar.gz.
func tarball(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	check(t, err)
	w := tar.NewWriter(z)
	for name, data := range files {
		check(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(data)), Typeflag: tar.TypeReg}))
		_, err := w.Write(data)
		check(t, err)
	}
	check(t, w.Close(), z.Close())
	return b.Bytes()
}

// TestInstallsFromTarballs: Alluxio and a JDK by URL; a relaunch downloads nothing; the first task
// on a host names the cache of an earlier version, later ones do not; a JDK whose folder is not
// there says so.
func TestInstallsFromTarballs(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	check(t, err)
	java, err := os.ReadFile(self)
	check(t, err)
	tarballs := map[string][]byte{
		"/alluxio.tar.gz": tarball(t,
			map[string][]byte{"some-top/assembly/alluxio-server-1.8.1.jar": nil, "some-top/assembly/webapp.war": nil,
				"some-top/conf/log4j.properties": []byte("log4j.rootLogger=INFO\n")}),
		"/jdk.tgz": tarball(t,
			map[string][]byte{"jdk-17/bin/java": java, "jdk-17/release": []byte("JAVA_VERSION=\"17.0.1\"\n")}),
	}
	var mu sync.Mutex
	fetched := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			mu.Lock()
			fetched[r.URL.Path]++
			mu.Unlock()
		}
		http.ServeContent(w, r, "", time.Unix(1e9, 0), bytes.NewReader(tarballs[r.URL.Path]))
	}))
	defer server.Close()
	cache := t.TempDir()
	// of an earlier version
	for _, folder := range []string{"entries/" + strings.Repeat("a", 64), "sources", "locks", "tmp"} {
		check(t, os.MkdirAll(filepath.Join(cache, folder), 0o755))
	}
	check(t, os.WriteFile(filepath.Join(cache, "entries", strings.Repeat("a", 64), "meta.json"), []byte("{}"), 0o644))
	spec := func(r *rig) *launch.Spec {
		s := r.master()
		s.Install = config.Install{
			Alluxio: config.Archive{URL: server.URL + "/alluxio.tar.gz"}, JDK: config.Archive{URL: server.URL + "/jdk.tgz"},
			JDKPath: "jdk1.8.0_151", CacheDir: cache,
		}
		return s
	}
	for launches := range 2 {
		r := newRig(t, "JAVA_HOME=/nowhere")
		r.launch("m.1", spec(r))
		report := launch.DecodeReport(r.agent.Update(mesos.TASK_RUNNING).Data)
		if report.AlluxioVersion != "1.8.1" || report.JavaVersion != "17.0.1" {
			t.Errorf("report %+v", report)
		}
		if named := strings.Contains(strings.Join(report.Warnings, "\n"),
			"earlier version of alluxio-mesos are in "+cache+"/entries"); named != (launches == 0) {
			t.Errorf("launch %d: warnings %q", launches, report.Warnings)
		}
		if args, _ := r.jvm(); !strings.Contains(args, filepath.Join("some-top/assembly/alluxio-server-1.8.1.jar")) {
			t.Errorf("arguments %s", args)
		}
		r.stream.Kill("m.1", 0)
		r.agent.Update(mesos.TASK_KILLED)
		r.end()
	}
	if fetched["/alluxio.tar.gz"] != 1 || fetched["/jdk.tgz"] != 1 {
		t.Errorf("fetched %v", fetched)
	}

	r := newRig(t)
	s := spec(r)
	s.Install.JDK = s.Install.Alluxio
	r.launch("m.1", s)
	r.failure("no bin/java", "alluxio.integration.mesos.jdk.path")
	r.end()

	r = newRig(t)
	s = spec(r)
	s.Install.JDKPathSet = true
	r.launch("m.1", s)
	r.failure("the JDK tarball has no folder jdk1.8.0_151, but ",
		"alluxio.integration.mesos.jdk.path=jdk1.8.0_151, or remove the line")
	r.end()
}
