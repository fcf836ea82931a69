package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
)

// TestAnAgentWithoutRoot runs Alluxio under an agent of an ordinary user: no mounts, no /var/lib, each said plainly.
func TestAnAgentWithoutRoot(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Fatal("this test starts an agent as another user and needs root for it")
	}
	tc := newCluster(t)
	var err error
	tc.Mesos, err = tc.Mesos.Copy(t.Context(), tc.Dir)
	tc.Check(err)
	const nobody = 65534
	tc.AddAgent(realmesos.AgentOptions{Resources: testcluster.AllPorts + ";cpus:4;mem:4096;disk:1000", User: nobody,
		Group: nobody})
	release := tc.Release("1.8.1")
	tarball := filepath.Join(tc.Dir, filepath.Base(release.Tarball))
	data, err := os.ReadFile(release.Tarball)
	tc.Check(err)
	tc.Check(os.WriteFile(tarball, data, 0o644))
	cache := tc.Folder("nobodys-cache")
	tc.Check(os.Chmod(cache, 0o755))
	tc.Check(os.Chown(cache, nobody, nobody))
	f := tc.NewFramework("plain",
		"alluxio.integration.mesos.alluxio.jar.url=file://"+tarball,
		"alluxio.integration.mesos.data.dir=", // the default of a user who is not root
		"alluxio.integration.mesos.cache.dir="+cache,
		"alluxio.integration.mesos.user=nobody",
		"alluxio.integration.mesos.worker.count=1",
	)
	f.Serve()
	status, err := f.Status(t.Context())
	tc.Check(err)
	master, worker := f.Slot(status, "alluxio-master-0"), f.Slot(status, "alluxio-worker-0")
	if !strings.Contains(worker.Storage, "/dev/shm") {
		t.Errorf("the ramdisk of a user who may not mount is a folder of /dev/shm: %q", worker.Storage)
	}
	t.Cleanup(func() {
		data := filepath.Dir(master.JournalFolder)
		tc.Ended(os.RemoveAll(data))
		_ = os.Remove(filepath.Dir(data)) // another test's data may be there
	})
	if !strings.HasPrefix(master.JournalFolder, "/var/tmp/alluxio-mesos-nobody/"+status.Framework.ID) {
		t.Errorf("the journal of a user without a home: %q", master.JournalFolder)
	}
	var owner syscall.Stat_t
	tc.Check(syscall.Stat(master.JournalFolder, &owner))
	if owner.Uid != nobody {
		t.Errorf("the journal belongs to %d", owner.Uid)
	}
	if testcluster.Serving(status, config.Worker) != 1 || master.Ports[config.MasterRPC] != 19998 {
		t.Errorf("%+v", status.Slots)
	}
	if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
	tc.OnlyTasks(f, nil)
}
