package e2e

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/loopback"
	"github.com/alluxio/alluxio-mesos/integration/operator"
	"github.com/alluxio/alluxio-mesos/integration/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/realmesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// binary is the alluxio-mesos under test.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "alluxio-mesos-e2e-")
		if err == nil {
			defer os.RemoveAll(dir)
			// Agents of another user run it, too.
			err = os.Chmod(dir, 0o755)
		}
		if err == nil {
			binary, err = operator.BuildBinary(context.Background(), dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// patience bounds every wait for a condition: these machines are slow at times, and a bound is not a measurement.
const patience = 4 * time.Minute

// allPorts is what an agent needs for Alluxio on default ports.
const allPorts = "ports:[19998-19999,29998-30000]"

// world is one Mesos with a master and agents on addresses of its own.
type world struct {
	t      *testing.T
	dir    string
	block  *loopback.Block
	mesos  realmesos.Install
	master *realmesos.Master
	agents []*realmesos.Agent
}

// newWorld starts a Mesos master and an agent for each of resources, on addresses 1, 2, … of a block of loopback addresses.
func newWorld(t *testing.T, resources ...string) *world {
	t.Helper()
	w := &world{t: t, dir: openDir(t)}
	var err error
	w.block, err = loopback.Reserve()
	w.check(err)
	t.Cleanup(w.block.Release)
	w.mesos, err = realmesos.Build(t.Context())
	w.check(err)
	w.startMaster()
	for _, r := range resources {
		w.addAgent(realmesos.AgentOptions{Resources: r})
	}
	return w
}

// openDir is a temporary folder that other users can enter; t.TempDir is for its owner only.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "e2e-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("something is left: %v", err)
		}
	})
	return dir
}

func (w *world) addAgent(o realmesos.AgentOptions) *realmesos.Agent {
	w.t.Helper()
	o.Master, o.IP = w.master.Addr(), w.block.IP(len(w.agents)+1)
	o.Dir = filepath.Join(w.dir, fmt.Sprintf("agent%d", len(w.agents)+1))
	agent, err := w.mesos.StartAgent(w.t.Context(), o)
	w.check(err)
	w.t.Cleanup(func() { w.ended(agent.Stop()) })
	w.agents = append(w.agents, agent)
	return agent
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) ended(err error) {
	if err != nil {
		w.t.Error(err)
	}
}

// framework is a configuration of ours in a world.
type framework struct {
	*operator.Home
	w *world
}

// newFramework lays out a home whose site file has what every test wants, then lines.
func (w *world) newFramework(name string, lines ...string) *framework {
	w.t.Helper()
	home, err := operator.NewHome(filepath.Join(w.dir, name), binary)
	w.check(err)
	f := &framework{Home: home, w: w}
	w.t.Cleanup(func() { w.ended(home.Close()) })
	w.check(home.WriteSite(append(w.site(name), lines...)...))
	return f
}

// site is small and quick: several of these run on two cores.
func (w *world) site(name string) []string {
	ufs := w.folder(name + "-ufs")
	return []string{
		"alluxio.integration.mesos.framework.name=" + name,
		"alluxio.integration.mesos.bind=agent",
		"alluxio.integration.mesos.data.dir=" + w.folder(name+"-data"),
		"alluxio.integration.mesos.cache.dir=" + filepath.Join(w.dir, "cache"), // the executor makes it: nobody else may write there
		"alluxio.integration.master.resource.cpu=0.5",
		"alluxio.integration.master.resource.mem=448MB",
		"alluxio.integration.worker.resource.cpu=0.5",
		"alluxio.integration.worker.resource.mem=448MB",
		"alluxio.worker.memory.size=64MB",
		"alluxio.underfs.address=" + ufs,
		"alluxio.master.mount.table.root.ufs=" + ufs,
		"alluxio.user.file.writetype.default=CACHE_THROUGH",
		"alluxio.user.block.size.bytes.default=8MB",
		"alluxio.master.journal.tailer.shutdown.quiet.wait.time=200ms",
		"alluxio.master.worker.connect.wait.time=1sec",
	}
}

// folder makes a folder of the world that every user may write.
func (w *world) folder(name string) string {
	w.t.Helper()
	dir := filepath.Join(w.dir, name)
	w.check(os.MkdirAll(dir, 0o777))
	w.check(os.Chmod(dir, 0o777))
	return dir
}

// release is a genuine Alluxio.
func (w *world) release(version string) realalluxio.Release {
	w.t.Helper()
	r, err := realalluxio.Get(w.t.Context(), version)
	w.check(err)
	return r
}

// mirror serves files by base name and counts the bodies that it sent.
func (w *world) mirror(files ...string) (url string, bodies *atomic.Int64) {
	w.t.Helper()
	bodies = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		for _, file := range files {
			if filepath.Base(file) == strings.TrimPrefix(r.URL.Path, "/") {
				if r.Method == http.MethodGet && r.Header.Get("If-None-Match") == "" {
					bodies.Add(1)
				}
				rw.Header().Set("ETag", fmt.Sprintf("%q", filepath.Base(file)))
				http.ServeFile(rw, r, file)
				return
			}
		}
		http.NotFound(rw, r)
	}))
	w.t.Cleanup(server.Close)
	return server.URL, bodies
}

// start runs the start script with -w.
func (f *framework) start(args ...string) {
	f.w.t.Helper()
	out, err := f.Start(f.w.t.Context(), append(append([]string{"-w"}, args...), f.w.master.Addr())...)
	if err != nil {
		f.fatalf("start: %v", err)
	}
	f.w.t.Logf("start:\n%s", out)
}

// fatalf ends the test with what helps to see why.
func (f *framework) fatalf(format string, args ...any) {
	f.w.t.Helper()
	explain, _ := f.CLI(context.Background(), "explain")
	log := f.Log()
	f.w.t.Fatalf(format+"\n--- explain\n%s\n--- framework.out\n%s", append(args, explain, log[max(0, len(log)-6000):])...)
}

// await polls the status until done says so.
func (f *framework) await(what string, done func(*cluster.Status) bool) *cluster.Status {
	f.w.t.Helper()
	ctx, cancel := context.WithTimeout(f.w.t.Context(), patience)
	defer cancel()
	var status *cluster.Status
	err := operator.Await(ctx, what, func(ctx context.Context) (bool, error) {
		s, err := f.Status(ctx)
		if err != nil {
			return false, err
		}
		status = s
		return done(s), nil
	})
	if err != nil {
		f.fatalf("%v", err)
	}
	return status
}

// serving counts the slots of a role that serve.
func serving(s *cluster.Status, role config.Role) int {
	n := 0
	for _, slot := range s.Slots {
		if slot.Role == role && slot.State == "serving" {
			n++
		}
	}
	return n
}

// slot is the status of one slot.
func (f *framework) slot(s *cluster.Status, name string) cluster.SlotStatus {
	f.w.t.Helper()
	for _, slot := range s.Slots {
		if slot.Slot == name {
			return slot
		}
	}
	f.fatalf("there is no slot %s", name)
	return cluster.SlotStatus{}
}

// taskIDs are the tasks of all slots.
func taskIDs(s *cluster.Status) map[string]string {
	ids := map[string]string{}
	for _, slot := range s.Slots {
		ids[slot.Slot] = slot.TaskID
	}
	return ids
}

// jvm is the process ID of the Alluxio JVM of a task: the java whose logs are in the task's sandbox.
func (f *framework) jvm(slot cluster.SlotStatus) int {
	f.w.t.Helper()
	procs, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range procs {
		cmdline, _ := os.ReadFile(file)
		text := string(cmdline)
		if strings.Contains(text, "-Dalluxio.logs.dir=") && strings.Contains(text, f.w.dir) && strings.Contains(text, "/executors/"+slot.TaskID+"/") {
			var pid int
			fmt.Sscanf(file, "/proc/%d/", &pid)
			return pid
		}
	}
	f.fatalf("task %s has no JVM", slot.TaskID)
	return 0
}

// shell runs Alluxio's own file system shell against the master of f.
func (f *framework) shell(r realalluxio.Release, args ...string) string {
	f.w.t.Helper()
	s, err := f.Status(f.w.t.Context())
	f.w.check(err)
	m := f.slot(s, "alluxio-master-0")
	out, err := r.Shell(f.w.t.Context(), "java", map[string]string{
		"alluxio.master.hostname": m.Host, "alluxio.master.port": fmt.Sprint(m.Ports[config.MasterRPC]), "alluxio.master.rpc.port": fmt.Sprint(m.Ports[config.MasterRPC]),
		"alluxio.user.file.writetype.default": "CACHE_THROUGH", "alluxio.user.block.size.bytes.default": "8MB",
		"alluxio.user.network.netty.channel": "NIO", // the other one of 1.4 and 1.5 needs Java 8
	}, args...)
	if err != nil {
		f.fatalf("alluxio fs %v: %v\n%s", args, err, out)
	}
	return out
}

// pid is the framework's process ID, as `pgrep -f AlluxioFramework` would find it, but only that of f.
func (f *framework) pid() int {
	f.w.t.Helper()
	procs, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range procs {
		cmdline, _ := os.ReadFile(file)
		argv := strings.Split(string(cmdline), "\x00")
		if argv[0] == "AlluxioFramework" && strings.Contains(string(cmdline), f.Dir) {
			var pid int
			fmt.Sscanf(file, "/proc/%d/", &pid)
			return pid
		}
	}
	f.fatalf("no process AlluxioFramework of %s", f.Dir)
	return 0
}

// gone waits until a process has ended.
func (w *world) gone(pid int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	w.check(operator.Await(ctx, fmt.Sprintf("the end of process %d", pid), func(context.Context) (bool, error) {
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // empty when it is gone
		return len(stat) == 0 || strings.Contains(string(stat), ") Z "), nil
	}))
}

// onlyTasks waits until Mesos itself runs exactly these tasks for f.
func (w *world) onlyTasks(f *framework, want map[string]string) {
	w.t.Helper()
	wanted := map[string]bool{}
	for _, id := range want {
		wanted[id] = true
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	err := operator.Await(ctx, fmt.Sprintf("exactly the tasks %v", want), func(ctx context.Context) (bool, error) {
		state, err := w.master.State(ctx)
		if err != nil {
			return false, err
		}
		tasks := map[string]bool{}
		for _, framework := range state.Frameworks {
			if framework.Name == filepath.Base(f.Dir) {
				for _, task := range framework.Tasks {
					tasks[task.ID] = true
				}
			}
		}
		return maps.Equal(tasks, wanted), fmt.Errorf("Mesos has %v", tasks)
	})
	if err != nil {
		f.fatalf("%v", err)
	}
}

// noMounts waits until no ramdisk of this world's is mounted.
func (w *world) noMounts() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	w.check(operator.Await(ctx, "no mounts", func(context.Context) (bool, error) {
		mounts, err := os.ReadFile("/proc/self/mounts")
		state, _ := w.master.State(ctx)
		for _, framework := range append(state.Frameworks, state.CompletedFrameworks...) {
			if strings.Contains(string(mounts), framework.ID) {
				return false, fmt.Errorf("a mount of framework %s is left", framework.ID)
			}
		}
		return err == nil, err
	}))
}

// startMaster starts a Mesos master with more flags and makes it the world's.
func (w *world) startMaster(flags ...string) {
	w.t.Helper()
	master, err := w.mesos.StartMaster(w.t.Context(), realmesos.MasterOptions{
		Dir: w.folder("master"), IP: w.block.IP(1), Flags: append([]string{"--allocation_interval=200ms"}, flags...)})
	w.check(err)
	w.t.Cleanup(func() { w.ended(master.Stop()) })
	w.master = master
}
