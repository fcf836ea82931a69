package mesosmaster

import (
	"fmt"
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler/calls"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// acceptedFor is how long Mesos does not ask again about an inverse offer that was accepted.
const acceptedFor = 5 * time.Minute

// callFor is the call of an action; nil when there is nothing to tell Mesos.
func callFor(a cluster.Action, frameworkID string) *scheduler.Call {
	call := bareCall(a)
	if call != nil {
		call.FrameworkID = &mesos.FrameworkID{Value: frameworkID}
	}
	return call
}

func bareCall(a cluster.Action) *scheduler.Call {
	switch a := a.(type) {
	case cluster.Launch:
		call := calls.Accept(append(slices.Clone(calls.OfferOperations(a.Before)),
			calls.OpLaunch(a.Tasks...)).WithOffers(mesos.OfferID{Value: a.OfferID}))
		// What the tasks leave of the offer comes back at once: only the core knows whether another
		// role wants it, and it declines what nobody wants for as long as it knows. Mesos's default
		// would be 5 s.
		return call.With(calls.RefuseSeconds(0))
	case cluster.ReclaimVolumes:
		return calls.Accept(calls.OfferOperations(a.Operations).WithOffers(mesos.OfferID{Value: a.OfferID})).With(
			calls.RefuseSeconds(0))
	case cluster.Decline:
		ids := make([]mesos.OfferID, len(a.OfferIDs))
		for i, id := range a.OfferIDs {
			ids[i].Value = id
		}
		return calls.Decline(ids...).With(calls.RefuseSeconds(a.Refuse))
	case cluster.AcceptInverse:
		return calls.AcceptInverseOffers(mesos.OfferID{Value: a.OfferID}).With(calls.RefuseSeconds(acceptedFor))
	case cluster.DeclineInverse:
		return calls.DeclineInverseOffers(mesos.OfferID{Value: a.OfferID}).With(calls.RefuseSeconds(a.Refuse))
	case cluster.Kill:
		call := calls.Kill(a.TaskID, a.AgentID)
		if a.Grace > 0 {
			call.Kill.KillPolicy = &mesos.KillPolicy{GracePeriod: &mesos.DurationInfo{Nanoseconds: a.Grace.Nanoseconds()}}
		}
		return call
	case cluster.Shutdown:
		return calls.Shutdown(a.TaskID, a.AgentID)
	case cluster.SendMasterUpdate:
		return calls.Message(a.AgentID, a.TaskID, a.Data())
	case cluster.Administer:
		return calls.Message(a.AgentID, a.TaskID, a.Request.Encode())
	case cluster.Acknowledge:
		if len(a.UUID) == 0 { // from reconciliation: Mesos expects no acknowledgement and answers 400 to one
			return nil
		}
		return calls.Acknowledge(a.AgentID, a.TaskID, a.UUID)
	case cluster.Reconcile:
		call := calls.Reconcile()
		for _, t := range a.Tasks {
			task := scheduler.Call_Reconcile_Task{TaskID: mesos.TaskID{Value: t.TaskID}}
			if t.AgentID != "" {
				task.AgentID = &mesos.AgentID{Value: t.AgentID}
			}
			call.Reconcile.Tasks = append(call.Reconcile.Tasks, task)
		}
		return call
	case cluster.Suppress:
		return calls.Suppress()
	case cluster.Revive:
		return calls.Revive()
	case cluster.Teardown:
		return &scheduler.Call{Type: scheduler.Call_TEARDOWN}
	}
	return nil
}

// agentOf is the agent whose tasks or offer an action is about; "" for actions that leave in order
// among each other. All that is about one task or offer is about one agent, so order per agent is
// enough.
func agentOf(a cluster.Action) string {
	switch a := a.(type) {
	case cluster.Launch:
		return a.AgentID
	case cluster.ReclaimVolumes:
		return a.AgentID
	case cluster.Kill:
		if a.AgentID == "" {
			return a.TaskID
		}
		return a.AgentID
	case cluster.Shutdown:
		return a.AgentID
	case cluster.SendMasterUpdate:
		return a.AgentID
	case cluster.Administer:
		return a.AgentID
	case cluster.Acknowledge:
		return a.AgentID
	}
	return ""
}

// marshal encodes a call. mesos-go panics on some messages that lack what is required.
func marshal(call *scheduler.Call) (b []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			b, err = nil, fmt.Errorf("encode %s: %v", call.Type, p)
		}
	}()
	if b, err = call.Marshal(); err != nil {
		return nil, fmt.Errorf("encode %s: %w", call.Type, err)
	}
	return b, nil
}
