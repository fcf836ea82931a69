package alluxio

import (
	"fmt"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// process describes the JVM of one role. Differences between versions are in Rules.
type process struct {
	mainClass string
	// since is the first version of Alluxio that is run as this role, "" for all.
	since string
	// logger is the value of alluxio.logger.type, logFile the file of that logger in the logs folder.
	logger, logFile string
	// ports are the ports that it needs, webPort the one of them that is probed, and webBind the
	// property with the bind address of webPort.
	ports   func(rules Rules) []config.PortName
	webPort config.PortName
	webBind string
	// format is the argument of Alluxio's format class that formats its journal, "" for none.
	format string
	// site adds the properties of the role to its site file.
	site func(p *preparation) error
	// probe adds the requests that show whether it serves; judge reads the answers: own is that of its
	// own web port, leader are those of the masters or job masters that may
	// lead.
	probe func(p *Probe, spec *launch.Spec, rules Rules, ownHost string, web uint16)
	judge func(p Probe, own Answer, leader []Answer) (ready bool, why string)
	// leader is the process that the leader's answers come from, in a sentence.
	leader string
}

// processes has a row for each role that an executor can run.
var processes = map[config.Role]process{
	config.Master: {
		mainClass: "alluxio.master.AlluxioMaster", logger: "MASTER_LOGGER", logFile: "master.log",
		ports:   func(Rules) []config.PortName { return []config.PortName{config.MasterRPC, config.MasterWeb} },
		webPort: config.MasterWeb, webBind: "alluxio.master.web.bind.host", format: "master",
		site: (*preparation).master, probe: (*Probe).ofMaster, judge: Probe.judgeMaster, leader: "Alluxio master",
	},
	config.Worker: {
		mainClass: "alluxio.worker.AlluxioWorker", logger: "WORKER_LOGGER", logFile: "worker.log",
		ports: workerPorts, webPort: config.WorkerWeb, webBind: "alluxio.worker.web.bind.host",
		site: (*preparation).worker, probe: (*Probe).ofWorker, judge: Probe.judgeWorker, leader: "Alluxio master",
	},
	config.JobMaster: {
		mainClass: "alluxio.master.AlluxioJobMaster", since: "2.0.0", logger: "JOB_MASTER_LOGGER",
		logFile: "job_master.log",
		ports:   func(Rules) []config.PortName { return []config.PortName{config.JobMasterRPC, config.JobMasterWeb} },
		webPort: config.JobMasterWeb, webBind: "alluxio.job.master.web.bind.host",
		site: (*preparation).jobMaster, probe: (*Probe).ofJobMaster, judge: Probe.judgeMaster,
		leader: "Alluxio job master",
	},
	config.JobWorker: {
		mainClass: "alluxio.worker.AlluxioJobWorker", since: "2.0.0", logger: "JOB_WORKER_LOGGER",
		logFile: "job_worker.log",
		ports: func(Rules) []config.PortName {
			return []config.PortName{config.JobWorkerRPC, config.JobWorkerData, config.JobWorkerWeb}
		},
		webPort: config.JobWorkerWeb, webBind: "alluxio.job.worker.web.bind.host",
		site: (*preparation).jobWorker, probe: (*Probe).ofJobWorker, judge: Probe.judgeJobWorker,
		leader: "Alluxio job master",
	},
	config.Proxy: {
		mainClass: "alluxio.proxy.AlluxioProxy", since: "2.0.0", logger: "PROXY_LOGGER", logFile: "proxy.log",
		ports:   func(Rules) []config.PortName { return []config.PortName{config.ProxyWeb} },
		webPort: config.ProxyWeb, webBind: "alluxio.proxy.web.bind.host",
		site: (*preparation).proxy, probe: (*Probe).ofProxy, judge: Probe.judgeProxy, leader: "Alluxio master",
	},
}

func workerPorts(rules Rules) []config.PortName {
	if rules.OnePort {
		return []config.PortName{config.WorkerRPC, config.WorkerWeb}
	}
	return []config.PortName{config.WorkerRPC, config.WorkerWeb, config.WorkerData}
}

// processOf is the process of a role, or an error for a role that this executor does not know.
func processOf(role config.Role) (process, error) {
	p, known := processes[role]
	if !known {
		return process{}, fmt.Errorf("this executor cannot run the role %q; use the executor of the framework's own "+
			"version", role)
	}
	return p, nil
}
