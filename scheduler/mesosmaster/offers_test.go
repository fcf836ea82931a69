package mesosmaster

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// reference is what offersReader should make of an offer, by way of mesos-go's full decoding.
func reference(o *mesos.Offer, roles []string) cluster.Offer {
	want := cluster.Offer{ID: o.ID.Value, AgentID: o.AgentID.Value, Host: o.Hostname}
	if o.URL != nil {
		want.IP = o.URL.Address.GetIP()
	}
	if o.Unavailability != nil {
		want.Unavailable = time.Unix(0, o.Unavailability.Start.Nanoseconds).UTC()
	}
	amount := func(r *mesos.Resource) float64 {
		v := r.GetScalar().GetValue()
		if math.IsNaN(v) || v < 0 || v > math.MaxInt64 {
			return 0
		}
		return v
	}
	var ports []mesos.Value_Range
	for i := range o.Resources {
		r := &o.Resources[i]
		role := r.GetRole()
		if n := len(r.Reservations); n > 0 {
			role = r.Reservations[n-1].GetRole()
		}
		if r.Revocable != nil || r.Shared != nil || role != "*" && !slices.ContainsFunc(roles, func(ours string) bool {
			return strings.HasPrefix(ours+"/", role+"/")
		}) {
			continue
		}
		if p := r.GetDisk().GetPersistence(); p != nil {
			if r.Name == "disk" {
				want.Volumes = append(want.Volumes, cluster.OfferedVolume{ID: p.ID, MB: math.Round(amount(r)*1000) / 1000})
			}
			continue
		}
		switch r.Name {
		case "disk":
			if r.Disk == nil {
				want.DiskMB = max(want.DiskMB, math.Round(amount(r)*1000)/1000)
			}
		case "cpus":
			want.CPUs += amount(r)
		case "mem":
			want.MemMB += amount(r)
		case "ports":
			ports = append(ports, r.GetRanges().GetRange()...)
		}
	}
	want.CPUs, want.MemMB = math.Round(want.CPUs*1000)/1000, math.Round(want.MemMB*1000)/1000
	want.Ports = mergedPorts(ports)
	return want
}

func mergedPorts(ranges []mesos.Value_Range) []cluster.PortRange {
	slices.SortFunc(ranges, func(a, b mesos.Value_Range) int { return cmp.Compare(a.Begin, b.Begin) })
	var merged []cluster.PortRange
	for port := range 1 << 16 {
		in := slices.ContainsFunc(ranges, func(r mesos.Value_Range) bool {
			return r.Begin <= uint64(port) && uint64(port) <= r.End
		})
		n := len(merged)
		switch {
		case in && n > 0 && int(merged[n-1].End) == port-1:
			merged[n-1].End = uint16(port)
		case in:
			merged = append(merged, cluster.PortRange{Begin: uint16(port), End: uint16(port)})
		}
	}
	return merged
}

// sameOffer compares what was read with the reference, and its Wire with what it was read from.
func sameOffer(got, want cluster.Offer) bool {
	got.Wire = nil
	if len(got.Ports) == 0 {
		got.Ports = nil
	}
	return reflect.DeepEqual(got, want)
}

func randomOffer(r *rand.Rand, i int) mesos.Offer {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	host, ip := fmt.Sprintf("host-%d", i), fmt.Sprintf("10.0.0.%d", i)
	o := mesos.Offer{
		ID:          mesos.OfferID{Value: fmt.Sprintf("offer-%d", i)},
		AgentID:     mesos.AgentID{Value: fmt.Sprintf("agent-%d", r.IntN(9))},
		FrameworkID: mesos.FrameworkID{Value: "f"}, Hostname: host,
		Attributes: []mesos.Attribute{{Name: "rack", Type: mesos.TEXT, Text: &mesos.Value_Text{Value: "r1"}}},
	}
	if r.IntN(4) > 0 {
		o.URL = &mesos.URL{Scheme: "http", Address: mesos.Address{Hostname: &host, Port: 5051}}
		if r.IntN(4) > 0 {
			o.URL.Address.IP = &ip
		}
	}
	if r.IntN(4) == 0 {
		o.Unavailability = &mesos.Unavailability{Start: mesos.TimeInfo{Nanoseconds: r.Int64()}}
	}
	for range r.IntN(8) {
		res := mesos.Resource{Name: pick("cpus", "mem", "ports", "disk", "gpus"), Type: mesos.SCALAR.Enum()}
		if res.Name == "ports" {
			res.Type, res.Ranges = mesos.RANGES.Enum(), &mesos.Value_Ranges{}
			for range r.IntN(4) {
				begin := r.Uint64N(70_000)
				res.Ranges.Range = append(res.Ranges.Range, mesos.Value_Range{Begin: begin, End: begin + r.Uint64N(9)})
			}
		} else {
			res.Scalar = &mesos.Value_Scalar{Value: []float64{0.1, 0.2, 1, 1024, 3.75, -1, math.NaN(), math.Inf(1)}[r.IntN(8)]}
		}
		if role := pick("", "*", "alluxio", "eng", "eng/alluxio", "eng/alluxio/dev", "engine", "other"); role != "" &&
			r.IntN(2) == 0 {
			res.Role = &role
		} else if role != "" && role != "*" {
			other := pick("alluxio", "other")
			res.Reservations = []mesos.Resource_ReservationInfo{{Role: &other}, {Role: &role}}[r.IntN(2):]
		}
		switch r.IntN(12) {
		case 0:
			res.Revocable = &mesos.Resource_RevocableInfo{}
		case 1:
			res.Shared = &mesos.Resource_SharedInfo{}
		case 2:
			res.Disk = &mesos.Resource_DiskInfo{
				Persistence: &mesos.Resource_DiskInfo_Persistence{ID: pick("v", "f1.alluxio-master-0.1", "")}}
		case 3:
			res.Disk = &mesos.Resource_DiskInfo{}
		}
		o.Resources = append(o.Resources, res)
	}
	return o
}

func TestLazyOffersEqualFullDecoding(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 0))
		event := &scheduler.Event{Type: scheduler.Event_OFFERS, Offers: &scheduler.Event_Offers{}}
		for i := range r.IntN(12) {
			event.Offers.Offers = append(event.Offers.Offers, randomOffer(r, i))
		}
		frame, err := event.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		roles := [][]string{nil, {"*"}, {"alluxio"}, {"eng/alluxio"}}[r.IntN(4)]
		d := decoder{offers: offersReader{roles: roles}}
		got, err := d.decode(frame, 7)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		offered := got.event.(cluster.Offered)
		if offered.Subscription != 7 || len(offered.Offers) != len(event.Offers.Offers) {
			t.Fatalf("seed %d: %+v", seed, offered)
		}
		for i, o := range offered.Offers {
			var full mesos.Offer
			if err := full.Unmarshal(o.Wire); err != nil || full.ID != event.Offers.Offers[i].ID {
				t.Fatalf("seed %d: Wire of offer %d is %+v, %v", seed, i, full, err)
			}
			if want := reference(&full, roles); !sameOffer(o, want) {
				t.Errorf("seed %d: offer %+v\nwant %+v\nof %+v", seed, o, want, full)
			}
		}
	}
}

func TestAnEventCostsAFewAllocationsAndItsOffersNone(t *testing.T) {
	frame := offersFrame(t, 1000)
	var d decoder
	allocations := testing.AllocsPerRun(20, func() {
		if _, err := d.decode(frame, 1); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 10 {
		t.Errorf("%v allocations for 1,000 offers, want at most 10", allocations)
	}
}

// offersFrame is the OFFERS event of n agents as a master with usual agents sends it.
func offersFrame(t testing.TB, n int) []byte {
	t.Helper()
	event := &scheduler.Event{Type: scheduler.Event_OFFERS, Offers: &scheduler.Event_Offers{}}
	role := "*"
	allocation := &mesos.Resource_AllocationInfo{Role: &role}
	for i := range n {
		host, ip := fmt.Sprintf("agent-%05d.example.com", i), fmt.Sprintf("10.0.%d.%d", i>>8&255, i&255)
		scalar := func(name string, v float64) mesos.Resource {
			return mesos.Resource{Name: name, Type: mesos.SCALAR.Enum(), Scalar: &mesos.Value_Scalar{Value: v},
				AllocationInfo: allocation}
		}
		ports := mesos.Resource{Name: "ports", Type: mesos.RANGES.Enum(), AllocationInfo: allocation,
			Ranges: &mesos.Value_Ranges{
				Range: []mesos.Value_Range{{Begin: 19998, End: 20003}, {Begin: 29998, End: 30003}, {Begin: 39999, End: 39999}},
			}}
		event.Offers.Offers = append(event.Offers.Offers, mesos.Offer{
			ID:          mesos.OfferID{Value: fmt.Sprintf("6f2bb2a5-6a4c-4a7b-8b68-a5b8dc7e4a7c-O%d", i)},
			AgentID:     mesos.AgentID{Value: fmt.Sprintf("6f2bb2a5-6a4c-4a7b-8b68-a5b8dc7e4a7c-S%d", i)},
			FrameworkID: mesos.FrameworkID{Value: "6f2bb2a5-6a4c-4a7b-8b68-a5b8dc7e4a7c-0000"}, Hostname: host,
			URL:            &mesos.URL{Scheme: "http", Address: mesos.Address{Hostname: &host, IP: &ip, Port: 5051}},
			Resources:      []mesos.Resource{scalar("cpus", 8), scalar("mem", 16384), scalar("disk", 100000), ports},
			AllocationInfo: allocation,
			Attributes:     []mesos.Attribute{{Name: "rack", Type: mesos.TEXT, Text: &mesos.Value_Text{Value: "r1"}}},
		})
	}
	frame, err := event.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// BenchmarkOffers1000 reads the OFFERS event of 1,000 agents; "full" is mesos-go's decoding of the
// same bytes, for the ratio.
func BenchmarkOffers1000(b *testing.B) {
	frame := offersFrame(b, 1000)
	perSecond := func(b *testing.B) { b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "offers/s") }
	b.Run("lazy", func(b *testing.B) {
		b.ReportAllocs()
		var d decoder
		for b.Loop() {
			if _, err := d.decode(frame, 1); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b)
	})
	b.Run("full", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := unmarshal(frame, scheduler.Event_OFFERS); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b)
	})
}
