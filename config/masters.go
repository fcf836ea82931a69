package config

import (
	"net"
	"strconv"
	"strings"
)

// Election is how several Alluxio masters agree on the one that leads.
type Election string

// The ways of an election. A lone master needs none. With ZooKeeper it takes part in one where several could: their
// number may change then while it lives.
const (
	NoElection Election = ""
	// ByZooKeeper has all masters on one journal that every host sees; ZooKeeper elects.
	ByZooKeeper Election = "zookeeper"
	// ByJournal is the embedded journal of Alluxio 2.x: each master keeps its own copy, and they elect among themselves.
	ByJournal Election = "embedded journal"
)

const (
	embeddedType   = "EMBEDDED"
	zooKeeperWay   = KeyZooKeeperEnabled + "=true, " + KeyZooKeeperAddress + " and a journal folder that every host sees"
	sharedElection = "several masters with ZooKeeper share one journal, and "
	sharedFolder   = "set it to storage that every host reaches, such as hdfs://namenode:9000/alluxio/journal"
)

// isEmbedded is true when the site file asks for the embedded journal.
func (l *loader) isEmbedded() bool {
	return strings.EqualFold(strings.TrimSpace(get[string](l, KeyJournalType)), embeddedType)
}

// election finds out how the masters of s elect their leader, and refuses several that could not do so safely.
func (l *loader) election(s *Settings) Election {
	zookeeper := strings.EqualFold(strings.TrimSpace(get[string](l, KeyZooKeeperEnabled)), "true")
	if s.Master.Count <= 1 {
		if s.Master.Count == 1 && zookeeper && !l.isEmbedded() && s.Journal.Shared &&
			get[string](l, KeyZooKeeperAddress) != "" {
			return ByZooKeeper // Alluxio elects the only one, too
		}
		return NoElection
	}
	if s.Master.Host != "" {
		l.problem(KeyMasterCount,
			"all masters are pinned to host %s, and a host gets one; write 1, or give no host (%s, or the second argument)",
			s.Master.Host, KeyMasterHost)
	}
	switch {
	case zookeeper && l.isEmbedded():
		l.problem(KeyJournalType,
			"the embedded journal elects by itself and %s=true wants ZooKeeper to; remove one of the two lines",
			KeyZooKeeperEnabled)
		return NoElection
	case zookeeper:
		l.checkZooKeeperElection(s.Journal)
		return ByZooKeeper
	case l.isEmbedded():
		l.checkEmbedded(s)
		return ByJournal
	}
	l.problem(KeyMasterCount,
		"nothing says how %d masters elect a leader, and each would lead an Alluxio of its own; write 1, or set %s, or in "+
			"Alluxio 2.x %s=%s", s.Master.Count, zooKeeperWay, KeyJournalType, embeddedType)
	return NoElection
}

func (l *loader) checkZooKeeperElection(j Journal) {
	l.checkZooKeeperAddress()
	switch {
	case j.Shared:
	case j.Folder == "":
		l.problem(KeyJournalFolder, sharedElection+"the default folder is on one host alone; "+sharedFolder)
	default:
		l.problem(KeyJournalFolder, sharedElection+"this folder is on one host alone; "+sharedFolder+
			", or say with %s=true that it is such storage", KeyJournalShared)
	}
}

// checkZooKeeperAddress wants what ZooKeeper's own client takes: host:port,host:port, with a path
// behind the last one at most.
func (l *loader) checkZooKeeperAddress() {
	const hint = "write host:2181,host:2181,host:2181"
	address, err := l.expand(strings.TrimSpace(get[string](l, KeyZooKeeperAddress)))
	switch {
	case err != nil:
		l.problem(KeyZooKeeperAddress, "%v", err)
		return
	case address == "":
		l.problem(KeyZooKeeperAddress, "must be set with %s=true; %s", KeyZooKeeperEnabled, hint)
		return
	case IsZooKeeper(address):
		l.problem(KeyZooKeeperAddress, "Alluxio takes the servers without zk:// and without a user; %s", hint)
		return
	}
	servers, _, _ := strings.Cut(address, "/")
	for server := range strings.SplitSeq(servers, ",") {
		host, port, err := net.SplitHostPort(strings.TrimSpace(server))
		number, errPort := strconv.ParseUint(port, 10, 16)
		if err != nil || errPort != nil || number == 0 || !hostText.MatchString(host) {
			l.problem(KeyZooKeeperAddress, "not a list of ZooKeeper servers; %s", hint)
			return
		}
	}
}

func (l *loader) checkEmbedded(s *Settings) {
	if family(s.Install.Version) == 1 {
		l.problem(KeyJournalType, "Alluxio %s has no embedded journal; use 2.x, or set %s", s.Install.Version, zooKeeperWay)
	}
	switch {
	case !isHostLocal(s.Journal.Folder):
		l.problem(KeyJournalFolder,
			"each master keeps a copy of the embedded journal on its own host; write a folder such as "+
				"/var/lib/alluxio/journal, or remove the line")
	case s.Journal.Shared:
		l.problem(KeyJournalShared,
			"each master keeps a copy of the embedded journal of its own, and in one folder they would destroy it; remove the "+
				"line")
	}
	if s.Master.Count%2 == 0 {
		l.warn("%s=%d with the embedded journal survives the loss of %d of them, no more than %d would: a majority has to "+
			"live; write an odd number", KeyMasterCount, s.Master.Count, (s.Master.Count-1)/2, s.Master.Count-1)
	}
}
