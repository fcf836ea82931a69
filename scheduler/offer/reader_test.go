package offer

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
)

// reference is what a Reader should make of an offer, by way of mesos-go's full decoding.
func reference(o *mesos.Offer, roles []string) Offer {
	want := Offer{ID: o.ID.Value, AgentID: o.AgentID.Value, Host: o.Hostname}
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
				want.Volumes = append(want.Volumes, Volume{ID: p.ID, MB: math.Round(amount(r)*1000) / 1000})
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

func mergedPorts(ranges []mesos.Value_Range) []PortRange {
	slices.SortFunc(ranges, func(a, b mesos.Value_Range) int { return cmp.Compare(a.Begin, b.Begin) })
	var merged []PortRange
	for port := range 1 << 16 {
		in := slices.ContainsFunc(ranges, func(r mesos.Value_Range) bool {
			return r.Begin <= uint64(port) && uint64(port) <= r.End
		})
		n := len(merged)
		switch {
		case in && n > 0 && int(merged[n-1].End) == port-1:
			merged[n-1].End = uint16(port)
		case in:
			merged = append(merged, PortRange{Begin: uint16(port), End: uint16(port)})
		}
	}
	return merged
}

// sameOffer compares what was read with the reference, and its Wire with what it was read from.
func sameOffer(got, want Offer) bool {
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
		offers, err := NewReader(roles).Offers(frame)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if len(offers) != len(event.Offers.Offers) {
			t.Fatalf("seed %d: %+v", seed, offers)
		}
		for i, o := range offers {
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

// offersOf is an OFFERS event of n offers with the same bytes.
func offersOf(n int, encoded string) []byte {
	field := append([]byte{0x0a, byte(len(encoded))}, encoded...)
	body := bytes.Repeat(field, n)
	b := []byte{0x08, byte(scheduler.Event_OFFERS), 0x1a}
	for size := len(body); ; size >>= 7 {
		if size < 0x80 {
			return append(append(b, byte(size)), body...)
		}
		b = append(b, byte(size)|0x80)
	}
}

// Not parallel: it measures what is allocated.
func TestOffersThatCannotBeGenuineAreRefusedWithoutMemory(t *testing.T) {
	shortest := "\x0a\x03\x0a\x01a" + "\x1a\x03\x0a\x01b"
	for says, frame := range map[string][]byte{
		"offer 1 in an OFFERS event has 0 bytes, too few for an ID": offersOf(4_000_000, ""),
		"OFFERS event with more than 500000 offers":                 offersOf(4_000_000, shortest),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := NewReader(nil).Offers(frame)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q", err, says)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 64<<10 {
			t.Errorf("%q took %d bytes", says, took)
		}
	}
	if _, err := NewReader(nil).Offers(offersOf(2, shortest)); err != nil {
		t.Errorf("the shortest offers: %v", err)
	}
}

func TestAnEventCostsAFewAllocationsAndItsOffersNone(t *testing.T) {
	frame := fakemesos.OffersEvent(1000)
	r := NewReader(nil)
	allocations := testing.AllocsPerRun(20, func() {
		if _, err := r.Offers(frame); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 10 {
		t.Errorf("%v allocations for 1,000 offers, want at most 10", allocations)
	}
}

// BenchmarkOffers1000 reads the OFFERS event of 1,000 agents; "full" is mesos-go's decoding of the
// same bytes, for the ratio.
func BenchmarkOffers1000(b *testing.B) {
	frame := fakemesos.OffersEvent(1000)
	perSecond := func(b *testing.B) { b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "offers/s") }
	b.Run("lazy", func(b *testing.B) {
		b.ReportAllocs()
		r := NewReader(nil)
		for b.Loop() {
			if _, err := r.Offers(frame); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b)
	})
	b.Run("full", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := new(scheduler.Event).Unmarshal(frame); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b)
	})
}

// FuzzReader: nothing crashes, and what mesos-go decodes as offers is read the same way without decoding.
func FuzzReader(f *testing.F) {
	f.Add([]byte{0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}) // mesos-go panics on it
	f.Add(fakemesos.OffersEvent(2))
	f.Fuzz(func(t *testing.T, b []byte) {
		roles := []string{"alluxio"}
		offers, err := NewReader(roles).Offers(b)
		full := new(scheduler.Event)
		if !decode(full.Unmarshal, b) || slices.ContainsFunc(full.Offers.GetOffers(), func(o mesos.Offer) bool {
			return o.ID.Value == "" || o.AgentID.Value == ""
		}) {
			return // it wants more required fields than a Reader reads, and a Reader wants those two
		}
		if err != nil { // groups, which no message of Mesos has; mesos-go drops them
			if b, err = full.Marshal(); err == nil {
				offers, err = NewReader(roles).Offers(b)
			}
		}
		if err != nil {
			t.Fatalf("mesos-go decodes %+v; the error is %v", full, err)
		}
		if len(offers) != len(full.Offers.GetOffers()) {
			t.Fatalf("%d offers, want %d", len(offers), len(full.Offers.GetOffers()))
		}
		for i := range offers {
			if want := reference(&full.Offers.Offers[i], roles); !sameOffer(offers[i], want) {
				t.Errorf("offer %+v, want %+v", offers[i], want)
			}
		}
	})
}
