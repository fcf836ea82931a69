package resource

import (
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/offered"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

func TestATaskWithoutAShareOfItsOwnTakesNoEmptyResource(t *testing.T) {
	t.Parallel()
	full := &mesos.Offer{Resources: []mesos.Resource{offered.Scalar("cpus", 4, ""), offered.Scalar("mem", 4096, "")}}
	got, ok := Consume(full, "alluxio", &Request{CPUs: config.ExecutorCPUs, MemMB: 1024}, nil)
	if !ok || len(got.Task) != 1 || got.Task[0].Name != "mem" {
		t.Errorf("it fits: %v, and takes %v", ok, got.Task)
	}
}

func TestConsume(t *testing.T) {
	t.Parallel()
	n := &Request{CPUs: 1, MemMB: 1024}
	ports := map[config.PortName]uint16{"a": 10, "b": 21}
	for _, c := range []struct {
		sentence string
		offered  []mesos.Resource
		ok       bool
		want     map[string]float64 // by sums
	}{
		{"one resource of each name",
			[]mesos.Resource{offered.Scalar("cpus", 4, ""), offered.Scalar("mem", 4096, ""), offered.Ports(1, 100, "")},
			true,
			map[string]float64{"cpus/alluxio": 1, "mem/alluxio": 1024, "ports/alluxio/10": 1, "ports/alluxio/21": 1}},
		{"several resources of one name are summed",
			[]mesos.Resource{offered.Scalar("cpus", 0.4, ""), offered.Scalar("cpus", 0.7, ""), offered.Scalar("mem", 1000, ""),
				offered.Scalar("mem", 24, ""),
				offered.Ports(10, 10, ""), offered.Ports(20, 29, "")}, true,
			map[string]float64{"cpus/alluxio": 1, "mem/alluxio": 1024, "ports/alluxio/10": 1, "ports/alluxio/21": 1}},
		{"reserved resources go first",
			[]mesos.Resource{offered.Scalar("cpus", 4, ""), offered.Scalar("cpus", 0.6, "alluxio"),
				offered.Scalar("mem", 4096, ""),
				offered.Scalar("mem", 1000, "alluxio"),
				offered.Ports(10, 10, ""), offered.Ports(21, 21, "alluxio")}, true,
			map[string]float64{"cpus/alluxio/alluxio": 0.6, "cpus/alluxio": 0.4, "mem/alluxio/alluxio": 1000, "mem/alluxio": 24,
				"ports/alluxio/10": 1, "ports/alluxio/alluxio/21": 1}},
		{"revocable resources do not count",
			[]mesos.Resource{offered.Revocable(offered.Scalar("cpus", 4, "")), offered.Scalar("mem", 4096, ""),
				offered.Ports(1, 100, "")}, false, nil},
		{"what is reserved for others is not touched",
			[]mesos.Resource{offered.Scalar("cpus", 4, "other"), offered.Scalar("cpus", 0.7, ""),
				offered.Scalar("cpus", 0.3, "alluxio"),
				offered.Scalar("mem", 4096, "other"),
				offered.Scalar("mem", 1024, ""), offered.Ports(1, 100, "other"), offered.Ports(10, 10, ""),
				offered.Ports(20, 30, "alluxio")}, true,
			map[string]float64{"cpus/alluxio/alluxio": 0.3, "cpus/alluxio": 0.7, "mem/alluxio": 1024, "ports/alluxio/10": 1,
				"ports/alluxio/alluxio/21": 1}},
		{"what is reserved for a role beneath is not touched",
			[]mesos.Resource{offered.Scalar("cpus", 4, "alluxio/dev"), offered.Scalar("mem", 4096, ""),
				offered.Ports(1, 100, "")}, false, nil},
		{"a volume's disk and shared resources are not touched",
			[]mesos.Resource{offered.Shared(offered.Scalar("cpus", 4, "alluxio")),
				offered.Volume(offered.Scalar("mem", 4096, "alluxio")),
				offered.Ports(1, 100, "")}, false, nil},
		{"a port that the bytes do not hold is found out",
			[]mesos.Resource{offered.Scalar("cpus", 4, ""), offered.Scalar("mem", 4096, ""), offered.Ports(1, 20, "")}, false,
			nil},
		{"too little memory is found out",
			[]mesos.Resource{offered.Scalar("cpus", 4, ""), offered.Scalar("mem", 1023, ""), offered.Ports(1, 100, "")}, false,
			nil},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			got, ok := Consume(&mesos.Offer{Resources: c.offered}, "alluxio", n, ports)
			if ok != c.ok {
				t.Fatalf("it fits: %v", ok)
			}
			if !ok {
				return
			}
			total := offered.Sums(append(append([]mesos.Resource{}, got.Executor...), got.Task...))
			for key, want := range c.want {
				if offer.Round(total[key]) != want {
					t.Errorf("of %s it takes %g, not %g", key, total[key], want)
				}
			}
			if len(total) != len(c.want) {
				t.Errorf("it takes %v, not %v", total, c.want)
			}
			for _, r := range append(got.Executor, got.Task...) {
				if r.Scalar != nil && r.Scalar.Value <= 0 {
					t.Errorf("it takes nothing of %s", r.Name)
				}
			}
		})
	}
	if _, ok := Consume(nil, "alluxio", n, ports); ok {
		t.Error("an offer that cannot be read fits")
	}
}

func TestReservationsOfARoleAboveAreTakenBeforeUnreservedResources(t *testing.T) {
	t.Parallel()
	refined := offered.Scalar("cpus", 0.2, "eng")
	own := "eng/alluxio"
	refined.Reservations = append(refined.Reservations, mesos.Resource_ReservationInfo{Role: &own})
	old := offered.Scalar("cpus", 0.3, "")
	old.Role = &own // as agents of before reservation refinement say it
	full := &mesos.Offer{Resources: []mesos.Resource{offered.Scalar("cpus", 4, ""), offered.Scalar("cpus", 0.4, "eng"),
		offered.Scalar("cpus", 4, "engine"), old, refined, offered.Scalar("mem", 4096, "")}}
	got, ok := Consume(full, own, &Request{CPUs: 1, MemMB: 1024}, nil)
	if !ok {
		t.Fatal("it does not fit")
	}
	total := map[string]float64{}
	for _, r := range append(got.Executor, got.Task...) {
		if r.Name == "cpus" {
			total[MesosRoleOf(&r)] = offer.Round(total[MesosRoleOf(&r)] + r.Scalar.Value)
		}
		if r.AllocationInfo == nil {
			t.Errorf("%v has lost its allocation", r)
		}
	}
	if total[own] != 0.5 || total["eng"] != 0.4 || total["*"] != 0.1 || len(total) != 3 {
		t.Errorf("it takes %v", total)
	}
}
