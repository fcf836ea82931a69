package main

import (
	"context"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
)

func TestWhatARunningProcessCannotChangeWaitsForItsNextStart(t *testing.T) {
	t.Parallel()
	zk := func(password string) config.ZooKeeper {
		return config.ZooKeeper{Servers: []string{"z:2181"}, Path: "/x", User: "u", Password: config.NewSecret(password)}
	}
	first := &config.Settings{
		Roles: config.AlluxioRoles(),
		Name:  "a", User: "a", MesosRole: "a", Principal: "a", Secret: config.NewSecret("a"), FailoverTimeout: time.Hour,
		ExecutorPath:    "/a",
		ArtifactAddress: "a:1", APIAddress: "a:1", StateDir: "/a", StateZooKeeper: zk("a"), ZooKeeperTimeout: time.Second,
	}
	same := *first
	same.StateZooKeeper, same.UpdateParallel = zk("a"), 3
	if later := keepFixed(first, &same); len(later) > 0 || same.UpdateParallel != 3 {
		t.Errorf("of the same settings %q wait", later)
	}
	changed := config.Settings{
		Roles: config.AlluxioRoles(),
		Name:  "b", User: "b", MesosRole: "b", Principal: "b", Secret: config.NewSecret("b"), FailoverTimeout: time.Minute,
		GPUAgents: true, ExecutorPath: "/b",
		ArtifactAddress: "b:1", APIAddress: "b:1", StateDir: "/b", StateZooKeeper: zk("b"), ZooKeeperTimeout: time.Minute,
	}
	want := []string{
		config.KeyFrameworkName, config.KeyUser, config.KeyMesosRole, config.KeyPrincipal, config.KeySecret,
		config.KeyFailoverTimeout, config.KeyGPUAgents, config.KeyExecutorPath,
		config.KeyArtifactAddress, config.KeyAPIAddress, config.KeyStateDir, config.KeyState, config.KeyZooKeeperTimeout,
	}
	if later := keepFixed(first, &changed); !slices.Equal(later, want) {
		t.Errorf("%q wait, want %q", later, want)
	}
	if !reflect.DeepEqual(&changed, first) {
		t.Errorf("the process goes on with %+v", changed)
	}
}

// Whoever tells all instances of a change reaches those that stand by as well.
func TestAHangupBeforeTheFrameworkActsWaits(t *testing.T) {
	hangups, stop := listenForHangups()
	defer stop()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if got := <-hangups; got != syscall.SIGHUP {
		t.Errorf("signal %v", got)
	}
}

// Files that are in no under store are lost with a worker, so whoever asks for fewer is told before
// and while they are removed.
func TestFewerWorkersAreWarnedOfBeforeTheyAreRemoved(t *testing.T) {
	t.Parallel()
	m := newMesos(t, fakemesos.Options{Agents: 3})
	h := newHome(t, "alluxio.user.file.writetype.default=MUST_CACHE")
	h.start("-w", m.Addr())
	const lost = "files that are not in the under store are lost with them: what clients have written with MUST_CACHE"
	const count, set = "alluxio.integration.mesos.worker.count=",
		"(the site file sets alluxio.user.file.writetype.default=MUST_CACHE)"
	validate := func(workers string) (string, error) {
		out, err := exec.CommandContext(h.within(), h.Path("bin/alluxio-mesos"), "validate", "--conf-dir",
			h.Path("conf"), "--property", count+workers).CombinedOutput()
		return string(out), err
	}
	out, err := validate("1")
	if err != nil || !strings.Contains(out, "warning: 3 workers run and "+count+"1: a SIGHUP, or the next start, "+
		"removes 2; "+lost) || !strings.Contains(out, set) {
		t.Errorf("%v: %s", err, out)
	}
	if out, err = validate("3"); err != nil || strings.Contains(out, lost) {
		t.Errorf("as many as run: %v: %s", err, out)
	}
	if err := h.WriteSite("alluxio.integration.mesos.alluxio.jar.url=LOCAL", count+"1"); err != nil {
		t.Fatal(err)
	}
	p := h.process()
	if err := p.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	err = clitest.Await(h.within(), "the end of two workers",
		func(context.Context) (bool, error) { return len(m.Tasks()) == 2, nil })
	if err != nil {
		t.Fatal(err)
	}
	log := h.Log()
	warned, killed := strings.Index(log, "removed, since the settings ask for 1 of alluxio-worker; "+lost),
		strings.Index(log, "kill alluxio-worker-1.1: ")
	if warned < 0 || killed < warned {
		t.Errorf("warned at %d, and killed at %d of %s", warned, killed, log)
	}
}

// Masters of another version may not read the journal, so a change to one is refused before anything
// is ended for it. validate says so before the change.
func TestAVersionThatMayNotFollowIsRefusedAtAHangup(t *testing.T) {
	t.Parallel()
	m := newMesos(t, fakemesos.Options{Agents: 1, Statuses: func(task *mesos.TaskInfo) []mesos.TaskStatus {
		spec, err := launch.Decode(task.Data)
		if err != nil {
			t.Error(err)
			return nil
		}
		report := launch.Report{AlluxioVersion: "1.8.1", JournalFormatted: spec.Journal.Identity}
		return []mesos.TaskStatus{{State: mesos.TASK_STARTING.Enum()},
			{State: mesos.TASK_RUNNING.Enum(), Data: report.Encode()}}
	}})
	const version = "alluxio.integration.mesos.alluxio.version="
	const rejected = "Alluxio 1.8.1 has served from the journal, and alluxio.integration.mesos.alluxio.version asks " +
		"for 2.9.6 now: Alluxio supports this from a backup only; undo the change, or "
	h := newHome(t, version+"1.8.1")
	h.start("-w", m.Addr())
	tasks := m.Tasks()
	out, err := exec.CommandContext(h.within(), h.Path("bin/alluxio-mesos"), "validate", "--conf-dir",
		h.Path("conf"), "--property", version+"2.9.6").CombinedOutput()
	const warning = "warning: a SIGHUP, or the next start, refuses these settings: "
	if err != nil || !strings.Contains(string(out), warning+rejected) {
		t.Errorf("%v: %s", err, out)
	}
	if err := h.WriteSite("alluxio.integration.mesos.alluxio.jar.url=LOCAL", version+"2.9.6"); err != nil {
		t.Fatal(err)
	}
	if err := h.process().Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	err = clitest.Await(h.within(), "the refusal", func(context.Context) (bool, error) {
		return strings.Contains(h.Log(), "the settings were not changed"), nil
	})
	if log := h.Log(); err != nil || !strings.Contains(log, "this change cannot be made safely: "+rejected) {
		t.Errorf("%v: %s", err, log)
	}
	if log := h.Log(); strings.Contains(log, "kill alluxio-") || !reflect.DeepEqual(m.Tasks(), tasks) {
		t.Errorf("the tasks are %v, before %v: %s", m.Tasks(), tasks, log)
	}
}
