package resource

import (
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/integration/testkit/offered"
)

func TestAVolumeIsMadeOfTheBestPieceOfDisk(t *testing.T) {
	t.Parallel()
	o := Owner{Role: "eng/alluxio", Principal: "alluxio", Cluster: "f1", Slot: "alluxio-worker-0"}
	labelled := func(slot string) mesos.Resource {
		r := offered.Scalar("disk", 1024, "")
		of := o
		of.Slot = slot
		r.Reservations = []mesos.Resource_ReservationInfo{of.Reservation()}
		return r
	}
	mounted := offered.Scalar("disk", 4096, "eng/alluxio")
	mounted.Disk = &mesos.Resource_DiskInfo{Source: &mesos.Resource_DiskInfo_Source{}}
	for _, c := range []struct {
		sentence string
		offered  []mesos.Resource
		takes    int // the index in offered, -1 for none
		reserves bool
	}{
		{"disk of the role is not reserved again",
			[]mesos.Resource{offered.Scalar("disk", 4096, ""), offered.Scalar("disk", 4096, "eng/alluxio"),
				offered.Scalar("disk", 4096, "eng")}, 1,
			false},
		{"disk of a role above is refined",
			[]mesos.Resource{offered.Scalar("disk", 4096, ""), offered.Scalar("disk", 4096, "eng")}, 1, true},
		{"unreserved disk is reserved", []mesos.Resource{offered.Scalar("disk", 4096, "")}, 0, true},
		{"what was reserved for this slot before a crash comes first",
			[]mesos.Resource{offered.Scalar("disk", 4096, "eng/alluxio"), labelled("alluxio-worker-1"),
				labelled("alluxio-worker-0")}, 2,
			false},
		{"what was reserved for another slot comes last",
			[]mesos.Resource{labelled("alluxio-worker-1"), offered.Scalar("disk", 4096, "")}, 1, true},
		{"pieces are not put together",
			[]mesos.Resource{offered.Scalar("disk", 1000, ""), offered.Scalar("disk", 1000, "eng/alluxio")}, -1,
			false},
		{"disk of others, of a role beneath, revocable, shared, mounted or a volume is not touched",
			[]mesos.Resource{offered.Scalar("disk", 4096, "other"), offered.Scalar("disk", 4096, "eng/alluxio/dev"),
				offered.Revocable(offered.Scalar("disk", 4096, "")), offered.Shared(offered.Scalar("disk", 4096, "eng/alluxio")),
				mounted,
				offered.Volume(offered.Scalar("disk", 4096, "eng/alluxio"))}, -1, false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			full, size := &mesos.Offer{Resources: c.offered}, make([]float64, len(c.offered))
			for i := range c.offered {
				size[i] = c.offered[i].Scalar.Value
			}
			r, before, ok := ConsumeVolume(full, o, VolumeRequest{ID: "f1.alluxio-worker-0.1", MB: 1024})
			if ok != (c.takes >= 0) {
				t.Fatalf("it fits: %v", ok)
			}
			if !ok {
				return
			}
			want := 1
			if c.reserves {
				want = 2
			}
			if len(before) != want || MesosRoleOf(&r) != "eng/alluxio" || VolumeIDOf(&r) != "f1.alluxio-worker-0.1" ||
				r.AllocationInfo == nil || r.Role != nil || r.Scalar.Value != 1024 {
				t.Errorf("%d operations, %+v", len(before), r)
			}
			last := before[len(before)-1].GetCreate().GetVolumes()[0]
			if !last.Equal(&r) || r.Disk.Persistence.GetPrincipal() != "alluxio" || r.Disk.Volume.ContainerPath != "volume" {
				t.Errorf("CREATE makes %+v\nand LAUNCH uses %+v", last, r)
			}
			if c.reserves {
				of := before[0].GetReserve().GetResources()[0].Reservations
				cluster, slot := LabelsOf(&r)
				if info := of[len(of)-1]; info.GetPrincipal() != "alluxio" ||
					info.GetType() != mesos.Resource_ReservationInfo_DYNAMIC || cluster != "f1" || slot != "alluxio-worker-0" {
					t.Errorf("the reservation is %+v", info)
				}
			}
			for i := range full.Resources {
				if left := full.Resources[i].Scalar.Value; (left == size[i]-1024) != (i == c.takes) {
					t.Errorf("of resource %d with %g is left %g", i, size[i], left)
				}
			}
		})
	}
}
