package cluster

import (
	"strconv"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// disks adds to an offer what its fields say of disk, in the order in which Mesos makes it: disk=N
// unreserved, reserved=SLOT what was reserved for a slot and has no volume yet, volume=ID,ID
// persistent volumes. Sizes are those that the settings ask for.
func (tr *transcript) disks(o *Offer, fields map[string]string) {
	var offer mesos.Offer
	if err := offer.Unmarshal(o.Wire); err != nil {
		tr.t.Fatal(err)
	}
	role := tr.settings.MesosRole
	add := func(r mesos.Resource) {
		r.AllocationInfo = &mesos.Resource_AllocationInfo{Role: &role}
		offer.Resources = append(offer.Resources, r)
		if r.Disk == nil {
			o.DiskMB = max(o.DiskMB, r.Scalar.Value)
		}
	}
	if text, ok := fields["disk"]; ok {
		amount, err := strconv.ParseFloat(strings.TrimSuffix(text, "MB"), 64)
		if err != nil {
			tr.t.Fatal(err)
		}
		add(scalar("disk", amount, ""))
	}
	if slot := fields["reserved"]; slot != "" {
		add(tr.reservedDisk(slot))
	}
	for _, id := range strings.FieldsFunc(fields["volume"], func(r rune) bool { return r == ',' }) {
		slot := strings.Split(id+".", ".")[1]
		r := tr.reservedDisk(slot)
		o.Volumes = append(o.Volumes, OfferedVolume{ID: id, MB: r.Scalar.Value})
		mode := mesos.RW
		r.Disk = &mesos.Resource_DiskInfo{Persistence: &mesos.Resource_DiskInfo_Persistence{ID: id},
			Volume: &mesos.Volume{ContainerPath: volumePath, Mode: &mode}}
		add(r)
	}
	o.Wire, _ = offer.Marshal()
}

// reservedDisk is what RESERVE makes for a slot.
func (tr *transcript) reservedDisk(slot string) mesos.Resource {
	size := tr.settings.Master.Volume
	if strings.HasPrefix(slot, "alluxio-worker") {
		size = tr.settings.Worker.Volume
	}
	r := scalar("disk", size.Megabytes(), "")
	r.Reservations = []mesos.Resource_ReservationInfo{
		owner{role: tr.settings.MesosRole, cluster: "f1", slot: slot}.reservation()}
	return r
}
