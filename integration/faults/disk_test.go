package faults

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/integration/testkit/operator"
	"github.com/alluxio/alluxio-mesos/integration/testkit/world"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

var diskFull = &fault{"the disk of `mesos-state` is full when the framework starts; freed, and started again",
	"the same tasks are confirmed to the same framework ID", "15 s"}

// tmpfs is a small disk.
func tmpfs(w *world.World, name string) {
	w.T.Helper()
	folder := w.Folder(name)
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size=256k,mode=0700"); err != nil {
		w.T.Fatalf("this test mounts a small disk and needs root for it: %v", err)
	}
	w.T.Cleanup(func() { w.Ended(unix.Unmount(folder, unix.MNT_DETACH)) })
}

// fillDisk fills the disk of the state. A framework that runs goes on as long as its file need not
// grow (package store has the tests of the moment when it must); one that begins says what is
// wrong, and harms nothing.
func fillDisk(f *world.Framework) {
	w := f.World
	ballast := filepath.Join(w.Dir, stateFolder, "ballast")
	file, err := os.Create(ballast)
	w.Check(err)
	for err == nil {
		_, err = file.Write(make([]byte, 512))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		w.T.Fatal(err)
	}
	w.Check(file.Close())
	unharmed(f, diskFull, func() {
		f.KillFramework()
		out, err := f.Start(w.T.Context(), w.Address())
		var exit *operator.ExitError
		if !errors.As(err, &exit) || exit.Code != 1 || !strings.Contains(out, "no space left on device") {
			w.T.Errorf("a start on a full disk: %v: %s", err, out)
		}
		w.Check(os.Remove(ballast))
		begin(f)
	}, func(before, now *cluster.Status) bool { return now.Framework.Started.After(before.Framework.Started) })
}
