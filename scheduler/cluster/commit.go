package cluster

import (
	"maps"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Commit records d as if all its actions were sent; reconciliation repairs those that got lost.
func (s *State) Commit(d Decision, now time.Time) {
	s.offers.dropHintFacts()
	s.teardown.committed()
	if s.reconciliation.freshness.done { // nothing is killed before
		s.slots.reviewed()
	}
	if d.reclaiming && s.volumes.destroy.since.IsZero() {
		s.volumes.noteReclaiming(now)
	}
	s.record.forgetUnacked()
	s.offers.returned(now)
	if !d.reconcileAll.IsZero() {
		s.reconciliation.askAll(d.reconcileAll)
	}
	s.commitEnds(&d)
	s.commitBackup(&d)
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
	s.offers.committed(&d, now)
	s.volumes.forgetAmbiguous()
}

func (s *State) commitAction(action Action, d *Decision, now time.Time) {
	switch a := action.(type) {
	case Kill:
		s.beginTeardown()
		if slot := s.slots.byTask[a.TaskID]; slot != nil {
			slot.Task.KillReason = a.Reason
			slot.Task.kill.noteKill(now)
			s.touch(slot)
		} else if task := s.surplus.byID[a.TaskID]; task != nil {
			task.kill.noteKill(now)
		}
	case Shutdown:
		if slot := s.slots.byTask[a.TaskID]; slot != nil {
			slot.Task.kill.noteShutdown(now)
		} else if task := s.surplus.byID[a.TaskID]; task != nil {
			task.kill.noteShutdown(now)
		}
	case SendMasterUpdate:
		if slot := s.slots.byTask[a.TaskID]; slot != nil {
			slot.Task.noteMasterUpdate(launch.AddressText(a.Masters), now)
		}
	case Administer:
		if a.Request.Operation == launch.AdminBackup {
			s.journals.noteBackupAsked(now)
		} else if slot := s.slots.byName[a.Slot]; slot != nil && slot.Task != nil && slot.Task.End != nil {
			slot.Task.End.asked = now
		}
	case AcceptInverse:
		s.commitInverse(a.AgentID, now.Add(maintenanceForget))
	case DeclineInverse:
		s.commitInverse(a.AgentID, now.Add(a.Refuse+maintenanceGrace))
	case Reconcile:
		s.commitFreshness(a, now)
		for _, t := range a.Tasks {
			if slot := s.slots.byTask[t.TaskID]; slot != nil {
				slot.Task.asks.note(now)
			} else if task := s.surplus.byID[t.TaskID]; task != nil {
				task.asks.note(now)
				s.surplus.index.put(task)
			}
		}
	case Revive:
		repeated := 0
		if maps.Equal(s.offers.demand.revived, d.wanting) {
			repeated = s.offers.demand.revives
		}
		s.offers.setDemand(demandState{revived: maps.Clone(d.wanting), last: now, revives: repeated + 1})
	case Suppress:
		s.offers.setDemand(demandState{suppressed: true, last: s.offers.demand.last})
	case ReclaimVolumes:
		s.beginTeardown()
		for _, id := range a.Volumes {
			s.noteReclaim(hostVolume{id, a.Host}, a.AgentID)
		}
		s.volumes.noteSent(a.Host, now)
	case Teardown:
		s.beginTeardown()
		s.teardown.sendFrom(now.Add(teardownAgain))
	}
}

// commitPlacement fills a slot with the task of p.
func (s *State) commitPlacement(p *placement, now time.Time) {
	slot := s.slots.byName[p.slot]
	if slot == nil {
		slot = s.newSlot(p.role, p.index)
		s.slots.put(slot)
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
		CPUs:         s.derived.requests[p.role].CPUs,
		subscription: s.connection.subscription, asks: askPace{from: now.Add(silentFor)},
	}
	slot.Task.setEndpoints(p.reading.text)
	slot.Task.RegisteredWith = s.leaderOf(s.roleRow(p.role).Registers)
	if s.maintenance.byAgent[p.agentID] != nil {
		s.maintenance.evacuateFrom(now.Add(callAgain))
	}
	s.touch(slot)
}

// forgetCluster removes the framework ID and the tasks after a teardown. The hosts of masters and
// volumes, and which journals were formatted, are kept: their data is still there.
func (s *State) forgetCluster() {
	s.teardown.end()
	s.record.setFrameworkID("")
	for id := range s.surplus.byID {
		s.forgetSurplus(id)
	}
	for _, slot := range s.slots.byName {
		if slot.Task != nil {
			if v := slot.Volume; v != nil {
				v.Unused = false // the task may have written to it since its last update
			}
			s.slots.vacate(slot)
			s.touch(slot)
		}
		if !s.roleRow(slot.Role).Fixed && slot.Volume == nil {
			s.remove(slot)
		}
	}
}
