package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// tierBytes is what the leading master says of a tier of all workers, in bytes.
type tierBytes struct{ Total, Used int64 }

// tiersOf are the tiers by alias as the master at web knows them.
func tiersOf(tc *testcluster.Cluster, master cluster.SlotStatus) map[string]tierBytes {
	tc.T.Helper()
	var info struct{ TierCapacity map[string]tierBytes }
	tc.Check(json.Unmarshal(pageOf(tc, master.Web+"/api/v1/master/info"), &info))
	return info.TierCapacity
}

// blocksIn are the blocks in a folder of a tier, which a worker names by their IDs.
func blocksIn(t *testing.T, folder string) (blocks []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(folder, "alluxioworker"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Type().IsRegular() {
			blocks = append(blocks, e.Name())
		}
	}
	return blocks
}
