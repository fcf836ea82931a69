package alluxio

import (
	"strconv"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Probe says which URLs to ask to learn whether one Alluxio process serves, and judges the answers.
//
// A lone master serves when its own web port answers, and so does the leader of several; a standby
// serves as its StandbyRule says. A worker serves when its own web port answers, which comes after
// it has registered, and the leader lists its host and RPC port with a capacity. The leader alone
// proves nothing, since it goes on listing a worker that was killed. The leader's answer is large:
// ask it only while starting, and the own JVM alone afterwards (Alive).
//
// Ask with GET, without a proxy, and with short timeouts: a standby of 2.x takes the connection and never answers.
type Probe struct {
	Role config.Role
	// OwnURL is the JVM's own web port.
	OwnURL string
	// RootURL asks a master for the root inode; "" for a worker, and for a version without such a
	// question. JudgeRoot reads the answer.
	RootURL string
	// LeaderURLs are those of every master, for a worker or proxy, and of every job master, for a job
	// worker. For a standby they are those of the other masters, and nil when none is asked.
	LeaderURLs []string
	// Leader is whose answers they give, in a sentence: Alluxio master, or Alluxio job master.
	Leader string
	// Standby is the rule for a master that is one of several, or "".
	Standby StandbyRule
	// Election is where in ZooKeeper a standby of the rule StandbyElected is to be found.
	Election ElectionPath
	// Host and RPC are what the leader lists a worker or a standby by.
	Host string
	RPC  uint16
	// Listing is the shape of the leader's answer.
	Listing Listing
	// Hint says what a lasting HTTP status 500 means here, or is "". While starting it means
	// nothing: a master in safe mode answers so.
	Hint string
}

// Answer is what one URL answered.
type Answer struct {
	// Status is the HTTP status, 0 when there was none.
	Status int
	Body   []byte
	// Err says why there was no answer, or "".
	Err string
	// Closed is true when the connection was taken and closed without a word, which is what a standby of 2.x does.
	Closed bool
}

// ElectionPath is an election of Alluxio masters in ZooKeeper: each has a child of Path with its ID as data.
type ElectionPath struct {
	// Servers is as Alluxio takes it: host:port,host:port, perhaps with a path that all others are below.
	Servers, Path, ID string
}

// probe makes the Probe of a task, once the ports that it really has are known.
func (p *preparation) probe() Probe {
	probe := Probe{Role: p.spec.Role, Host: p.spec.Host, RPC: p.rpc, Listing: p.rules.Listing, Hint: p.hint,
		Leader: p.process.leader}
	p.process.probe(&probe, p.spec, p.rules, p.ownHost(), p.spec.Ports[p.process.webPort])
	return probe
}

func (p *Probe) ofMaster(spec *launch.Spec, rules Rules, ownHost string, web uint16) {
	p.OwnURL = webURL(ownHost, web, rules.MasterInfo)
	if rules.RootQuestion != "" {
		p.RootURL = webURL(ownHost, web, rules.RootQuestion)
	}
	if spec.Election != config.NoElection {
		p.standby(spec, rules)
	}
}

func (p *Probe) ofWorker(spec *launch.Spec, rules Rules, ownHost string, web uint16) {
	p.OwnURL = webURL(ownHost, web, rules.WorkerInfo)
	for _, m := range spec.Masters() {
		p.LeaderURLs = append(p.LeaderURLs, webURL(m.Host, m.Web, rules.MasterInfo))
	}
}

// standby adds how to learn that a master stands by.
func (p *Probe) standby(spec *launch.Spec, rules Rules) {
	p.RPC, p.Standby = spec.Ports[config.MasterRPC], rules.Standby
	path := rules.MasterInfo
	switch rules.Standby {
	case StandbyElected:
		return
	case StandbyListed:
		path = mastersPath
	}
	for _, m := range spec.Masters() {
		if m.Host != spec.Host || m.RPC != p.RPC {
			p.LeaderURLs = append(p.LeaderURLs, webURL(m.Host, m.Web, path))
		}
	}
}

func webURL(host string, port uint16, path string) string {
	return "http://" + hostPort(host, port) + path
}

func hostPort(host string, port uint16) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(int(port))
}
