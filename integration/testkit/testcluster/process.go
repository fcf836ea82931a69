package testcluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// find returns the process with the given command line, 0 when there is none.
func find(is func(cmdline string) bool) int {
	procs, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range procs {
		cmdline, _ := os.ReadFile(file)
		if is(string(cmdline)) {
			var pid int
			_, _ = fmt.Sscanf(file, "/proc/%d/", &pid) // it matches the pattern
			return pid
		}
	}
	return 0
}

// JVM is the process ID of the Alluxio JVM of a task: the java whose logs are in the task's sandbox.
func (f *Framework) JVM(slot cluster.SlotStatus) int {
	f.Cluster.T.Helper()
	sandbox := "/executors/" + slot.TaskID + "/"
	if id := f.mesosID(); id != "" { // another framework of this cluster may have a task of that name
		sandbox = "/frameworks/" + id + sandbox
	}
	pid := find(func(cmdline string) bool {
		return strings.Contains(cmdline, "-Dalluxio.logs.dir=") && strings.Contains(cmdline, f.Cluster.Dir) &&
			strings.Contains(cmdline, sandbox)
	})
	if pid == 0 {
		f.Fatalf("task %s has no JVM", slot.TaskID)
	}
	return pid
}

// mesosID is the framework ID under which f has subscribed last, or "" when its log has none.
func (f *Framework) mesosID() string {
	log := f.Log()
	const before = "subscribed to Mesos framework_id="
	at := strings.LastIndex(log, before)
	if at < 0 {
		return ""
	}
	id, _, _ := strings.Cut(log[at+len(before):], " ")
	return id
}

// Executor is the process ID of the executor of a task, which is the parent of its JVM.
func (f *Framework) Executor(slot cluster.SlotStatus) int {
	f.Cluster.T.Helper()
	return f.Cluster.Parent(f.JVM(slot))
}

// Parent is the process ID of the parent of a process.
func (tc *Cluster) Parent(pid int) (parent int) {
	tc.T.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	tc.Check(err)
	_, rest, _ := strings.Cut(string(stat), ") ")
	var state string
	_, err = fmt.Sscan(rest, &state, &parent)
	tc.Check(err)
	return parent
}

// PID is the framework's process ID, as `pgrep -f AlluxioFramework` would find it, but only that of f.
func (f *Framework) PID() int {
	f.Cluster.T.Helper()
	pid := f.pid()
	if pid == 0 {
		f.Fatalf("no process AlluxioFramework of %s", f.Dir)
	}
	return pid
}

func (f *Framework) pid() int {
	return find(func(cmdline string) bool {
		return strings.HasPrefix(cmdline, "AlluxioFramework\x00") && strings.Contains(cmdline, f.Dir+"/")
	})
}

// Ended is true when no process of f runs.
func (f *Framework) Ended() bool { return f.pid() == 0 }

// AwaitEnd waits until the framework has ended by itself.
func (tc *Cluster) AwaitEnd(f *Framework) {
	tc.T.Helper()
	tc.Await("the end of the framework", func(context.Context) (bool, error) { return f.Ended(), nil })
}

// Gone waits until a process has ended.
func (tc *Cluster) Gone(pid int) {
	tc.T.Helper()
	tc.Await(fmt.Sprintf("the end of process %d", pid), func(context.Context) (bool, error) {
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // empty when it is gone
		return len(stat) == 0 || strings.Contains(string(stat), ") Z "), nil
	})
}

// Kill ends a process as a crash does and waits until it is gone.
func (tc *Cluster) Kill(pid int) {
	tc.T.Helper()
	tc.Check(syscall.Kill(pid, syscall.SIGKILL))
	tc.Gone(pid)
}

// Sandbox is the folder of a task on whichever agent ran it.
func (f *Framework) Sandbox(taskID string) string {
	f.Cluster.T.Helper()
	found, _ := filepath.Glob(filepath.Join(f.Cluster.Dir, "agent*/work/slaves/*/frameworks/*/executors", taskID,
		"runs/latest"))
	if len(found) != 1 {
		f.Fatalf("the sandboxes of %s: %v", taskID, found)
	}
	return found[0]
}

// APIAddress is host:port of the instance's own API.
func (f *Framework) APIAddress() string {
	f.Cluster.T.Helper()
	address := ""
	f.Cluster.Await("the address of the API", func(context.Context) (bool, error) {
		for _, line := range strings.Split(f.Log(), "\n") {
			if _, after, ok := strings.Cut(line, "the API listens address="); ok {
				_, err := fmt.Sscan(after, &address)
				return err == nil, err
			}
		}
		return false, nil
	})
	return address
}

// KillFramework ends the framework's process as a crash does.
func (f *Framework) KillFramework() {
	f.Cluster.T.Helper()
	f.Cluster.Kill(f.PID())
}

// KillJVM ends the JVM of a slot as a crash does, and waits until another task serves in its place, on the same host.
func (f *Framework) KillJVM(name string) {
	f.Cluster.T.Helper()
	status, err := f.Status(f.Cluster.T.Context())
	f.Cluster.Check(err)
	before := f.Slot(status, name)
	f.Cluster.Check(syscall.Kill(f.JVM(before), syscall.SIGKILL))
	status = f.Await("another task of "+name, func(s *cluster.Status) bool {
		now := f.Slot(s, name)
		return now.TaskID != before.TaskID && now.State == "serving"
	})
	after := f.Slot(status, name)
	if after.Host != before.Host || after.Restarts != before.Restarts+1 || after.LastFailure == nil ||
		!strings.Contains(after.LastFailure.Message, "SIGKILL") {
		f.Cluster.T.Errorf("before %+v\nafter %+v", before, after)
	}
}
