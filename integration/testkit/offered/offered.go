// Package offered makes resources as Mesos offers them, for tests.
package offered

import (
	"fmt"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// Scalar is an amount of a resource such as cpus, reserved for role unless that is "".
func Scalar(name string, value float64, role string) mesos.Resource {
	kind := mesos.SCALAR
	return ReservedFor(mesos.Resource{Name: name, Type: &kind, Scalar: &mesos.Value_Scalar{Value: value}}, role)
}

// Ports is a range of ports, reserved for role unless that is "".
func Ports(begin, end uint64, role string) mesos.Resource {
	kind := mesos.RANGES
	return ReservedFor(mesos.Resource{Name: "ports", Type: &kind,
		Ranges: &mesos.Value_Ranges{Range: []mesos.Value_Range{{Begin: begin, End: end}}}}, role)
}

// ReservedFor allocates r to the role alluxio, and reserves it for role unless that is "".
func ReservedFor(r mesos.Resource, role string) mesos.Resource {
	ours := "alluxio"
	r.AllocationInfo = &mesos.Resource_AllocationInfo{Role: &ours}
	if role != "" {
		r.Reservations = []mesos.Resource_ReservationInfo{{Role: &role}}
	}
	return r
}

// Revocable is r as Mesos offers it while its owner does not use it.
func Revocable(r mesos.Resource) mesos.Resource {
	r.Revocable = &mesos.Resource_RevocableInfo{}
	return r
}

// Shared is r as several tasks may use it.
func Shared(r mesos.Resource) mesos.Resource {
	r.Shared = &mesos.Resource_SharedInfo{}
	return r
}

// Volume is r with a persistent volume of somebody in it.
func Volume(r mesos.Resource) mesos.Resource {
	r.Disk = &mesos.Resource_DiskInfo{Persistence: &mesos.Resource_DiskInfo_Persistence{ID: "somebody's"}}
	return r
}

// Sums adds resources up by name, reservation and allocation; every port is a name of its own.
func Sums(list []mesos.Resource) map[string]float64 {
	total := map[string]float64{}
	for i := range list {
		r := &list[i]
		key := r.Name + "/" + r.AllocationInfo.GetRole()
		for _, reservation := range r.Reservations {
			key += "/" + reservation.GetRole()
		}
		if id := r.GetDisk().GetPersistence().GetID(); id != "" {
			key += "/" + id
		}
		if r.Scalar != nil {
			total[key] += r.Scalar.Value
		}
		if r.Ranges != nil {
			for _, rng := range r.Ranges.Range {
				for p := rng.Begin; p <= rng.End; p++ {
					total[fmt.Sprintf("%s/%d", key, p)]++
				}
			}
		}
	}
	return total
}
