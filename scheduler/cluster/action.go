package cluster

import (
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Action is an intent: one call to Mesos. It leaves the process only after its cycle was saved, and
// may be lost; reconciliation heals that. String is one readable line, the same in transcripts,
// logs and the API.
type Action interface {
	String() string
}

// Launch accepts one offer for one or more tasks on its agent. Before are the operations that make
// their volumes, in the same call.
type Launch struct {
	OfferID, AgentID, Host string
	Before                 []mesos.Offer_Operation
	Tasks                  []mesos.TaskInfo
}

// Decline gives offers back for a time.
type Decline struct {
	OfferIDs []string
	// Refuse is how long Mesos keeps the same resources away from us.
	Refuse time.Duration
	// Reason is for people.
	Reason string
}

// AcceptInverse tells Mesos that no task of ours runs on an agent when its maintenance begins.
type AcceptInverse struct {
	OfferID, AgentID string
	// Reason is for people.
	Reason string
}

// DeclineInverse tells Mesos that a task of ours cannot leave an agent before its maintenance.
// Mesos makes the inverse offer again after Refuse.
type DeclineInverse struct {
	OfferID, AgentID string
	Refuse           time.Duration
	// Reason is for people.
	Reason string
}

// Kill asks Mesos to stop a task. It is sent again until a terminal state comes.
type Kill struct {
	TaskID, AgentID string
	Grace           time.Duration
	Reason          string
}

// Shutdown asks Mesos to end the executor of a task that does not end: the agent destroys the
// container when its grace period is over. It is sent again with every Kill until a terminal state
// comes.
type Shutdown struct {
	TaskID, AgentID string
}

// Acknowledge confirms a status update that has been saved.
type Acknowledge struct {
	AgentID, TaskID string
	UUID            []byte
}

// SendMasterUpdate sends the executor of a task the addresses of the Alluxio masters. Mesos may
// lose the message.
type SendMasterUpdate struct {
	TaskID, AgentID string
	Masters         []launch.Address
}

// Data is the message.
func (a SendMasterUpdate) Data() []byte { return launch.MasterUpdate{Masters: a.Masters}.Encode() }

// Administer asks the executor of the leading Alluxio master for a step of the planned end of a slot's
// task, or for a backup. Mesos may lose the message.
type Administer struct {
	// TaskID and AgentID are those of the master.
	TaskID, AgentID string
	// Slot is the slot whose task ends, "" for a backup.
	Slot    string
	Request launch.AdminRequest
}

// TaskRef names a task for Reconcile.
type TaskRef struct{ TaskID, AgentID string }

// Reconcile asks for the state of Tasks, or of every task when there are none (implicit).
type Reconcile struct{ Tasks []TaskRef }

// Suppress asks for no more offers.
type Suppress struct{}

// Revive asks for offers again and clears all filters.
type Revive struct{ Reason string }

// Teardown removes the framework from Mesos. It is the last action for a framework ID.
type Teardown struct{}
