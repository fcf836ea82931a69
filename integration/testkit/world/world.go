package world

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/integration/testkit/operator"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realzookeeper"
)

// Patience bounds every wait for a condition: these machines are slow at times, and a bound is not a measurement.
const Patience = 4 * time.Minute

// AllPorts is what an agent needs for Alluxio on default ports.
const AllPorts = "ports:[19998-19999,29998-30000]"

// World is one Mesos with its masters, and agents on addresses of their own. Its methods end the
// test when they cannot do what they say.
type World struct {
	T         *testing.T
	Dir       string // removed with the test; other users may enter
	Binary    string // the alluxio-mesos under test
	Block     *loopback.Block
	Mesos     realmesos.Install
	TLS       *realmesos.TLS    // of masters and agents that are started from now on; nil for plain HTTP
	Master    *realmesos.Master // nil where there are Masters
	Masters   realmesos.Masters
	ZooKeeper *realzookeeper.Server
	Agents    []*realmesos.Agent

	zk string // where Masters are found
}

// Main builds alluxio-mesos, stores its path in binary, runs the tests of m and returns their exit code.
func Main(m *testing.M, binary *string) int {
	dir, err := os.MkdirTemp("", "alluxio-mesos-binary-")
	if err == nil {
		defer os.RemoveAll(dir)
		// Agents of another user run it, too.
		err = os.Chmod(dir, 0o755)
	}
	if err == nil {
		*binary, err = operator.BuildBinary(context.Background(), dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// New starts a Mesos master and an agent for each of resources, on addresses 1, 2, … of a block of loopback addresses.
func New(t *testing.T, binary string, resources ...string) *World {
	t.Helper()
	return NewVersion(t, binary, realmesos.Version, resources...)
}

// NewVersion is New with another version of Mesos, one of those that realmesos.BuildVersion
// provides.
func NewVersion(t *testing.T, binary, version string, resources ...string) *World {
	t.Helper()
	w := empty(t, binary, version)
	w.StartMaster()
	for _, r := range resources {
		w.AddAgent(realmesos.AgentOptions{Resources: r})
	}
	return w
}

func empty(t *testing.T, binary, version string) *World {
	t.Helper()
	w := &World{T: t, Dir: OpenDir(t), Binary: binary}
	var err error
	w.Block, err = loopback.Reserve()
	w.Check(err)
	t.Cleanup(w.Block.Release)
	w.Mesos, err = realmesos.BuildVersion(t.Context(), version)
	w.Check(err)
	return w
}

// In is w as a part of the test sees it: it fails t, and what it starts ends with t.
func (w *World) In(t *testing.T) *World {
	part := *w
	part.T = t
	return &part
}

// OpenDir is a temporary folder that other users can enter; t.TempDir is for its owner only.
func OpenDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "world-")
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

// Check ends the test on an error.
func (w *World) Check(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Ended notes the error of an end; it is for cleanups.
func (w *World) Ended(err error) {
	if err != nil {
		w.T.Error(err)
	}
}

// Folder makes a folder of the world that every user may write.
func (w *World) Folder(name string) string {
	w.T.Helper()
	dir := filepath.Join(w.Dir, name)
	w.Check(os.MkdirAll(dir, 0o777))
	w.Check(os.Chmod(dir, 0o777))
	return dir
}

// Release is a genuine Alluxio.
func (w *World) Release(version string) realalluxio.Release {
	w.T.Helper()
	r, err := realalluxio.Get(w.T.Context(), version)
	w.Check(err)
	return r
}

// Await polls until done is true.
func (w *World) Await(what string, done func(context.Context) (bool, error)) {
	w.T.Helper()
	w.Check(w.await(what, done))
}

func (w *World) await(what string, done func(context.Context) (bool, error)) error {
	w.T.Helper()
	ctx, cancel := context.WithTimeout(w.T.Context(), Patience)
	defer cancel()
	return operator.Await(ctx, what, done)
}

// PrivateFile writes a file of the world that only its owner may open, and returns its path.
func (w *World) PrivateFile(name, content string) string {
	w.T.Helper()
	path := filepath.Join(w.Dir, name)
	w.Check(os.WriteFile(path, []byte(content), 0o600))
	return path
}
