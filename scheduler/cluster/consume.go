package cluster

import (
	"cmp"
	"maps"
	"math"
	"slices"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// The resource arithmetic here is our own: mesos-go's needs a package variable to know of refined
// reservations, and its Find drops the allocation that launches of a MULTI_ROLE framework must
// carry.

// consumption is the resources of one task, split between our executor and the rest.
type consumption struct{ executor, task []mesos.Resource }

// consume takes what n requests, and these ports, from the resources of offer that role may use, and
// reduces them. Resources that are reserved for role itself go first, then those of a parent role,
// then unreserved ones. A resource keeps its reservations and its allocation. ok is false when the
// resources do not suffice.
func consume(offer *mesos.Offer, role string, n *resourceRequest, ports map[config.PortName]uint16) (consumption,
	bool) {
	if offer == nil {
		return consumption{}, false
	}
	slices.SortStableFunc(offer.Resources, func(a, b mesos.Resource) int {
		return cmp.Compare(rank(&a, role), rank(&b, role))
	})
	last := slices.IndexFunc(offer.Resources, func(r mesos.Resource) bool { return rank(&r, role) == unusable })
	if last < 0 {
		last = len(offer.Resources)
	}
	usable := offer.Resources[:last]
	const usual = 2 // processors and memory come in one piece, and a volume may follow
	c := consumption{executor: make([]mesos.Resource, 0, usual), task: make([]mesos.Resource, 0, usual+len(ports)+1)}
	ok := takeScalar(usable, "cpus", config.ExecutorCPUs, &c.executor) &&
		takeScalar(usable, "mem", config.ExecutorMem.Megabytes(), &c.executor) &&
		takeScalar(usable, "cpus", n.cpus-config.ExecutorCPUs, &c.task) &&
		takeScalar(usable, "mem", n.memMB-config.ExecutorMem.Megabytes(), &c.task) &&
		takeScalar(usable, "disk", n.diskMB, &c.task)
	for _, p := range slices.Sorted(maps.Values(ports)) {
		ok = ok && takePort(usable, p, &c.task)
	}
	return c, ok
}

// The order in which resources are taken.
const (
	ownReserved = iota
	parentReserved
	unreserved
	// unusable are revocable and shared resources, volumes, disks of their own kind, and what is
	// reserved for others.
	unusable
)

// rank says when a framework of role takes from r.
func rank(r *mesos.Resource, role string) int {
	of := mesosRoleOf(r)
	switch {
	case r.Revocable != nil || r.Shared != nil || r.Disk != nil || !config.UsableBy(of, role):
		return unusable
	case of == config.AnyMesosRole:
		return unreserved
	case of == role:
		return ownReserved
	}
	return parentReserved
}

// mesosRoleOf is the MesosRole that r is reserved for, "*" for none. The last reservation of a
// refined stack counts; older agents set the role of the resource. Mesos: mesos.proto, Resource.
func mesosRoleOf(r *mesos.Resource) string {
	if n := len(r.Reservations); n > 0 {
		return r.Reservations[n-1].GetRole()
	}
	return r.GetRole()
}

// takeScalar moves amount from the resources called name to taken. Mesos rounds to three decimals, and so does this.
func takeScalar(from []mesos.Resource, name string, amount float64, taken *[]mesos.Resource) bool {
	left := round3(amount)
	if left <= 0 { // Mesos refuses a task with a resource of nothing
		return true
	}
	for i := range from {
		r := &from[i]
		if r.Name != name || r.Scalar == nil || r.Scalar.Value <= 0 {
			continue
		}
		part := min(left, r.Scalar.Value)
		piece := *r
		piece.Scalar = &mesos.Value_Scalar{Value: round3(part)}
		*taken = append(*taken, piece)
		r.Scalar = &mesos.Value_Scalar{Value: round3(r.Scalar.Value - part)}
		if left = round3(left - part); left <= 0 {
			return true
		}
	}
	return left <= 0
}

func round3(f float64) float64 { return math.Round(f*1000) / 1000 }

// takePort adds port to taken, as a piece of the resource that offers it.
func takePort(from []mesos.Resource, port uint16, taken *[]mesos.Resource) bool {
	for i := range from {
		r := &from[i]
		if r.Name != "ports" || r.Ranges == nil {
			continue
		}
		for _, rng := range r.Ranges.Range {
			if uint64(port) < rng.Begin || uint64(port) > rng.End {
				continue
			}
			piece := *r
			piece.Ranges = &mesos.Value_Ranges{Range: []mesos.Value_Range{{Begin: uint64(port), End: uint64(port)}}}
			*taken = append(*taken, piece)
			return true
		}
	}
	return false
}
