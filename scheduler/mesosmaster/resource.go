package mesosmaster

import (
	"math"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// resource adds one resource of an offer to it, if it is one that a match reads and that we may use: not revocable, not shared,
// unreserved or reserved to one of our roles or one above. Persistent volumes are listed, whoever's they are: the core knows its own.
func (r *offersReader) resource(o *cluster.Offer, b []byte, ports []cluster.PortRange) ([]cluster.PortRange, bool) {
	var name, role, refined, volume []byte
	var scalar float64
	first, usable, plain, ok := len(ports), true, true, true
	c := cursor{b: b}
	for ok && c.next() {
		switch c.number {
		case resourceName:
			ok, name = c.is(wireBytes), c.data
		case resourceScalar:
			ok = c.is(wireBytes) && double(&scalar, c.data)
		case resourceRanges:
			if ok = c.is(wireBytes); ok {
				ports, ok = appendPorts(ports, c.data)
			}
		case resourceRole: // before reservation refinement
			ok, role = c.is(wireBytes), c.data
		case resourceReservations: // the last of the stack is the current one
			refined = nobody
			ok = c.is(wireBytes) && assign(&refined, c.data, reservationRole)
		case resourceDisk:
			plain = false
			ok = c.is(wireBytes) && assign(&volume, c.data, diskPersistence)
		case resourceRevocable, resourceShared:
			ok, usable = c.is(wireBytes), false
		}
	}
	if !ok || c.err != nil {
		return ports, false
	}
	if refined != nil {
		role = refined
	}
	usable = usable && r.ours(role)
	if usable && volume != nil {
		usable = false
		if string(name) == "disk" {
			ok = volumeOf(o, volume, scalar)
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
	return ports, ok
}

// volumeOf adds a persistent volume to an offer. These are rare, and the only thing of an offer that costs allocations.
func volumeOf(o *cluster.Offer, persistence []byte, size float64) bool {
	var id []byte
	ok := assign(&id, persistence, persistenceID)
	o.Volumes = append(o.Volumes, cluster.OfferedVolume{ID: string(id), MB: round(size)})
	return ok
}

// nobody is the MesosRole of a reservation that names none.
var nobody = []byte("(none)")

// ours is true for unreserved resources and for those that are reserved to one of our MesosRoles, or to one above it.
func (r *offersReader) ours(role []byte) bool {
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

// double reads a Value.Scalar. What is no amount (negative, infinite, no number) counts as nothing.
func double(to *float64, b []byte) bool {
	c := cursor{b: b}
	for c.next() {
		if c.number != scalarValue || !c.is(wireFixed64) {
			continue
		}
		*to = math.Float64frombits(c.value)
		if !(*to >= 0 && *to <= math.MaxInt64) {
			*to = 0
		}
	}
	return c.err == nil
}

// appendPorts reads Value.Ranges. What is no port is cut off.
func appendPorts(ports []cluster.PortRange, b []byte) ([]cluster.PortRange, bool) {
	c := cursor{b: b}
	for c.next() {
		if c.number != rangesRange {
			continue
		}
		if !c.is(wireBytes) {
			return ports, false
		}
		var begin, end uint64
		in := cursor{b: c.data}
		for in.next() {
			switch in.number {
			case rangeBegin:
				begin = in.value
				in.is(wireVarint)
			case rangeEnd:
				end = in.value
				in.is(wireVarint)
			}
		}
		if in.err != nil {
			return ports, false
		}
		if begin <= end && begin <= math.MaxUint16 {
			ports = append(ports, cluster.PortRange{Begin: uint16(begin), End: uint16(min(end, math.MaxUint16))})
		}
	}
	return ports, c.err == nil
}
