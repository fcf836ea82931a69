package cluster

import (
	"strconv"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/integration/testkit/offered"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// disks adds to an offer what its fields say of disk, in the order in which Mesos makes it: disk=N
// unreserved, reserved=SLOT what was reserved for a slot and has no volume yet, volume=ID,ID
// persistent volumes. Sizes are those that the settings ask for.
func (tr *transcript) disks(o *offer.Offer, fields map[string]string) {
	var full mesos.Offer
	if err := full.Unmarshal(o.Wire); err != nil {
		tr.t.Fatal(err)
	}
	role := tr.settings.MesosRole
	add := func(r mesos.Resource) {
		r.AllocationInfo = &mesos.Resource_AllocationInfo{Role: &role}
		full.Resources = append(full.Resources, r)
		if r.Disk == nil {
			o.DiskMB = max(o.DiskMB, r.Scalar.Value)
		}
	}
	if text, ok := fields["disk"]; ok {
		amount, err := strconv.ParseFloat(strings.TrimSuffix(text, "MB"), 64)
		if err != nil {
			tr.t.Fatal(err)
		}
		add(offered.Scalar("disk", amount, ""))
	}
	if slot := fields["reserved"]; slot != "" {
		add(tr.reservedDisk(slot))
	}
	for _, id := range strings.FieldsFunc(fields["volume"], func(r rune) bool { return r == ',' }) {
		slot := strings.Split(id+".", ".")[1]
		r := tr.reservedDisk(slot)
		o.Volumes = append(o.Volumes, offer.Volume{ID: id, MB: r.Scalar.Value})
		mode := mesos.RW
		r.Disk = &mesos.Resource_DiskInfo{Persistence: &mesos.Resource_DiskInfo_Persistence{ID: id},
			Volume: &mesos.Volume{ContainerPath: resource.VolumePath, Mode: &mode}}
		add(r)
	}
	o.Wire, _ = full.Marshal()
}

// reservedDisk is what RESERVE makes for a slot.
func (tr *transcript) reservedDisk(slot string) mesos.Resource {
	size := tr.settings.Master.Volume
	if strings.HasPrefix(slot, "alluxio-worker") {
		size = tr.settings.Worker.Volume
	}
	r := offered.Scalar("disk", size.Megabytes(), "")
	r.Reservations = []mesos.Resource_ReservationInfo{
		resource.Owner{Role: tr.settings.MesosRole, Cluster: "f1", Slot: slot}.Reservation()}
	return r
}
