//go:build testall

package jobservice

import (
	"os"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
)

// binary is the alluxio-mesos under test.
var binary string

func TestMain(m *testing.M) { os.Exit(testcluster.Main(m, &binary)) }
