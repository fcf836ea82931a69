package alluxio

import (
	"strconv"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Probe says which URLs to ask to learn whether one Alluxio process serves, and judges the answers.
//
// A master serves when its own web port answers: only a leader does. A worker serves when its own web port answers, which comes after it
// has registered, and the leader lists its host and RPC port with a capacity. The leader alone proves nothing, since it goes on listing a
// worker that was killed. The leader's answer is large: ask it only while starting, and the own JVM alone afterwards (Alive).
//
// Ask with GET, without a proxy, and with short timeouts: a standby of 2.x takes the connection and never answers.
type Probe struct {
	Role config.Role
	// OwnURL is the JVM's own web port.
	OwnURL string
	// LeaderURLs are those of every master, for a worker; nil for a master.
	LeaderURLs []string
	// Host and RPC are what the leader lists a worker by.
	Host string
	RPC  uint16
	// Listing is the shape of the leader's answer.
	Listing Listing
	// Hint says what a lasting HTTP status 500 means here, or is "". While starting it means nothing: a master in safe mode answers so.
	Hint string
}

// Answer is what one URL answered.
type Answer struct {
	// Status is the HTTP status, 0 when there was none.
	Status int
	Body   []byte
	// Err says why there was no answer, or "".
	Err string
}

// probe makes the Probe of a task, once the ports that it really has are known.
func probe(spec *launch.Spec, rules Rules, ownHost string, web, rpc uint16) Probe {
	p := Probe{Role: spec.Role, Host: spec.Host, RPC: rpc, Listing: rules.Listing}
	if spec.Role == config.Master {
		p.OwnURL = webURL(ownHost, web, rules.MasterInfo)
		return p
	}
	p.OwnURL = webURL(ownHost, web, rules.WorkerInfo)
	for _, m := range spec.Masters {
		p.LeaderURLs = append(p.LeaderURLs, webURL(m.Host, m.Web, rules.MasterInfo))
	}
	return p
}

func webURL(host string, port uint16, path string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return "http://" + host + ":" + strconv.Itoa(int(port)) + path
}
