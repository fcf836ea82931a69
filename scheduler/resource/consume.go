package resource

import (
	"cmp"
	"maps"
	"slices"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// The resource arithmetic here is our own: mesos-go's needs a package variable to know of refined
// reservations, and its Find drops the allocation that launches of a MULTI_ROLE framework must
// carry.

// Consumption is the resources of one task, split between our executor and the rest.
type Consumption struct{ Executor, Task []mesos.Resource }

// Consume takes what n requests, and these ports, from the resources of full that role may use, and
// reduces them. Resources that are reserved for role itself go first, then those of a parent role,
// then unreserved ones. A resource keeps its reservations and its allocation. ok is false when the
// resources do not suffice.
func Consume(full *mesos.Offer, role string, n *Request, ports map[config.PortName]uint16) (Consumption,
	bool) {
	if full == nil {
		return Consumption{}, false
	}
	slices.SortStableFunc(full.Resources, func(a, b mesos.Resource) int {
		return cmp.Compare(rank(&a, role), rank(&b, role))
	})
	last := slices.IndexFunc(full.Resources, func(r mesos.Resource) bool { return rank(&r, role) == unusable })
	if last < 0 {
		last = len(full.Resources)
	}
	usable := full.Resources[:last]
	const usual = 2 // processors and memory come in one piece, and a volume may follow
	c := Consumption{Executor: make([]mesos.Resource, 0, usual), Task: make([]mesos.Resource, 0, usual+len(ports)+1)}
	ok := takeScalar(usable, "cpus", config.ExecutorCPUs, &c.Executor) &&
		takeScalar(usable, "mem", config.ExecutorMem.Megabytes(), &c.Executor) &&
		takeScalar(usable, "cpus", n.CPUs-config.ExecutorCPUs, &c.Task) &&
		takeScalar(usable, "mem", n.MemMB-config.ExecutorMem.Megabytes(), &c.Task) &&
		takeScalar(usable, "disk", n.DiskMB, &c.Task)
	for _, p := range slices.Sorted(maps.Values(ports)) {
		ok = ok && takePort(usable, p, &c.Task)
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
	of := MesosRoleOf(r)
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

// MesosRoleOf is the MesosRole that r is reserved for, "*" for none. The last reservation of a
// refined stack counts; older agents set the role of the resource. Mesos: mesos.proto, Resource.
func MesosRoleOf(r *mesos.Resource) string {
	if n := len(r.Reservations); n > 0 {
		return r.Reservations[n-1].GetRole()
	}
	return r.GetRole()
}

// takeScalar moves amount from the resources called name to taken. Mesos rounds to three decimals, and so does this.
func takeScalar(from []mesos.Resource, name string, amount float64, taken *[]mesos.Resource) bool {
	left := offer.Round(amount)
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
		piece.Scalar = &mesos.Value_Scalar{Value: offer.Round(part)}
		*taken = append(*taken, piece)
		r.Scalar = &mesos.Value_Scalar{Value: offer.Round(r.Scalar.Value - part)}
		if left = offer.Round(left - part); left <= 0 {
			return true
		}
	}
	return left <= 0
}

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
