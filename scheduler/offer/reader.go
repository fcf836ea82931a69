package offer

import (
	"fmt"
	"time"
	"unsafe"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// Field numbers of the messages that are read without decoding. Mesos: v1/mesos.proto, v1/scheduler.proto.
const (
	eventType, eventOffers, offersOffers = 1, 3, 1

	offerID, offerAgentID, offerHostname, offerResources, offerAttributes = 1, 3, 4, 5, 7
	offerURL, offerUnavailability, offerDomain                            = 8, 9, 11

	idValue, urlAddress, addressIP, unavailabilityStart, timeNanoseconds = 1, 2, 2, 1, 1

	resourceName, resourceScalar, resourceRanges, resourceRole, resourceDisk, resourceRevocable, resourceShared = 1, 3, 4,
		6, 7, 9, 10
	resourceReservations = 13

	scalarValue, rangesRange, rangeBegin, rangeEnd, reservationRole, diskPersistence, persistenceID = 1, 1, 1, 2, 3, 1, 1
)

// Reader turns the bytes of OFFERS events into Offers: a handful of allocations for an event, none for
// an offer. It is not safe for use by several goroutines.
type Reader struct {
	roles []string
	// names are the host names and agent IDs that were read: each is one string in all events, so that
	// whoever keeps one does not keep the bytes of its event.
	names map[string]string
}

// NewReader makes a Reader that counts the unreserved resources, and those that are reserved for one of
// these roles of Mesos or for a parent of one.
func NewReader(roles []string) *Reader { return &Reader{roles: roles, names: map[string]string{}} }

const (
	// shortestOffer is the size in bytes of an offer with an ID and an agent of one letter.
	shortestOffer = 10
	// maxOffers bounds the offers of one event: ten times those of 50,000 agents.
	maxOffers = 500_000
	// maxNames bounds Reader.names: those of 100,000 agents. Beyond it they are forgotten, and read again.
	// longestName, in bytes, is of a host name of DNS.
	maxNames, longestName = 200_000, 255
)

// EventType reads the type of an event of a subscription.
func EventType(event []byte) (scheduler.Event_Type, error) {
	kind := scheduler.Event_UNKNOWN
	c := cursor{b: event}
	for c.next() {
		if c.number == eventType && c.is(wireVarint) {
			kind = scheduler.Event_Type(c.value)
		}
	}
	if c.err != nil {
		return kind, fmt.Errorf("event of %d bytes: %w", len(event), c.err)
	}
	return kind, nil
}

// Offers reads an OFFERS event. The offers share its bytes, which nobody may change any more. What
// cannot be an event of Mesos is refused before memory is taken for its offers: each takes 200 bytes,
// be it as short as it may. The error wraps ErrMalformed, or names the bound.
func (r *Reader) Offers(event []byte) ([]Offer, error) {
	b, err := nested(event, eventOffers)
	if err != nil {
		return nil, err
	}
	count := 0
	c := cursor{b: b}
	for c.next() {
		if c.number != offersOffers || !c.is(wireBytes) {
			continue
		}
		if count++; c.end-c.begin < shortestOffer || count > maxOffers {
			return nil, badOffer(count, c.end-c.begin)
		}
	}
	if c.err != nil {
		return nil, fmt.Errorf("OFFERS event: %w", c.err)
	}
	const usual = 4 // ranges of an agent's ports
	offers, ports := make([]Offer, count), make(Ports, 0, usual*count)
	read := 0
	for c = (cursor{b: b}); c.next(); {
		if c.number != offersOffers {
			continue
		}
		var err error
		if ports, err = r.offer(&offers[read], c.data(), ports); err != nil {
			return nil, fmt.Errorf("offer %d of %d in an OFFERS event: %w", read+1, count, err)
		}
		read++
	}
	return offers, nil
}

// badOffer is why an event is refused at offer number n of size bytes.
func badOffer(n, size int) error {
	if n > maxOffers {
		return fmt.Errorf("OFFERS event with more than %d offers", maxOffers)
	}
	return fmt.Errorf("offer %d in an OFFERS event has %d bytes, too few for an ID: %w", n, size, ErrMalformed)
}

// offer reads the offer whose bytes are b; its ports go to the end of ports.
func (r *Reader) offer(o *Offer, b []byte, ports Ports) (Ports, error) {
	var id, agent, host, ip []byte
	first := len(ports)
	c := cursor{b: b}
	for c.next() {
		switch c.number {
		case offerID:
			id = c.follow(id, idValue)
		case offerAgentID:
			agent = c.follow(agent, idValue)
		case offerHostname:
			host = c.follow(host)
		case offerResources:
			ports = r.resource(o, &c, ports)
		case offerURL:
			ip = c.follow(ip, urlAddress, addressIP)
		case offerUnavailability:
			c.start(&o.Unavailable)
		}
	}
	if len(id) == 0 || len(agent) == 0 {
		c.fail()
	}
	o.ID, o.AgentID, o.Host, o.IP, o.Wire = text(id), r.name(agent), r.name(host), text(ip), b
	o.CPUs, o.MemMB, o.DiskMB = Round(o.CPUs), Round(o.MemMB), Round(o.DiskMB)
	ports = ports[:first+len(ports[first:].Merged())]
	o.Ports = ports[first:len(ports):len(ports)]
	return ports, c.err
}

// text is b as a string, without a copy.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// name is b as a string that every event shares.
func (r *Reader) name(b []byte) string {
	if known, ok := r.names[string(b)]; ok { // the compiler makes no string for this
		return known
	}
	name := string(b)
	if len(name) > longestName {
		return name
	}
	if len(r.names) >= maxNames {
		clear(r.names)
	}
	r.names[name] = name
	return name
}

// start reads the beginning of the Unavailability that c is at.
func (c *cursor) start(to *time.Time) {
	in := c.inside()
	for in.next() {
		if in.number != unavailabilityStart {
			continue
		}
		t := in.inside()
		for t.next() {
			if t.number == timeNanoseconds && t.is(wireVarint) {
				*to = time.Unix(0, int64(t.value)).UTC()
			}
		}
		in.adopt(&t)
	}
	c.adopt(&in)
}
