//go:build testall

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestOlderAlluxio writes a file, kills the JVMs of master and worker, and reads it, with releases
// that have another layout, other main classes and other property names.
func TestOlderAlluxio(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.4.0", "1.5.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			tc := newCluster(t, testcluster.AllPorts+";cpus:4;mem:4096;disk:1000")
			release := tc.Release(version)
			mirror, _ := tc.Mirror(release.Tarball)
			f := tc.NewFramework("older", "alluxio.integration.mesos.alluxio.jar.url="+mirror+"/"+filepath.Base(release.Tarball))
			f.Serve()
			status, err := f.Status(t.Context())
			tc.Check(err)
			if master := f.Slot(status, "alluxio-master-0"); master.AlluxioVersion != version {
				t.Errorf("%+v", master)
			}
			file := filepath.Join(tc.Dir, "file")
			text := strings.Repeat("written before anything was killed\n", 1000)
			tc.Check(os.WriteFile(file, []byte(text), 0o644))
			f.Shell(release, "copyFromLocal", file, "/before")
			f.KillJVM("alluxio-worker-0")
			f.KillJVM("alluxio-master-0")
			f.Await("everything", func(s *cluster.Status) bool { return s.Complete })
			f.AwaitFile(release, "/before", text)
		})
	}
}

// TestAJournalBehindAURI is one of Alluxio 1.4.0, whose jar has Hadoop's clients: viewfs:// leads
// to a folder of this host, which nobody but Alluxio looks into. A new one is formatted at the
// operator's word. One that exists is used by a framework that has no record of it, and one that
// lacks its marker is left as it is.
func TestAJournalBehindAURI(t *testing.T) {
	t.Parallel()
	tc := newCluster(t, testcluster.AllPorts+";cpus:4;mem:4096;disk:1000")
	release := tc.Release("1.4.0")
	f := tc.NewFramework("uri", "alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home="+release.Dir,
		"alluxio.integration.mesos.worker.count=1",
		"alluxio.master.journal.folder=viewfs://c/journal", "alluxio.underfs.hdfs.prefixes=viewfs://,hdfs://")
	folder := tc.Folder("behind")
	tc.Check(os.WriteFile(f.Path("conf/core-site.xml"),
		[]byte("<configuration><property><name>fs.viewfs.mounttable.c.link./journal</name><value>file://"+folder+
			"</value></property></configuration>"), 0o644))

	asks := func() {
		t.Helper()
		if out, err := f.Start(t.Context(), tc.Address()); err != nil {
			f.Fatalf("%v: %s", err, out)
		}
		f.Await("a master that asks for a word", func(s *cluster.Status) bool {
			failure := f.Slot(s, "alluxio-master-0").LastFailure
			return failure != nil && strings.Contains(failure.Message, "alluxio-mesos recover --format-journal") &&
				strings.Contains(failure.Message, "was not formatted!")
		})
		stop(f)
	}
	names := func() string {
		t.Helper()
		entries, err := os.ReadDir(folder)
		tc.Check(err)
		var list []string
		for _, e := range entries {
			list = append(list, e.Name())
		}
		return strings.Join(list, " ")
	}
	asks()
	if left := names(); left != "" {
		t.Errorf("without a word there is %s", left)
	}
	if out, err := f.CLI(t.Context(), "recover", "--format-journal"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f.Serve()
	file := filepath.Join(tc.Dir, "file")
	tc.Check(os.WriteFile(file, []byte("written"), 0o644))
	f.Shell(release, "copyFromLocal", file, "/before")
	f.KillJVM("alluxio-master-0")

	lose := func() {
		t.Helper()
		if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
			f.Fatalf("%v: %s", err, out)
		}
		tc.Check(os.RemoveAll(f.Path("mesos-state")))
	}
	lose()
	f.Serve()
	if out := f.Shell(release, "ls", "/"); !strings.Contains(out, "/before") {
		t.Errorf("a lost state has cost the journal: %s", out)
	}
	lose()
	markers, err := filepath.Glob(filepath.Join(folder, "*_format_*"))
	tc.Check(err)
	for _, marker := range markers {
		tc.Check(os.Remove(marker))
	}
	before := names()
	asks()
	if after := names(); after != before {
		t.Errorf("there was %s, and is %s", before, after)
	}
}
