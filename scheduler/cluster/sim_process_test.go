package cluster

import (
	"fmt"
	"maps"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// process is one life of the framework: a State, driven as the scheduler's loop does, and the client around it.
type process struct {
	*world
	life         int
	state        *State
	alive        bool
	subscription uint64
	inbox        []received
	due          bool
	wake         int
	lanes        map[string]time.Time
	held         map[string]offer.Offer // offers that came and were neither used nor rescinded
	failed       map[string]bool        // offers whose last call failed
	delivered    map[string]bool        // UUIDs of updates that were applied
	words        []func()               // what the cycle has learnt, known when it is saved
	minute       time.Time
	cycles       int
}

type received struct {
	event Event
	line  string
}

// begin starts a process on what the store has.
func (w *world) begin() {
	w.lives++
	w.deaf = w.deaf || w.vanished != nil && w.now.Sub(w.left) > disconnectedGap
	if w.variant.scale {
		settings := *w.settings
		settings.Worker.Count = 1 + w.rng.IntN(3)
		w.known.scaled(w.settings, &settings)
		w.settings = &settings
	}
	record := maps.Clone(w.store)
	state, err := NewState(Options{Settings: w.settings, ExecutorURI: "http://x/alluxio-mesos", Started: w.now}, record)
	if err != nil {
		w.fail("crash equivalence", "what was saved cannot be loaded: %v", err)
	}
	w.process = &process{world: w, life: w.lives, state: state, alive: true, lanes: map[string]time.Time{},
		held: map[string]offer.Offer{}, failed: map[string]bool{}, delivered: map[string]bool{}}
	w.log("process %d begins with %d workers", w.lives, w.settings.Worker.Count)
	w.known.checkReload(record, state)
	w.process.receive(Woke{}, "")
	w.after(w.between(0, 2*time.Second), w.process.connect)
}

// crash ends the process where it stands, and another begins later.
func (p *process) crash(why string) {
	if !p.alive {
		return
	}
	p.log("process %d dies: %s", p.life, why)
	p.alive = false
	p.known.forget()
	p.after(p.between(0, 2*time.Second), func() {
		if s := p.mesos.stream; s != nil && s.process == p {
			p.mesos.closeStream("the scheduler is gone")
		}
	})
	slow := time.Minute
	if p.chance(0.2) {
		slow = 20 * time.Minute
	}
	p.after(p.between(100*time.Millisecond, slow), p.begin)
}

// connect subscribes, and tries again until it can.
func (p *process) connect() {
	if s := p.mesos.stream; !p.alive || s != nil && s.process == p {
		return
	}
	if !p.mesos.subscribe(p) {
		p.receive(Disconnected{Reason: "connection refused"}, "")
		p.after(p.between(time.Second, 15*time.Second), p.connect)
	}
}

func (p *process) disconnected(number uint64, why string) {
	p.receive(Disconnected{Subscription: number, Reason: why}, "disconnected: "+why)
	p.after(p.between(0, oneOf(p.world, []time.Duration{time.Millisecond, 5 * time.Second})), p.connect)
}

// receive queues an event; what comes in the same moment is one cycle.
func (p *process) receive(e Event, line string) {
	if !p.alive {
		return
	}
	p.inbox = append(p.inbox, received{e, line})
	if !p.due {
		p.due = true
		p.after(p.between(0, 3*time.Millisecond), p.cycle)
	}
}

// cycle is scheduler.cycle, with crashes where they hurt and checks of everything that it decides.
func (p *process) cycle() {
	if p.due = false; !p.alive {
		return
	}
	p.checkStorm()
	p.state.Apply(Woke{}, p.now)
	var acks []ackDue
	p.words = nil
	for _, r := range p.inbox {
		if r.line != "" {
			p.log("  %s", r.line)
		}
		p.state.Apply(r.event, p.now)
		acks = p.note(r.event, acks)
	}
	p.inbox = nil
	d := p.state.Decide(p.now)
	p.known.checkPure(p, &d)
	p.state.Commit(d, p.now)
	p.plant.into(&p.plant.active, p, &d)
	p.known.checkQuiescence(p, &d)
	p.plant.into(&p.plant.quiet, p, &d)
	p.known.checkCaches(p)
	p.known.checkOffersEnd(p, &d)
	p.known.checkAcknowledged(p, &d, acks)
	if p.crashes.beforeSave() || p.chance(0.001) {
		p.crash("before it saved")
		return
	}
	changes := p.state.Changes()
	p.save(changes)
	for _, learn := range p.words {
		learn()
	}
	p.known.checkSaved(changes)
	p.known.checkRelocations(&d)
	p.known.checkRollout(p, &d)
	p.known.checkPlannedEnds(p, &d)
	for i, a := range d.Actions {
		if p.crashes.beforeAction() || p.chance(0.002) {
			p.crash(fmt.Sprintf("after the cycle was saved, before action %d of %d: %s", i+1, len(d.Actions), a))
			return
		}
		p.log("%s", a)
		p.known.checkAction(p, a)
		p.do(a)
	}
	p.finish(&d)
}

func (p *process) finish(d *Decision) {
	if d.Stop != nil {
		p.log("stop: %s", d.Stop.Reason)
		if d.Stop.Failed {
			p.crash("it stopped")
		} else {
			p.alive = false
		}
		return
	}
	p.wake++
	if number := p.wake; !d.WakeAt.IsZero() {
		p.at(d.WakeAt, func() {
			if p.wake == number {
				p.receive(Woke{}, "")
			}
		})
	}
}

// ackDue is an update that has to be acknowledged by the cycle in which it came.
type ackDue struct {
	subscription uint64
	task, uuid   string
}

// note keeps what the scheduler was told.
func (p *process) note(e Event, acks []ackDue) []ackDue {
	current := p.state.Subscription()
	switch e := e.(type) {
	case Subscribed, Disconnected:
		if current == 0 || p.state.connection.since.Equal(p.now) {
			clear(p.held)
		}
	case Offered:
		for _, o := range e.Offers {
			if e.Subscription == current {
				p.held[o.ID] = o
				p.words = append(p.words, func() { p.known.seeHost(o) })
			}
		}
	case CallFailed:
		if e.Subscription == current { // Mesos may hold the offer still, so it is given back
			switch a := e.Action.(type) {
			case Launch:
				p.failed[a.OfferID] = true
			case ReclaimVolumes:
				p.failed[a.OfferID] = true
			case Decline:
				for _, id := range a.OfferIDs {
					p.failed[id] = true
				}
			}
		}
	case Rescinded:
		if e.Subscription == current {
			delete(p.held, e.OfferID)
		}
	case Reconfigured:
		p.known.scaled(p.settings, e.Settings)
		p.settings = e.Settings
	case ReplaceRequested:
		p.words = append(p.words, func() { p.known.replaced(e.Slot) })
	case Updated:
		if e.Subscription != current {
			return acks
		}
		p.words = append(p.words, func() { p.known.hear(e.Status) })
		if uuid := string(e.Status.UUID); uuid != "" {
			p.delivered[uuid] = true
			return append(acks, ackDue{current, e.Status.TaskID.Value, uuid})
		}
	}
	return acks
}

// save changes what a later process begins with.
func (w *world) save(changes Changes) {
	if len(changes) > 0 {
		w.store.save(changes)
		w.rows = nil
	}
}

// slotRows are the slots that a later process would begin with. Nobody changes them.
func (w *world) slotRows() map[string]*Slot {
	if w.rows == nil {
		s := emptyState(w.settings.Roles)
		if err := s.load(w.store); err != nil {
			w.fail("crash equivalence", "what was saved cannot be loaded: %v", err)
		}
		w.rows = s.slots.byName
	}
	return w.rows
}
