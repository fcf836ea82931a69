package cluster

import (
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

func TestFrameworkWakesWhenMaintenanceCountsAsCancelled(t *testing.T) {
	t.Parallel()
	s := stateWith(t, testSettings(0))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "a", nil)}}, epoch)
	s.Commit(s.Decide(epoch), epoch)
	s.Apply(Updated{Subscription: 1, Status: statusOf("alluxio-master-0.1", "TASK_RUNNING", "agent-a", "", []byte{1})},
		epoch)
	s.slots.byName["alluxio-master-0"].Task.Report.JournalFormatted = "a:default:f1"
	s.noteJournal(&s.slots.byName["alluxio-master-0"].Task.Report, epoch)
	announced := []offer.Inverse{{ID: "i1", AgentID: "agent-a", Start: epoch.Add(10 * time.Minute)}}
	s.Apply(InverseOffered{Subscription: 1, Offers: announced}, epoch)
	d := s.Decide(epoch)
	s.Commit(d, epoch)
	at := epoch.Add(refuseMaintained + maintenanceGrace)
	if s.slots.byName["alluxio-master-0"].MaintenanceStart.IsZero() || d.WakeAt.After(at) {
		t.Fatalf("it decides %v and wakes at %s", d.Actions, d.WakeAt)
	}
	s.Apply(Woke{}, at)
	if s.Commit(s.Decide(at), at); !s.slots.byName["alluxio-master-0"].MaintenanceStart.IsZero() {
		t.Error("the master still leaves")
	}
}
