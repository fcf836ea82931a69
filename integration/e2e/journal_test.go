package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestTheFirstStartOfAJournal ends a genuine master in the middle of its first start, where SIGTERM
// leaves a journal without a root in four of five tries, and then begins with such a journal:
// nothing formats that before the operator says so, and once only.
func TestTheFirstStartOfAJournal(t *testing.T) {
	t.Parallel()
	tc := newCluster(t, testcluster.AllPorts+";cpus:4;mem:4096;disk:1000")
	release := tc.Release("2.9.6")
	lines := []string{"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + release.Dir,
		"alluxio.integration.mesos.worker.count=1"}

	t.Run("whose executor is asked to end", func(t *testing.T) {
		tc := tc.In(t)
		f := tc.NewFramework("first", lines...)
		if out, err := f.Start(t.Context(), tc.Address()); err != nil {
			f.Fatalf("%v: %s", err, out)
		}
		catchingUp(f, "alluxio-master-0.1")
		first, err := f.Status(t.Context())
		tc.Check(err)
		tc.Check(syscall.Kill(f.Executor(f.Slot(first, "alluxio-master-0")), syscall.SIGTERM))
		status := f.Await("another master that serves", func(s *cluster.Status) bool { return s.Complete })
		if master := f.Slot(status, "alluxio-master-0"); master.Restarts != 1 {
			t.Errorf("%+v", master)
		}
		log, err := os.ReadFile(filepath.Join(f.Sandbox("alluxio-master-0.1"), "stderr"))
		tc.Check(err)
		if strings.Contains(string(log), "signal=terminated") || !strings.Contains(string(log), "signal=killed") {
			t.Errorf("the executor has sent something else than SIGKILL:\n%s", log)
		}
		f.Shell(release, "mkdir", "/made")
		if out := f.Shell(release, "ls", "/"); !strings.Contains(out, "/made") {
			t.Errorf("ls: %s", out)
		}
		if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
			f.Fatalf("%v: %s", err, out)
		}
	})

	t.Run("that left no root and no mark", func(t *testing.T) {
		tc := tc.In(t)
		folder := filepath.Join(tc.Folder("rootless"), "journal")
		plantRootless(tc, folder)
		f := tc.NewFramework("word", append(lines, "alluxio.master.journal.folder="+folder)...)
		if out, err := f.Start(t.Context(), tc.Address()); err != nil {
			f.Fatalf("%v: %s", err, out)
		}
		status := f.Await("a master that says why it does not serve", func(s *cluster.Status) bool {
			failure := f.Slot(s, "alluxio-master-0").LastFailure
			return failure != nil && strings.Contains(failure.Message, folder+" has no root")
		})
		if warnings := strings.Join(status.Warnings, "\n"); !strings.Contains(warnings,
			"alluxio-mesos recover --format-journal") {
			t.Errorf("warnings %q", warnings)
		}
		planted, err := os.ReadFile(filepath.Join(folder, "FileSystemMaster/v1/logs/0x0-0x2"))
		if tc.Check(err); string(planted) != generatorEntries {
			t.Errorf("the journal is %x now", planted)
		}
		stop(f)
		if out, err := f.CLI(t.Context(), "recover", "--format-journal"); err != nil ||
			!strings.Contains(out, folder+", once") {
			t.Fatalf("%v: %s", err, out)
		}
		f.Serve()
		f.Shell(release, "mkdir", "/made")
		f.KillJVM("alluxio-master-0")
		f.Await("everything", func(s *cluster.Status) bool { return s.Complete })
		if out := f.Shell(release, "ls", "/"); !strings.Contains(out, "/made") {
			t.Errorf("ls: %s", out)
		}
		if out, err := f.CLI(t.Context(), "recover", "--format-journal"); err == nil {
			t.Errorf("a word that nobody has asked for is taken: %s", out)
		}
	})
}

// catchingUp waits until the master of a task is where SIGTERM does most harm.
func catchingUp(f *testcluster.Framework, taskID string) {
	f.Cluster.T.Helper()
	f.Cluster.Await("the log of "+taskID, func(context.Context) (bool, error) {
		logs, _ := filepath.Glob(filepath.Join(f.Cluster.Dir, "agent*/work/slaves/*/frameworks/*/executors", taskID,
			"runs/latest/logs/master.log"))
		if len(logs) == 0 {
			return false, nil
		}
		log, err := os.ReadFile(logs[0])
		return strings.Contains(string(log), "Waiting for journals to catch up"), err
	})
}

// What SIGTERM has left of a first start of Alluxio 2.9.6: the entries of two generators of IDs,
// and no root.
const (
	generatorEntries = "\x08\x08\x00R\x04\x08\x00\x10\x00\x08\x08\x01R\x04\x08\x00\x10\x01"
	blockEntries     = "\x07\x08\x00\x1a\x03\x08\xe9\x07"
)

// plantRootless makes such a journal.
func plantRootless(tc *testcluster.Cluster, folder string) {
	tc.T.Helper()
	for name, text := range map[string]string{
		"FileSystemMaster/v1/logs/0x0-0x2": generatorEntries, "BlockMaster/v1/logs/0x0-0x1": blockEntries,
		"FileSystemMaster/v1/_format_1": "", "BlockMaster/v1/_format_1": "", "MetaMaster/v1/_format_1": "",
	} {
		path := filepath.Join(folder, name)
		tc.Check(os.MkdirAll(filepath.Dir(path), 0o755))
		tc.Check(os.WriteFile(path, []byte(text), 0o644))
	}
}
