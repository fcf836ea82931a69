package faults

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

var diskFull = &fault{"the disk of `mesos-state` is full when the framework starts; freed, and started again",
	"the same tasks are confirmed to the same framework ID", "15 s"}

// tmpfs is a small disk.
func tmpfs(tc *testcluster.Cluster, name string) {
	tc.T.Helper()
	folder := tc.Folder(name)
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size=256k,mode=0700"); err != nil {
		tc.T.Fatalf("this test mounts a small disk and needs root for it: %v", err)
	}
	tc.T.Cleanup(func() { tc.Ended(unix.Unmount(folder, unix.MNT_DETACH)) })
}

// fillDisk fills the disk of the state. A framework that runs goes on as long as its file need not
// grow (package store has the tests of the moment when it must); one that begins says what is
// wrong, and harms nothing.
func fillDisk(f *testcluster.Framework) {
	tc := f.Cluster
	ballast := filepath.Join(tc.Dir, stateFolder, "ballast")
	file, err := os.Create(ballast)
	tc.Check(err)
	for err == nil {
		_, err = file.Write(make([]byte, 512))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		tc.T.Fatal(err)
	}
	tc.Check(file.Close())
	unharmed(f, diskFull, func() {
		f.KillFramework()
		out, err := f.Start(tc.T.Context(), tc.Address())
		var exit *clitest.ExitError
		if !errors.As(err, &exit) || exit.Code != 1 || !strings.Contains(out, "no space left on device") {
			tc.T.Errorf("a start on a full disk: %v: %s", err, out)
		}
		tc.Check(os.Remove(ballast))
		begin(f)
	}, func(before, now *cluster.Status) bool { return now.Framework.Started.After(before.Framework.Started) })
}
