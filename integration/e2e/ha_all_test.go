//go:build testall

package e2e

import (
	"path/filepath"
	"testing"
)

// TestThreeMastersOf2xWithZooKeeperBecomeOne is the same change with Alluxio 2.9.6, where a standby
// serves only while the leader lists it, so that it has to know a leader beyond the new number.
func TestThreeMastersOf2xWithZooKeeperBecomeOne(t *testing.T) {
	t.Parallel()
	tc := newCluster(t, memberPorts, memberPorts, memberPorts)
	tc.StartZooKeeper()
	zookeeper := map[string]string{"alluxio.zookeeper.enabled": "true", "alluxio.zookeeper.address": tc.ZooKeeper.Addr()}
	lines := []string{
		"alluxio.zookeeper.enabled=true", "alluxio.zookeeper.address=" + tc.ZooKeeper.Addr(),
		"alluxio.zookeeper.session.timeout=8s", "alluxio.user.file.buffer.bytes=2MB",
		"alluxio.master.journal.folder=" + filepath.Join(tc.Folder("shared"), "journal"),
		"alluxio.integration.mesos.journal.shared=true",
	}
	newSeveral(tc, "zookeeper", "2.9.6", zookeeper, lines...).becomeOne(lines)
}
