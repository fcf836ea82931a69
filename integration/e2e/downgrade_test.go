package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// TestTheVersionBeforeReadsTheCopyThatAnUpgradeKeeps opens a state of the version before with this
// one, and goes back: the version before refuses the new file, and takes the copy of its own.
func TestTheVersionBeforeReadsTheCopyThatAnUpgradeKeeps(t *testing.T) {
	t.Parallel()
	old, err := clitest.BuildCommit(t.Context(), earlier)
	if err != nil {
		t.Fatal(err)
	}
	home, err := clitest.NewHome(t.TempDir(), old)
	if err == nil {
		err = home.WriteSite("alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.integration.mesos.role=alluxio",
			"alluxio.integration.mesos.worker.count=7", "alluxio.integration.master.volume.size=1GB",
			"alluxio.integration.worker.volume.size=10GB",
			`alluxio.integration.worker.constraints=[["rack","LIKE","r.*"]]`)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := home.Close(); err != nil {
			t.Error(err)
		}
	})
	state, err := os.ReadFile(filepath.Join(clitest.Repository(), "scheduler/store/testdata/bbac074-volumes.db"))
	if err != nil {
		t.Fatal(err)
	}
	folder := home.Path("mesos-state")
	file := filepath.Join(folder, store.FileName)
	if err := errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(file, state, 0o600)); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(folder)
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatalf("this version cannot open it: %v", err)
	}
	ip, err := loopback.IP()
	if err != nil {
		t.Fatal(err)
	}
	address := ip + ":5050" // nobody listens there
	var exit *clitest.ExitError
	_, err = home.Start(t.Context(), address)
	if !errors.As(err, &exit) || !strings.Contains(exit.Output, "its schema version is 3") {
		t.Errorf("the version before starts with the new file: %v", err)
	}
	if err := os.Rename(file+".schema-2", file); err != nil {
		t.Fatal(err)
	}
	if out, err := home.Start(t.Context(), address); err != nil {
		t.Fatalf("the version before does not start with its copy: %v: %s\n%s", err, out, home.Log())
	}
	status, err := home.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tasks := map[string]string{}
	for _, slot := range status.Slots {
		tasks[slot.Slot] = slot.TaskID
	}
	if len(tasks) != 8 || tasks["alluxio-master-0"] != "alluxio-master-0.1" ||
		tasks["alluxio-worker-0"] != "alluxio-worker-0.2" || status.Framework.ID != "f1" {
		t.Errorf("it knows framework %q with %v", status.Framework.ID, tasks)
	}
	if out, err := home.Stop(t.Context()); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
