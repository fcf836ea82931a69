package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// ordinaryUser is the user nobody of Debian, and its group.
const ordinaryUser = 65534

// TestTheDefectsOfTheJavaFramework is a small cluster of an ordinary user, whose agents have the
// executor themselves. It goes through what the Java framework of Alluxio 1.x did wrong, as far as
// the other tests of this package do not.
func TestTheDefectsOfTheJavaFramework(t *testing.T) {
	t.Parallel()
	tc := newCluster(t)
	var err error
	tc.Mesos, err = tc.Mesos.Copy(t.Context(), tc.Dir)
	tc.Check(err)
	flag, sudoCalls := spyOnSudo(tc)
	tc.AddAgent(realmesos.AgentOptions{Resources: testcluster.AllPorts + ";cpus:4;mem:4096;disk:1000", User: ordinaryUser,
		Group: ordinaryUser, Flags: []string{flag}})
	release := tc.Release("1.8.1")
	home := filepath.Join(tc.Dir, "alluxio-1.8.1") // where an ordinary user can read it
	tc.Check(os.CopyFS(home, os.DirFS(release.Dir)))
	lines := []string{
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL",
		"alluxio.home=" + home,
		"alluxio.integration.mesos.user=nobody",
		"alluxio.integration.mesos.worker.count=1",
		"alluxio.integration.mesos.executor.path=" + binary,
		"alluxio.integration.mesos.artifact.address=" + tc.Master.Addr(), // taken: to listen there would fail
		"alluxio.integration.mesos.kill.grace=2s",
		"alluxio.master.journal.folder=" + filepath.Join(tc.Folder("journals"), "journal"),
	}
	f := tc.NewFramework("defects", lines...)
	ip := tc.Block.IP(1)
	watched := watch(tc, f, map[string]string{
		"alluxio-master-0": "http://" + ip + ":19999/api/v1/master/info",
		"alluxio-worker-0": "http://" + ip + ":30000/api/v1/worker/info",
	})
	f.Serve()
	status, err := f.Status(t.Context())
	tc.Check(err)

	t.Run("RUNNING is reported only when Alluxio serves", func(t *testing.T) {
		seen, lies := watched()
		for _, lie := range lies {
			t.Error(lie)
		}
		for slot, states := range seen {
			if states[len(states)-1] != "TASK_RUNNING" || !slices.Contains(states, "TASK_STARTING") {
				t.Errorf("%s went through %v", slot, states)
			}
		}
		if len(seen) != 2 {
			t.Errorf("tasks seen: %v", seen)
		}
	})
	t.Run("with the executor on the agents nothing is fetched from the framework", func(t *testing.T) {
		ownExecutor(f, status)
	})
	t.Run("every command of the program works beside a live framework", func(t *testing.T) { everyCommand(f, status) })
	t.Run("a framework that has all it wants is silent", func(t *testing.T) { silent(f) })
	t.Run("sudo is called only when the site file says so", func(t *testing.T) {
		if calls := sudoCalls(); calls != "" {
			t.Errorf("sudo was called: %s", calls)
		}
		if _, err := f.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		tc.Check(f.WriteSite(append(append(tc.Site("defects"), lines...), "alluxio.integration.mesos.ramdisk.sudo=true")...))
		if out, err := f.Start(t.Context(), tc.Master.Addr()); err != nil {
			f.Fatalf("%v: %s", err, out)
		}
		// The property replaces no task that runs: it changes how the next one gets its ramdisk.
		f.Await("the same cluster", func(s *cluster.Status) bool { return s.Complete && s.Rollout == nil })
		if out, err := f.CLI(t.Context(), "replace", "alluxio-worker-0"); err != nil {
			f.Fatalf("%v: %s", err, out)
		}
		f.Await("a worker that may", func(s *cluster.Status) bool {
			return s.Complete && f.Slot(s, "alluxio-worker-0").TaskID != f.Slot(status, "alluxio-worker-0").TaskID
		})
		if calls := sudoCalls(); !strings.Contains(calls, "-n -- mount -t tmpfs") {
			t.Errorf("sudo was called with %q", calls)
		}
	})
	t.Run("teardown ends a JVM with SIGTERM, and after the grace with SIGKILL", func(t *testing.T) {
		tearDownWithAHungWorker(f)
	})
	failingStarts(tc, lines)
}

// ownExecutor checks that the executors are the agent's own program.
func ownExecutor(f *testcluster.Framework, s *cluster.Status) {
	f.Cluster.T.Helper()
	for _, name := range []string{"alluxio-master-0", "alluxio-worker-0"} {
		slot := f.Slot(s, name)
		if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", f.Executor(slot))); err != nil || exe != binary {
			f.Cluster.T.Errorf("the executor of %s is %s, %v", name, exe, err)
		}
		if _, err := os.Stat(filepath.Join(f.Sandbox(slot.TaskID), filepath.Base(binary))); !os.IsNotExist(err) {
			f.Cluster.T.Errorf("the program is in the sandbox: %v", err)
		}
	}
}

func everyCommand(f *testcluster.Framework, s *cluster.Status) {
	f.Cluster.T.Helper()
	for command, want := range map[string]string{
		"status":                              "alluxio-worker-0",
		"status -o json":                      `"complete": true`,
		"explain":                             "Everything that should run serves.",
		"explain -o json":                     `"waiting": []`,
		"validate":                            `Framework "defects" asks of Mesos:`,
		"validate " + f.Cluster.Master.Addr(): "--resources='ports:[19998-19999,29998-30000]'",
		"version":                             "alluxio-mesos " + s.Framework.Version + " (linux/",
		"completion bash":                     "__start_alluxio-mesos",
		"framework --help":                    "alluxio.integration.mesos.alluxio.jar.url",
	} {
		if out, err := f.CLI(f.Cluster.T.Context(), strings.Fields(command)...); err != nil || !strings.Contains(out, want) {
			f.Cluster.T.Errorf("%s: %v: %q is not in\n%s", command, err, want, out)
		}
	}
}

// silent waits while Mesos goes through many rounds of offers, and checks that nothing was asked of it or sent.
func silent(f *testcluster.Framework) {
	f.Cluster.T.Helper()
	ctx, cancel := context.WithTimeout(f.Cluster.T.Context(), testcluster.Patience)
	defer cancel()
	status := f.Await("suppression", func(s *cluster.Status) bool { return s.Complete && s.Mesos.Offers == "suppressed" })
	const rounds = "allocator/mesos/allocation_runs"
	traffic := func() (runs float64, messages map[string]float64) {
		all, messages := metrics(ctx, f.Cluster), map[string]float64{}
		for name, value := range all {
			if strings.Contains(name, status.Framework.ID) &&
				(strings.Contains(name, "/calls") || strings.Contains(name, "offers/")) {
				messages[name] = value
			}
		}
		return all[rounds], messages
	}
	round := func(from float64, number int) {
		f.Cluster.Check(clitest.Await(ctx, fmt.Sprintf("%d rounds of offers", number), func(context.Context) (bool, error) {
			now, _ := traffic()
			return now >= from+float64(number), nil
		}))
	}
	begun, _ := traffic()
	round(begun, 2) // the last calls may still be on their way
	first, before := traffic()
	if len(before) < 3 {
		f.Fatalf("Mesos counts no messages of %s: %v", status.Framework.ID, before)
	}
	f.Cluster.Check(clitest.Await(ctx, "ten rounds of offers", func(context.Context) (bool, error) {
		now, after := traffic()
		for name, value := range after {
			if value != before[name] {
				return true, fmt.Errorf("%s was %v and is %v", name, before[name], value)
			}
		}
		return now >= first+10, nil
	}))
	if _, after := traffic(); fmt.Sprint(after) != fmt.Sprint(before) {
		f.Cluster.T.Errorf("messages before %v\nand after %v", before, after)
	}
}

// tearDownWithAHungWorker tears down while the worker's JVM hears nothing.
func tearDownWithAHungWorker(f *testcluster.Framework) {
	f.Cluster.T.Helper()
	status, err := f.Status(f.Cluster.T.Context())
	f.Cluster.Check(err)
	master, worker := f.Slot(status, "alluxio-master-0"), f.Slot(status, "alluxio-worker-0")
	masterJVM, workerJVM := f.JVM(master), f.JVM(worker)
	f.Cluster.Check(syscall.Kill(workerJVM, syscall.SIGSTOP))
	if out, err := f.Stop(f.Cluster.T.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
	f.Cluster.Gone(workerJVM)
	f.Cluster.Gone(masterJVM)
	f.Cluster.OnlyTasks(f, nil)
	f.Cluster.NoMounts()
	for id, killed := range map[string]bool{master.TaskID: false, worker.TaskID: true} {
		log, err := os.ReadFile(filepath.Join(f.Sandbox(id), "stderr"))
		f.Cluster.Check(err)
		if !strings.Contains(string(log), "signal=terminated") || strings.Contains(string(log), "signal=killed") != killed {
			f.Cluster.T.Errorf("%s: SIGTERM is expected, and SIGKILL %v:\n%s", id, killed, log)
		}
	}
	if left, _ := filepath.Glob("/dev/shm/*/*" + status.Framework.ID + "*"); len(left) > 0 {
		f.Cluster.T.Errorf("ramdisks are left: %v", left)
	}
}

// failingStarts starts masters that never serve, on the journal that is formatted already.
func failingStarts(tc *testcluster.Cluster, lines []string) {
	for name, c := range map[string]struct {
		opts    []string
		timeout string
		says    []string
	}{
		"a JVM that does not start": {[]string{"-XX:+NoSuchOption"}, "2min",
			[]string{"exit code 1", "Unrecognized VM option 'NoSuchOption'"}},
		"an Alluxio that gives up": {[]string{"-Dalluxio.master.port=http"}, "2min",
			[]string{"exit code", "alluxio.master.port"}},
		"a JVM that hangs": {[]string{"-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:0"},
			"15s", []string{"does not serve 15s after its launch", "Listening for transport dt_socket"}},
	} {
		tc.T.Run(name+" is TASK_FAILED with the lines that say why", func(t *testing.T) {
			f := tc.NewFramework(strings.ReplaceAll(name, " ", "-"), append(slices.Clone(lines),
				"alluxio.integration.mesos.start.timeout="+c.timeout, "alluxio.integration.master.java.opts="+
					strings.Join(c.opts, " "))...)
			if out, err := f.Start(t.Context(), tc.Master.Addr()); err != nil {
				f.Fatalf("%v: %s", err, out)
			}
			status := f.Await("the failure", func(s *cluster.Status) bool {
				return f.Slot(s, "alluxio-master-0").LastFailure != nil
			})
			failure := f.Slot(status, "alluxio-master-0").LastFailure
			for _, want := range c.says {
				if failure.State != "TASK_FAILED" || !strings.Contains(failure.Message, want) {
					t.Errorf("%s: %q does not say %q", failure.State, failure.Message, want)
				}
			}
			if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
				f.Fatalf("%v: %s", err, out)
			}
			state, err := tc.Master.State(t.Context())
			tc.Check(err)
			for _, framework := range state.CompletedFrameworks {
				for _, task := range framework.Completed {
					for _, update := range task.Statuses {
						if framework.ID == status.Framework.ID && update.State == "TASK_RUNNING" {
							t.Errorf("%s was told to be running", task.ID)
						}
					}
				}
			}
		})
	}
}
