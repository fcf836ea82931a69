package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// earlier is the commit of the version from which clusters are upgraded.
const earlier = "bbac074"

// TestUpgradeRestartsAndDeletesNothing starts a cluster with the version before, and goes on with
// this one: on its state, with its executors, and on the journal, the cache and the ramdisks that
// they made.
func TestUpgradeRestartsAndDeletesNothing(t *testing.T) {
	t.Parallel()
	tc := newCluster(t, testcluster.AllPorts+";cpus:4;mem:4096;disk:1000")
	release := tc.Release("1.8.1")
	mirror, _ := tc.Mirror(release.Tarball)
	old, err := clitest.BuildCommit(t.Context(), earlier)
	tc.Check(err)
	f := tc.NewFramework("upgrade")
	tc.Check(f.WriteSite(append(testcluster.WithoutJobLine(tc.Site("upgrade")),
		"alluxio.integration.mesos.alluxio.jar.url="+mirror+"/"+filepath.Base(release.Tarball),
		"alluxio.integration.mesos.alluxio.jar.sha256="+release.SHA256,
		"alluxio.integration.mesos.worker.count=1")...))
	use := func(binary string) {
		link := f.Path("bin/alluxio-mesos")
		tc.Check(os.Remove(link))
		tc.Check(os.Symlink(binary, link))
	}
	use(old)
	f.Serve()
	file, text := filepath.Join(tc.Dir, "file"), strings.Repeat("written by the version before\n", 10000)
	tc.Check(os.WriteFile(file, []byte(text), 0o644))
	f.Shell(release, "copyFromLocal", file, "/before")
	status, err := f.Status(t.Context())
	tc.Check(err)
	tasks := testcluster.TaskIDs(status)
	jvms := map[string]int{}
	for _, slot := range status.Slots {
		jvms[slot.Slot] = f.JVM(slot)
	}
	executor := f.Executor(f.Slot(status, "alluxio-worker-0"))
	cached := filepath.Join(tc.Dir, "cache/entries", release.SHA256, "tree")
	tree := treeOf(t, cached)

	if out, err := f.Stop(t.Context()); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	use(tc.Binary)
	f.Serve()
	status = f.Await("every task is confirmed", func(s *cluster.Status) bool { return s.Complete })
	tc.OnlyTasks(f, tasks)
	for _, slot := range status.Slots {
		if pid := f.JVM(slot); pid != jvms[slot.Slot] {
			t.Errorf("the JVM of %s is process %d and was %d", slot.Slot, pid, jvms[slot.Slot])
		}
	}

	tc.Kill(executor) // its record and its ramdisk are left to the executor of this version
	f.KillJVM("alluxio-master-0")
	status = f.Await("everything serves again", func(s *cluster.Status) bool {
		return s.Complete && f.Slot(s, "alluxio-worker-0").TaskID != tasks["alluxio-worker-0"] &&
			f.Slot(s, "alluxio-master-0").TaskID != tasks["alluxio-master-0"]
	})
	f.AwaitFile(release, "/before", text)
	if now := treeOf(t, cached); len(now) != len(tree) || len(tree) < 3 {
		t.Errorf("%d files of the version before are in the cache, %d were", len(now), len(tree))
	}
	if _, err := os.Stat(filepath.Join(tc.Dir, "cache/alluxio-mesos-cache/entries", release.SHA256)); err != nil {
		t.Errorf("this version has no cache of its own: %v", err)
	}
	var warnings strings.Builder
	for _, slot := range status.Slots {
		warnings.WriteString(strings.Join(slot.Warnings, "\n"))
	}
	if !strings.Contains(warnings.String(), "earlier version of alluxio-mesos are in "+filepath.Join(tc.Dir, "cache")) {
		t.Errorf("the cache of the version before is not named: %q", warnings.String())
	}
	if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	tc.NoMounts()
}
