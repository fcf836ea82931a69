package executor

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakeagent"
)

// noEntry is a user ID that no user database has.
const noEntry = 54321

// asStranger starts an executor as a user without an entry in the user database, whose HOME is the
// sandbox, as Mesos has it. It needs root.
func asStranger(t *testing.T, name string) *rig {
	t.Helper()
	r := newFolders(t)
	r.agent = fakeagent.New(t)
	self, err := os.Executable()
	check(t, err)
	// What other users can execute; another process copies, see ramdisk's tests.
	for _, file := range []string{"executor", "jdk/bin/java"} {
		path := filepath.Join(r.dir, file)
		check(t, os.Remove(path))
		if out, err := exec.Command("install", "-m", "0755", self, path).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	for dir := r.dir; dir != os.TempDir(); dir = filepath.Dir(dir) {
		check(t, os.Chmod(dir, 0o755))
	}
	check(t, os.Chmod(r.dir, 0o777), os.Chown(r.sandbox, noEntry, noEntry))
	cmd := exec.Command(filepath.Join(r.dir, "executor"))
	cmd.Env = r.agent.Environ(r.sandbox, "JAVA_HOME="+filepath.Join(r.dir, "jdk"), "PATH=/bin", "HOME="+r.sandbox,
		"USER="+name)
	cmd.Dir, cmd.Stderr = r.sandbox, r.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: noEntry, Gid: noEntry},
		Pdeathsig: syscall.SIGKILL}
	check(t, cmd.Start())
	go func() { r.ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		if t.Failed() {
			t.Logf("executor's log:\n%s", r.log)
		}
	})
	r.stream = r.agent.Subscription()
	return r
}

func TestTheJournalOfAUserWithoutAnEntryOutlivesTheSandbox(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 { // who cannot become another user is a user
		sandbox := t.TempDir()
		h := newHost([]string{"HOME=" + sandbox}, sandbox)
		if dir, _ := h.dataDir("c"); strings.HasPrefix(dir, sandbox) {
			t.Errorf("data in %s", dir)
		}
		return
	}
	name := fmt.Sprint("test-of-alluxio-mesos-", os.Getpid())
	folder := "/var/tmp/alluxio-mesos-" + name
	t.Cleanup(func() { check(t, os.RemoveAll(folder)) })
	r := asStranger(t, name)
	spec := r.master()
	spec.Journal.DataDir = ""
	r.launch("m.1", spec)
	report := launch.DecodeReport(r.agent.Update(mesos.TASK_RUNNING).Data)
	if want := filepath.Join(folder, spec.Cluster, "journal"); report.JournalFolder != want {
		t.Errorf("the journal is in %s, want %s", report.JournalFolder, want)
	}
	r.stream.Kill("m.1", 0)
	r.agent.Update(mesos.TASK_KILLED)
	r.end()

	// Somebody else's folder of that name is not used.
	check(t, os.Chown(folder, noEntry+1, noEntry+1))
	r = asStranger(t, name)
	r.launch("m.2", spec)
	r.failure(folder, "belongs to uid 54322", "alluxio.integration.mesos.data.dir")
	r.end()
}

func TestAJournalInTheSandboxIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	link := filepath.Join(r.dir, "link")
	check(t, os.Symlink(r.sandbox, link))
	spec := r.master()
	spec.Journal.Folder = filepath.Join(link, "below", "journal")
	r.launch("m.1", spec)
	r.failure("sandbox", "alluxio.integration.mesos.data.dir", "below/journal")
	r.end()
}
