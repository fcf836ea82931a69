package cluster

import (
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// Event is a fact that came in. Apply does the bookkeeping for it; it cannot fail.
//
// An event that belongs to a subscription carries its number. Events of an older subscription are
// dropped, else offers from before a re-subscription would be accepted.
type Event interface{ event() }

// MesosMaster is the leading Mesos master as the client reached it.
type MesosMaster struct {
	// Address is host:port.
	Address string `json:"address"`
	Version string `json:"version"`
}

// Subscribed says that Mesos has accepted a subscription. Numbers grow by one within a process,
// beginning at 1.
type Subscribed struct {
	Subscription uint64
	FrameworkID  string
	Master       MesosMaster
}

// Disconnected says that there is no subscription (any more), and why. Each attempt that fails
// sends it with Subscription 0.
type Disconnected struct {
	Subscription uint64
	Reason       string
}

// Offered brings the offers of one OFFERS event.
type Offered struct {
	Subscription uint64
	Offers       []offer.Offer
}

// Rescinded says that an offer is void.
type Rescinded struct {
	Subscription uint64
	OfferID      string
}

// InverseOffered brings the inverse offers of one INVERSE_OFFERS event: agents with tasks of ours
// that go into maintenance.
type InverseOffered struct {
	Subscription uint64
	Offers       []offer.Inverse
}

// InverseRescinded says that an inverse offer is void: the maintenance was cancelled, or has changed.
type InverseRescinded struct {
	Subscription uint64
	OfferID      string
}

// Updated brings a task status. Status is never modified.
type Updated struct {
	Subscription uint64
	Status       *mesos.TaskStatus
}

// Administered brings the answer to an AdminRequest.
type Administered struct {
	Subscription uint64
	Answer       launch.AdminAnswer
}

// AgentLost says that Mesos removed an agent and everything that ran there (FAILURE with an agent only).
type AgentLost struct {
	Subscription uint64
	AgentID      string
}

// Failed is Mesos's ERROR event: the subscription is over, or never began (Subscription 0). Message
// is Mesos's own.
type Failed struct {
	Subscription uint64
	Message      string
	// Removed is true when Mesos says that it has removed the framework, which it never takes back.
	Removed bool
}

// CallFailed says that Mesos did not answer an action with 202; it may have arrived all the same.
type CallFailed struct {
	Subscription uint64
	Action       Action
	Reason       string
}

// CallAccepted says that Mesos answered a Launch, a Reconcile of everything, or a Teardown with
// 202. Before that the tasks of a launch are not reconciled: the question could overtake the call.
type CallAccepted struct {
	Subscription uint64
	Action       Action
}

// Woke says that time has passed. Every cycle begins with it.
type Woke struct{}

// Reconfigured brings new settings, which CheckSettings has accepted.
type Reconfigured struct{ Settings *config.Settings }

// TeardownRequested asks to end the cluster: workers, then masters, then the framework itself. The files
// of workers are persisted before.
type TeardownRequested struct {
	// Unpersisted is the operator's word for files that are in workers only: with config.LoseUnpersisted
	// workers end at once, with config.PersistUnpersisted also files of MUST_CACHE are persisted. "" is as
	// the settings say.
	Unpersisted config.Unpersisted
	// Until is when the request is dropped unless it has begun; zero for never.
	Until time.Time
}

func (Subscribed) event()        {}
func (Disconnected) event()      {}
func (Offered) event()           {}
func (Rescinded) event()         {}
func (InverseOffered) event()    {}
func (InverseRescinded) event()  {}
func (Updated) event()           {}
func (Administered) event()      {}
func (AgentLost) event()         {}
func (Failed) event()            {}
func (CallFailed) event()        {}
func (CallAccepted) event()      {}
func (Reconfigured) event()      {}
func (TeardownRequested) event() {}
func (Woke) event()              {}
