package resource

import (
	"cmp"
	"slices"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// The labels of our reservations name their owner in case the Record is lost.
const (
	labelCluster = "alluxio-mesos.cluster"
	labelSlot    = "alluxio-mesos.slot"
)

// VolumePath is where a task finds its volume in the sandbox.
const VolumePath = "volume"

// Owner is the role, principal, cluster and slot that a volume is made for.
type Owner struct{ Role, Principal, Cluster, Slot string }

// VolumeRequest is the volume of a placement: one that exists, or is to be created.
type VolumeRequest struct {
	// ID is its persistence ID.
	ID string
	// MB is its size in Mesos's unit, 2^20 bytes.
	MB     float64
	Exists bool
}

// ConsumeVolume takes the volume v from full's resources, and reduces them: the volume that exists,
// else a new one. before are the operations that create it, to be sent ahead of the launch: RESERVE
// unless the disk is reserved for our role already, and CREATE. They need no operation IDs: offers
// show the result. Mesos: persistent-volume.md, "Offer Operations"; reservation.md.
func ConsumeVolume(full *mesos.Offer, o Owner, v VolumeRequest) (volume mesos.Resource, before []mesos.Offer_Operation,
	ok bool) {
	if full == nil {
		return volume, nil, false
	}
	for i := range full.Resources {
		if r := &full.Resources[i]; VolumeIDOf(r) == v.ID && MesosRoleOf(r) == o.Role && r.Shared == nil &&
			r.Revocable == nil {
			return *r, nil, true
		}
	}
	if v.Exists {
		return volume, nil, false
	}
	var disks []*mesos.Resource
	for i := range full.Resources {
		if r := &full.Resources[i]; r.Name == "disk" && r.Disk == nil && r.GetScalar().GetValue()+Epsilon >= v.MB &&
			rank(r, o.Role) < unusable {
			disks = append(disks, r)
		}
	}
	if len(disks) == 0 {
		return volume, nil, false
	}
	slices.SortStableFunc(disks, func(a, b *mesos.Resource) int {
		return cmp.Or(cmp.Compare(reservedBefore(a, o), reservedBefore(b, o)), cmp.Compare(rank(a, o.Role), rank(b, o.Role)))
	})
	disk := disks[0]
	volume = *disk
	volume.Scalar = &mesos.Value_Scalar{Value: v.MB}
	disk.Scalar = &mesos.Value_Scalar{Value: offer.Round(disk.Scalar.Value - v.MB)}
	if rank(disk, o.Role) != ownReserved {
		volume.Role, volume.Reservations = nil, append(slices.Clone(disk.Reservations), o.Reservation())
		before = append(before, Operation(mesos.Offer_Operation_RESERVE, volume))
	}
	mode := mesos.RW
	volume.Disk = &mesos.Resource_DiskInfo{
		Persistence: &mesos.Resource_DiskInfo_Persistence{ID: v.ID, Principal: o.principalOrNil()},
		Volume:      &mesos.Volume{ContainerPath: VolumePath, Mode: &mode},
	}
	return volume, append(before, Operation(mesos.Offer_Operation_CREATE, volume)), true
}

// reservedBefore sorts disk by its reservation: first disk that was reserved for this slot and never
// got a volume, last disk that was reserved for another slot.
func reservedBefore(r *mesos.Resource, o Owner) int {
	cluster, slot := LabelsOf(r)
	switch {
	case cluster == o.Cluster && slot == o.Slot && cluster != "":
		return 0
	case cluster == "":
		return 1
	}
	return 2
}

// LabelsOf reads our labels of the last reservation of r.
func LabelsOf(r *mesos.Resource) (cluster, slot string) {
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

// VolumeIDOf is the persistence ID of the volume in r, or "".
func VolumeIDOf(r *mesos.Resource) string { return r.GetDisk().GetPersistence().GetID() }

func (o Owner) principalOrNil() *string {
	if o.Principal == "" {
		return nil
	}
	return &o.Principal
}

// Reservation is the reservation that RESERVE adds to a disk. Its principal must be ours, and absent
// when we have none.
func (o Owner) Reservation() mesos.Resource_ReservationInfo {
	kind := mesos.Resource_ReservationInfo_DYNAMIC
	return mesos.Resource_ReservationInfo{Type: &kind, Role: &o.Role, Principal: o.principalOrNil(),
		Labels: &mesos.Labels{Labels: []mesos.Label{
			{Key: labelCluster, Value: &o.Cluster}, {Key: labelSlot, Value: &o.Slot},
		}}}
}

// Operation is the operation of this kind on r: RESERVE, CREATE, DESTROY or UNRESERVE.
func Operation(kind mesos.Offer_Operation_Type, r mesos.Resource) mesos.Offer_Operation {
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
