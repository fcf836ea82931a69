package cluster

import (
	"maps"
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Commit records d as if all its actions were sent; reconciliation repairs those that got lost.
func (s *State) Commit(d Decision, now time.Time) {
	s.hintFacts = nil
	s.request.dropped = false
	s.review = s.review && !s.freshness.done // nothing is killed before the freshness check is done
	if d.reclaiming && s.destroy.since.IsZero() {
		s.destroy.since = now
	}
	s.unacked = nil
	s.returns = slices.DeleteFunc(s.returns, func(r offerReturn) bool { return !r.at.After(now) })
	if !d.reconcileAll.IsZero() {
		s.reconcileAll = d.reconcileAll
	}
	for _, action := range d.Actions {
		s.commitAction(action, &d, now)
	}
	for _, member := range d.placedMembers {
		s.commitMember(member, now)
	}
	for _, p := range d.placements {
		s.commitPlacement(p, now)
	}
	if d.movesEndpoints() {
		s.reindexEndpoints()
	}
	s.keepRejections(&d, now)
	s.offers = nil
	clear(s.ambiguous)
	if d.eligible {
		s.lastEligible = now
	}
	for name := range s.demand.revived {
		if _, still := d.wanting[name]; !still {
			delete(s.demand.revived, name)
		}
	}
}

func (s *State) commitAction(action Action, d *Decision, now time.Time) {
	switch a := action.(type) {
	case Kill:
		s.beginTeardown()
		if slot := s.byTask[a.TaskID]; slot != nil {
			slot.Task.KillReason = a.Reason
			slot.Task.kill.noteKill(now)
			s.touch(slot)
		} else if task := s.surplus[a.TaskID]; task != nil {
			task.kill.noteKill(now)
		}
	case Shutdown:
		if slot := s.byTask[a.TaskID]; slot != nil {
			slot.Task.kill.noteShutdown(now)
		} else if task := s.surplus[a.TaskID]; task != nil {
			task.kill.noteShutdown(now)
		}
	case SendMasterUpdate:
		if slot := s.byTask[a.TaskID]; slot != nil {
			slot.Task.noteMasterUpdate(launch.AddressText(a.Masters), now)
		}
	case AcceptInverse:
		s.commitInverse(a.AgentID, now.Add(maintenanceForget))
	case DeclineInverse:
		s.commitInverse(a.AgentID, now.Add(a.Refuse+maintenanceGrace))
	case Reconcile:
		s.commitFreshness(a, now)
		for _, t := range a.Tasks {
			if slot := s.byTask[t.TaskID]; slot != nil {
				slot.Task.asks.note(now)
			} else if task := s.surplus[t.TaskID]; task != nil {
				task.asks.note(now)
				s.surplusIndex.put(task)
			}
		}
	case Revive:
		repeated := 0
		if maps.Equal(s.demand.revived, d.wanting) {
			repeated = s.demand.revives
		}
		s.demand = demandState{revived: maps.Clone(d.wanting), last: now, revives: repeated + 1}
	case Suppress:
		s.demand = demandState{suppressed: true, last: s.demand.last}
	case ReclaimVolumes:
		s.beginTeardown()
		for _, id := range a.Volumes {
			s.noteReclaim(hostVolume{id, a.Host}, a.AgentID)
		}
		s.destroy.since = now
		s.destroy.sent[a.Host] = sentReclaim{now, s.destroy.sent[a.Host].times + 1}
	case Teardown:
		s.beginTeardown()
		s.request.from = now.Add(teardownAgain)
	}
}

// commitPlacement fills a slot with the task of p.
func (s *State) commitPlacement(p *placement, now time.Time) {
	slot := s.slots[p.slot]
	if slot == nil {
		slot = s.newSlot(p.role, p.index)
		s.slots[p.slot] = slot
		s.addCompanions(slot)
	}
	if slot.Host != p.host {
		s.unindexHost(slot)
		slot.Host, slot.HostGone = p.host, false
	}
	slot.Ports, slot.CompanionPorts, slot.Attributes = p.ports, p.companionPorts, p.attributes
	slot.RelocateReason, slot.MaintenanceStart, slot.SilentSince = "", time.Time{}, time.Time{}
	if p.volume != nil {
		if v := slot.Volume; v != nil && (v.ID != p.volume.ID || v.Host != p.volume.Host) {
			s.orphanVolume(slot)
		}
		slot.Volume, slot.Volumes = p.volume, p.volumes
	}
	s.keepCompanionPorts(p)
	s.commitFormat(p)
	slot.Incarnation++
	slot.Launches++
	slot.NotBefore = time.Time{}
	slot.Task = &Task{
		ID: p.taskID, AgentID: p.agentID, State: mesos.TASK_STAGING, Launched: now,
		Election:     s.settings.Election,
		Fingerprint:  s.fingerprint(p.role, p.host, p.ports),
		CPUs:         s.requests[p.role].CPUs,
		subscription: s.connection.subscription, asks: askPace{from: now.Add(silentFor)},
	}
	slot.Task.setEndpoints(p.reading.text)
	slot.Task.RegisteredWith = s.leaderOf(s.roleRow(p.role).Registers)
	if s.maintenance[p.agentID] != nil {
		s.evacuateAt = now.Add(callAgain)
	}
	s.touch(slot)
}

// forgetCluster removes the framework ID and the tasks after a teardown. The hosts of masters and
// volumes, and which journals were formatted, are kept: their data is still there.
func (s *State) forgetCluster() {
	s.ended = true
	s.frameworkID = ""
	s.changed[frameworkKey] = struct{}{}
	for id := range s.surplus {
		s.forgetSurplus(id)
	}
	for _, slot := range s.slots {
		if slot.Task != nil {
			if v := slot.Volume; v != nil {
				v.Unused = false // the task may have written to it since its last update
			}
			delete(s.byTask, slot.Task.ID)
			slot.Task = nil
			s.touch(slot)
		}
		if !s.roleRow(slot.Role).Fixed && slot.Volume == nil {
			s.remove(slot)
		}
	}
}
