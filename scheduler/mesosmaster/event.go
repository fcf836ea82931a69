package mesosmaster

import (
	"errors"
	"fmt"
	"time"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// maxDecoded bounds the events that mesos-go decodes: 1 MiB. Its generated code descends one call
// per byte into a hostile message of nested groups, and a stack of more than a gigabyte ends the
// process, whatever recovers. Real events, OFFERS apart, have kilobytes.
const maxDecoded = 1 << 20

// subscribed is a SUBSCRIBED event.
type subscribed struct {
	frameworkID string
	// heartbeat is the interval that Mesos announces, or 0.
	heartbeat time.Duration
}

// decoder turns frames into events.
type decoder struct {
	offers *offer.Reader
}

// decoded is what a frame holds: one of its fields, or nothing for an event that is not for us.
type decoded struct {
	subscribed *subscribed
	// failed is the message of an ERROR event.
	failed *string
	// event lacks nothing; keeps tells that it aliases the frame.
	event cluster.Event
	keeps bool
}

// decode reads the frame of one event that belongs to a subscription. Hostile bytes are an error.
func (d *decoder) decode(frame []byte, subscription uint64) (result decoded, err error) {
	kind, err := offer.EventType(frame)
	if err != nil {
		return decoded{}, err
	}
	switch kind {
	case scheduler.Event_OFFERS:
		offers, err := d.offers.Offers(frame)
		return decoded{event: cluster.Offered{Subscription: subscription, Offers: offers}, keeps: true}, err
	case scheduler.Event_INVERSE_OFFERS:
		offers, err := offer.ReadInverse(frame)
		return decoded{event: cluster.InverseOffered{Subscription: subscription, Offers: offers}}, err
	case scheduler.Event_SUBSCRIBED, scheduler.Event_RESCIND, scheduler.Event_RESCIND_INVERSE_OFFER,
		scheduler.Event_UPDATE, scheduler.Event_MESSAGE, scheduler.Event_FAILURE, scheduler.Event_ERROR:
		e, err := unmarshal(frame, kind)
		if err != nil {
			return decoded{}, err
		}
		return translateEvent(e, subscription)
	}
	return decoded{}, nil // heartbeats; operations, which nobody asked for
}

// unmarshal decodes an event with mesos-go, whose generated code panics on some hostile bytes.
func unmarshal(frame []byte, kind scheduler.Event_Type) (e *scheduler.Event, err error) {
	if len(frame) > maxDecoded {
		return nil, fmt.Errorf("%s event of %d bytes, more than the limit of %d", kind, len(frame), maxDecoded)
	}
	defer func() {
		if p := recover(); p != nil {
			e, err = nil, fmt.Errorf("%s event: %w: %v", kind, offer.ErrMalformed, p)
		}
	}()
	e = new(scheduler.Event)
	if err := e.Unmarshal(frame); err != nil {
		return nil, fmt.Errorf("%s event: %w", kind, err)
	}
	return e, nil
}

// errNoBody is an event of a type without the message of that type.
var errNoBody = errors.New("the event has no body")

func translateEvent(e *scheduler.Event, subscription uint64) (decoded, error) {
	switch {
	case e.Type == scheduler.Event_SUBSCRIBED && e.Subscribed.GetFrameworkID().GetValue() != "":
		heartbeat := e.Subscribed.GetHeartbeatIntervalSeconds()
		if !(heartbeat > 0 && heartbeat <= maxHeartbeat.Seconds()) {
			heartbeat = 0
		}
		return decoded{subscribed: &subscribed{e.Subscribed.FrameworkID.Value,
			time.Duration(heartbeat * float64(time.Second))}}, nil
	case e.Type == scheduler.Event_RESCIND && e.Rescind != nil:
		return decoded{event: cluster.Rescinded{Subscription: subscription, OfferID: e.Rescind.OfferID.Value}}, nil
	case e.Type == scheduler.Event_RESCIND_INVERSE_OFFER && e.RescindInverseOffer != nil:
		return decoded{event: cluster.InverseRescinded{Subscription: subscription,
			OfferID: e.RescindInverseOffer.InverseOfferID.Value}}, nil
	case e.Type == scheduler.Event_UPDATE && e.Update != nil:
		return decoded{event: cluster.Updated{Subscription: subscription, Status: &e.Update.Status}}, nil
	case e.Type == scheduler.Event_MESSAGE && e.Message != nil:
		if answer, err := launch.DecodeAdminAnswer(e.Message.Data); err == nil {
			return decoded{event: cluster.Administered{Subscription: subscription, Answer: answer}}, nil
		}
		return decoded{}, nil // of an executor of another version: what it says is not for us
	case e.Type == scheduler.Event_FAILURE && e.Failure != nil:
		if e.Failure.AgentID == nil || e.Failure.ExecutorID != nil {
			return decoded{}, nil // an executor ended; its tasks' updates say so
		}
		return decoded{event: cluster.AgentLost{Subscription: subscription, AgentID: e.Failure.AgentID.Value}}, nil
	case e.Type == scheduler.Event_ERROR && e.Error != nil:
		return decoded{failed: &e.Error.Message}, nil
	}
	return decoded{}, fmt.Errorf("%s event: %w", e.Type, errNoBody)
}
