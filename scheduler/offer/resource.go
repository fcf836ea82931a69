package offer

import (
	"math"

	"github.com/alluxio/alluxio-mesos/config"
)

// resource adds the resource that c is at to an offer, if it is one that a match reads and that we
// may use: not revocable, not shared, unreserved or reserved to one of our roles or one above.
// Persistent volumes are listed, whoever's they are: the core knows its own.
func (r *Reader) resource(o *Offer, c *cursor, ports Ports) Ports {
	var name, role, refined, volume []byte
	var scalar float64
	first, usable, plain := len(ports), true, true
	in := c.inside()
	for in.next() {
		switch in.number {
		case resourceName:
			name = in.follow(name)
		case resourceScalar:
			scalar = in.double(scalar)
		case resourceRanges:
			ports = in.ports(ports)
		case resourceRole: // before reservation refinement
			role = in.follow(role)
		case resourceReservations: // the last of the stack is the current one
			refined = in.follow(nobody, reservationRole)
		case resourceDisk:
			plain = false
			volume = in.follow(volume, diskPersistence)
		case resourceRevocable, resourceShared:
			in.is(wireBytes)
			usable = false
		}
	}
	c.adopt(&in)
	if refined != nil {
		role = refined
	}
	usable = usable && r.ours(role)
	if usable && volume != nil {
		usable = false
		if string(name) == "disk" {
			c.volume(o, volume, scalar)
		}
	}
	if !usable || string(name) != "ports" {
		ports = ports[:first]
	}
	switch {
	case !usable:
	case string(name) == "cpus":
		o.CPUs += scalar
	case string(name) == "mem":
		o.MemMB += scalar
	case string(name) == "disk" && plain: // a volume is made of one piece
		o.DiskMB = max(o.DiskMB, scalar)
	}
	return ports
}

// volume adds a persistent volume to an offer. These are rare, and the only thing of an offer that costs allocations.
func (c *cursor) volume(o *Offer, persistence []byte, size float64) {
	id, err := nested(persistence, persistenceID)
	if err != nil {
		c.fail()
	}
	o.Volumes = append(o.Volumes, Volume{ID: string(id), MB: Round(size)})
}

// nobody is the MesosRole of a reservation that names none.
var nobody = []byte("(none)")

// ours is true for unreserved resources and for those that are reserved to one of our MesosRoles, or to one above it.
func (r *Reader) ours(role []byte) bool {
	if role == nil || string(role) == config.AnyMesosRole {
		return true
	}
	for _, ours := range r.roles {
		if n := len(role); n > 0 && n <= len(ours) && string(role) == ours[:n] && config.UsableBy(ours[:n], ours) {
			return true
		}
	}
	return false
}

// double reads the Value.Scalar that c is at, or returns v when it is empty. What is no amount
// (negative, infinite, no number) counts as nothing.
func (c *cursor) double(v float64) float64 {
	in := c.inside()
	for in.next() {
		if in.number != scalarValue || !in.is(wireFixed64) {
			continue
		}
		v = math.Float64frombits(in.value)
		if !(v >= 0 && v <= math.MaxInt64) {
			v = 0
		}
	}
	c.adopt(&in)
	return v
}

// ports reads the Value.Ranges that c is at. What is no port is cut off.
func (c *cursor) ports(ports Ports) Ports {
	in := c.inside()
	for in.next() {
		if in.number != rangesRange {
			continue
		}
		var begin, end uint64
		r := in.inside()
		for r.next() {
			switch r.number {
			case rangeBegin:
				begin = r.value
				r.is(wireVarint)
			case rangeEnd:
				end = r.value
				r.is(wireVarint)
			}
		}
		in.adopt(&r)
		if begin <= end && begin <= math.MaxUint16 {
			ports = append(ports, PortRange{Begin: uint16(begin), End: uint16(min(end, math.MaxUint16))})
		}
	}
	c.adopt(&in)
	return ports
}
