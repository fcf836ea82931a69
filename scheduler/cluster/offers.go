package cluster

import (
	"maps"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// offerState has the offers of this cycle, what became of earlier ones, and what Mesos was asked for.
type offerState struct {
	pending []offer.Offer
	// returns are offers whose launch or decline failed: Mesos may still hold them for us, and
	// would for as long as the subscription stands.
	returns    []offerReturn
	rejections map[string]agentRejections // by agent ID
	backoffs   map[string]*hostBackoff    // by host
	// backoffsKept is how many of them the last clean-up left.
	backoffsKept int
	demand       demandState
	// lastEligible is when an offer could be used last, now or soon.
	lastEligible time.Time
	hintFacts    *hintFacts // nil after a change
}

// offerReturn is an offer to decline again, and when.
type offerReturn struct {
	offerID string
	at      time.Time
}

// add adds offers of this cycle.
func (l *offerState) add(offers []offer.Offer) {
	if l.pending == nil {
		l.pending = slices.Clip(offers) // the usual case: no copy
	} else {
		l.pending = append(l.pending, offers...)
	}
}

// rescind drops an offer that is void.
func (l *offerState) rescind(id string) {
	l.pending = slices.DeleteFunc(slices.Clone(l.pending), func(o offer.Offer) bool { return o.ID == id })
}

// disconnected drops what belongs to the subscription that ended.
func (l *offerState) disconnected() { l.pending, l.returns = nil, nil }

// giveBack has an offer declined again at a time.
func (l *offerState) giveBack(id string, at time.Time) {
	l.returns = append(l.returns, offerReturn{id, at})
}

// returned is when the offers that were due have been declined again.
func (l *offerState) returned(now time.Time) {
	l.returns = slices.DeleteFunc(l.returns, func(r offerReturn) bool { return !r.at.After(now) })
}

// committed is after the cycle whose decision is d.
func (l *offerState) committed(d *Decision, now time.Time) {
	l.pending = nil
	if d.eligible {
		l.lastEligible = now
	}
	for name := range l.demand.revived {
		if _, still := d.wanting[name]; !still {
			delete(l.demand.revived, name)
		}
	}
}

// setDemand records what Mesos was asked for.
func (l *offerState) setDemand(demand demandState) { l.demand = demand }

// noteOffered says that Mesos makes offers.
func (l *offerState) noteOffered() { l.demand.offered = true }

// reviveAgain has the next cycle ask for offers again: what it was asked for is void, or did not arrive.
func (l *offerState) reviveAgain() { l.demand.revived = nil }

// suppressAgain is for a SUPPRESS that did not arrive.
func (l *offerState) suppressAgain(from time.Time) {
	l.demand.suppressed, l.demand.suppressFrom = false, from
}

// backOff passes over host as b says; endBackoff is when a task serves there.
func (l *offerState) backOff(host string, b *hostBackoff) { l.backoffs[host] = b }
func (l *offerState) endBackoff(host string)              { delete(l.backoffs, host) }

// forgetBackoffs is for new settings: what failed may go well with them.
func (l *offerState) forgetBackoffs() { clear(l.backoffs) }

// forgetOldBackoffs removes those that are over.
func (l *offerState) forgetOldBackoffs(now time.Time) {
	maps.DeleteFunc(l.backoffs, func(_ string, b *hostBackoff) bool { return b.over(now) })
	l.backoffsKept = len(l.backoffs)
}

// reject sets the rejections of the last offer of an agent.
func (l *offerState) reject(agentID string, rejections agentRejections) {
	if len(rejections) == 0 {
		delete(l.rejections, agentID)
	} else {
		l.rejections[agentID] = rejections
	}
}

// dropHintFacts is for a change after which they have to be collected again.
func (l *offerState) dropHintFacts()             { l.hintFacts = nil }
func (l *offerState) keepHintFacts(f *hintFacts) { l.hintFacts = f }

func newOfferState() offerState {
	return offerState{rejections: map[string]agentRejections{}, backoffs: map[string]*hostBackoff{}}
}
