package mesosmaster

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
	"unsafe"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// Field numbers of the messages that are read without decoding. Mesos: v1/mesos.proto, v1/scheduler.proto.
const (
	eventType, eventOffers, offersOffers = 1, 3, 1

	offerID, offerAgentID, offerHostname, offerResources, offerURL, offerUnavailability = 1, 3, 4, 5, 8, 9

	idValue, urlAddress, addressIP, unavailabilityStart, timeNanoseconds = 1, 2, 2, 1, 1

	resourceName, resourceScalar, resourceRanges, resourceRole, resourceDisk, resourceRevocable, resourceShared = 1, 3, 4,
		6, 7, 9, 10
	resourceReservations = 13

	scalarValue, rangesRange, rangeBegin, rangeEnd, reservationRole, diskPersistence, persistenceID = 1, 1, 1, 2, 3, 1, 1
)

// offersReader turns the bytes of an OFFERS event into cluster.Offers: a handful of allocations for
// an event, none for an offer. The texts of an offer are parts of these bytes, and all ports are in
// one array, so that whoever keeps a text for long should clone it.
type offersReader struct {
	// roles are the MesosRoles whose reserved resources count besides the unreserved ones.
	roles []string
}

const (
	// shortestOffer is the size in bytes of an offer with an ID and an agent of one letter.
	shortestOffer = 10
	// maxOffers bounds the offers of one event: ten times those of 50,000 agents.
	maxOffers = 500_000
)

// read reads the Offers message of an event. The offers alias b, which nobody may change any more.
// What cannot be an event of Mesos is refused before memory is taken for its offers: each takes 200
// bytes, be it as short as it may.
func (r *offersReader) read(b []byte) ([]cluster.Offer, error) {
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
	offers, ports := make([]cluster.Offer, count), make([]cluster.PortRange, 0, usual*count)
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
	return fmt.Errorf("offer %d in an OFFERS event has %d bytes, too few for an ID: %w", n, size, errMalformed)
}

// offer reads the offer whose bytes are b; its ports go to the end of ports.
func (r *offersReader) offer(o *cluster.Offer, b []byte, ports []cluster.PortRange) ([]cluster.PortRange, error) {
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
	o.ID, o.AgentID, o.Host, o.IP, o.Wire = text(id), text(agent), text(host), text(ip), b
	o.CPUs, o.MemMB, o.DiskMB = round(o.CPUs), round(o.MemMB), round(o.DiskMB)
	ports = ports[:first+merge(ports[first:])]
	o.Ports = ports[first:len(ports):len(ports)]
	return ports, c.err
}

// text is b as a string, without a copy.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

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

// round drops what sums of binary fractions add: Mesos's scalars have three decimals. Mesos:
// attributes-resources.md, "Scalars".
func round(v float64) float64 { return math.Round(v*1000) / 1000 }

// merge sorts ranges and joins those that touch, in place, and returns how many are left.
func merge(p []cluster.PortRange) int {
	if len(p) < 2 {
		return len(p)
	}
	slices.SortFunc(p, func(a, b cluster.PortRange) int { return cmp.Compare(a.Begin, b.Begin) })
	last := 0
	for _, next := range p[1:] {
		if int(next.Begin) <= int(p[last].End)+1 {
			p[last].End = max(p[last].End, next.End)
			continue
		}
		last++
		p[last] = next
	}
	return last + 1
}
