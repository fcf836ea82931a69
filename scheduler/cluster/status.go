package cluster

import (
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// SchemaVersion is that of the bodies of the API. It rises when a field is renamed, removed or gets
// another meaning.
const SchemaVersion = 1

// Status is an immutable picture of the last cycle: the body of GET /v1/status and /v1/explain.
// Times are UTC; absent ones are omitted.
type Status struct {
	// SchemaVersion is the version of the body's fields.
	SchemaVersion int `json:"schemaVersion"`
	// Framework is the framework as Mesos knows it, and its process.
	Framework FrameworkStatus `json:"framework"`
	// Mesos is the subscription to Mesos.
	Mesos MesosStatus `json:"mesos"`
	// Slots are the slots of the cluster with their tasks, masters first.
	Slots []SlotStatus `json:"slots"`
	// Rejections are the reasons, per agent and role, why the last offer was not used, for roles
	// that still want something.
	Rejections []RejectionStatus `json:"rejections"`
	// Waiting is everything that should run and does not, with the reason.
	Waiting []Waiting `json:"waiting"`
	// Warnings are sentences about the settings and the cluster.
	Warnings []string `json:"warnings"`
	// Rollout is the progress of a change of the settings; absent when no task is outdated.
	Rollout *Rollout `json:"rollout,omitempty"`
	// Backup is about backups of Alluxio's metadata; absent when no folder is named for them.
	Backup *BackupStatus `json:"backup,omitempty"`
	// LastEligibleOffer is when the last offer came that was used, or could have been, for a master or a
	// worker; absent before the first.
	LastEligibleOffer time.Time `json:"lastEligibleOffer,omitzero"`
	// Complete is true when every wanted slot of an essential role with a fixed count serves and none
	// is unconfirmed, and with `all` every known host that fits has such a worker.
	Complete bool `json:"complete"`
	// Now is when this status was made.
	Now time.Time `json:"now"`
}

// About is the part of s that is about one host, agent or slot. It shares its lists with s.
func (s *Status) About(name string) *Status {
	one := *s
	one.Slots, one.Waiting, one.Rejections, one.Warnings = nil, nil, nil, nil
	known := map[string]bool{}
	for i := range s.Slots {
		if slot := &s.Slots[i]; slot.Slot == name || slot.Host == name || slot.AgentID == name {
			one.Slots = append(one.Slots, *slot)
			known[slot.Slot] = true
		}
	}
	for _, w := range s.Waiting {
		if known[w.Slot] {
			one.Waiting = append(one.Waiting, w)
		}
	}
	for i := range s.Rejections {
		if r := &s.Rejections[i]; r.Host == name || r.AgentID == name {
			one.Rejections = append(one.Rejections, *r)
		}
	}
	return &one
}

// FrameworkStatus is about us.
type FrameworkStatus struct {
	// Name is the name of the framework in Mesos.
	Name string `json:"name"`
	// ID is the framework ID of Mesos; absent before the first subscription.
	ID string `json:"id,omitempty"`
	// Version is the version of the framework.
	Version string `json:"version"`
	// Started is when this process began.
	Started time.Time `json:"started"`
	// Reconciled is when Mesos had told this process about every task that it knows; absent until
	// then, and when there was nothing to ask for.
	Reconciled time.Time `json:"reconciled,omitzero"`
	// Failure is why the framework has stopped or is about to; absent while it runs.
	Failure string `json:"failure,omitempty"`
	// Teardown is true while the cluster is being ended on request.
	Teardown bool `json:"teardown,omitempty"`
	// TeardownPersisting is true while the files of workers are persisted for it; Waiting has them.
	TeardownPersisting bool `json:"teardownPersisting,omitempty"`
	// TeardownBegun is true once a task was asked to end for the teardown: from then on it cannot be
	// cancelled.
	TeardownBegun bool `json:"teardownBegun,omitempty"`
	// TeardownUntil is when a teardown is dropped that has not begun; absent for never.
	TeardownUntil time.Time `json:"teardownUntil,omitzero"`
}

// MesosStatus is about the subscription.
type MesosStatus struct {
	// State is "subscribed", "connecting" or "stopped".
	State string `json:"state"`
	// Message is why there is no subscription; absent while there is one.
	Message string `json:"message,omitempty"`
	// Leader is the address of the leading Mesos master, host:port.
	Leader string `json:"leader,omitempty"`
	// Version is the version of Mesos.
	Version string `json:"version,omitempty"`
	// Since is when the subscription began, or was lost.
	Since time.Time `json:"since,omitzero"`
	// Offers is "wanted" or "suppressed".
	Offers string `json:"offers"`
}

// SlotStatus is one slot and the task that fills it.
type SlotStatus struct {
	// Slot is the name of the slot, such as alluxio-worker-0.
	Slot string `json:"slot"`
	// Beside is the slot on whose host the tasks of a companion run; absent for others.
	Beside string `json:"beside,omitempty"`
	// Role is the role of the slot, such as alluxio-worker.
	Role config.Role `json:"role"`
	// State is one of "waiting", "staging", "starting", "serving", "killing", "unreachable".
	State string `json:"state"`
	// Confirmed is true when Mesos has confirmed the task since the last subscription; before that the
	// rest is what was saved.
	Confirmed bool `json:"confirmed"`
	// UnconfirmedSince is since when State may be out of date: the loss of the subscription, from 15 s
	// after it on, or the start of this process. Absent while Mesos reports the task.
	UnconfirmedSince time.Time `json:"unconfirmedSince,omitzero"`
	// NotAnsweringSince is when Alluxio last answered its executor, once two probes in a row were not
	// answered; absent while it answers.
	NotAnsweringSince time.Time `json:"notAnsweringSince,omitzero"`
	// TaskID is the ID of the task in Mesos; absent without a task.
	TaskID string `json:"taskId,omitempty"`
	// ElectionState is "leading" or "standby" for a serving master or job master that is elected.
	ElectionState launch.ElectionState `json:"electionState,omitempty"`
	// Host is the slot's host name, also while it waits for that host; absent before its first placement.
	Host string `json:"host,omitempty"`
	// AgentID is the ID of the agent with the task.
	AgentID string `json:"agentId,omitempty"`
	// Ports are the ports of the last placement by name, such as master.rpc.
	Ports map[config.PortName]uint16 `json:"ports,omitempty"`
	// Web is the address of the web pages of the Alluxio process.
	Web string `json:"web,omitempty"`
	// Phase is what a starting task is doing, or why one that serves does not answer.
	Phase string `json:"phase,omitempty"`
	// ServingSince is when the task reported that it serves.
	ServingSince time.Time `json:"servingSince,omitzero"`
	// Restarts is the number of tasks of this slot after its first.
	Restarts int `json:"restarts"`
	// LastFailure is how the last task that failed ended.
	LastFailure *TaskFailure `json:"lastFailure,omitempty"`
	// NextLaunch is the end of the restart delay, if there is one.
	NextLaunch time.Time `json:"nextLaunch,omitzero"`
	// AlluxioVersion is the version of Alluxio that was found on the host.
	AlluxioVersion string `json:"alluxioVersion,omitempty"`
	// JavaVersion is the version of the Java that runs it.
	JavaVersion string `json:"javaVersion,omitempty"`
	// JournalFolder is where the journal of a master is.
	JournalFolder string `json:"journalFolder,omitempty"`
	// Storage is where the blocks of a worker's tiers are.
	Storage string `json:"storage,omitempty"`
	// Volume is the persistent volume of the slot, also while it waits for it.
	Volume *VolumeStatus `json:"volume,omitempty"`
	// Warnings are sentences about the task and its host.
	Warnings []string `json:"warnings,omitempty"`
}

// Answers is true for a slot that is known to serve.
func (s *SlotStatus) Answers() bool {
	return s.State == "serving" && s.UnconfirmedSince.IsZero() && s.NotAnsweringSince.IsZero()
}

// VolumeStatus is a persistent volume of Mesos.
type VolumeStatus struct {
	// ID is its persistence ID in Mesos.
	ID string `json:"id"`
	// Host is the name of its host.
	Host string `json:"host"`
	// MB is its size in megabytes of 1024 * 1024 bytes.
	MB float64 `json:"mb"`
}

// TaskFailure is how the last task of a slot ended.
type TaskFailure struct {
	// State is the state of Mesos in which it ended, such as TASK_FAILED.
	State string `json:"state"`
	// Message is the reason that the executor or Mesos gave.
	Message string `json:"message"`
	// Host is the name of its host.
	Host string `json:"host,omitempty"`
	// At is when it ended.
	At time.Time `json:"at"`
}

// RejectionStatus is why an agent's offer was not used for a role.
type RejectionStatus struct {
	// Host is the host name of the agent.
	Host string `json:"host"`
	// AgentID is the ID of the agent.
	AgentID string `json:"agentId"`
	// Role is the role that did not use its offer.
	Role config.Role `json:"role"`
	// Reason is a short stable word; docs/operations.md lists all of them.
	Reason string `json:"reason"`
	// Message is one sentence with the numbers.
	Message string `json:"message"`
	// Hint is what would make it fit, an agent flag or a property; absent when only time does.
	Hint string `json:"hint,omitempty"`
	// Since is when this reason was first given for this agent and role.
	Since time.Time `json:"since"`
	// Last is when it was given last.
	Last time.Time `json:"last"`
	// Count is the number of offers that it has rejected.
	Count int `json:"count"`
}

// Rollout is a change of the settings on its way.
type Rollout struct {
	// Outdated are the slots whose tasks still run with older settings, in the order in which they are replaced.
	Outdated []string `json:"outdated"`
	// Waiting is what keeps the next replacement from beginning; absent when nothing does.
	Waiting string `json:"waiting,omitempty"`
}

// Waiting is a slot, or a role with no slot yet, that should run and does not.
type Waiting struct {
	// Slot is the name of the slot, or of the role while it has none.
	Slot string `json:"slot"`
	// Role is the role of the slot, such as alluxio-worker.
	Role config.Role `json:"role"`
	// Message is one sentence that says why it does not run.
	Message string `json:"message"`
	// Hint is what would help, a command or a property; absent when only time does.
	Hint string `json:"hint,omitempty"`
}
