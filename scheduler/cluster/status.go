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
	// SchemaVersion is that of the body.
	SchemaVersion int             `json:"schemaVersion"`
	Framework     FrameworkStatus `json:"framework"`
	Mesos         MesosStatus     `json:"mesos"`
	Slots         []SlotStatus    `json:"slots"`
	// Rejections say, per agent and role, why the last offer was not used, for roles of which
	// something is wanted still.
	Rejections []RejectionStatus `json:"rejections"`
	// Waiting says, for everything that should run and does not, why not.
	Waiting []Waiting `json:"waiting"`
	// Warnings come from the settings and from tasks.
	Warnings []string `json:"warnings"`
	// Rollout is how far a change of the settings has come; absent when every task runs with today's.
	Rollout *Rollout `json:"rollout,omitempty"`
	// LastEligibleOffer is when an offer last came that could have been used or was used; zero when none came yet.
	LastEligibleOffer time.Time `json:"lastEligibleOffer,omitzero"`
	// Complete is true when every wanted slot of an essential role with a fixed count serves and none is unconfirmed, and
	// with `all`: every known host that fits has such a worker.
	Complete bool      `json:"complete"`
	Now      time.Time `json:"now"`
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
	Name    string `json:"name"`
	ID      string `json:"id,omitempty"`
	Version string `json:"version"`
	// Started is when this process began.
	Started time.Time `json:"started"`
	// Reconciled is when Mesos had told this process about every task that it knows; zero until
	// then, and when there was nothing to ask for.
	Reconciled time.Time `json:"reconciled,omitzero"`
	// Failure is why the framework has stopped or is about to, or "".
	Failure string `json:"failure,omitempty"`
	// Teardown is true while the cluster is being ended on request.
	Teardown bool `json:"teardown,omitempty"`
	// TeardownBegun is true once something was ended for it: from then on it cannot be cancelled.
	// Until that, TeardownUntil is when the request is dropped; zero for never.
	TeardownBegun bool      `json:"teardownBegun,omitempty"`
	TeardownUntil time.Time `json:"teardownUntil,omitzero"`
}

// MesosStatus is about the subscription.
type MesosStatus struct {
	// State is "subscribed", "connecting" or "stopped".
	State string `json:"state"`
	// Message says why there is no subscription, or "".
	Message string    `json:"message,omitempty"`
	Leader  string    `json:"leader,omitempty"`
	Version string    `json:"version,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	// Offers is "wanted" or "suppressed".
	Offers string `json:"offers"`
}

// SlotStatus is one place in the cluster and the task that fills it.
type SlotStatus struct {
	Slot string      `json:"slot"`
	Role config.Role `json:"role"`
	// State is one of "waiting", "staging", "starting", "serving", "killing", "unreachable".
	State string `json:"state"`
	// Confirmed is true when Mesos has said so since the last subscription; before that it is what was saved.
	Confirmed bool `json:"confirmed"`
	// UnconfirmedSince is since when nobody knows whether the task is still what it was: the loss
	// of the subscription, from 15 s after it on, or the start of this process. Absent while Mesos
	// answers for it. State then is what it was last.
	UnconfirmedSince time.Time `json:"unconfirmedSince,omitzero"`
	// NotAnsweringSince is when Alluxio last answered its executor, after which two probes in a row
	// were not answered; absent while it answers.
	NotAnsweringSince time.Time `json:"notAnsweringSince,omitzero"`
	TaskID            string    `json:"taskId,omitempty"`
	// ElectionState is what a serving master of several is: "leading" or "standby".
	ElectionState launch.ElectionState `json:"electionState,omitempty"`
	// Host is the slot's host name, also while it waits for that host; "" before its first placement.
	Host    string                     `json:"host,omitempty"`
	AgentID string                     `json:"agentId,omitempty"`
	Ports   map[config.PortName]uint16 `json:"ports,omitempty"`
	// Web is the address of the web pages of the Alluxio process, or "".
	Web string `json:"web,omitempty"`
	// Phase is what a starting task is at, and why one that serves does not answer.
	Phase string `json:"phase,omitempty"`
	// ServingSince is when it reported that it serves.
	ServingSince time.Time `json:"servingSince,omitzero"`
	// Restarts counts the tasks of this slot after its first.
	Restarts    int          `json:"restarts"`
	LastFailure *TaskFailure `json:"lastFailure,omitempty"`
	// NextLaunch is the end of the restart delay, if there is one.
	NextLaunch     time.Time `json:"nextLaunch,omitzero"`
	AlluxioVersion string    `json:"alluxioVersion,omitempty"`
	JavaVersion    string    `json:"javaVersion,omitempty"`
	// JournalFolder and Storage say where a master's journal and a worker's blocks really are.
	JournalFolder string `json:"journalFolder,omitempty"`
	Storage       string `json:"storage,omitempty"`
	// Volume is the persistent volume of the slot, also while it waits for it.
	Volume   *VolumeStatus `json:"volume,omitempty"`
	Warnings []string      `json:"warnings,omitempty"`
}

// Answers is true for a slot that is known to serve.
func (s *SlotStatus) Answers() bool {
	return s.State == "serving" && s.UnconfirmedSince.IsZero() && s.NotAnsweringSince.IsZero()
}

// VolumeStatus is a persistent volume of Mesos.
type VolumeStatus struct {
	// ID is its persistence ID in Mesos.
	ID   string  `json:"id"`
	Host string  `json:"host"`
	MB   float64 `json:"mb"`
}

// TaskFailure is how the last task of a slot ended.
type TaskFailure struct {
	// State is Mesos's, e.g. TASK_FAILED.
	State   string    `json:"state"`
	Message string    `json:"message"`
	Host    string    `json:"host,omitempty"`
	At      time.Time `json:"at"`
}

// RejectionStatus is why an agent's offer was not used for a role.
type RejectionStatus struct {
	Host    string      `json:"host"`
	AgentID string      `json:"agentId"`
	Role    config.Role `json:"role"`
	// Reason is a short stable word: one of the type Reason.
	Reason string `json:"reason"`
	// Message is one sentence with the numbers.
	Message string `json:"message"`
	// Hint is what would make it fit: an agent flag, a property, or "" when only time does.
	Hint string `json:"hint,omitempty"`
	// Since is when this reason was first given for this agent and role, Last when it was last.
	Since time.Time `json:"since"`
	Last  time.Time `json:"last"`
	// Count is how many offers it has refused.
	Count int `json:"count"`
}

// Rollout is a change of the settings on its way.
type Rollout struct {
	// Outdated are the slots whose tasks still run with older settings, in the order in which they are replaced.
	Outdated []string `json:"outdated"`
	// Waiting says what keeps the next replacement from beginning, or "".
	Waiting string `json:"waiting,omitempty"`
}

// Waiting is a slot, or a role with no slot yet, that should run and does not.
type Waiting struct {
	Slot string      `json:"slot"`
	Role config.Role `json:"role"`
	// Message is one sentence; Mend what would help, or "".
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}
