package alluxio

import (
	"errors"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// The default ports of the job service and of the proxy (Alluxio: property reference).
const (
	defaultJobMasterRPC  = 20001
	defaultJobMasterWeb  = 20002
	defaultJobMasterRaft = 20003
	defaultJobWorkerRPC  = 30001
	defaultJobWorkerData = 30002
	defaultJobWorkerWeb  = 30003
	defaultProxyWeb      = 39999
)

// The properties that say where job masters are. Masters, job workers and clients read them, too;
// clients get those of the masters' site files from the leading master.
const (
	jobMasterHost    = "alluxio.job.master.hostname"
	jobMasterMembers = "alluxio.job.master.rpc.addresses"
)

// ratisHost is the property with the address on which an embedded journal listens; bind hosts do not
// apply to it.
const ratisHost = "alluxio.master.embedded.journal.ratis.config.raft.grpc.server.host"

// jobMaster adds what a job master's site file needs. It is a client of the masters, and elects a
// leader among the job masters as they do among themselves. It never uses an under store, and shows
// each property of its site file to everyone who reaches its web port, unmasked (measured on 2.9.6).
func (p *preparation) jobMaster() error {
	spec, s := p.spec, &p.site
	if spec.Election == config.ByJournal && len(p.jobMasters()) == 0 {
		return errors.New("one of several job masters was launched without their addresses")
	}
	s.withoutSecrets()
	if err := p.client("a job master"); err != nil {
		return err
	}
	s.place(spec.Host, whyHost, jobMasterHost)
	s.port(spec.Ports[config.JobMasterRPC], defaultJobMasterRPC, config.KeyJobMasterRPC)
	s.port(spec.Ports[config.JobMasterWeb], defaultJobMasterWeb, config.KeyJobMasterWeb)
	p.bind("alluxio.job.master.bind.host", "alluxio.job.master.web.bind.host")
	if spec.Election == config.ByZooKeeper {
		p.jobPaths()
	}
	p.jobJournal()
	return nil
}

// jobJournal gives a job master a journal of its own. Measured on 2.9.6: nothing about jobs is in
// it, with the type UFS no file at all, and a job master starts from an empty one. In the masters'
// journal it would look like their content.
func (p *preparation) jobJournal() {
	const why = "a job master's journal holds no jobs: it begins empty in each sandbox"
	s, folder := &p.site, p.env.Sandbox+"/job-journal"
	s.override(folder, why, "alluxio.master.journal.folder")
	p.folder(folder)
	if p.spec.Election != config.ByJournal {
		s.override("UFS", why, "alluxio.master.journal.type")
		s.give("false", "the jobs that a job master accepts before it leads are lost, so it turns masters away until then",
			"alluxio.standby.master.grpc.enabled")
		return
	}
	s.port(p.spec.Ports[config.JobMasterRaft], defaultJobMasterRaft, config.KeyJobMasterRaft)
	s.place(addresses(p.jobMasters(), func(m launch.Address) uint16 { return m.Raft }),
		"all job masters, the same everywhere", "alluxio.job.master.embedded.journal.addresses")
	p.findJobMasters()
	if p.rules.RatisBind {
		p.bind(ratisHost)
	}
}

// jobWorker adds what a job worker's site file needs.
func (p *preparation) jobWorker() error {
	spec, s := p.spec, &p.site
	if err := p.client("a job worker"); err != nil {
		return err
	}
	if len(p.jobMasters()) == 0 {
		return errors.New("a job worker was launched without the address of a job master")
	}
	p.findJobMasters()
	s.override("10min", "a worker that has left is read from until what clients wrote to it last is persisted",
		"alluxio.user.worker.list.refresh.interval")
	p.rpc = spec.Ports[config.JobWorkerRPC]
	// Jobs go to the job worker that has the host name of the worker with the blocks.
	s.place(spec.Host, whyHost, "alluxio.job.worker.hostname")
	// A job that copies blocks looks for the worker beside it by this name.
	s.place(spec.Host, whyHost, "alluxio.worker.hostname")
	s.port(p.rpc, defaultJobWorkerRPC, config.KeyJobWorkerRPC)
	s.port(spec.Ports[config.JobWorkerData], defaultJobWorkerData, config.KeyJobWorkerData)
	s.port(spec.Ports[config.JobWorkerWeb], defaultJobWorkerWeb, config.KeyJobWorkerWeb)
	p.bind("alluxio.job.worker.bind.host", "alluxio.job.worker.web.bind.host")
	if spec.Bind == "" {
		s.give("127.0.0.1", "its web server shows the under store's secrets, and only this task's executor asks it",
			"alluxio.job.worker.web.bind.host")
	}
	return nil
}

// proxy adds what a proxy's site file needs.
func (p *preparation) proxy() error {
	spec, s := p.spec, &p.site
	if err := p.client("a proxy"); err != nil {
		return err
	}
	s.place(spec.Host, whyHost, "alluxio.proxy.web.hostname")
	s.port(spec.Ports[config.ProxyWeb], defaultProxyWeb, config.KeyProxyWeb)
	p.bind("alluxio.proxy.web.bind.host")
	return nil
}

// jobMasters are the addresses of all job masters, none when the framework runs none.
func (p *preparation) jobMasters() []launch.Address { return p.spec.Endpoints[config.JobMaster] }

// findJobMasters says where the framework's job masters are. Without any, the site file may name others.
func (p *preparation) findJobMasters() {
	spec, s, jobMasters := p.spec, &p.site, p.jobMasters()
	if len(jobMasters) == 0 {
		return
	}
	switch spec.Election {
	case config.ByZooKeeper:
		s.drop("", "the leading job master is found through ZooKeeper", jobMasterHost, jobMasterMembers)
		p.jobPaths()
	case config.ByJournal:
		s.place(rpcAddresses(jobMasters), "all job masters, the same everywhere", jobMasterMembers)
	default:
		const why = "where the job master runs"
		s.drop("", why, jobMasterMembers)
		s.place(jobMasters[0].Host, why, jobMasterHost)
		s.port(jobMasters[0].RPC, defaultJobMasterRPC, config.KeyJobMasterRPC)
	}
}

// jobPaths gives the job masters an election of their own in ZooKeeper where the site file moves that
// of the masters. Otherwise both keep Alluxio's defaults, which a running master already uses.
func (p *preparation) jobPaths() {
	const why = "one for each cluster, as the path of its masters"
	for _, path := range []struct{ masters, job string }{
		{"alluxio.zookeeper.election.path", "alluxio.zookeeper.job.election.path"},
		{"alluxio.zookeeper.leader.path", "alluxio.zookeeper.job.leader.path"},
	} {
		if written, ok := p.site.get(path.masters); ok {
			p.site.give(strings.TrimRight(strings.TrimSpace(written.Value), "/")+"-job", why, path.job)
		}
	}
}
