package config

import (
	"slices"
	"strings"
)

// Scope says which processes a property of Alluxio is for, as a set of bits. Source: Alluxio's enum
// Scope, of 1.8 and 2.x.
type Scope uint8

// The bits of a Scope, and what Alluxio calls sets of them.
const (
	scopeMaster Scope = 1 << iota
	scopeWorker
	scopeClient

	scopeNone   Scope = 0
	scopeServer       = scopeMaster | scopeWorker
	scopeAll          = scopeServer | scopeClient
)

// scopes are the words of alluxioKeys. A property without one is of a version without scopes.
var scopes = map[string]Scope{"MASTER": scopeMaster, "WORKER": scopeWorker, "SERVER": scopeServer,
	"CLIENT": scopeClient, "ALL": scopeAll, "NONE": scopeNone}

// EveryRole among Key.Restarts stands for all roles of the table.
const EveryRole Role = "*"

// readByAll are the beginnings of the properties that processes read whatever their scope says, each
// with who does. Those with a class were found in the code of 1.4, 1.5, 1.8 or 2.9: the test of
// package realalluxio searches the genuine releases for more.
var readByAll = []struct{ prefix, reason string }{
	{"alluxio.security.", "each process has a part in authentication"},
	{"alluxio.zookeeper.", "masters elect through it, and workers find the leader there"},
	{"alluxio.underfs.", "masters and workers read and write the under store"},
	{"alluxio.master.mount.table.", "workers mount the root themselves: AbstractUfsManager"},
	{"alluxio.master.principal", "each process may connect to HDFS as a master: HdfsUnderFileSystem"},
	{"alluxio.master.keytab.file", "each process may connect to HDFS as a master: HdfsUnderFileSystem"},
	{"alluxio.worker.principal", "each process may connect to HDFS as a worker: HdfsUnderFileSystem"},
	{"alluxio.worker.keytab.file", "each process may connect to HDFS as a worker: HdfsUnderFileSystem"},
	{"alluxio.master.web.port", "a worker's web pages of 1.x link to it: WebInterfaceHeaderServlet"},
	{"alluxio.master.connection.timeout", "a worker of 1.x serves with it: ThriftUtils"},
	{"alluxio.master.client.socket.cleanup.interval", "a worker of 1.x serves with it: SocketTrackingTServerSocket"},
	{"alluxio.master.tieredstore.global.", "a worker of 2.x names its tier by it: PagedBlockStoreMeta"},
	{"alluxio.master.rpc.executor.max.pool.size", "the RPC server of a worker checks it: ExecutorServiceBuilder"},
	{"alluxio.worker.network.netty.channel", "a master of 1.x opens connections with it: NettyUtils"},
	{"alluxio.worker.data.folder", "a client in any process may read blocks there: PathUtils, FileUtils"},
	{"alluxio.worker.master.periodical.rpc.timeout", "the client of a master compares configurations with it: " +
		"RetryHandlingMetaMasterConfigClient"},
}

// scopeOf is the scope of a property as far as processes are known to keep to it. One that is not
// known is for all, and so is one for clients alone: every process is a client of the others.
func scopeOf(key string) Scope {
	for _, r := range readByAll {
		if strings.HasPrefix(key, r.prefix) {
			return scopeAll
		}
	}
	scope, known := knownKeys().names[key]
	if !known || scope&scopeServer == 0 {
		return scopeAll
	}
	return scope
}

// Sees is true for a property of Alluxio that a process of the role may read. In doubt it is true.
func (r *RoleRow) Sees(key string) bool { return r.Scopes == 0 || scopeOf(key)&r.Scopes != 0 }

// Restarts are the roles whose running tasks a change of the value of k makes outdated, in start
// order. For a property of Alluxio's own its scope decides, see RoleRow.Sees.
func (t *RoleTable) Restarts(k *Key) (roles []Role) {
	for _, role := range t.start {
		switch row := t.rows[role]; {
		case IsOurs(k.Name):
			if slices.Contains(k.Restarts, role) || slices.Contains(k.Restarts, EveryRole) {
				roles = append(roles, role)
			}
		case row.Sees(k.Name), k.OldName != "" && row.Sees(k.OldName):
			roles = append(roles, role)
		}
	}
	return roles
}

// SiteOf are the properties of Site that a process of role may read, in the order of Site: those
// that its row sees, and those to which they or the JVM options of the role refer.
func (s *Settings) SiteOf(role Role) (site []Property) {
	row, referred := s.Roles.Row(role), map[string]bool{}
	refer := func(text string) (more bool) {
		for _, found := range reference.FindAllStringSubmatch(text, -1) {
			more = more || !referred[found[1]]
			referred[found[1]] = true
		}
		return more
	}
	for _, option := range s.Of(role).JavaOpts {
		refer(option)
	}
	seen := func(p Property) bool { return referred[p.Key] || row.Sees(p.Key) }
	for again := true; again; {
		again = false
		for _, p := range s.Site {
			again = seen(p) && refer(p.Value) || again
		}
	}
	for _, p := range s.Site {
		if seen(p) {
			site = append(site, p)
		}
	}
	return site
}
