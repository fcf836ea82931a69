// Package launch is the contract between scheduler and executor: the LaunchSpec that travels to the
// executor in TaskInfo.data, and the Report that comes back in TaskStatus.data; the MasterUpdate and
// the AdminRequest that travel to the executor in a MESSAGE, and the AdminAnswer that comes back in
// one. Mesos shows none in any of its endpoints, so all may hold secrets.
//
// All are JSON with a schema version. A field is only ever added; an executor refuses a version
// newer than its own by name. A Spec that is too large as JSON has the next version, with its
// largest parts compressed behind the JSON.
package launch

import (
	"encoding/json"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// SchemaVersion is the version of Spec and Report that this binary writes.
const SchemaVersion = 1

// Address is where a task of a role is reached that others read the addresses of.
type Address struct {
	Host string `json:"host"`
	RPC  uint16 `json:"rpc"`
	Web  uint16 `json:"web"`
	// Raft is the port of the embedded journal, or 0.
	Raft uint16 `json:"raft,omitempty"`
}

// Memory is how the JVM's share of the task's memory is divided, all in bytes.
type Memory struct {
	// Heap becomes -Xmx and -Xms is left to the JVM.
	Heap config.Bytes `json:"heap"`
	// Direct becomes -XX:MaxDirectMemorySize; 0 leaves the JVM's default.
	Direct config.Bytes `json:"direct,omitempty"`
}

// Journal tells a master where its journal is and whether it may format it.
type Journal struct {
	// Folder is as the site file has it; "" is <DataDir>/journal, or the default data folder of the
	// user for this Cluster.
	Folder string `json:"folder,omitempty"`
	// DataDir is the configured data folder, or "" for the default of the task's user.
	DataDir string `json:"dataDir,omitempty"`
	// Member names the copy of a master that is one of several with the embedded journal: without a
	// Folder it is kept in a folder of this name, since agents may share their disks. "" for a lone
	// master and for a journal that masters share.
	Member string `json:"member,omitempty"`
	// Identity is the scheduler's name for this journal: host and path, or URI. It comes back in
	// Report.JournalFormatted.
	Identity string `json:"identity"`
	// ServedBy is the version of Alluxio that has served from the journal, or "" when none is known or
	// the journal is given up. A master of a version that must not follow it does not start.
	ServedBy string `json:"servedBy,omitempty"`
	// MayFormat is true until the scheduler has recorded that Identity was formatted. An empty
	// folder is then formatted; one that is empty without MayFormat is a lost journal: the task
	// fails and says so. It is never true for a URI.
	MayFormat bool `json:"mayFormat,omitempty"`
	// Format is true for one task, once: the journal is formatted whatever is in it. The operator
	// has asked for it, or the last task reported a journal that never served
	// (Report.JournalNeverServed).
	Format bool `json:"format,omitempty"`
}

// Volume is a persistent volume of Mesos that the task has.
type Volume struct {
	// ID is its persistence ID, and the Identity of a journal on it.
	ID string `json:"id"`
	// Path is where it is, relative to the sandbox.
	Path string `json:"path"`
	// Size is how much it holds, in bytes.
	Size config.Bytes `json:"size"`
}

// Spec is the LaunchSpec: everything that an executor needs to run one task. It is a function of the
// settings and of the addresses of other tasks.
type Spec struct {
	Version int `json:"version"`
	// Slot is the name of the slot that the task fills, e.g. alluxio-worker-3.
	Slot string      `json:"slot"`
	Role config.Role `json:"role"`
	// Cluster names this Alluxio cluster on a host: part of default folder names. It outlives restarts and task IDs.
	Cluster string `json:"cluster"`
	// Framework is the name of the framework in Mesos; "" in a Spec of an earlier version.
	Framework string `json:"framework,omitempty"`

	Install config.Install `json:"install"`
	// Site has the operator's properties in order; the executor adds and replaces those that depend on
	// the placement.
	Site  []config.Property `json:"site,omitempty"`
	Files []config.File     `json:"files,omitempty"`

	// Host is the agent's host name from the offer; clients and other masters reach this task there.
	Host string `json:"host"`
	// Bind is the address that Alluxio listens on, or "" to leave it to Alluxio and the site file.
	Bind string `json:"bind,omitempty"`
	// Ports are the claimed ports by name.
	Ports map[config.PortName]uint16 `json:"ports"`
	// Endpoints are the addresses of all tasks of each role whose addresses this task reads; its own is
	// among them.
	Endpoints map[config.Role][]Address `json:"endpoints,omitempty"`
	// Election is how several masters agree on a leader.
	Election config.Election `json:"election,omitempty"`

	Memory   Memory         `json:"memory"`
	JavaOpts []string       `json:"javaOpts,omitempty"`
	Ramdisk  config.Ramdisk `json:"ramdisk,omitzero"`
	// Folders are the folders of a worker's tiers beside that of Ramdisk.
	Folders []config.Folder `json:"folders,omitempty"`
	Journal Journal         `json:"journal,omitzero"`
	// Volume holds a master's journal and metastore; or the folders of a worker's tiers with
	// relative paths, without any its tier below the ramdisk; zero for none.
	Volume Volume `json:"volume,omitzero"`

	// KillGrace is the time between SIGTERM and SIGKILL, StartTimeout the time from launch to serving.
	KillGrace    time.Duration `json:"killGrace"`
	StartTimeout time.Duration `json:"startTimeout"`
	// HangTimeout is how long the serving process may not answer; 0 leaves it to the executor.
	HangTimeout time.Duration `json:"hangTimeout,omitempty"`
}

// TierFolders are the folders of all tiers of a worker: that of Ramdisk, then Folders.
func (s *Spec) TierFolders() []config.Folder { return s.Ramdisk.TierFolders(s.Folders) }

// Masters are the addresses of all Alluxio masters of the cluster.
func (s *Spec) Masters() []Address { return s.Endpoints[config.Master] }

// ElectionState is whether an elected master leads or stands by.
type ElectionState string

// The election states. A worker and a lone master have none.
const (
	Leading ElectionState = "leading"
	Standby ElectionState = "standby"
)

// Report is what an executor sends to the scheduler beside the Mesos task state. Every update has the
// whole Report, so that a lost one costs nothing.
type Report struct {
	Version int `json:"version"`
	// Number counts the updates of a task from 1: Mesos may deliver an older one last. 0 is unknown.
	Number int `json:"number,omitempty"`
	// Phase is the present step of a starting task, for people: "fetching 40 %", "formatting the
	// journal"; or why one that serves does not answer.
	Phase string `json:"phase,omitempty"`
	// AlluxioVersion and JavaVersion are what was found, or "".
	AlluxioVersion string `json:"alluxioVersion,omitempty"`
	JavaVersion    string `json:"javaVersion,omitempty"`
	// JournalFormatted is the Identity of the journal that is known to be formatted, or "".
	JournalFormatted string `json:"journalFormatted,omitempty"`
	// JournalUnusable is the Identity of a journal that no master can serve from unless it is
	// formatted, or "": it was never formatted, or has no root. JournalNeverServed is true when
	// this executor knows that no master has served from it since it was formatted.
	JournalUnusable    string `json:"journalUnusable,omitempty"`
	JournalNeverServed bool   `json:"journalNeverServed,omitempty"`
	// JournalFolder is where the journal really is.
	JournalFolder string `json:"journalFolder,omitempty"`
	// Storage says in words what the worker's tiers are, e.g. "tmpfs of 1GB mounted at /run/...".
	Storage string `json:"storage,omitempty"`
	// ElectionState is that of the last probe of an elected master.
	ElectionState ElectionState `json:"standing,omitempty"`
	// Moved is the AddressText of the last MasterUpdate that this executor has applied, or "".
	Moved string `json:"moved,omitempty"`
	// NotAnswering is for how long Alluxio had not answered its executor when the update was made,
	// once two probes in a row were missed; 0 while it answers.
	NotAnswering time.Duration `json:"notAnswering,omitempty"`
	// Admin are the operations of an AdminRequest that this executor runs; none for one of another
	// role or of an earlier version.
	Admin []AdminOperation `json:"admin,omitempty"`
	// Warnings are what the operator should know about this task.
	Warnings []string `json:"warnings,omitempty"`
}

// Encode writes r as JSON.
func (r Report) Encode() []byte {
	r.Version = SchemaVersion
	data, err := json.Marshal(r)
	if err != nil {
		return nil // unreachable: Report holds only strings
	}
	return data
}

// DecodeReport reads a Report; it is lenient, since a status without one is still a status:
// anything unreadable is the zero Report.
func DecodeReport(data []byte) Report {
	var r Report
	if json.Unmarshal(data, &r) != nil {
		return Report{}
	}
	return r
}
