package e2e

import (
	"archive/tar"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestAnInstallThatCannotWorkIsSaidInOneSentence goes through what can be wrong with a tarball. The
// last task's message is what status shows.
func TestAnInstallThatCannotWorkIsSaidInOneSentence(t *testing.T) {
	t.Parallel()
	tc := newCluster(t, testcluster.AllPorts+";cpus:4;mem:4096;disk:1000")
	good := tc.Release("1.8.1")
	truncated := filepath.Join(tc.Dir, "truncated.tar.gz")
	data, err := os.ReadFile(good.Tarball)
	tc.Check(err)
	tc.Check(os.WriteFile(truncated, data[:len(data)/2], 0o644))
	escaping := tarball(tc, "escaping.tar.gz", map[string]string{"alluxio-1.8.1/../../../evil": "x"})
	empty := tarball(tc, "nothing.tar.gz", map[string]string{"something/else": "x"})
	oldJDK := tarball(tc, "jdk.tar.gz",
		map[string]string{"jdk/bin/java": "#!/bin/sh\n", "jdk/release": "JAVA_VERSION=\"1.7.0_80\"\n"})
	mirror, _ := tc.Mirror(good.Tarball, truncated, escaping, empty, oldJDK)

	for name, c := range map[string]struct {
		lines []string
		says  []string
	}{
		"not there": {[]string{"alluxio.integration.mesos.alluxio.jar.url=" + mirror + "/missing-1.8.1.tar.gz"},
			[]string{"404", "missing-1.8.1.tar.gz"}},
		"truncated": {[]string{"alluxio.integration.mesos.alluxio.jar.url=" + mirror + "/truncated.tar.gz"},
			[]string{"truncated"}},
		"of another digest": {[]string{"alluxio.integration.mesos.alluxio.jar.url=" + mirror + "/nothing.tar.gz",
			"alluxio.integration.mesos.alluxio.jar.sha256=" + strings.Repeat("0", 64)}, []string{strings.Repeat("0", 64)}},
		"escaping": {[]string{"alluxio.integration.mesos.alluxio.jar.url=" + mirror + "/escaping.tar.gz"},
			[]string{"../"}},
		"without Alluxio": {[]string{"alluxio.integration.mesos.alluxio.jar.url=" + mirror + "/nothing.tar.gz"},
			[]string{"no Alluxio"}},
		"with an old " +
			"JDK": {[]string{"alluxio.integration.mesos.alluxio.jar.url=" + mirror + "/" + filepath.Base(good.Tarball),
			"alluxio.integration.mesos.jdk.url=" + mirror + "/jdk.tar.gz"}, []string{"1.7.0_80", "Java"}},
		"a LOCAL home that is not " +
			"there": {[]string{"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=/nowhere/alluxio"},
			[]string{"/nowhere/alluxio"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := tc.NewFramework(strings.ReplaceAll(name, " ", "-"), c.lines...)
			if out, err := f.Start(t.Context(), tc.Master.Addr()); err != nil {
				f.Fatalf("%v: %s", err, out)
			}
			status := f.Await("the failure", func(s *cluster.Status) bool {
				return f.Slot(s, "alluxio-master-0").LastFailure != nil
			})
			failure := f.Slot(status, "alluxio-master-0").LastFailure
			for _, want := range c.says {
				if failure.State != "TASK_FAILED" || !strings.Contains(failure.Message, want) {
					t.Errorf("%s: %q does not say %q", failure.State, failure.Message, want)
				}
			}
			table, err := f.CLI(t.Context(), "status")
			if err != nil || !strings.Contains(table, c.says[0]) {
				t.Errorf("status does not show it: %v\n%s", err, table)
			}
			if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
				f.Fatalf("%v: %s", err, out)
			}
		})
	}
	t.Run("a tarball of another digest is fetched once for all relaunches",
		func(t *testing.T) { fetchedOnce(tc.In(t), good.Tarball) })
	t.Run("a mirror that goes silent is named, and asked for the rest",
		func(t *testing.T) { stalled(tc.In(t), good.Tarball) })
}

// fetchedOnce has a slot relaunched whose tarball has another digest than the one that is set.
func fetchedOnce(tc *testcluster.Cluster, tarball string) {
	tc.T.Helper()
	mirror, bodies := tc.Mirror(tarball)
	f := tc.NewFramework("fetched-once", "alluxio.integration.mesos.alluxio.jar.url="+mirror+"/"+filepath.Base(tarball),
		"alluxio.integration.mesos.alluxio.jar.sha256="+strings.Repeat("1", 64))
	if out, err := f.Start(tc.T.Context(), tc.Master.Addr()); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
	f.Await("a failure without a download", func(s *cluster.Status) bool {
		last := f.Slot(s, "alluxio-master-0").LastFailure
		return last != nil && strings.Contains(last.Message, strings.Repeat("1", 64)) &&
			strings.Contains(last.Message, "it is not fetched again, for it has not changed since")
	})
	if n := bodies.Load(); n != 1 {
		tc.T.Errorf("the tarball was fetched %d times", n)
	}
	if out, err := f.Stop(tc.T.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
}

// stalled serves half a tarball, then nothing until the executor gives the connection up.
func stalled(tc *testcluster.Cluster, tarball string) {
	tc.T.Helper()
	ranges := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("ETag", `"release"`)
		if r.Method == http.MethodGet {
			ranges <- r.Header.Get("Range")
		}
		if r.Method != http.MethodGet || r.Header.Get("Range") != "" {
			http.ServeFile(rw, r, tarball)
			return
		}
		file, err := os.Open(tarball)
		if err != nil {
			tc.T.Error(err)
			return
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			tc.T.Error(err)
			return
		}
		rw.Header().Set("Content-Length", fmt.Sprint(info.Size()))
		_, _ = io.CopyN(rw, file, info.Size()/2)
		rw.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	f := tc.NewFramework("stalled", "alluxio.integration.mesos.alluxio.jar.url="+server.URL+"/"+filepath.Base(tarball),
		"alluxio.integration.mesos.cache.dir="+filepath.Join(tc.Dir, "stalled-cache"))
	if out, err := f.Start(tc.T.Context(), tc.Master.Addr()); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
	phase := f.Slot(f.Await("a word on the silence", func(s *cluster.Status) bool {
		return strings.Contains(f.Slot(s, "alluxio-master-0").Phase, "no byte for")
	}), "alluxio-master-0").Phase
	if !strings.Contains(phase, server.URL+"/"+filepath.Base(tarball)+": no byte for ") ||
		!strings.Contains(phase, "(try 1 of 6)") {
		tc.T.Errorf("the phase is %q", phase)
	}
	f.Await("Alluxio", func(s *cluster.Status) bool {
		master := f.Slot(s, "alluxio-master-0")
		if master.LastFailure != nil {
			f.Fatalf("%s", master.LastFailure.Message)
		}
		return master.AlluxioVersion == "1.8.1"
	})
	if first, rest := <-ranges, <-ranges; first != "" || !strings.HasPrefix(rest, "bytes=") || rest == "bytes=0-" {
		tc.T.Errorf("the tarball was asked for with the ranges %q and %q", first, rest)
	}
	if out, err := f.Stop(tc.T.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
}

// tarball writes a gzipped tar of files into the cluster's folder.
func tarball(tc *testcluster.Cluster, name string, files map[string]string) string {
	tc.T.Helper()
	path := filepath.Join(tc.Dir, name)
	file, err := os.Create(path)
	tc.Check(err)
	defer file.Close()
	zip := gzip.NewWriter(file)
	archive := tar.NewWriter(zip)
	for entry, content := range files {
		tc.Check(archive.WriteHeader(&tar.Header{Name: entry, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}))
		_, err = archive.Write([]byte(content))
		tc.Check(err)
	}
	tc.Check(archive.Close())
	tc.Check(zip.Close())
	return path
}
