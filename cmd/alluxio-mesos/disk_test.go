package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// tmpfs mounts a small one; it needs root, as the machines that build this project have.
func tmpfs(t *testing.T, size string) string {
	t.Helper()
	folder := t.TempDir()
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size="+size+",mode=0700"); err != nil {
		t.Fatalf("mount: %v (this test needs root)", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(folder, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// fill leaves no room in a folder.
func fill(t *testing.T, folder string) (ballast string) {
	t.Helper()
	f, err := os.Create(filepath.Join(folder, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
	return f.Name()
}

// What cannot be saved is not done: the framework ends and says so, and nothing of Alluxio does.
func TestAFullDiskEndsTheFrameworkAndNoTask(t *testing.T) {
	t.Parallel()
	folder := tmpfs(t, "512k")
	m := newMesos(t, fakemesos.Options{Agents: 4})
	h := newHome(t, "alluxio.integration.mesos.state.dir="+folder)
	h.start("-w", m.Addr())
	tasks := taskIDs(m)
	process, err := store.ReadProcess(folder)
	if err != nil {
		t.Fatal(err)
	}
	ballast := fill(t, folder)
	updates := 0
	err = clitest.Await(h.within(), "the end of the framework", func(context.Context) (bool, error) {
		updates++
		report := launch.Report{Version: launch.SchemaVersion,
			Phase: fmt.Sprintf("%d %s", updates, strings.Repeat("x", 4000))}
		for _, id := range tasks { // each is something to save
			m.Update(id, mesos.TaskStatus{State: mesos.TASK_RUNNING.Enum(), Data: report.Encode()})
		}
		return !process.Alive(), nil
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, h.Log())
	}
	_, err = h.CLI(h.within(), "status")
	h.fails(err, 1, "the last one ended at", "save the state", filepath.Join(folder, store.FileName),
		"no space left on device")
	if left := taskIDs(m); !slices.Equal(left, tasks) {
		t.Errorf("tasks %v, were %v", left, tasks)
	}
	_, err = h.Start(h.within(), m.Addr())
	h.fails(err, 1, "no space left on device")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	h.start("-w", m.Addr())
	if left := taskIDs(m); !slices.Equal(left, tasks) {
		t.Errorf("after the hint: tasks %v, were %v", left, tasks)
	}
}

func TestAReadOnlyDiskKeepsTheFrameworkFromStartingAndTheTasksRunOn(t *testing.T) {
	t.Parallel()
	folder := tmpfs(t, "512k")
	m := newMesos(t, fakemesos.Options{Agents: 2})
	h := newHome(t, "alluxio.integration.mesos.state.dir="+folder)
	h.start("-w", m.Addr())
	tasks := taskIDs(m)
	if _, err := h.Stop(h.within()); err != nil {
		t.Fatal(err)
	}
	remount := func(flags uintptr) {
		t.Helper()
		if err := unix.Mount("", folder, "", unix.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	remount(unix.MS_RDONLY)
	_, err := h.Start(h.within(), m.Addr())
	h.fails(err, 1, folder, "read-only file system")
	remount(0)
	h.start("-w", m.Addr())
	if left := taskIDs(m); !slices.Equal(left, tasks) {
		t.Errorf("tasks %v, were %v", left, tasks)
	}
}
