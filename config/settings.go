package config

import (
	"cmp"
	"strings"
	"time"
)

// PortName names a port of an Alluxio process independently of Alluxio's version.
type PortName string

// The named ports. Alluxio 2.x has one worker port for RPC and data: its only name there is WorkerRPC.
const (
	MasterRPC  PortName = "master.rpc"
	MasterWeb  PortName = "master.web"
	MasterRaft PortName = "master.raft"
	WorkerRPC  PortName = "worker.rpc"
	WorkerData PortName = "worker.data"
	WorkerWeb  PortName = "worker.web"
)

// Port is one port that a role needs.
type Port struct {
	Name PortName
	// Number is 1-65535, or 0: any port of the offer, picked at placement and told to Alluxio.
	Number uint16
	// Key is the property that changes it, under the name that the site file uses, else under the
	// name of this Alluxio version.
	Key string
}

// BindMode says on which addresses Alluxio listens.
type BindMode string

const (
	// BindAny leaves the bind hosts to Alluxio (0.0.0.0) and to the site file. Default.
	BindAny BindMode = "any"
	// BindAgent sets every bind host to the address of the offer, so that several agents can share one machine.
	BindAgent BindMode = "agent"
)

// AllHosts as RoleSettings.Count means one task on every host whose offers fit.
const AllHosts = -1

// RoleSettings is what one role asks for.
type RoleSettings struct {
	// Name is what Mesos shows as the task's name; alluxio.integration.mesos.{master,worker}.name.
	Name string
	// Count is how many tasks run: >= 0, or AllHosts. A companion role that runs has 1; see State.countOf
	// of package cluster.
	Count int
	// CPUs is the task's share of processors including our executor; fractional, > 0.1.
	CPUs float64
	// Mem is the JVM's share of memory including our executor (heap, direct memory, the JVM's own
	// needs); a ramdisk comes on top.
	Mem Bytes
	// Ports lists every port that a task of this role claims, for the Alluxio version of Install.
	Ports []Port
	// JavaOpts are the operator's JVM flags, last on the command line so that they win.
	JavaOpts []string
	// Host pins the role to one host name; "" for any.
	Host string
	// Unreachable is how long a task whose agent does not answer is waited for before it is replaced.
	Unreachable time.Duration
	// Constraints say where tasks may be placed; all of them must hold.
	Constraints []Constraint
	// Volume is the size of a new persistent volume for a task of this role, 0 for none.
	Volume Bytes
}

// Archive is a tarball to fetch.
type Archive struct {
	// URL is http, https or file; .tar.gz, .tgz or .tar.
	URL string
	// SHA256 is the expected digest, 64 lower-case hex digits, or "" to accept any.
	SHA256 string
}

// Install says where Alluxio and Java come from. A zero Archive means LOCAL.
type Install struct {
	// Home is alluxio.home on the agents, used when Alluxio is the zero Archive.
	Home    string
	Alluxio Archive
	// Version of Alluxio as far as known before anything is unpacked (property, else from the URL
	// or the folder's name), or "".
	Version string
	JDK     Archive
	// JDKPath is the folder of the JDK inside its tarball (jdk1.8.0_151); the only top folder
	// serves in the place of the default.
	JDKPath string
	// JDKPathSet is true when the operator named a folder in JDKPath: then only that one serves.
	JDKPathSet bool `json:",omitempty"`
	// CacheDir is the per-host folder for unpacked tarballs; "" lets the executor choose one that its user may write.
	CacheDir string
	// CacheSize bounds CacheDir; entries in use are never removed.
	CacheSize Bytes
}

// Property is one key with its value as java.util.Properties reads it, and where it was written.
type Property struct {
	Key, Value string
	// Source is "file:line", or "--property".
	Source string
}

// File is a file that travels beside the site file to every task (log4j.properties, core-site.xml, ...).
type File struct {
	// Name is its base name.
	Name string
	Data []byte
}

// Ramdisk is the first folder of a worker's top tier.
type Ramdisk struct {
	// Size is its quota. It is claimed from Mesos: as memory on top of the JVM's share, or as disk.
	Size Bytes
	// Path is where the site file puts it: absolute, or relative on the worker's volume; or "": the
	// executor picks one of its own for each task.
	Path string
	// Disk is true when it is on disk (SSD, HDD) and not in memory.
	Disk bool `json:",omitempty"`
	// Property is the default of alluxio.worker.ramdisk.size where the tier's quota is another
	// Size, else 0. Fingerprints have it.
	Property Bytes `json:"-"`
	// Sudo lets the executor mount with `sudo -n` where it may not itself.
	Sudo bool
}

// Journal is where Alluxio masters keep their metadata log.
type Journal struct {
	// Folder is alluxio.master.journal.folder as the site file has it, or "": a folder of the
	// executor's choice under DataDir.
	Folder string
	// Shared is true when every host sees the same Folder (a URI such as hdfs:// or s3://, or a property says so).
	Shared bool
	// DataDir is alluxio.integration.mesos.data.dir, or "" for the default of the task's user.
	DataDir string
	// AllowLoss permits to give up a journal that is on a lost host, or empty though it was formatted: --lose-journal.
	AllowLoss bool
}

// Settings is everything that the framework needs to know, validated. It is immutable after Load.
type Settings struct {
	// MesosMaster is host:port, a comma list of them, or zk:// without its credentials; every port is written out. "" when
	// Options.NoMesosMaster allows it.
	MesosMaster string
	// MesosZooKeeper is where the Mesos masters elect their leader, or zero.
	MesosZooKeeper ZooKeeper
	// StateZooKeeper is where the state is kept, and several instances of the framework elect the
	// one that acts; zero for a file in StateDir.
	StateZooKeeper ZooKeeper
	// ZooKeeperTimeout is the session timeout that ZooKeeper is asked for.
	ZooKeeperTimeout time.Duration
	// Name is the framework's name in Mesos.
	Name string
	// User runs the tasks; "" means the user who runs the framework.
	User      string
	MesosRole string
	Principal string
	Secret    Secret
	// MesosTLS is how the Mesos masters are spoken to.
	MesosTLS        TLS
	FailoverTimeout time.Duration
	// GPUAgents asks Mesos to offer agents with GPUs, too.
	GPUAgents bool

	// Roles are the roles of the cluster.
	Roles          *RoleTable `json:"-"`
	Master, Worker RoleSettings
	// Others are the settings of the other roles of Roles.
	Others map[Role]*RoleSettings `json:"-"`
	// Election is how the masters agree on a leader; NoElection for a lone one.
	Election  Election
	Install   Install
	Container Container
	Ramdisk   Ramdisk
	// Folders are the folders of a worker's tiers in the site file beside that of Ramdisk, which is
	// the first of the top tier; see TierFolders.
	Folders []Folder
	Journal Journal
	Bind    BindMode

	// KillGrace is the time between SIGTERM and SIGKILL for an Alluxio process.
	KillGrace time.Duration
	// StartTimeout bounds `-w`, and the time a task may need from launch to serving.
	StartTimeout time.Duration
	// HangTimeout is how long a serving Alluxio process may not answer before it is killed, >= 5 s.
	HangTimeout time.Duration

	// ReplaceAfter is how long a worker waits for the host of its volume; 0 for without end.
	ReplaceAfter time.Duration

	// Unpersisted is what happens to files of MUST_CACHE before their worker ends by plan.
	Unpersisted Unpersisted
	// UpdateParallel is how many tasks a change of the settings replaces at a time, >= 1.
	UpdateParallel int
	// MaxUnavailable is how many workers may be away or leave for planned changes, >= 1.
	MaxUnavailable int

	// Backup is zero without backups.
	Backup Backup

	// ExecutorPath is our binary on the agents; "" makes Mesos fetch it from the artifact endpoint.
	ExecutorPath string
	// ArtifactAddress is host:port for the artifact endpoint; an empty host means the address used
	// to reach Mesos, port 0 any free one.
	ArtifactAddress string
	// APIAddress is host:port for the HTTP API; loopback and any free port by default.
	APIAddress string
	// APITLS is zero for an API without TLS.
	APITLS TLS
	// APIToken is the token of the API that the operator has chosen, or not set.
	APIToken Secret

	// UnderStoreInTarball says why the under store is inside of an unpacked tarball, and what to
	// set; "" when it is not.
	UnderStoreInTarball string

	// ConfDir is the folder of the site file, LogsDir the folder of framework.out, StateDir the
	// folder of what outlives the process.
	ConfDir, LogsDir, StateDir string

	// Site is every property that reaches Alluxio, in the order of the site file; alluxio.integration.* is not among them.
	Site []Property
	// Files travel beside the site file.
	Files []File
	// Warnings are whole, for validate and the log: what is odd, and what to do. ShortWarnings has
	// what start, status and explain show.
	Warnings []string
	// inShort has the short form of those warnings that are long.
	inShort map[string]string
}

// Of returns the settings of a role of Roles. Those of a role that does not run are zero, and shared.
func (s *Settings) Of(r Role) *RoleSettings {
	switch r {
	case Master:
		return &s.Master
	case Worker:
		return &s.Worker
	}
	if settings := s.Others[r]; settings != nil {
		return settings
	}
	return &absentRole
}

var absentRole RoleSettings

// WritesAsync is true if clients write with ASYNC_THROUGH: the write type of the site file, else the
// default of Alluxio 2.x.
func (s *Settings) WritesAsync() bool {
	value, set := s.SiteValue(KeyWriteType)
	return !set || strings.EqualFold(strings.TrimSpace(value), "ASYNC_THROUGH")
}

// NamesJobMasters is true if the site file names job masters of the operator.
func (s *Settings) NamesJobMasters() bool {
	_, named := s.SiteValue(jobMasterKeys...)
	return named
}

// ShortWarnings are the Warnings, with the short form of long ones.
func (s *Settings) ShortWarnings() []string {
	list := make([]string, len(s.Warnings))
	for i, warning := range s.Warnings {
		list[i] = cmp.Or(s.inShort[warning], warning)
	}
	return list
}

// SiteValue returns the value of the first of keys that the site file has, and whether there is one.
func (s *Settings) SiteValue(keys ...string) (string, bool) {
	for _, k := range keys {
		for _, p := range s.Site {
			if p.Key == k {
				return p.Value, true
			}
		}
	}
	return "", false
}
