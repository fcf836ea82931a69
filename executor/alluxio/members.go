package alluxio

import (
	"fmt"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// checkElection refuses several masters that this Alluxio cannot run as they were meant. The
// scheduler knows the site file, but perhaps not the version.
func (p *preparation) checkElection() error {
	version := p.env.Layout.Version
	switch {
	case p.spec.Election == config.ByJournal && !p.rules.Journals:
		return fmt.Errorf("there is no embedded journal in Alluxio %s; use 2.x, or let several masters elect their leader "+
			"through ZooKeeper (alluxio.zookeeper.enabled)", version)
	case p.spec.Election == config.NoElection && len(p.spec.Masters()) > 1:
		return fmt.Errorf("%d Alluxio masters were launched without a way to elect their leader; use the framework of the "+
			"executor's own version", len(p.spec.Masters()))
	case p.spec.Election == config.ByZooKeeper && p.rules.Journals:
		if kind, ok := p.site.get("alluxio.master.journal.type"); ok &&
			strings.EqualFold(strings.TrimSpace(kind.Value), "EMBEDDED") {
			return fmt.Errorf("alluxio.zookeeper.enabled=true needs a journal of type UFS; remove "+
				"alluxio.master.journal.type=EMBEDDED (%s)", source(kind))
		}
	}
	return nil
}

// electionPath is where Alluxio 1.x elects, in ZooKeeper (Alluxio: property reference; the ID is
// the RPC address, measured on 1.8.1).
func (p *preparation) electionPath() ElectionPath {
	servers, _ := p.site.get("alluxio.zookeeper.address")
	path, ok := p.site.get("alluxio.zookeeper.election.path")
	if !ok {
		path.Value = "/election"
	}
	return ElectionPath{Servers: strings.TrimSpace(servers.Value), Path: strings.TrimSpace(path.Value),
		ID: hostPort(p.spec.Host, p.spec.Ports[config.MasterRPC])}
}

// members tells Alluxio where every member of an embedded journal is. A lone one needs no list.
func (p *preparation) members(raft, rpc string) {
	if p.spec.Election != config.ByJournal {
		return
	}
	const why = "all members of the embedded journal, the same everywhere"
	p.site.place(addresses(p.spec.Masters(), func(m launch.Address) uint16 { return m.Raft }), why, raft)
	p.site.place(rpcAddresses(p.spec.Masters()), why, rpc)
}

func addresses(masters []launch.Address, port func(launch.Address) uint16) string {
	parts := make([]string, len(masters))
	for i, m := range masters {
		parts[i] = hostPort(m.Host, port(m))
	}
	return strings.Join(parts, ",")
}

// rpcAddresses lists hosts with their RPC ports.
func rpcAddresses(list []launch.Address) string {
	return addresses(list, func(m launch.Address) uint16 { return m.RPC })
}

// client prepares what is a client of the masters; who names it in a sentence.
func (p *preparation) client(who string) error {
	if len(p.spec.Masters()) == 0 {
		return fmt.Errorf("%s was launched without the address of an Alluxio master", who)
	}
	if err := p.checkElection(); err != nil {
		return err
	}
	p.findMasters()
	return nil
}

// findMasters tells a client of the masters (worker, job master, job worker, proxy) where they are.
// With an election there is no host name to tell: the leader changes.
func (p *preparation) findMasters() {
	spec, s := p.spec, &p.site
	switch spec.Election {
	case config.ByZooKeeper:
		s.drop("", "the leading master is found through ZooKeeper", "alluxio.master.hostname")
	case config.ByJournal:
		s.drop("", "the leading master is one of several", "alluxio.master.hostname")
		s.place(rpcAddresses(spec.Masters()), "all masters, the same everywhere", "alluxio.master.rpc.addresses")
	default:
		s.place(spec.Masters()[0].Host, "where the Alluxio master runs", "alluxio.master.hostname")
		s.port(spec.Masters()[0].RPC, defaultMasterRPC, p.rules.MasterRPC...)
	}
}
