package alluxio

import (
	"fmt"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

const (
	// jobMasterInfo is answered by a job master that leads, with its job workers.
	jobMasterInfo = "/api/v1/job_master/info"
	// metricsPath is answered by every process of 2.x. The info of a 2.9 job worker is status 500, and a
	// proxy answers everything but S3 with an empty body.
	metricsPath = "/metrics/json/"
)

// ofJobMaster asks for the job master's own info: the leader answers, a standby closes the connection.
func (p *Probe) ofJobMaster(spec *launch.Spec, _ Rules, ownHost string, web uint16) {
	p.OwnURL = webURL(ownHost, web, jobMasterInfo)
	if spec.Election == config.NoElection {
		return
	}
	p.RPC, p.Standby = spec.Ports[config.JobMasterRPC], StandbyCloses
	for _, m := range spec.Endpoints[config.JobMaster] {
		if m.Host != spec.Host || m.RPC != p.RPC {
			p.LeaderURLs = append(p.LeaderURLs, webURL(m.Host, m.Web, jobMasterInfo))
		}
	}
}

// ofJobWorker also asks the leading job master: the job worker's web port answers before it has registered.
func (p *Probe) ofJobWorker(spec *launch.Spec, _ Rules, ownHost string, web uint16) {
	p.OwnURL = webURL(ownHost, web, metricsPath)
	for _, m := range spec.Endpoints[config.JobMaster] {
		p.LeaderURLs = append(p.LeaderURLs, webURL(m.Host, m.Web, jobMasterInfo))
	}
}

// ofProxy also asks for a leading master: the proxy's web port answers without any.
func (p *Probe) ofProxy(spec *launch.Spec, rules Rules, ownHost string, web uint16) {
	p.OwnURL = webURL(ownHost, web, metricsPath)
	for _, m := range spec.Masters() {
		p.LeaderURLs = append(p.LeaderURLs, webURL(m.Host, m.Web, rules.MasterInfo))
	}
}

func (p Probe) judgeJobWorker(_ Answer, leader []Answer) (ready bool, why string) {
	why = p.noLeader(leader)
	for _, answer := range leader {
		list, ok := p.workers(answer)
		if !ok {
			continue
		}
		why = fmt.Sprintf("the Alluxio job master does not list %s with RPC port %d yet (it lists %d job workers)", p.Host,
			p.RPC, len(list))
		for _, w := range list {
			if strings.EqualFold(w.Address.Host, p.Host) && w.Address.RPCPort == int(p.RPC) {
				return true, ""
			}
		}
	}
	return false, why
}

func (p Probe) judgeProxy(_ Answer, leader []Answer) (ready bool, why string) {
	for _, answer := range leader {
		if _, ok := p.workers(answer); ok {
			return true, ""
		}
	}
	return false, p.noLeader(leader)
}
