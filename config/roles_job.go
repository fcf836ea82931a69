package config

// The roles of the job service of Alluxio 2.x, which persists, loads and replicates files, and its
// proxy, which serves S3 and REST.
const (
	JobMaster Role = "alluxio-job-master"
	JobWorker Role = "alluxio-job-worker"
	Proxy     Role = "alluxio-proxy"
)

// The ports of the job service and of the proxy.
const (
	JobMasterRPC  PortName = "job.master.rpc"
	JobMasterWeb  PortName = "job.master.web"
	JobMasterRaft PortName = "job.master.raft"
	JobWorkerRPC  PortName = "job.worker.rpc"
	JobWorkerData PortName = "job.worker.data"
	JobWorkerWeb  PortName = "job.worker.web"
	ProxyWeb      PortName = "proxy.web"
)

// The properties of the job service and of the proxy.
const (
	// KeyWriteType is how clients of Alluxio write files.
	KeyWriteType         = "alluxio.user.file.writetype.default"
	KeyJobEnabled        = mesosPrefix + "job.enabled"
	KeyJobMasterCPUs     = Prefix + "job.master.resource.cpu"
	KeyJobMasterMem      = Prefix + "job.master.resource.mem"
	KeyJobMasterJavaOpts = Prefix + "job.master.java.opts"
	KeyJobMasterRPC      = "alluxio.job.master.rpc.port"
	KeyJobMasterWeb      = "alluxio.job.master.web.port"
	KeyJobMasterRaft     = "alluxio.job.master.embedded.journal.port"
	KeyJobWorkerCPUs     = Prefix + "job.worker.resource.cpu"
	KeyJobWorkerMem      = Prefix + "job.worker.resource.mem"
	KeyJobWorkerJavaOpts = Prefix + "job.worker.java.opts"
	KeyJobWorkerRPC      = "alluxio.job.worker.rpc.port"
	KeyJobWorkerData     = "alluxio.job.worker.data.port"
	KeyJobWorkerWeb      = "alluxio.job.worker.web.port"
	KeyProxyName         = mesosPrefix + "proxy.name"
	KeyProxyCount        = mesosPrefix + "proxy.count"
	KeyProxyCPUs         = Prefix + "proxy.resource.cpu"
	KeyProxyMem          = Prefix + "proxy.resource.mem"
	KeyProxyJavaOpts     = Prefix + "proxy.java.opts"
	KeyProxyConstraints  = Prefix + "proxy.constraints"
	KeyProxyUnreachable  = Prefix + "proxy.unreachable.timeout"
	KeyProxyWeb          = "alluxio.proxy.web.port"
)

// jobMasterRow runs beside each master. It stops after the job workers, which need it, and before its
// master, which it needs.
var jobMasterRow = RoleRow{
	Role: JobMaster, Label: "job master", Group: "job masters", TaskName: "AlluxioJobMaster", Version2: true,
	Start: 3, Stop: 0, Rollout: 4, Display: 3,
	Beside: Master, After: Gate{Role: Master, Leading: true}, Reads: []Role{Master, JobMaster},
	Elects: true, OneAtATime: true,
	AddressPort: JobMasterRPC, WebPort: JobMasterWeb, JournalPort: JobMasterRaft,
	Ports: []PortRow{
		{Name: JobMasterRPC, Key: KeyJobMasterRPC, V2: 20001},
		{Name: JobMasterWeb, Key: KeyJobMasterWeb, V2: 20002},
		{Name: JobMasterRaft, Key: KeyJobMasterRaft, V2: 20003, Embedded: true},
	},
	Keys: RoleKeys{CPUs: KeyJobMasterCPUs, Mem: KeyJobMasterMem, JavaOpts: KeyJobMasterJavaOpts, Switch: KeyJobEnabled},
}

// jobWorkerRow runs beside each worker. A job master knows its job workers by an ID. A job worker that
// has registered with another job master may keep an ID that the new one does not know; the files of its
// jobs are then never persisted (docs/facts.md).
var jobWorkerRow = RoleRow{
	Role: JobWorker, Label: "job worker", Group: "job workers", TaskName: "AlluxioJobWorker", Version2: true,
	Start: 4, Stop: -1, Rollout: 3, Display: 4,
	Beside: Worker, After: Gate{Role: JobMaster, Leading: true}, Reads: []Role{Master, JobMaster},
	Registers:     JobMaster,
	DirectPercent: 33, // it copies files through network buffers
	WebPort:       JobWorkerWeb,
	Ports: []PortRow{
		{Name: JobWorkerRPC, Key: KeyJobWorkerRPC, V2: 30001},
		{Name: JobWorkerData, Key: KeyJobWorkerData, V2: 30002},
		{Name: JobWorkerWeb, Key: KeyJobWorkerWeb, V2: 30003},
	},
	Keys: RoleKeys{CPUs: KeyJobWorkerCPUs, Mem: KeyJobWorkerMem, JavaOpts: KeyJobWorkerJavaOpts, Switch: KeyJobEnabled},
}

var proxyRow = RoleRow{
	Role: Proxy, Label: "proxy", Group: "proxies", Version2: true,
	Start: 5, Stop: -2, Rollout: 5, Display: 5,
	After: Gate{Role: Master, Leading: true}, Reads: []Role{Master},
	DirectPercent: 33, // it copies files through network buffers
	WebPort:       ProxyWeb,
	Ports:         []PortRow{{Name: ProxyWeb, Key: KeyProxyWeb, V2: 39999}},
	Keys: RoleKeys{Name: KeyProxyName, Count: KeyProxyCount, CPUs: KeyProxyCPUs, Mem: KeyProxyMem,
		JavaOpts: KeyProxyJavaOpts, Constraints: KeyProxyConstraints, Unreachable: KeyProxyUnreachable},
}
