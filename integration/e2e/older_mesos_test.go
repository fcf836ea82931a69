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

// TestOlderMesos runs Alluxio on the oldest Mesos that is supported and on two between it and
// today's: the framework registers with a role of its own, reserves a volume for the worker, serves
// a file, keeps it over the end of a JVM, and leaves nothing after an uninstall.
func TestOlderMesos(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.4.3", "1.7.3", "1.10.0"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			tc := testcluster.NewVersion(t, binary, version, testcluster.AllPorts+";cpus:4;mem:4096;disk:1000")
			release := tc.Release("1.8.1")
			mirror, _ := tc.Mirror(release.Tarball)
			f := tc.NewFramework("older",
				"alluxio.integration.mesos.alluxio.jar.url="+mirror+"/"+filepath.Base(release.Tarball),
				"alluxio.integration.mesos.role=alluxio",
				"alluxio.integration.mesos.worker.count=1",
				"alluxio.integration.worker.volume.size=100MB",
			)
			f.Serve()
			status, err := f.Status(t.Context())
			tc.Check(err)
			if !status.Complete || status.Mesos.Version != version {
				t.Errorf("Mesos %+v", status.Mesos)
			}
			worker := f.Slot(status, "alluxio-worker-0")
			if volumes := tc.Volumes(); worker.Volume == nil || len(volumes) != 1 || !volumes[worker.Volume.ID] {
				t.Errorf("the worker has volume %+v, Mesos has %v", worker.Volume, volumes)
			}

			file := filepath.Join(tc.Dir, "file")
			text := strings.Repeat("written before anything was killed\n", 1000)
			tc.Check(os.WriteFile(file, []byte(text), 0o644))
			f.Shell(release, "copyFromLocal", file, "/before")
			f.KillJVM("alluxio-worker-0")
			f.Await("the worker", func(s *cluster.Status) bool { return s.Complete })
			f.AwaitFile(release, "/before", text)
			f.KillFramework()
			f.Serve()
			status, err = f.Status(t.Context())
			tc.Check(err)
			tc.OnlyTasks(f, testcluster.TaskIDs(status))

			if out, err := f.CLI(t.Context(), "uninstall", "--destroy-volumes", "--yes"); err != nil {
				f.Fatalf("uninstall: %v\n%s", err, out)
			}
			tc.OnlyTasks(f, nil)
			tc.NoMounts()
			tc.NothingReserved()
		})
	}
}
