package offer

import (
	"fmt"
	"time"
)

// Field numbers of inverse offers. Mesos: v1/mesos.proto, v1/scheduler.proto.
const (
	eventInverseOffers, inverseOffersOffers = 9, 1

	inverseID, inverseAgentID, inverseUnavailability = 1, 4, 5
)

// Inverse is an inverse offer: it announces maintenance of an agent.
type Inverse struct {
	ID, AgentID string
	// Start is when; it may have passed.
	Start time.Time
}

// ReadInverse reads an INVERSE_OFFERS event: maintenance of a big cluster makes events of any size. What
// asks for the resources of all agents at once is left out; Mesos never does. The error wraps
// ErrMalformed.
func ReadInverse(event []byte) ([]Inverse, error) {
	b, err := nested(event, eventInverseOffers)
	if err != nil {
		return nil, err
	}
	var offers []Inverse
	c := cursor{b: b}
	for c.next() {
		if c.number != inverseOffersOffers {
			continue
		}
		var o Inverse
		if !c.is(wireBytes) || !inverse(&o, c.data()) {
			return nil, fmt.Errorf("inverse offer %d in an INVERSE_OFFERS event: %w", len(offers)+1, ErrMalformed)
		}
		if o.AgentID != "" {
			offers = append(offers, o)
		}
	}
	if c.err != nil {
		return nil, fmt.Errorf("INVERSE_OFFERS event: %w", c.err)
	}
	return offers, nil
}

// inverse reads one inverse offer; it must have an ID and a beginning.
func inverse(o *Inverse, b []byte) bool {
	var id, agent []byte
	c := cursor{b: b}
	for c.next() {
		switch c.number {
		case inverseID:
			id = c.follow(id, idValue)
		case inverseAgentID:
			agent = c.follow(agent, idValue)
		case inverseUnavailability:
			c.start(&o.Start)
		}
	}
	o.ID, o.AgentID = string(id), string(agent)
	return c.err == nil && len(id) > 0 && !o.Start.IsZero()
}
