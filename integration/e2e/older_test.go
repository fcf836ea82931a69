//go:build testall

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestOlderAlluxio writes a file, kills the JVMs of master and worker, and reads it, with releases that have another layout, other main classes
// and other property names.
func TestOlderAlluxio(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.4.0", "1.5.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, allPorts+";cpus:4;mem:4096;disk:1000")
			release := w.release(version)
			mirror, _ := w.mirror(release.Tarball)
			f := w.newFramework("older", "alluxio.integration.mesos.alluxio.jar.url="+mirror+"/"+filepath.Base(release.Tarball))
			f.start()
			status, err := f.Status(t.Context())
			w.check(err)
			if master := f.slot(status, "alluxio-master-0"); master.AlluxioVersion != version {
				t.Errorf("%+v", master)
			}
			file := filepath.Join(w.dir, "file")
			text := strings.Repeat("written before anything was killed\n", 1000)
			w.check(os.WriteFile(file, []byte(text), 0o644))
			f.shell(release, "copyFromLocal", file, "/before")
			f.killJVM("alluxio-worker-0")
			f.killJVM("alluxio-master-0")
			f.await("everything", func(s *cluster.Status) bool { return s.Complete })
			if got := f.shell(release, "cat", "/before"); !strings.Contains(got, text) {
				f.fatalf("the file is not read: %d bytes", len(got))
			}
		})
	}
}
