//go:build testall

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/world"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestOlderAlluxio writes a file, kills the JVMs of master and worker, and reads it, with releases that have another layout, other main classes
// and other property names.
func TestOlderAlluxio(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.4.0", "1.5.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, world.AllPorts+";cpus:4;mem:4096;disk:1000")
			release := w.Release(version)
			mirror, _ := w.Mirror(release.Tarball)
			f := w.NewFramework("older", "alluxio.integration.mesos.alluxio.jar.url="+mirror+"/"+filepath.Base(release.Tarball))
			f.Serve()
			status, err := f.Status(t.Context())
			w.Check(err)
			if master := f.Slot(status, "alluxio-master-0"); master.AlluxioVersion != version {
				t.Errorf("%+v", master)
			}
			file := filepath.Join(w.Dir, "file")
			text := strings.Repeat("written before anything was killed\n", 1000)
			w.Check(os.WriteFile(file, []byte(text), 0o644))
			f.Shell(release, "copyFromLocal", file, "/before")
			f.KillJVM("alluxio-worker-0")
			f.KillJVM("alluxio-master-0")
			f.Await("everything", func(s *cluster.Status) bool { return s.Complete })
			f.AwaitFile(release, "/before", text)
		})
	}
}
