package mesosmaster

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// Field numbers of the messages that are read without decoding. Mesos: v1/mesos.proto, v1/scheduler.proto.
const (
	eventType, eventOffers, offersOffers = 1, 3, 1

	offerID, offerAgentID, offerHostname, offerResources, offerURL, offerUnavailability = 1, 3, 4, 5, 8, 9

	idValue, urlAddress, addressIP, unavailabilityStart, timeNanoseconds = 1, 2, 2, 1, 1

	resourceName, resourceScalar, resourceRanges, resourceRole, resourceDisk, resourceRevocable, resourceShared = 1, 3, 4, 6, 7, 9, 10
	resourceReservations                                                                                        = 13

	scalarValue, rangesRange, rangeBegin, rangeEnd, reservationRole, diskPersistence, persistenceID = 1, 1, 1, 2, 3, 1, 1
)

// offersReader turns the bytes of an OFFERS event into cluster.Offers: a handful of allocations for an event, none for an offer. All
// names of one event share one string and all ports one array, so that whoever keeps a name for long should clone it.
type offersReader struct {
	// roles are the MesosRoles whose reserved resources count besides the unreserved ones.
	roles []string

	// names and spans are scratch: the names of all offers in a row, and where each ends.
	names []byte
	spans []span
}

// span is where one offer's names and ports end in what all offers share.
type span struct{ id, agent, host, ip, ports int }

// read reads the Offers message of an event. The offers alias b.
func (r *offersReader) read(b []byte) ([]cluster.Offer, error) {
	count := 0
	c := cursor{b: b}
	for c.next() {
		if c.number == offersOffers && c.is(wireBytes) {
			count++
		}
	}
	if c.err != nil {
		return nil, fmt.Errorf("OFFERS event: %w", c.err)
	}
	const usual = 128 // bytes of an offer's names: growing by doubling would cost as much as reading
	r.names, r.spans = slices.Grow(r.names[:0], usual*count), slices.Grow(r.spans[:0], count)
	offers := make([]cluster.Offer, 0, count)
	ports := make([]cluster.PortRange, 0, 2*count)
	for c = (cursor{b: b}); c.next(); {
		if c.number != offersOffers {
			continue
		}
		offer := cluster.Offer{Wire: c.data}
		var ok bool
		if ports, ok = r.offer(&offer, ports); !ok {
			return nil, fmt.Errorf("offer %d of %d in an OFFERS event: %w", len(offers)+1, count, errMalformed)
		}
		offers = append(offers, offer)
	}
	r.share(offers, ports)
	const keep = 1 << 20
	if cap(r.names) > keep {
		r.names, r.spans = nil, nil
	}
	return offers, nil
}

// share cuts the names and ports of all offers out of what they share.
func (r *offersReader) share(offers []cluster.Offer, ports []cluster.PortRange) {
	names := string(r.names)
	var from span
	for i, to := range r.spans {
		o := &offers[i]
		o.ID, o.AgentID = names[from.ip:to.id], names[to.id:to.agent]
		o.Host, o.IP = names[to.agent:to.host], names[to.host:to.ip]
		o.Ports = ports[from.ports:to.ports:to.ports]
		from = to
	}
}

// offer reads the offer whose bytes are o.Wire; its ports go to the end of ports.
func (r *offersReader) offer(o *cluster.Offer, ports []cluster.PortRange) ([]cluster.PortRange, bool) {
	var id, agent, host, ip []byte
	first := len(ports)
	ok := true
	c := cursor{b: o.Wire}
	for ok && c.next() {
		switch c.number {
		case offerID:
			ok = c.is(wireBytes) && assign(&id, c.data, idValue)
		case offerAgentID:
			ok = c.is(wireBytes) && assign(&agent, c.data, idValue)
		case offerHostname:
			ok, host = c.is(wireBytes), c.data
		case offerResources:
			ok = c.is(wireBytes)
			if ok {
				ports, ok = r.resource(o, c.data, ports)
			}
		case offerURL:
			ok = c.is(wireBytes) && assign(&ip, c.data, urlAddress, addressIP)
		case offerUnavailability:
			ok = c.is(wireBytes) && start(&o.Unavailable, c.data)
		}
	}
	if !ok || c.err != nil || len(id) == 0 || len(agent) == 0 {
		return ports, false
	}
	o.CPUs, o.MemMB, o.DiskMB = round(o.CPUs), round(o.MemMB), round(o.DiskMB)
	ports = ports[:first+merge(ports[first:])]
	s := span{ports: len(ports)}
	r.names = append(r.names, id...)
	s.id = len(r.names)
	r.names = append(r.names, agent...)
	s.agent = len(r.names)
	r.names = append(r.names, host...)
	s.host = len(r.names)
	r.names = append(r.names, ip...)
	s.ip = len(r.names)
	r.spans = append(r.spans, s)
	return ports, true
}

// assign follows path through nested messages and sets to to the bytes at its end, if there are any. What comes several times is
// merged as protobuf does.
func assign(to *[]byte, b []byte, path ...int32) bool {
	c := cursor{b: b}
	for c.next() {
		if c.number != path[0] {
			continue
		}
		if !c.is(wireBytes) {
			return false
		}
		if len(path) == 1 {
			*to = c.data
		} else if !assign(to, c.data, path[1:]...) {
			return false
		}
	}
	return c.err == nil
}

// start reads the beginning of an Unavailability.
func start(to *time.Time, b []byte) bool {
	c := cursor{b: b}
	for c.next() {
		if c.number != unavailabilityStart {
			continue
		}
		if !c.is(wireBytes) {
			return false
		}
		t := cursor{b: c.data}
		for t.next() {
			if t.number == timeNanoseconds && t.is(wireVarint) {
				*to = time.Unix(0, int64(t.value)).UTC()
			}
		}
		if t.err != nil {
			return false
		}
	}
	return c.err == nil
}

// round drops what sums of binary fractions add: Mesos's scalars have three decimals. Mesos: attributes-resources.md, "Scalars".
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
