package mesosmaster

import (
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

func TestEveryActionIsOneCall(t *testing.T) {
	t.Parallel()
	now, fiveMinutes, hour := 0.0, 300.0, 3600.0
	launched := launchOf(offer.Offer{ID: "o", AgentID: "a"}, "t")
	agent := &mesos.AgentID{Value: "a"}
	disk := []mesos.Resource{{Name: "disk", Type: mesos.SCALAR.Enum(), Scalar: &mesos.Value_Scalar{Value: 10}}}
	reserve := mesos.Offer_Operation{Type: mesos.Offer_Operation_RESERVE,
		Reserve: &mesos.Offer_Operation_Reserve{Resources: disk}}
	unreserve := mesos.Offer_Operation{Type: mesos.Offer_Operation_UNRESERVE,
		Unreserve: &mesos.Offer_Operation_Unreserve{Resources: disk}}
	for name, c := range map[string]struct {
		action cluster.Action
		want   *scheduler.Call
	}{
		"a launch wants the rest of the offer back at once": {launched, &scheduler.Call{
			Type: scheduler.Call_ACCEPT, Accept: &scheduler.Call_Accept{
				OfferIDs: []mesos.OfferID{{Value: "o"}}, Filters: &mesos.Filters{RefuseSeconds: &now},
				Operations: []mesos.Offer_Operation{
					{Type: mesos.Offer_Operation_LAUNCH, Launch: &mesos.Offer_Operation_Launch{TaskInfos: launched.Tasks}}},
			},
		}},
		"operations that make volumes go ahead of the " +
			"launch": {
			cluster.Launch{OfferID: "o", AgentID: "a", Before: []mesos.Offer_Operation{reserve}, Tasks: launched.Tasks},
			&scheduler.Call{
				Type: scheduler.Call_ACCEPT, Accept: &scheduler.Call_Accept{
					OfferIDs: []mesos.OfferID{{Value: "o"}}, Filters: &mesos.Filters{RefuseSeconds: &now},
					Operations: []mesos.Offer_Operation{reserve,
						{Type: mesos.Offer_Operation_LAUNCH, Launch: &mesos.Offer_Operation_Launch{TaskInfos: launched.Tasks}}},
				},
			}},
		"an offer is accepted to free what is in " +
			"it": {cluster.ReclaimVolumes{OfferID: "o", AgentID: "a", Operations: []mesos.Offer_Operation{unreserve}},
			&scheduler.Call{
				Type: scheduler.Call_ACCEPT, Accept: &scheduler.Call_Accept{
					OfferIDs: []mesos.OfferID{{Value: "o"}}, Filters: &mesos.Filters{RefuseSeconds: &now},
					Operations: []mesos.Offer_Operation{unreserve},
				},
			}},
		"all offers of a decline are in one call": {
			cluster.Decline{OfferIDs: []string{"o", "p"}, Refuse: time.Hour, Reason: "not wanted"}, &scheduler.Call{
				Type: scheduler.Call_DECLINE, Decline: &scheduler.Call_Decline{
					OfferIDs: []mesos.OfferID{{Value: "o"}, {Value: "p"}}, Filters: &mesos.Filters{RefuseSeconds: &hour},
				},
			},
		},
		"an inverse offer is accepted": {cluster.AcceptInverse{OfferID: "i", AgentID: "a", Reason: "nothing runs there"},
			&scheduler.Call{
				Type: scheduler.Call_ACCEPT_INVERSE_OFFERS, AcceptInverseOffers: &scheduler.Call_AcceptInverseOffers{
					InverseOfferIDs: []mesos.OfferID{{Value: "i"}}, Filters: &mesos.Filters{RefuseSeconds: &fiveMinutes},
				},
			}},
		"an inverse offer is declined until it is asked " +
			"again": {cluster.DeclineInverse{OfferID: "i", AgentID: "a", Refuse: time.Hour}, &scheduler.Call{
			Type: scheduler.Call_DECLINE_INVERSE_OFFERS, DeclineInverseOffers: &scheduler.Call_DeclineInverseOffers{
				InverseOfferIDs: []mesos.OfferID{{Value: "i"}}, Filters: &mesos.Filters{RefuseSeconds: &hour},
			},
		}},
		"a kill carries its grace": {cluster.Kill{TaskID: "t", AgentID: "a", Grace: 30 * time.Second}, &scheduler.Call{
			Type: scheduler.Call_KILL, Kill: &scheduler.Call_Kill{
				TaskID: mesos.TaskID{Value: "t"}, AgentID: agent,
				KillPolicy: &mesos.KillPolicy{GracePeriod: &mesos.DurationInfo{Nanoseconds: 30e9}},
			},
		}},
		"a kill without grace and agent leaves them to Mesos": {cluster.Kill{TaskID: "t"}, &scheduler.Call{
			Type: scheduler.Call_KILL, Kill: &scheduler.Call_Kill{TaskID: mesos.TaskID{Value: "t"}},
		}},
		"the end of an executor, which is called as its one task": {cluster.Shutdown{TaskID: "t", AgentID: "a"},
			&scheduler.Call{
				Type: scheduler.Call_SHUTDOWN, Shutdown: &scheduler.Call_Shutdown{ExecutorID: mesos.ExecutorID{Value: "t"},
					AgentID: *agent},
			}},
		"an acknowledgement": {cluster.Acknowledge{AgentID: "a", TaskID: "t", UUID: []byte("0123456789abcdef")},
			&scheduler.Call{
				Type: scheduler.Call_ACKNOWLEDGE, Acknowledge: &scheduler.Call_Acknowledge{
					AgentID: *agent, TaskID: mesos.TaskID{Value: "t"}, UUID: []byte("0123456789abcdef"),
				},
			}},
		"an update without UUID is not acknowledged": {cluster.Acknowledge{AgentID: "a", TaskID: "t"}, nil},
		"an explicit " +
			"reconciliation": {cluster.Reconcile{Tasks: []cluster.TaskRef{{TaskID: "t", AgentID: "a"}, {TaskID: "u"}}},
			&scheduler.Call{
				Type: scheduler.Call_RECONCILE, Reconcile: &scheduler.Call_Reconcile{Tasks: []scheduler.Call_Reconcile_Task{
					{TaskID: mesos.TaskID{Value: "t"}, AgentID: agent}, {TaskID: mesos.TaskID{Value: "u"}},
				}},
			}},
		"an implicit reconciliation names no task": {cluster.Reconcile{}, &scheduler.Call{
			Type: scheduler.Call_RECONCILE, Reconcile: &scheduler.Call_Reconcile{},
		}},
		"a message to the executor of a task": {cluster.SendMasterUpdate{AgentID: "a", TaskID: "t"}, &scheduler.Call{
			Type: scheduler.Call_MESSAGE, Message: &scheduler.Call_Message{
				AgentID: *agent, ExecutorID: mesos.ExecutorID{Value: "t"}, Data: cluster.SendMasterUpdate{}.Data(),
			},
		}},
		"an administration request to the executor of a master": {
			cluster.Administer{AgentID: "a", TaskID: "t", Slot: "alluxio-worker-0", Request: launch.AdminRequest{ID: "1"}},
			&scheduler.Call{Type: scheduler.Call_MESSAGE, Message: &scheduler.Call_Message{AgentID: *agent,
				ExecutorID: mesos.ExecutorID{Value: "t"}, Data: launch.AdminRequest{ID: "1"}.Encode()}}},
		"suppress": {cluster.Suppress{}, &scheduler.Call{Type: scheduler.Call_SUPPRESS}},
		"revive":   {cluster.Revive{Reason: "a slot waits"}, &scheduler.Call{Type: scheduler.Call_REVIVE}},
		"teardown": {cluster.Teardown{}, &scheduler.Call{Type: scheduler.Call_TEARDOWN}},
	} {
		got := callFor(c.action, "f")
		if c.want != nil {
			c.want.FrameworkID = &mesos.FrameworkID{Value: "f"}
		}
		if !got.Equal(c.want) && (got != nil || c.want != nil) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if got == nil {
			continue
		}
		b, err := marshal(got)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var back scheduler.Call
		if err := back.Unmarshal(b); err != nil || !back.Equal(got) {
			t.Errorf("%s: decoded again %+v, %v", name, back, err)
		}
	}
}

func TestWhatIsAboutOneAgentKeepsItsOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		action cluster.Action
		want   string
	}{
		"launch":                {launchOf(offer.Offer{ID: "o", AgentID: "a"}, "t"), "a"},
		"kill":                  {cluster.Kill{TaskID: "t", AgentID: "a"}, "a"},
		"shutdown":              {cluster.Shutdown{TaskID: "t", AgentID: "a"}, "a"},
		"message":               {cluster.SendMasterUpdate{TaskID: "t", AgentID: "a"}, "a"},
		"administration":        {cluster.Administer{TaskID: "t", AgentID: "a"}, "a"},
		"kill of unknown place": {cluster.Kill{TaskID: "t"}, "t"},
		"acknowledge":           {cluster.Acknowledge{TaskID: "t", AgentID: "a"}, "a"},
		"decline":               {cluster.Decline{OfferIDs: []string{"o"}}, ""},
		"accept inverse":        {cluster.AcceptInverse{OfferID: "i", AgentID: "a"}, ""},
		"decline inverse":       {cluster.DeclineInverse{OfferID: "i", AgentID: "a"}, ""},
		"suppress":              {cluster.Suppress{}, ""},
		"revive":                {cluster.Revive{}, ""},
		"reconcile":             {cluster.Reconcile{Tasks: []cluster.TaskRef{{TaskID: "t", AgentID: "a"}}}, ""},
		"teardown":              {cluster.Teardown{}, ""},
	} {
		if got := agentOf(c.action); got != c.want {
			t.Errorf("%s goes by %q, want %q", name, got, c.want)
		}
	}
}
