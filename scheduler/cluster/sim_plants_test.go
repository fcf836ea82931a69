package cluster

import (
	"slices"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// rolePlants are faults that worlds with the test roles show.
var rolePlants = []plant{
	{"a companion is beside its primary", func(p *process, d *Decision) {
		for i, a := range d.Actions {
			if l, ok := a.(Launch); ok && p.state.roleRow(specOf(&l.Tasks[0]).Role).Beside != "" {
				l.Host = "elsewhere"
				d.Actions[i] = l
			}
		}
	}},
	{"at most one live task per slot", func(p *process, _ *Decision) { p.forget(besideWorker) }},
	{"a companion follows its primary", func(p *process, d *Decision) { // it is taken for one that has
		d.Actions = slices.DeleteFunc(d.Actions, func(a Action) bool {
			kill, _ := a.(Kill)
			slot := p.state.slots.byTask[kill.TaskID]
			if slot == nil || p.state.primaryOf(slot) == nil || !strings.Contains(kill.Reason, "has moved to") {
				return false
			}
			slot.Task.KillReason = ""
			p.state.unindexHost(slot)
			slot.Host = p.state.primaryOf(slot).Host
			p.state.touch(slot)
			return true
		})
	}},
}

// dataPlants are faults that worlds with files of clients show.
var dataPlants = []plant{
	{"a planned end loses no file", func(p *process, d *Decision) { // no step is waited for
		for _, slot := range p.state.slots.byTask {
			if slot.Task.End != nil && slot.Task.End.Cause == EndForCount && slot.Task.KillReason == "" {
				d.do(Kill{TaskID: slot.Task.ID, AgentID: slot.Task.AgentID, Reason: "the settings ask for fewer"})
			}
		}
	}},
	{"a planned end loses no file", func(p *process, _ *Decision) { // a teardown does not wait for the files
		if p.state.teardown.persisting {
			p.state.teardown.persisting, p.state.teardown.requested = false, true
		}
	}},
	{"few workers leave at a time", func(p *process, _ *Decision) {
		for _, r := range p.known.alive() {
			if leader := p.data.leading(); r.role == config.Worker && leader != nil {
				r.decommissionedBy = leader.id
			}
		}
	}},
	{"none stays decommissioned", func(p *process, _ *Decision) {
		if leader := p.data.leading(); p.calm && leader != nil {
			for _, r := range p.known.alive() {
				if r.role == config.Worker {
					r.decommissionedBy = leader.id
					break
				}
			}
		}
	}},
}

// plainPlants are faults that plain worlds show, each with the invariant that has to find it.
var plainPlants = []plant{
	{"at most one live task per slot", func(p *process, _ *Decision) { p.forget(config.Worker) }},
	{"at most one worker per host", func(p *process, _ *Decision) {
		for key, slot := range p.state.slots.byHost {
			if key.role == config.Worker && slot.Task.serving() {
				delete(p.state.slots.byHost, key)
			}
		}
	}},
	{"no offer used twice", func(_ *process, d *Decision) {
		for _, a := range d.Actions {
			if l, ok := a.(Launch); ok {
				d.Actions = append(d.Actions, Decline{OfferIDs: []string{l.OfferID}})
			}
		}
	}},
	{"every offer ends", func(_ *process, d *Decision) { drop[Decline](d) }},
	{"never more than was offered", func(_ *process, d *Decision) {
		for _, a := range d.Actions {
			if l, ok := a.(Launch); ok {
				l.Tasks[0].Resources = append(l.Tasks[0].Resources, l.Tasks[0].Resources...)
			}
		}
	}},
	{"no worker before a master serves", func(p *process, _ *Decision) {
		if slot := p.state.slots.byName[slotName(config.Master, 0)]; slot.Task != nil {
			p.state.slots.leading[config.Master] = 1
		}
	}},
	{"every update acknowledged", func(_ *process, d *Decision) { drop[Acknowledge](d) }},
	{"every update acknowledged", func(p *process, _ *Decision) { // sent, but the format of the journal is not saved
		for identity := range p.state.journals.formatted {
			delete(p.state.record.changed, journalKey(identity))
		}
	}},
	{"terminal is terminal", func(p *process, _ *Decision) {
		for _, slot := range p.state.slots.byName {
			if slot.Task == nil && slot.LastFailure != nil {
				slot.Incarnation = 0
			}
		}
	}},
	{"convergence", func(p *process, _ *Decision) {
		for _, slot := range p.state.slots.byName {
			slot.NotBefore = p.now.Add(time.Hour)
		}
	}},
	{"crash equivalence", func(p *process, d *Decision) { // the intent is not saved before it leaves
		for i := range d.placements {
			delete(p.state.record.changed, slotKey(d.placements[i].slot))
		}
	}},
	{"constraints are met", func(p *process, _ *Decision) {
		settings := *p.state.settings
		settings.Worker.Constraints = nil
		p.state.settings = &settings
	}},
	{"nothing new where maintenance is near", func(p *process, d *Decision) {
		for _, placed := range d.placements {
			for id, o := range p.held {
				if o.AgentID == placed.agentID {
					o.Unavailable = p.now
					p.held[id] = o
				}
			}
		}
	}},
	{"replaced before it leaves", func(p *process, d *Decision) {
		for id, slot := range p.state.slots.byTask {
			if slot.Role == config.Worker && slot.serves() {
				d.Actions = append(d.Actions,
					Kill{TaskID: id, AgentID: slot.Task.AgentID, Reason: maintenanceText(slot.Host, p.now)})
			}
		}
	}},
	{"one at a time", func(p *process, d *Decision) { p.endOutdated(d, func(*Slot) bool { return true }) }},
	{"workers before masters", func(p *process, d *Decision) {
		p.endOutdated(d, func(slot *Slot) bool { return slot.Role == config.Master })
	}},
	{"the leader last", func(p *process, d *Decision) {
		workers, standbys := 0, 0
		for _, slot := range p.state.slots.outdated {
			if slot.Role == config.Worker {
				workers++
			} else if slot.serves() && !slot.leads {
				standbys++
			}
		}
		p.endOutdated(d, func(slot *Slot) bool { return slot.leads && workers == 0 && standbys > 0 })
	}},
	{"accepted when it is true", func(p *process, d *Decision) {
		for _, slot := range p.state.slots.byTask {
			d.Actions = append(d.Actions, AcceptInverse{AgentID: slot.Task.AgentID})
		}
	}},
	{"what may hold data is waited for", func(p *process, _ *Decision) {
		for _, slot := range p.state.slots.byName {
			if slot.Volume != nil && slot.Task == nil {
				slot.Volume.Unused = true
			}
		}
	}},
	{"convergence", func(p *process, _ *Decision) {
		// a volume that was never used is waited for, if its host vanished with it
		for _, slot := range p.state.slots.byName {
			if slot.Volume != nil {
				slot.Volume.Unused = false
			}
		}
	}},
	{"a slot with a free host serves", func(_ *process, d *Decision) { // workers are never launched
		for i, a := range d.Actions {
			if l, ok := a.(Launch); ok && strings.HasPrefix(l.Tasks[0].TaskID.Value, string(config.Worker)) {
				d.Actions[i] = Decline{OfferIDs: []string{l.OfferID}}
			}
		}
	}},
	{"every teardown ends", func(_ *process, d *Decision) { drop[Teardown](d) }},
	{"an uninstall leaves nothing", func(p *process, _ *Decision) { clear(p.state.volumes.unowned) }},
	{"journal never formatted twice", func(p *process, _ *Decision) {
		for _, r := range p.world.alive() {
			if r.role == config.Master && r.state == mesos.TASK_RUNNING && len(r.pending) == 0 &&
				len(p.state.record.changed) == 0 {
				clear(p.state.journals.formatted)
				clear(p.shared)
				clear(r.agent.host.journals)
				r.formatted = "" // nor does its last word save it
				r.become(mesos.TASK_FAILED, "its disk is gone")
			}
		}
	}},
	// An executor says that its task is over, and the JVM lives on.
	{"never two masters on one journal", func(p *process, _ *Decision) { p.survive(config.Master) }},
	{"never two tasks on one volume", func(p *process, _ *Decision) { p.survive(config.Worker) }},
	{"members are launched together", func(_ *process, d *Decision) { // a member learns of itself alone
		respecify(d, func(spec *launch.Spec) { spec.Endpoints[config.Master] = spec.Masters()[:min(1, len(spec.Masters()))] })
	}},
	{"volumes are as the settings want them", func(_ *process, d *Decision) { // the executor does not use its volume
		respecify(d, func(spec *launch.Spec) { spec.Volume = launch.Volume{} })
	}},
	{"volumes are made of what was reserved", func(_ *process, d *Decision) {
		prepare(d, func(ops []mesos.Offer_Operation) []mesos.Offer_Operation {
			return slices.DeleteFunc(slices.Clone(ops), func(op mesos.Offer_Operation) bool {
				return op.Type == mesos.Offer_Operation_RESERVE
			})
		})
	}},
	{"a volume is made once", func(_ *process, d *Decision) {
		prepare(d, func(ops []mesos.Offer_Operation) []mesos.Offer_Operation { return append(ops, ops...) })
	}},
	{"nothing destroyed without a command", func(p *process, _ *Decision) {
		for _, slot := range p.state.slots.byName {
			if v := slot.Volume; v != nil && slot.Task == nil && p.state.volumes.marked[v.ID] == nil {
				p.state.markForDestroy(slot)
				p.state.touch(slot)
			}
		}
	}},
}

// hardPlants are faults that only hard worlds show.
var hardPlants = []plant{
	{"every kill ends", func(p *process, d *Decision) { // an executor that hangs is not shut down, and nobody is told
		drop[Shutdown](d)
		for _, slot := range p.state.slots.byTask {
			slot.Task.kill.shutdown = time.Time{}
		}
	}},
	{"journal never formatted twice", func(p *process, _ *Decision) { // a permission for a journal that serves
		for _, slot := range p.state.slots.byTask {
			if slot.Role == config.Master && slot.Task.serving() {
				p.state.journals.format = &journalFormat{Identity: slot.Task.Report.JournalFormatted, Granted: p.now}
			}
		}
	}},
	{"every kill ends", func(p *process, _ *Decision) { // a KILL that was lost is never sent again
		for _, slot := range p.state.slots.byTask {
			if !slot.Task.kill.sent.IsZero() {
				slot.Task.kill.sent = p.now
			}
		}
	}},
}

// activePlants are faults after which the same moment has something more to do.
var activePlants = []func(*process, *Decision){
	func(p *process, d *Decision) {
		if len(d.Actions) > 0 {
			p.state.offers.returns = []offerReturn{{"o0", p.now}}
		}
	},
	func(p *process, d *Decision) { d.WakeAt = p.now },
}
