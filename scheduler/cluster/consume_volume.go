package cluster

import (
	"cmp"
	"slices"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// The labels of our reservations name their owner in case the Record is lost.
const (
	labelCluster = "alluxio-mesos.cluster"
	labelSlot    = "alluxio-mesos.slot"
)

// owner is the role, principal, cluster and slot that a volume is made for.
type owner struct{ role, principal, cluster, slot string }

// consumeVolume takes the volume v from offer's resources, and reduces them: the volume that exists,
// else a new one. before are the operations that create it, to be sent ahead of the launch: RESERVE
// unless the disk is reserved for our role already, and CREATE. They need no operation IDs: offers
// show the result. Mesos: persistent-volume.md, "Offer Operations"; reservation.md.
func consumeVolume(offer *mesos.Offer, o owner, v *Volume) (volume mesos.Resource, before []mesos.Offer_Operation,
	ok bool) {
	if offer == nil {
		return volume, nil, false
	}
	for i := range offer.Resources {
		if r := &offer.Resources[i]; volumeIDOf(r) == v.ID && mesosRoleOf(r) == o.role && r.Shared == nil &&
			r.Revocable == nil {
			return *r, nil, true
		}
	}
	if v.Confirmed {
		return volume, nil, false
	}
	var disks []*mesos.Resource
	for i := range offer.Resources {
		if r := &offer.Resources[i]; r.Name == "disk" && r.Disk == nil && r.GetScalar().GetValue()+epsilon >= v.MB &&
			rank(r, o.role) < unusable {
			disks = append(disks, r)
		}
	}
	if len(disks) == 0 {
		return volume, nil, false
	}
	slices.SortStableFunc(disks, func(a, b *mesos.Resource) int {
		return cmp.Or(cmp.Compare(reservedBefore(a, o), reservedBefore(b, o)), cmp.Compare(rank(a, o.role), rank(b, o.role)))
	})
	disk := disks[0]
	volume = *disk
	volume.Scalar = &mesos.Value_Scalar{Value: v.MB}
	disk.Scalar = &mesos.Value_Scalar{Value: round3(disk.Scalar.Value - v.MB)}
	if rank(disk, o.role) != ownReserved {
		volume.Role, volume.Reservations = nil, append(slices.Clone(disk.Reservations), o.reservation())
		before = append(before, operation(mesos.Offer_Operation_RESERVE, volume))
	}
	mode := mesos.RW
	volume.Disk = &mesos.Resource_DiskInfo{
		Persistence: &mesos.Resource_DiskInfo_Persistence{ID: v.ID, Principal: o.principalOrNil()},
		Volume:      &mesos.Volume{ContainerPath: volumePath, Mode: &mode},
	}
	return volume, append(before, operation(mesos.Offer_Operation_CREATE, volume)), true
}

// reservedBefore sorts disk by its reservation: first disk that was reserved for this slot and never
// got a volume, last disk that was reserved for another slot.
func reservedBefore(r *mesos.Resource, o owner) int {
	cluster, slot := labelsOf(r)
	switch {
	case cluster == o.cluster && slot == o.slot && cluster != "":
		return 0
	case cluster == "":
		return 1
	}
	return 2
}

// labelsOf reads our labels of the last reservation of r.
func labelsOf(r *mesos.Resource) (cluster, slot string) {
	if len(r.Reservations) == 0 {
		return "", ""
	}
	for _, l := range r.Reservations[len(r.Reservations)-1].GetLabels().GetLabels() {
		switch l.Key {
		case labelCluster:
			cluster = l.GetValue()
		case labelSlot:
			slot = l.GetValue()
		}
	}
	return cluster, slot
}

func volumeIDOf(r *mesos.Resource) string { return r.GetDisk().GetPersistence().GetID() }

func (o owner) principalOrNil() *string {
	if o.principal == "" {
		return nil
	}
	return &o.principal
}

// reservation is the reservation that RESERVE adds to a disk. Its principal must be ours, and absent
// when we have none.
func (o owner) reservation() mesos.Resource_ReservationInfo {
	kind := mesos.Resource_ReservationInfo_DYNAMIC
	return mesos.Resource_ReservationInfo{Type: &kind, Role: &o.role, Principal: o.principalOrNil(),
		Labels: &mesos.Labels{Labels: []mesos.Label{
			{Key: labelCluster, Value: &o.cluster}, {Key: labelSlot, Value: &o.slot},
		}}}
}

func operation(kind mesos.Offer_Operation_Type, r mesos.Resource) mesos.Offer_Operation {
	list := []mesos.Resource{r}
	op := mesos.Offer_Operation{Type: kind}
	switch kind {
	case mesos.Offer_Operation_RESERVE:
		op.Reserve = &mesos.Offer_Operation_Reserve{Resources: list}
	case mesos.Offer_Operation_CREATE:
		op.Create = &mesos.Offer_Operation_Create{Volumes: list}
	case mesos.Offer_Operation_DESTROY:
		op.Destroy = &mesos.Offer_Operation_Destroy{Volumes: list}
	case mesos.Offer_Operation_UNRESERVE:
		op.Unreserve = &mesos.Offer_Operation_Unreserve{Resources: list}
	}
	return op
}
