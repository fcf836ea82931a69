package cluster

import (
	"maps"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// plansEnd is true for a slot whose task serves blocks and can be asked to leave.
func (s *State) plansEnd(slot *Slot) bool {
	return s.roleRow(slot.Role).Blocks && slot.serves() && slot.Task.UnreachableSince.IsZero()
}

// administrator is the task of the leading master, whose executor runs administration commands; nil
// while no leader is known.
func (s *State) administrator() *Task {
	slot := s.slots.byTask[s.leaderOf(config.Master)]
	if slot == nil || !slot.serves() || !slot.Task.UnreachableSince.IsZero() {
		return nil
	}
	return slot.Task
}

// mayEnd says whether the task of slot may be killed now for cause, and takes the steps before that.
func (s *State) mayEnd(d *Decision, slot *Slot, cause EndCause, now time.Time) bool {
	if !s.plansEnd(slot) {
		return true
	}
	master := s.administrator()
	if master == nil || master.Report.Version == 0 && atLeast(s.alluxioVersion(), 2, 3) {
		return false // whether files are lost is not known, or what the executor can do
	}
	if len(master.Report.Admin) == 0 { // of Alluxio before 2.3, or launched by an earlier version
		return true
	}
	end := d.endOf(slot)
	if end == nil || end.Cause != cause || end.Master != master.ID {
		if end == nil && !s.mayBeginEnd(d, cause, now) {
			return false
		}
		begun := &PlannedEnd{Cause: cause, Request: slot.Task.AdminRequests + 1, Tries: 1, Master: master.ID, Began: now}
		if end != nil {
			begun.Began = end.Began
			begun.Told, begun.Left = end.Told && end.Master == master.ID, end.Left && end.Master == master.ID
		}
		end = begun
		d.setEnd(slot, end)
	}
	return s.takeSteps(d, slot, end, master, now)
}

// mayMoveMaster says whether a master may end whose next task serves at another address. It may once the
// files of all workers are in the under store: they cannot be persisted from then on.
func (s *State) mayMoveMaster(d *Decision, now time.Time) bool {
	may := true
	for _, slot := range slices.SortedFunc(maps.Values(s.slots.byTask), s.inOrder) {
		if s.roleRow(slot.Role).Blocks && slot.Task.KillReason == "" && !d.kills(slot.Task.ID) {
			may = s.mayEnd(d, slot, EndForMaster, now) && may
		}
	}
	return may
}

// mayBeginEnd is true while fewer workers than maxUnavailable leave. For new settings it also waits until
// clients know the workers that have come back: each refreshes its list of workers now and then.
func (s *State) mayBeginEnd(d *Decision, cause EndCause, now time.Time) bool {
	if cause == EndForMaster { // no worker leaves
		return true
	}
	leaving := 0
	for _, slot := range s.activeInOrder() {
		if slot.Task != nil && slot.Task.End != nil && d.endOf(slot) != nil {
			leaving++
		}
	}
	for name, end := range d.ends {
		if end != nil && s.slots.byName[name].Task.End == nil { // it begins in this cycle
			leaving++
		}
	}
	if leaving >= s.maxUnavailable(config.Worker) {
		return false
	}
	if cause != EndForSettings {
		return true
	}
	if known := s.clientsKnowAt(); known.After(now) {
		d.wakeBy(known)
		return false
	}
	return true
}

// clientsKnowAt is from when on clients know all workers that serve after a restart.
func (s *State) clientsKnowAt() (known time.Time) {
	for _, slot := range s.slots.byTask {
		if s.roleRow(slot.Role).Blocks && slot.Launches > 1 && slot.Task.serving() {
			known = later(known, slot.Task.ServingSince.Add(s.settings.ClientRefresh()))
		}
	}
	return known
}

// takeBackEnds has workers stay whose planned end has no cause any more. One that clients may have been
// told of starts again in place, once its files are persisted.
func (s *State) takeBackEnds(d *Decision, now time.Time) {
	for _, slot := range s.activeInOrder() {
		task := slot.Task
		if task == nil || task.End == nil || task.KillReason != "" || s.keepsEnd(slot) {
			continue
		}
		end, master := task.End, s.administrator()
		switch {
		case !end.Told, master != nil && end.Master != master.ID: // clients do not leave it
			d.setEnd(slot, nil)
			continue
		case master == nil || !s.plansEnd(slot):
			continue
		case end.Cause != EndForReturn:
			returns := *end
			returns.Cause = EndForReturn
			end = &returns
			d.setEnd(slot, end)
		}
		if s.takeSteps(d, slot, end, master, now) {
			s.killTask(d, now, task, "it starts again in place: the change that it was decommissioned for was taken back")
		}
	}
}

// keepsEnd is true while the cause of the planned end of slot's task lasts.
func (s *State) keepsEnd(slot *Slot) bool {
	wanted, _ := s.wanted(slot)
	outdated, moves := s.slots.outdated[slot.Name] != nil, !slot.MaintenanceStart.IsZero()
	switch slot.Task.End.Cause {
	case EndForSettings:
		return outdated
	case EndForMaintenance:
		return moves
	case EndReplaced:
		return true
	case EndForMaster:
		return s.masterMoves()
	case EndForReturn:
		return outdated || moves || !wanted
	}
	return !wanted
}

// masterMoves is true while a master is to end whose next task serves at another address.
func (s *State) masterMoves() bool {
	for _, slot := range s.slots.outdated {
		if s.goesFirst(slot) {
			return true
		}
	}
	return false
}
