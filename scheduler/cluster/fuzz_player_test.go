package cluster

import (
	"fmt"
	"slices"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/integration/testkit/offered"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// player plays events that are decoded from bytes.
type player struct {
	t            *testing.T
	data         []byte
	settings     *config.Settings
	state        *State
	store        saved
	now          time.Time
	subscription uint64
	offers       int
	ids          []string // of tasks that were launched
	actions      []Action
	over         map[string]bool
	caches       verifier
	// condemned are the volumes that an operator has asked to destroy, all is true for every volume.
	condemned map[hostVolume]bool
	all       bool
}

func (p *player) next() byte {
	if len(p.data) == 0 {
		return 0
	}
	b := p.data[0]
	p.data = p.data[1:]
	return b
}

func (p *player) restart() {
	state, err := NewState(Options{Settings: p.settings, Started: p.now}, p.store)
	if err != nil {
		p.t.Fatalf("what was saved does not load: %v\n%s", err, recordText(p.store))
	}
	p.state, p.subscription = state, 0
}

// step decodes and applies one event; most are followed by a cycle.
func (p *player) step() {
	op := p.next()
	switch op % 15 {
	case 0:
		p.subscription++
		p.apply(Subscribed{Subscription: p.subscription, FrameworkID: fmt.Sprintf("f%d", p.next()%2)})
	case 1:
		p.apply(Disconnected{Subscription: uint64(p.next()), Reason: "gone"})
	case 2:
		p.apply(Offered{Subscription: p.subscription, Offers: []offer.Offer{p.offer(), p.offer()}})
	case 3:
		p.apply(Rescinded{Subscription: p.subscription, OfferID: fmt.Sprintf("o%d", p.next())})
	case 4:
		p.apply(AgentLost{Subscription: p.subscription, AgentID: p.agent(p.next())})
	case 5, 6, 7:
		p.apply(Updated{Subscription: p.subscription, Status: p.status()})
	case 8:
		if len(p.actions) > 0 {
			a := p.actions[int(p.next())%len(p.actions)]
			p.apply(CallFailed{Subscription: p.subscription, Action: a, Reason: "reset"})
		}
	case 9:
		p.now = p.now.Add(time.Duration(p.next()) * 5 * time.Second)
	case 10:
		if len(p.actions) > 0 {
			p.apply(CallAccepted{Subscription: p.subscription, Action: p.actions[int(p.next())%len(p.actions)]})
		}
	case 11:
		p.restart()
	case 12:
		p.request(p.next())
	case 13:
		p.offers++
		p.apply(InverseOffered{Subscription: p.subscription,
			Offers: []offer.Inverse{{ID: fmt.Sprintf("i%d", p.offers), AgentID: p.agent(p.next()),
				Start: p.now.Add(time.Duration(p.next()) * time.Minute)}}})
	case 14:
		p.apply(InverseRescinded{Subscription: p.subscription, OfferID: fmt.Sprintf("i%d", p.next())})
	}
	if op < 200 {
		p.cycle()
	}
}

// request is what an operator asks for.
func (p *player) request(which byte) {
	switch {
	case which == 255:
		p.apply(TeardownRequested{})
	case which >= 253:
		p.all = p.all || which == 254
		p.apply(UninstallRequested{DestroyVolumes: which == 254})
	case which < 16:
		e := ReplaceRequested{Slot: slotName(p.state.roles.InStartOrder()[which%2], int(which/2%2)),
			DestroyVolume: which >= 8}
		if _, err := p.state.CheckReplace(e); err == nil && e.DestroyVolume {
			p.condemned[p.state.slots.byName[e.Slot].Volume.at()] = true
		}
		p.apply(e)
	}
}

// disk adds disk to an offer, and perhaps a volume or what was reserved for one.
func (p *player) disk(o *offer.Offer) {
	var wire mesos.Offer
	if err := wire.Unmarshal(o.Wire); err != nil {
		p.t.Fatal(err)
	}
	o.DiskMB = float64(p.next()) * 200
	wire.Resources = append(wire.Resources, offered.Scalar("disk", o.DiskMB, ""))
	if which := p.next(); which%4 != 0 {
		slot := slotName(p.state.roles.InStartOrder()[which/4%2], int(which/8%3))
		r := offered.Scalar("disk", 10240, "")
		r.Reservations = []mesos.Resource_ReservationInfo{
			resource.Owner{Role: simRole, Cluster: "f1", Slot: slot}.Reservation()}
		if which%4 != 1 {
			id := fmt.Sprintf("f%d.%s.%d", which%2, slot, which/64)
			r.Disk = &mesos.Resource_DiskInfo{Persistence: &mesos.Resource_DiskInfo_Persistence{ID: id}}
			o.Volumes = append(o.Volumes, offer.Volume{ID: id, MB: 10240})
		}
		wire.Resources = append(wire.Resources, r)
	}
	o.Wire, _ = wire.Marshal()
}

func (p *player) agent(b byte) string { return fmt.Sprintf("agent-h%d", b%4) }

// offer is one whose own bytes may contradict it.
func (p *player) offer() offer.Offer {
	p.offers++
	host := p.next()
	o := offer.Offer{ID: fmt.Sprintf("o%d", p.offers), AgentID: p.agent(host), Host: fmt.Sprintf("h%d", host%4),
		CPUs: float64(p.next()) / 10, MemMB: float64(p.next()) * 100}
	shape := p.next()
	switch shape % 4 {
	case 0:
		o.Ports = []offer.PortRange{{Begin: 19998, End: 19999}, {Begin: 29998, End: 30000}}
	case 1:
		o.Ports = []offer.PortRange{{Begin: 0, End: uint16(p.next())}, {Begin: 65530, End: 65535}}
	case 2:
		begin := uint16(p.next()) << 8
		o.Ports = []offer.PortRange{{Begin: begin, End: begin + uint16(p.next())%200}}
	}
	if shape&16 != 0 {
		o.Unavailable = p.now.Add(time.Duration(p.next()) * time.Minute)
	}
	o.Wire = wireOf(&o)
	if shape&64 != 0 {
		p.disk(&o)
	}
	if shape >= 200 {
		at := int(p.next()) % len(o.Wire)
		o.Wire = append(o.Wire[:at:at], p.next(), p.next())
	}
	return o
}

// status is an update of a task of ours, or of nobody's.
func (p *player) status() *mesos.TaskStatus {
	which, state, shape := p.next(), mesos.TaskState(p.next()), p.next()
	id := fmt.Sprintf("alluxio-worker-%d.%d", which%3, which/3)
	if len(p.ids) > 0 && which < 200 {
		id = p.ids[int(which)%len(p.ids)]
	}
	status := &mesos.TaskStatus{TaskID: mesos.TaskID{Value: id}, State: &state}
	if shape&1 == 0 {
		status.AgentID = &mesos.AgentID{Value: p.agent(shape)}
	}
	if shape&2 == 0 {
		status.UUID = []byte{which, byte(state), shape}
	}
	if shape&4 == 0 {
		status.Data = launch.Report{JournalFormatted: fmt.Sprintf("h%d:default:f1", shape%4)}.Encode()
	}
	if policy, known := verdicts[state]; known && policy.verdict != alive && policy.verdict != unreachable &&
		p.state.current(p.subscription) {
		p.over[id] = true
	}
	return status
}

func (p *player) apply(e Event) {
	p.state.Apply(e, p.now)
	p.verify()
}

// verify compares every cache with what it is computed from.
func (p *player) verify() {
	p.caches.store = p.store
	if stale := p.caches.verify(p.state, p.now); stale != "" {
		p.t.Fatalf("%s: %s", staleCaches, stale)
	}
}

// cycle is scheduler.cycle without a scheduler.
func (p *player) cycle() {
	s := p.state
	s.Apply(Woke{}, p.now)
	d := s.Decide(p.now)
	s.Commit(d, p.now)
	p.verify()
	p.store.save(s.Changes())
	if again := s.Decide(p.now); len(again.Actions) > 0 {
		p.t.Fatalf("quiescence: after %v it decides %v", d.Actions, again.Actions)
	}
	if d.Stop == nil && !d.WakeAt.IsZero() && !d.WakeAt.After(p.now) {
		p.t.Fatalf("quiescence: it wants to be woken at %s, and now is %s", d.WakeAt, p.now)
	}
	for _, a := range d.Actions {
		switch a := a.(type) {
		case Launch:
			p.launched(a)
		case ReclaimVolumes:
			if at := p.unasked(a); at.id != "" {
				p.t.Fatalf("%s destroys %s, and nobody asked for it", a, at.id)
			}
		}
	}
	for id := range s.slots.byTask {
		if p.over[id] {
			p.t.Fatalf("terminal is terminal: %s was said to be over, and fills a slot", id)
		}
	}
	for i := range d.Rejections {
		if reason, _ := s.Explain(&d.Rejections[i]); reason == "" {
			p.t.Fatalf("a refusal without a reason: %+v", d.Rejections[i])
		}
	}
	p.actions = append(p.actions, d.Actions...)
	if len(p.actions) > 64 {
		p.actions = p.actions[len(p.actions)-64:]
	}
}

func (p *player) launched(l Launch) {
	for i := range l.Tasks {
		id := l.Tasks[i].TaskID.Value
		if slices.Contains(p.ids, id) {
			p.t.Fatalf("%s is launched twice", id)
		}
		p.ids = append(p.ids, id)
		spec := specOf(&l.Tasks[i])
		if len(spec.Ports) != len(p.settings.Of(spec.Role).Ports) || len(claimOf(&l.Tasks[i]).ports) != len(spec.Ports) {
			p.t.Fatalf("%s has ports %v and claims %v", id, spec.Ports, claimOf(&l.Tasks[i]).ports)
		}
	}
}
