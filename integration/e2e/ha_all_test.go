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
	w := newWorld(t, memberPorts, memberPorts, memberPorts)
	w.StartZooKeeper()
	zookeeper := map[string]string{"alluxio.zookeeper.enabled": "true", "alluxio.zookeeper.address": w.ZooKeeper.Addr()}
	lines := []string{
		"alluxio.zookeeper.enabled=true", "alluxio.zookeeper.address=" + w.ZooKeeper.Addr(),
		"alluxio.zookeeper.session.timeout=8s", "alluxio.user.file.buffer.bytes=2MB",
		"alluxio.master.journal.folder=" + filepath.Join(w.Folder("shared"), "journal"),
		"alluxio.integration.mesos.journal.shared=true",
	}
	newSeveral(w, "zookeeper", "2.9.6", zookeeper, lines...).becomeOne(lines)
}
