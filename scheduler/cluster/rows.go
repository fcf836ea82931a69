package cluster

import (
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// The rows of a Record. Their tags are those of the versions that wrote the Records of today, whatever the
// fields are called now; a field without a tag is of this process only.

// frameworkRecord is the row "framework".
type frameworkRecord struct {
	ID string `json:"id,omitempty"`
	// Cluster names this cluster's folders on hosts.
	Cluster string `json:"cluster"`
	// Incarnation is the highest of all slots that were removed.
	Incarnation int `json:"incarnation,omitempty"`
	// JournalKind is where and how the journal is kept, once one was formatted.
	JournalKind string `json:"journalKind,omitempty"`
	// KillUnknown permits the next process to kill tasks that this Record does not know.
	KillUnknown bool `json:"killUnknown,omitempty"`
	// Teardown is true from the request for a teardown until it is done, DestroyAll when it destroys
	// every volume.
	Teardown   bool `json:"teardown,omitempty"`
	DestroyAll bool `json:"destroyAll,omitempty"`
	// JournalFormat is an unusable journal, and the permission to format it.
	JournalFormat *journalFormat `json:"journalFormat,omitempty"`
	// JournalVersion is the version of Alluxio that has served from the journal.
	JournalVersion *journalVersion `json:"journalVersion,omitempty"`
	// Backup is the last backup of the metadata, and the one that is to be made.
	Backup *backupState `json:"backup,omitempty"`
	// TeardownPersisting is true, and Teardown is not yet, while the files of workers are persisted for a
	// teardown.
	TeardownPersisting bool `json:"teardownPersisting,omitempty"`
	// TeardownUnpersisted is what the operator has said of files of MUST_CACHE, "" for nothing.
	TeardownUnpersisted config.Unpersisted `json:"teardownUnpersisted,omitempty"`
	// TeardownBegun is true once a KILL was saved, TeardownUntil when a request that has not begun
	// is dropped.
	TeardownBegun bool      `json:"teardownBegun,omitempty"`
	TeardownUntil time.Time `json:"teardownUntil,omitzero"`
	// KnownMasters is a hint where Mesos is; without it only the masters of MESOS_MASTER are tried.
	KnownMasters *KnownMasters `json:"knownMasters,omitempty"`
	// Marked was written by version 2; since then volumes that are marked for destroy have rows of
	// their own.
	Marked map[string]*markedRow `json:"doomed,omitempty"`
}

// Slot is a stable identity in the cluster, filled by at most one live task at a time. Its JSON is its
// row in the Record.
type Slot struct {
	Name  string      `json:"name"`
	Role  config.Role `json:"role"`
	Index int         `json:"index"`
	// Host is where the slot's last task was placed: it is preferred, or required, for the next.
	Host string `json:"host,omitempty"`
	// Attributes are the attributes and the fault domain of its agent, for constraints.
	Attributes map[string]string `json:"place,omitempty"`
	// Ports are the ports of the last placement.
	Ports map[config.PortName]uint16 `json:"ports,omitempty"`
	// CompanionPorts are those of the ports of its companions that may be any and are in an address that
	// others read: they were chosen with the last placement.
	CompanionPorts map[config.PortName]uint16 `json:"companionPorts,omitempty"`
	// Incarnation numbers the tasks of the slot. A new slot goes on from the highest number of removed
	// ones, so that no task ID is used twice.
	Incarnation int `json:"incarnation,omitempty"`
	// Launches counts the tasks that the slot has had.
	Launches int `json:"launches,omitempty"`
	// Failures counts the failures since a task of the slot was last healthy.
	Failures    int          `json:"failures,omitempty"`
	LastFailure *TaskFailure `json:"lastFailure,omitempty"`
	// VacantSince is when the last task ended, NotBefore the end of the restart delay.
	VacantSince time.Time `json:"vacantSince,omitzero"`
	NotBefore   time.Time `json:"notBefore,omitzero"`
	// SilentSince is since when the agent of the last task had not answered when that task was
	// abandoned; zero for others, and once the host has made an offer.
	SilentSince time.Time `json:"silentSince,omitzero"`
	// HostGone is true when the next task need not wait for the host: Mesos reported the agent as gone,
	// or the last task was abandoned.
	HostGone bool `json:"hostGone,omitempty"`
	// RelocateReason is why the last task was moved off its host, so that the next does not wait for
	// that host; "" when it was not.
	RelocateReason string `json:"left,omitempty"`
	// Volume is the persistent volume that the slot has or has requested, Volumes how many it has had.
	Volume  *Volume `json:"volume,omitempty"`
	Volumes int     `json:"volumes,omitempty"`
	// MaintenanceStart is when maintenance of the task's host begins, zero when none is announced or it
	// is more than maintenanceAhead away.
	MaintenanceStart time.Time `json:"leaving,omitzero"`
	Task             *Task     `json:"task,omitempty"`

	lastOffer time.Time // when the slot's own host last offered anything
	counted   bool      // among slotIndex.serving
	leads     bool      // among slotIndex.leading
	elected   bool      // its task leads, also while it is being killed
	active    bool      // every cycle has to look at it
	listed    bool      // in slotIndex.order
	filled    bool      // it had a task when it was last indexed, see slotIndex.generation

	primaryName     string // of a companion, once it was asked for
	agentID         string // of the task, among slotIndex.tasksOn
	attributesAsked bool   // an offer of its agent was searched for Attributes
}

// Task is one run in a slot. Its state only moves forward, except between reachable and unreachable.
type Task struct {
	ID      string `json:"id"`
	AgentID string `json:"agentId"`
	// Masters are the addresses of the Alluxio masters that the task was launched with. A worker
	// cannot serve when none of them is an address of a present master.
	Masters string `json:"masters,omitempty"`
	// Endpoints are those of other roles that it was launched with.
	Endpoints map[config.Role]string `json:"endpoints,omitempty"`
	// RegisteredWith is the task that led when this one was launched, of the role with which tasks of
	// its role register; "" for other roles.
	RegisteredWith string `json:"registeredWith,omitempty"`
	// Election is how masters elected their leader when the task was launched.
	Election config.Election `json:"election,omitempty"`
	// Fingerprint identifies what Alluxio sees of the settings, see fingerprint.go.
	Fingerprint string `json:"fingerprint"`
	// CPUs is the number of processors that the task was launched with. Alluxio does not see it, so
	// the fingerprint leaves it out.
	CPUs     float64   `json:"cpus,omitempty"`
	Launched time.Time `json:"launched"`
	// ServingSince is zero until TASK_RUNNING.
	ServingSince time.Time       `json:"servingSince,omitzero"`
	State        mesos.TaskState `json:"state"`
	// UnreachableSince is zero while the agent answers.
	UnreachableSince time.Time `json:"unreachableSince,omitzero"`
	// NotAnsweringSince is when Alluxio answered its executor last, zero while it answers. It is
	// for people alone.
	NotAnsweringSince time.Time     `json:"notAnsweringSince,omitzero"`
	Report            launch.Report `json:"report,omitzero"`
	// KillReason is why the task is to end, or "".
	KillReason string `json:"killReason,omitempty"`
	// Relocate is true when the next task of the slot may be on any host.
	Relocate bool `json:"leaves,omitempty"`
	// Replaced is true when an operator has asked to replace the task. A worker ends by plan.
	Replaced bool `json:"replaced,omitempty"`
	// Unpersisted is what the operator has said of its files then, "" for nothing.
	Unpersisted config.Unpersisted `json:"unpersisted,omitempty"`

	// AdminRequest is the number of the last request for a step of its planned ends, see nextRequest.
	AdminRequest int `json:"adminRequest,omitempty"`
	// End is how far its planned end is, nil while none is planned.
	End *PlannedEnd `json:"end,omitempty"`

	// What follows is of this process only.
	message string
	kill    killPace
	// sentMasters, mastersSentAt and mastersSent pace MasterUpdates: the addresses in the last one, when
	// it left, and how many with the same addresses were sent.
	sentMasters   string
	mastersSentAt time.Time
	mastersSent   int
	heard         bool   // its executor has sent a Report
	subscription  uint64 // in which the launch left, 0 for one of an earlier process
	arrived       bool   // Mesos has received the launch
	answered      bool   // the launch was answered; before that it may not be reconciled in the same subscription
	confirmed     bool   // an update came in this subscription
	// lastConfirmed is the end of the last subscription in which an update came; zero when this process
	// has received none.
	lastConfirmed time.Time
	asks          askPace
}

// PlannedEnd is how far the planned end of a task is. Its JSON is a part of the row of its slot.
type PlannedEnd struct {
	Cause EndCause `json:"cause"`
	// Step is the index of the present step in the row of Cause in endPlans.
	Step int `json:"step"`
	// Request is the number of its request, see Task.nextRequest.
	Request int `json:"request"`
	// Tries counts the requests of this step.
	Tries int `json:"tries,omitempty"`
	// Master is the task of the leading master, whose executor is asked.
	Master string    `json:"master"`
	Began  time.Time `json:"began"`
	// DecommissionAsked is true from when Master is asked to decommission the worker, unless it answers that
	// it has not. Decommissioned is true once it has, and clients have had the time to learn of it.
	DecommissionAsked bool `json:"decommissionAsked,omitempty"`
	Decommissioned    bool `json:"decommissioned,omitempty"`
	// FirstDone is when the last step was done for the first time, DoneAt when it was done last: when its
	// answer came.
	FirstDone time.Time `json:"firstDone,omitzero"`
	DoneAt    time.Time `json:"doneAt,omitzero"`
	// Unpersisted is what was to become of files of MUST_CACHE when the last step was done.
	Unpersisted config.Unpersisted `json:"unpersisted,omitempty"`
	// Recalls is how often a master was started again to make clients find the worker.
	Recalls int `json:"recalls,omitempty"`
	// Answer is the final answer to the request, nil before it has come, at AnsweredAt.
	Answer     *launch.AdminAnswer `json:"answer,omitempty"`
	AnsweredAt time.Time           `json:"answeredAt,omitzero"`

	// What follows is of this process only: when the request left last, and the last answer that was not
	// final.
	asked    time.Time
	progress *launch.AdminAnswer
}

// Volume is a persistent volume of this cluster as the Record has it. Its JSON is its part of the row of
// the slot that uses it; record_volume.go has the rows of others. Whether it exists only offers and
// tasks show.
type Volume struct {
	// ID is its persistence ID: cluster, slot, and how many volumes the slot has had. The ID alone does
	// not identify it: in older versions a slot that was removed and added again reused IDs on another
	// host.
	ID string `json:"id"`
	// Host and AgentID say where it is, MesosRole is the role that it is reserved for.
	Host      string `json:"host"`
	AgentID   string `json:"agentId"`
	MesosRole string `json:"mesosRole"`
	// MB is its size in Mesos's unit.
	MB float64 `json:"mb"`
	// Slot is the slot that it was made for. Owned is true while that slot uses it, or is to use it.
	Slot  string `json:"-"`
	Owned bool   `json:"-"`
	// Confirmed is true once an offer or a task has shown that it exists.
	Confirmed bool `json:"confirmed,omitempty"`
	// Unused is true while no task on it can have started, so that it has no data to wait for. Volumes
	// of older Records, and those that no slot uses, count as used.
	Unused bool `json:"unused,omitempty"`
	// DestroyRequested is true once an operator has asked to destroy this very volume. An operator who
	// asks to destroy every volume marks none: see destroyState.
	DestroyRequested bool `json:"-"`
	// DestroySentTo is the agent that a DESTROY of it was sent to, or "".
	DestroySentTo string `json:"freed,omitempty"`
}

// orphanedRow is the row of a volume that no slot uses.
type orphanedRow struct {
	ID        string  `json:"id"`
	Slot      string  `json:"slot"`
	Host      string  `json:"host"`
	AgentID   string  `json:"agentId"`
	MB        float64 `json:"mb"`
	MesosRole string  `json:"mesosRole,omitempty"`
	Unseen    bool    `json:"unseen,omitempty"`
	SentTo    string  `json:"freed,omitempty"`
}

// markedRow is the row of a volume that an operator wants destroyed.
type markedRow struct {
	ID   string `json:"id"`
	Slot string `json:"slot"`
	Host string `json:"host"`
	// AgentID is "" in older Records.
	AgentID string `json:"agentId,omitempty"`
	Unseen  bool   `json:"unseen,omitempty"`
	SentTo  string `json:"freed,omitempty"`
}

// surplusTask is a surplus task. Its JSON is its row in the Record.
type surplusTask struct {
	ID      string `json:"id"`
	AgentID string `json:"agentId"`
	// Host is that of the agent, "" when it is not known.
	Host   string `json:"host,omitempty"`
	Reason string `json:"reason"`
	// Slot is the slot that must stay vacant until the task has ended; "" for a task that was replaced.
	Slot string `json:"slot,omitempty"`

	// What follows is of this process only. lives is true when the last update of Mesos says so,
	// answered when an update came since the last subscription, and since the agent last made an offer
	// while the task was unreachable.
	lives, answered bool
	// heldFrom is since when nothing is launched on the agent, since Mesos has not answered.
	heldFrom time.Time
	kill     killPace
	asks     askPace
	// due and place belong to surplusIndex: when the next question is due, and the place in the heap,
	// counted from 1; 0 for none.
	due   time.Time
	place int
}

// journalRecord is a journal that is known to be formatted.
type journalRecord struct {
	Identity  string    `json:"identity"`
	Folder    string    `json:"folder,omitempty"`
	Formatted time.Time `json:"formatted"`
}

// journalFormat is an unusable journal and the permission to format it. The permission is used up by
// the launch that carries it, which is saved before the launch leaves: if the launch gets lost, the
// next task reports the journal again.
type journalFormat struct {
	Identity string `json:"identity"`
	Folder   string `json:"folder,omitempty"`
	// Granted is when its format was permitted, or zero.
	Granted time.Time `json:"granted,omitzero"`
	// Task is the ID of the task that was launched with the permission, or "".
	Task string `json:"task,omitempty"`
	// Unserved is true from that launch until a master serves from the journal.
	Unserved bool `json:"unserved,omitempty"`
}

// KnownMasters are Mesos masters that MESOS_MASTER does not name. They are tried when no master that
// it names answers.
type KnownMasters struct {
	// Setting is the MESOS_MASTER by which they were found; they are not used for another one.
	Setting string `json:"setting"`
	// Leaders are the masters that led, host:port each, the latest first; at most MaxKnownLeaders.
	Leaders []string `json:"leaders,omitempty"`
	// ZooKeeper is where the masters elect their leader, as zk://host:port,host:port/path, or "".
	// It holds no credentials.
	ZooKeeper string `json:"zooKeeper,omitempty"`
}
