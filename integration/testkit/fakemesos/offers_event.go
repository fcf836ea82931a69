package fakemesos

import (
	"fmt"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// OffersEvent is the encoded OFFERS event of n agents as a master with usual agents sends it.
func OffersEvent(n int) []byte {
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
	b, err := event.Marshal()
	if err != nil {
		panic(fmt.Sprintf("fakemesos: encode an event: %v", err)) // a mistake in a test
	}
	return b
}
