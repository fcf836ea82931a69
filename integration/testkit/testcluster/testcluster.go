package testcluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realzookeeper"
)

// Patience bounds every wait for a condition: these machines are slow at times, and a bound is not a measurement.
const Patience = 10 * time.Minute

// AllPorts is what an agent needs for Alluxio on default ports.
const AllPorts = "ports:[19998-19999,29998-30000]"

// Cluster is one Mesos with its masters, and agents on addresses of their own. Its methods end the
// test when they cannot do what they say.
type Cluster struct {
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
		*binary, err = clitest.BuildBinary(context.Background(), dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// New starts a Mesos master and an agent for each of resources, on addresses 1, 2, … of a block of loopback addresses.
func New(t *testing.T, binary string, resources ...string) *Cluster {
	t.Helper()
	return NewVersion(t, binary, realmesos.Version, resources...)
}

// NewVersion is New with another version of Mesos, one of those that realmesos.BuildVersion
// provides.
func NewVersion(t *testing.T, binary, version string, resources ...string) *Cluster {
	t.Helper()
	tc := empty(t, binary, version)
	tc.StartMaster()
	for _, r := range resources {
		tc.AddAgent(realmesos.AgentOptions{Resources: r})
	}
	return tc
}

func empty(t *testing.T, binary, version string) *Cluster {
	t.Helper()
	tc := &Cluster{T: t, Dir: OpenDir(t), Binary: binary}
	var err error
	tc.Block, err = loopback.Reserve()
	tc.Check(err)
	t.Cleanup(tc.Block.Release)
	tc.Mesos, err = realmesos.BuildVersion(t.Context(), version)
	tc.Check(err)
	return tc
}

// In is tc as a part of the test sees it: it fails t, and what it starts ends with t.
func (tc *Cluster) In(t *testing.T) *Cluster {
	part := *tc
	part.T = t
	return &part
}

// OpenDir is a temporary folder that other users can enter; t.TempDir is for its owner only.
func OpenDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "testcluster-")
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
func (tc *Cluster) Check(err error) {
	tc.T.Helper()
	if err != nil {
		tc.T.Fatal(err)
	}
}

// Ended notes the error of an end; it is for cleanups.
func (tc *Cluster) Ended(err error) {
	if err != nil {
		tc.T.Error(err)
	}
}

// Folder makes a folder of the cluster that every user may write.
func (tc *Cluster) Folder(name string) string {
	tc.T.Helper()
	dir := filepath.Join(tc.Dir, name)
	tc.Check(os.MkdirAll(dir, 0o777))
	tc.Check(os.Chmod(dir, 0o777))
	return dir
}

// Release is a genuine Alluxio.
func (tc *Cluster) Release(version string) realalluxio.Release {
	tc.T.Helper()
	r, err := realalluxio.Get(tc.T.Context(), version)
	tc.Check(err)
	return r
}

// Await polls until done is true.
func (tc *Cluster) Await(what string, done func(context.Context) (bool, error)) {
	tc.T.Helper()
	tc.Check(tc.await(what, done))
}

func (tc *Cluster) await(what string, done func(context.Context) (bool, error)) error {
	tc.T.Helper()
	ctx, cancel := context.WithTimeout(tc.T.Context(), Patience)
	defer cancel()
	return clitest.Await(ctx, what, done)
}

// PrivateFile writes a file of the cluster that only its owner may open, and returns its path.
func (tc *Cluster) PrivateFile(name, content string) string {
	tc.T.Helper()
	path := filepath.Join(tc.Dir, name)
	tc.Check(os.WriteFile(path, []byte(content), 0o600))
	return path
}
