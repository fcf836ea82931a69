package cluster

import (
	"reflect"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/offered"
)

// checkOffersEnd: no offer is used twice, and every offer ends launched, declined or rescinded in
// the cycle in which it came.
func (h *history) checkOffersEnd(p *process, d *Decision) {
	use := func(id string, again bool) {
		if _, held := p.held[id]; !held && !again {
			h.fail("no offer used twice", "offer %s is used, but it was used before, is void, or was never made", id)
		}
		delete(p.held, id)
	}
	for _, a := range d.Actions {
		switch a := a.(type) {
		case Launch:
			for i := range a.Tasks {
				p.held[a.OfferID+a.Tasks[i].TaskID.Value] = p.held[a.OfferID] // until it has left, for checkNotMoreThanOffered
			}
			use(a.OfferID, false)
		case ReclaimVolumes:
			use(a.OfferID, false)
		case Decline:
			for _, id := range a.OfferIDs {
				use(id, p.failed[id]) // one whose last call failed is given back
			}
		}
	}
	for id := range p.held {
		if strings.HasPrefix(id, "o") && !strings.Contains(id, "-") && p.state.Subscription() != 0 && d.Stop == nil {
			h.fail("every offer ends", "offer %s was neither launched nor declined", id)
		}
	}
}

// checkNotMoreThanOffered compares what tasks and executors take with the resources of the offer,
// for each reservation apart.
func (h *history) checkNotMoreThanOffered(p *process, l Launch) {
	var wire mesos.Offer
	o := p.held[l.OfferID+l.Tasks[0].TaskID.Value]
	if err := wire.Unmarshal(o.Wire); err != nil {
		h.fail("never more than was offered", "%s: the offer cannot be read: %v", l, err)
	}
	for i := range l.Before { // what is created comes from the disk that is offered
		wire.Resources = append(wire.Resources, l.Before[i].GetCreate().GetVolumes()...)
	}
	whole, taken := offered.Sums(wire.Resources), map[string]float64{}
	for i := range l.Tasks {
		for name, amount := range offered.Sums(append(append([]mesos.Resource{}, l.Tasks[i].Resources...),
			l.Tasks[i].Executor.Resources...)) {
			taken[name] += amount
		}
		if got, want := claimOf(&l.Tasks[i]), claimOfSpec(specOf(&l.Tasks[i])); !reflect.DeepEqual(got, want) {
			h.fail("never more than was offered", "%s takes %v, and its role needs %v", l, got, want)
		}
	}
	for name, amount := range taken {
		if amount > whole[name]+1e-9 {
			h.fail("never more than was offered", "%s takes %g of %s, offered were %g", l, amount, name, whole[name])
		}
	}
}

func specOf(info *mesos.TaskInfo) *launch.Spec {
	spec, err := decodeSpec(info.Data)
	if err != nil {
		panic(err)
	}
	return spec
}

// decodeSpec is launch.Decode with the test roles.
func decodeSpec(data []byte) (*launch.Spec, error) {
	roles, err := config.AlluxioRoles().With(testRoles(thirdRole)...)
	if err != nil {
		panic(err)
	}
	return launch.DecodeWith(roles, data)
}
