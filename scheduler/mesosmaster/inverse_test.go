package mesosmaster

import (
	"slices"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

func TestMaintenanceIsAnnouncedAndAnswered(t *testing.T) {
	t.Parallel()
	m := startFake(t, fakemesos.Options{})
	r := run(t, configFor(m.Addr()))
	next[cluster.Subscribed](r, nil)
	start := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	inverse := mesos.InverseOffer{OfferID: mesos.OfferID{Value: "i"}, FrameworkID: mesos.FrameworkID{Value: "f"},
		AgentID:        &mesos.AgentID{Value: "a"},
		Unavailability: mesos.Unavailability{Start: mesos.TimeInfo{Nanoseconds: start.UnixNano()}}}
	whole := inverse
	whole.AgentID = nil // of all agents at once: not for us
	m.Send(&scheduler.Event{Type: scheduler.Event_INVERSE_OFFERS,
		InverseOffers: &scheduler.Event_InverseOffers{InverseOffers: []mesos.InverseOffer{whole, inverse}}})
	want := []offer.Inverse{{ID: "i", AgentID: "a", Start: start}}
	if e := next[cluster.InverseOffered](r, nil); e.Subscription != 1 || !slices.Equal(e.Offers, want) {
		t.Errorf("%+v", e)
	}
	m.Send(&scheduler.Event{Type: scheduler.Event_RESCIND_INVERSE_OFFER,
		RescindInverseOffer: &scheduler.Event_RescindInverseOffer{InverseOfferID: mesos.OfferID{Value: "i"}}})
	if e := next[cluster.InverseRescinded](r, nil); e != (cluster.InverseRescinded{Subscription: 1, OfferID: "i"}) {
		t.Errorf("%+v", e)
	}
}
