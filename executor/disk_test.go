package executor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"golang.org/x/sys/unix"
)

// fullDisk is a folder on a disk without room, or "" where this user may not mount one.
func fullDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if unix.Mount("alluxio-mesos-test", dir, "tmpfs", 0, "size=64k,mode=0755") != nil {
		return ""
	}
	t.Cleanup(func() {
		eventually(t, "the end of what uses the disk", func() bool { return unix.Unmount(dir, 0) == nil })
	})
	if err := os.WriteFile(filepath.Join(dir, "fill"), make([]byte, 1<<20), 0o600); err == nil {
		t.Fatal("the disk has room")
	}
	return dir
}

func TestAFullDiskIsNamed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.launch("m.1", r.master("-Dfake=exit", "-Dfake.log=java.io.IOException: No space left on device"))
	r.failure("exit code 3", "a disk of this agent was full", "No space left on device")
	r.end()

	disk := fullDisk(t)
	if disk == "" {
		return
	}
	r = newRig(t)
	spec := r.master()
	spec.Journal.DataDir = filepath.Join(disk, "data")
	r.launch("m.1", spec)
	r.failure("no space left on device", "the disk with "+disk, "is full (0 kB", "free room on this agent")
	r.end()

	// Also when nobody could write down what was wrong.
	r = newRig(t)
	check(t, os.MkdirAll(filepath.Join(r.dir, "data/journal/log"), 0o700))
	spec = r.master("-Dfake=exit")
	spec.Install.CacheDir = disk
	r.launch("m.1", spec)
	if s := r.agent.Update(mesos.TASK_FAILED); !strings.Contains(s.GetMessage(), "the disk with "+disk+" is full") {
		t.Errorf("message %q", s.GetMessage())
	}
	r.end()
}
