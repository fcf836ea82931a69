package e2e

import (
	"os"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
)

// binary is the alluxio-mesos under test.
var binary string

func TestMain(m *testing.M) { os.Exit(testcluster.Main(m, &binary)) }

// newWorld starts a Mesos master and an agent for each of resources.
func newCluster(t *testing.T, resources ...string) *testcluster.Cluster {
	t.Helper()
	return testcluster.New(t, binary, resources...)
}
