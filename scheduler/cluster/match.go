package cluster

import (
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// matcher holds what one cycle knows about vacant slots.
type matcher struct {
	s             *State
	d             *Decision
	now           time.Time
	movable       map[config.Role][]*Slot // vacant slots that may be placed on any host
	bound         map[config.Role]*Slot   // a vacant slot that waits for its own host, to explain a rejection
	vacant        map[config.Role]int
	placedOn      map[hostKey]*placement // of this cycle
	nextIndex     map[config.Role]int
	candidateSlot *Slot
	placedMembers map[string]*Slot  // by host: members of an embedded journal that got a place in this cycle
	ending        map[string]string // agents that still run a task of ours that was replaced, with its ID
	// unanswered are agents that may still run a task of ours that was replaced, with its ID: Mesos
	// has not answered about it.
	unanswered map[string]string
	blocked    map[string]string // slots that wait for the end of a task, with its ID
	// declines has one Decline for each time and reason.
	declines []Decline
	// reading has what tasks of a role read in this cycle.
	reading map[config.Role]*reading
	// templates has the part of TaskInfo that the tasks of a role have in common.
	templates map[config.Role]*mesos.TaskInfo
	// valueCounts counts the tasks of a role at each value of each constraint; attributes are those of
	// the offer with the ID attributesFor.
	valueCounts   map[config.Role][]map[string]int
	attributes    map[string]string
	attributesFor string
	// rest is what the tasks that were placed on an offer have left of it. There is one for all offers:
	// most are rejected, which must not allocate.
	rest offer.Offer
	// watched are the volumes that are to be destroyed or that no slot uses, by host.
	watched map[string][]*Volume
}

// matchOffers launches vacant slots on the offers of this cycle and declines the rest. No offer is
// kept for a later cycle.
func (s *State) matchOffers(d *Decision, now time.Time) {
	if len(s.offers.pending) == 0 {
		return
	}
	m := s.newMatcher(d, now)
	m.watched = s.watched()
	m.placeMembers()
	offers := s.offers.pending
	for i := range offers {
		o := &offers[i]
		freed, again := m.reclaim(o)
		if freed {
			continue
		}
		if refuse, reason := m.use(o); refuse != 0 {
			if again > 0 {
				refuse = min(refuse, again)
			}
			m.decline(o, refuse, reason)
		}
	}
	for _, decline := range m.declines {
		d.do(decline)
	}
}

// decline adds o to the Decline with the same time and reason.
func (m *matcher) decline(o *offer.Offer, refuse time.Duration, reason string) {
	for i := range m.declines {
		if d := &m.declines[i]; d.Refuse == refuse && d.Reason == reason {
			d.OfferIDs = append(d.OfferIDs, o.ID)
			return
		}
	}
	var ids []string
	if len(m.declines) == 0 { // usually all
		ids = make([]string, 0, len(m.s.offers.pending))
	}
	m.declines = append(m.declines, Decline{OfferIDs: append(ids, o.ID), Refuse: refuse, Reason: reason})
}

func (s *State) newMatcher(d *Decision, now time.Time) *matcher {
	m := &matcher{s: s, d: d, now: now, movable: map[config.Role][]*Slot{}, bound: map[config.Role]*Slot{},
		vacant: map[config.Role]int{}, placedOn: map[hostKey]*placement{}, nextIndex: map[config.Role]int{},
		ending: map[string]string{}, unanswered: map[string]string{}, blocked: map[string]string{},
		placedMembers: map[string]*Slot{},
		valueCounts:   map[config.Role][]map[string]int{}, templates: map[config.Role]*mesos.TaskInfo{},
		reading: map[config.Role]*reading{}}
	for id, task := range s.surplus.index.active {
		if task.lives {
			m.ending[task.AgentID] = max(m.ending[task.AgentID], id)
		} else if task.held(now) {
			m.unanswered[task.AgentID] = max(m.unanswered[task.AgentID], id)
		}
		if task.Slot != "" {
			m.blocked[task.Slot] = max(m.blocked[task.Slot], id)
		}
	}
	d.placed = map[string]*placement{}
	delayed := map[config.Role][]*Slot{}
	for _, slot := range s.activeInOrder() {
		if ok, _ := s.wanted(slot); slot.Task != nil || !ok {
			continue
		}
		m.vacant[slot.Role]++
		if s.isCompanion(slot) { // it is found by its primary's host
			continue
		}
		if s.mayMove(slot, now) && (slot.NotBefore.After(now) || m.blocked[slot.Name] != "") {
			delayed[slot.Role] = append(delayed[slot.Role], slot)
		} else if s.mayMove(slot, now) {
			m.movable[slot.Role] = append(m.movable[slot.Role], slot)
		} else if m.bound[slot.Role] == nil {
			m.bound[slot.Role] = slot
		}
	}
	for role, slots := range delayed { // they wait behind those that could be launched now
		m.movable[role] = append(m.movable[role], slots...)
	}
	return m
}

// use launches the slots that fit on o. Without any it returns how long to decline o, and why.
func (m *matcher) use(o *offer.Offer) (refuse time.Duration, reason string) {
	m.rest = *o
	rest, wire := &m.rest, (*mesos.Offer)(nil)
	accept := Launch{OfferID: o.ID, AgentID: o.AgentID, Host: o.Host}
	refuse, reason = refuseServed, "no slot waits for an offer of this host"
	for _, role := range m.s.roles.InStartOrder() {
		if !m.s.roleRow(role).Journal {
			m.reserveForMember(rest)
		}
		slot, found := m.match(role, rest)
		if slot != nil && found.row == nil {
			if wire == nil {
				wire = o.Decode()
			}
			if m.launch(slot, rest, wire, &accept) {
				continue
			}
			found.row = rowOf(Malformed)
		}
		if found.row == nil {
			continue
		}
		if found.row.class.eligible {
			m.noteEligible(role)
		}
		if found.row.class.room {
			m.makeRoom(slot, rest)
		}
		m.reject(rest, role, slot, &found) // with what the roles before it have not taken
		if wait := m.declineFor(&found, slot, rest); wait <= refuse {
			refuse, reason = wait, string(found.row.reason)
		}
	}
	if len(accept.Tasks) == 0 {
		return refuse, reason
	}
	m.d.do(accept)
	return 0, ""
}

// noteEligible records that an offer could be used for role now or soon: a cluster that is waited for
// may not be complete yet. Companions and the like are not waited for.
func (m *matcher) noteEligible(role config.Role) {
	m.d.eligible = m.d.eligible || m.s.roleRow(role).Essential
}
