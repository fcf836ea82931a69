package e2e

import (
	"os"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/world"
)

// binary is the alluxio-mesos under test.
var binary string

func TestMain(m *testing.M) { os.Exit(world.Main(m, &binary)) }

// newWorld starts a Mesos master and an agent for each of resources.
func newWorld(t *testing.T, resources ...string) *world.World {
	t.Helper()
	return world.New(t, binary, resources...)
}
