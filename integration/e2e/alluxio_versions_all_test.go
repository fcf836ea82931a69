//go:build testall

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestAlluxiosVersionChanges rolls a later minor version out, and has 2.x refused on a journal of 1.x:
// by the framework where the settings name it, else by the executor on the host.
func TestAlluxiosVersionChanges(t *testing.T) {
	t.Parallel()
	tc := newCluster(t, testcluster.AllPorts+";cpus:4;mem:4096;disk:1000")
	file, text := filepath.Join(tc.Dir, "file"), strings.Repeat("written by the earlier version\n", 1000)
	tc.Check(os.WriteFile(file, []byte(text), 0o644))
	later := tc.Release("2.9.6")
	lines := func(lines ...string) []string {
		return append(lines, "alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.integration.mesos.worker.count=1")
	}

	t.Run("a later minor", func(t *testing.T) {
		release := tc.Release("2.7.3")
		f := tc.NewFramework("minor", lines("alluxio.home="+release.Dir)...).In(t)
		f.Serve()
		f.Shell(release, "copyFromLocal", file, "/before")
		tc.Check(f.WriteSite(append(tc.Site("minor"), lines("alluxio.home="+later.Dir)...)...))
		tc.Check(syscall.Kill(f.PID(), syscall.SIGHUP))
		f.Await("the later version", func(s *cluster.Status) bool {
			return s.Complete && s.Rollout == nil && f.Slot(s, "alluxio-master-0").AlluxioVersion == later.Version &&
				f.Slot(s, "alluxio-worker-0").AlluxioVersion == later.Version
		})
		f.AwaitFile(later, "/before", text)
		if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
			f.Fatalf("%v: %s", err, out)
		}
	})

	t.Run("1.x to 2.x", func(t *testing.T) {
		release := tc.Release("1.8.1")
		home := filepath.Join(tc.Dir, "alluxio") // its name has no version
		install := func(dir string) {
			tc.Check(os.Symlink(dir, home+".new"))
			tc.Check(os.Rename(home+".new", home))
		}
		install(release.Dir)
		f := tc.NewFramework("major", lines("alluxio.home="+home)...).In(t)
		f.Serve()
		f.Shell(release, "copyFromLocal", file, "/before")
		status, err := f.Status(t.Context())
		tc.Check(err)

		tc.Check(f.WriteSite(append(tc.Site("major"), lines("alluxio.home="+later.Dir)...)...))
		tc.Check(syscall.Kill(f.PID(), syscall.SIGHUP))
		f.Await("the refusal", func(*cluster.Status) bool {
			return strings.Contains(f.Log(), "alluxio.home asks for 2.9.6 now: Alluxio supports this from a backup only")
		})
		tc.OnlyTasks(f, testcluster.TaskIDs(status))

		install(later.Dir)
		tc.Kill(f.JVM(f.Slot(status, "alluxio-master-0")))
		f.Await("a master that is refused", func(s *cluster.Status) bool {
			failure := f.Slot(s, "alluxio-master-0").LastFailure
			return failure != nil && strings.Contains(failure.Message, "was served from by Alluxio 1.8.1")
		})
		install(release.Dir)
		f.Await("everything", func(s *cluster.Status) bool { return s.Complete })
		f.AwaitFile(release, "/before", text)
	})
}
