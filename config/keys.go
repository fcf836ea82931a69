package config

import (
	"slices"
	"strings"
)

// Prefix begins every property that is for the framework. None of them reaches Alluxio.
const Prefix = "alluxio.integration."

// mesosPrefix begins the properties about Mesos and the framework itself.
const mesosPrefix = Prefix + "mesos."

// The names of the properties that messages of other packages name in a hint.
const (
	KeyJarURL           = mesosPrefix + "alluxio.jar.url"
	KeyJarSHA256        = mesosPrefix + "alluxio.jar.sha256"
	KeyVersion          = mesosPrefix + "alluxio.version"
	KeyHome             = "alluxio.home"
	KeyJDKURL           = mesosPrefix + "jdk.url"
	KeyJDKSHA256        = mesosPrefix + "jdk.sha256"
	KeyJDKPath          = mesosPrefix + "jdk.path"
	KeyCacheDir         = mesosPrefix + "cache.dir"
	KeyCacheSize        = mesosPrefix + "cache.size"
	KeyFrameworkName    = mesosPrefix + "framework.name"
	KeyUser             = mesosPrefix + "user"
	KeyContainerImage   = mesosPrefix + "container.image"
	KeyContainerType    = mesosPrefix + "container.type"
	KeyMesosRole        = mesosPrefix + "role"
	KeyPrincipal        = mesosPrefix + "principal"
	KeySecret           = mesosPrefix + "secret"
	KeyTLS              = mesosPrefix + "tls.enabled"
	KeyTLSCAFile        = mesosPrefix + "tls.ca.file"
	KeyTLSCertFile      = mesosPrefix + "tls.cert.file"
	KeyTLSKeyFile       = mesosPrefix + "tls.key.file"
	KeySecretFile       = mesosPrefix + "secret.file"
	KeyFailoverTimeout  = mesosPrefix + "failover.timeout"
	KeyGPUAgents        = mesosPrefix + "gpu.agents"
	KeyMasterName       = mesosPrefix + "master.name"
	KeyMasterCount      = mesosPrefix + "master.node.count"
	KeyMasterHost       = mesosPrefix + "master.host"
	KeyMasterCPUs       = Prefix + "master.resource.cpu"
	KeyMasterMem        = Prefix + "master.resource.mem"
	KeyMasterJavaOpts   = Prefix + "master.java.opts"
	KeyWorkerName       = mesosPrefix + "worker.name"
	KeyWorkerCount      = mesosPrefix + "worker.count"
	KeyWorkerCPUs       = Prefix + "worker.resource.cpu"
	KeyWorkerMem        = Prefix + "worker.resource.mem"
	KeyWorkerJavaOpts   = Prefix + "worker.java.opts"
	KeyMasterVolume     = Prefix + "master.volume.size"
	KeyWorkerVolume     = Prefix + "worker.volume.size"
	KeyReplaceAfter     = mesosPrefix + "replace.after"
	KeyRamdiskSize      = "alluxio.worker.ramdisk.size"
	KeyMemorySize       = "alluxio.worker.memory.size"
	KeyRamdiskPath      = "alluxio.worker.tieredstore.level0.dirs.path"
	KeyRamdiskSudo      = mesosPrefix + "ramdisk.sudo"
	KeyJournalFolder    = "alluxio.master.journal.folder"
	KeyInitFromBackup   = "alluxio.master.journal.init.from.backup"
	KeyJournalType      = "alluxio.master.journal.type"
	KeyJournalShared    = mesosPrefix + "journal.shared"
	KeyZooKeeperEnabled = "alluxio.zookeeper.enabled"
	KeyZooKeeperAddress = "alluxio.zookeeper.address"
	KeyDataDir          = mesosPrefix + "data.dir"
	KeyRootUFS          = "alluxio.master.mount.table.root.ufs"
	KeyUnderFSAddress   = "alluxio.underfs.address"
	KeyBackupDir        = mesosPrefix + "backup.dir"
	KeyBackupInterval   = mesosPrefix + "backup.interval"
	KeyBackupKeep       = mesosPrefix + "backup.keep"
	KeyBind             = mesosPrefix + "bind"
	KeyKillGrace        = mesosPrefix + "kill.grace"
	KeyUpdateParallel   = mesosPrefix + "update.parallel"
	KeyMaxUnavailable   = mesosPrefix + "max.unavailable"
	KeyUnpersisted      = mesosPrefix + "worker.unpersisted"
	KeyClientRefresh    = "alluxio.user.worker.list.refresh.interval"
	KeyStartTimeout     = mesosPrefix + "start.timeout"
	KeyHangTimeout      = mesosPrefix + "hang.timeout"
	KeyExecutorPath     = mesosPrefix + "executor.path"
	KeyArtifactAddress  = mesosPrefix + "artifact.address"
	KeyAPIAddress       = mesosPrefix + "api.address"
	KeyAPICertFile      = mesosPrefix + "api.tls.cert.file"
	KeyAPIKeyFile       = mesosPrefix + "api.tls.key.file"
	KeyAPITokenFile     = mesosPrefix + "api.token.file"
	KeyState            = mesosPrefix + "state"
	KeyZooKeeperTimeout = mesosPrefix + "zookeeper.session.timeout"
	KeyStateDir         = mesosPrefix + "state.dir"
	KeyMasterRPC        = "alluxio.master.rpc.port"
	keyMasterRPCOld     = "alluxio.master.port"
	KeyMasterWeb        = "alluxio.master.web.port"
	KeyMasterRaft       = "alluxio.master.embedded.journal.port"
	KeyWorkerRPC        = "alluxio.worker.rpc.port"
	keyWorkerRPCOld     = "alluxio.worker.port"
	KeyWorkerData       = "alluxio.worker.data.port"
	KeyWorkerWeb        = "alluxio.worker.web.port"
)

// Key is one property that the framework reads.
type Key struct {
	// Name is the property; OldName is what another range of Alluxio versions calls the same thing,
	// or "". Both may be set, but only to the same value.
	Name, OldName string
	// Kind says what its value is, and so how it is read and checked.
	Kind Kind
	// Default is the value when nothing sets the property, as an operator would write it; "" for none.
	Default string
	// Unset says in words what happens without a value where Default is "", or is "".
	Unset string
	// Restarts are the roles whose running tasks a change of the value makes outdated, EveryRole for
	// all. It is for properties under Prefix: of Alluxio's own the scope decides, see
	// RoleTable.Restarts.
	Restarts []Role
	// Doc says in a sentence or two what the property does.
	Doc string
	// Source is where the rule comes from: the Java framework of Alluxio 1.x ("Alluxio 1.x on
	// Mesos"), Alluxio itself, or this framework.
	Source string
}

// FindKey returns the entry of Keys for a property, under either of its names, or nil.
func FindKey(name string) *Key {
	for i := range Keys {
		if Keys[i].Name == name || (Keys[i].OldName == name && name != "") {
			return &Keys[i]
		}
	}
	return nil
}

// IsOurs is true for a property that is meant for the framework and not for Alluxio.
func IsOurs(name string) bool { return strings.HasPrefix(name, Prefix) }

// yarnPrefix begins properties of Alluxio on YARN: a site file shared with such a cluster may hold
// them, and they mean nothing here.
const yarnPrefix = Prefix + "yarn."

// isKnown is true for every property that the framework accepts under Prefix.
func isKnown(name string) bool { return FindKey(name) != nil || strings.HasPrefix(name, yarnPrefix) }

// suggestion is the property under Prefix nearest to a misspelt one, or "" when none is nearer than limit edits.
func suggestion(name string, limit int) string {
	best, bestDistance := "", limit
	for _, k := range Keys {
		if !IsOurs(k.Name) {
			continue
		}
		if d := editDistance(name, k.Name, bestDistance); d < bestDistance {
			best, bestDistance = k.Name, d
		}
	}
	return best
}

// editDistance counts the insertions, deletions, replacements and swaps of neighbours that turn a
// into b. It may stop early once the answer is at least limit.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	previous, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], previous[j-2]+1)
			}
		}
		if min(slices.Min(row), slices.Min(next)) >= limit {
			return limit
		}
		previous, row, next = row, next, previous
	}
	return row[len(b)]
}
