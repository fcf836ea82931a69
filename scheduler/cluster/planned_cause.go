package cluster

import (
	"slices"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// servesBlocks is true for a slot whose task serves blocks and can be asked to leave.
func (s *State) servesBlocks(slot *Slot) bool {
	return s.roleRow(slot.Role).Blocks && slot.serves() && slot.Task.UnreachableSince.IsZero()
}

// leadingMaster is the task of the leading master, whose executor runs administration commands; nil
// while no leader is known.
func (s *State) leadingMaster() *Task {
	slot := s.slots.byTask[s.leaderOf(config.Master)]
	if slot == nil || !slot.serves() || !slot.Task.UnreachableSince.IsZero() {
		return nil
	}
	return slot.Task
}

// hasAdminCommands is true while Alluxio is known to be of a version in which executors of masters run
// administration commands.
func (s *State) hasAdminCommands() bool { return atLeast(s.alluxioVersion(), 2, 3) }

// endsByPlan is true for a slot whose task is not to be killed before the steps of a planned end:
// it has served, and is reachable or may be again. Where it is not known what the executor of the
// leading master can do, or Mesos has not confirmed the task in this subscription, the version of
// Alluxio decides; without a leader an unknown one waits for it.
func (s *State) endsByPlan(slot *Slot) bool {
	task := slot.Task
	if !s.roleRow(slot.Role).Blocks || task == nil || task.KillReason != "" || task.ServingSince.IsZero() {
		return false
	}
	switch master := s.leadingMaster(); {
	case master == nil:
		return s.hasAdminCommands() || s.alluxioVersion() == ""
	case master.Report.Version == 0 || !slot.serves():
		return s.hasAdminCommands()
	default:
		return slices.Contains(master.Report.Admin, launch.AdminPersist) // not before 2.3, nor of an earlier executor
	}
}

// advanceEnd says whether the task of slot may be killed now for cause, and takes the steps before that.
func (s *State) advanceEnd(d *Decision, slot *Slot, cause EndCause, now time.Time) bool {
	if !s.endsByPlan(slot) {
		return true
	}
	master := s.leadingMaster()
	if master == nil || master.Report.Version == 0 || !s.servesBlocks(slot) {
		return false
	}
	end := d.endOf(slot)
	if end == nil || end.Cause != cause || end.Master != master.ID {
		if (end == nil || end.done()) && s.countEnds(d, now).open >= mostRequests {
			return false
		}
		end = end.begin(cause, slot.Task.nextRequest(0, now), master.ID, now)
		d.setEnd(slot, end)
	}
	return s.takeSteps(d, slot, end, master, now)
}

// begin is a planned end for cause. What clients were told by the same master, and how often others were
// started again, is that of e, which may be nil.
func (e *PlannedEnd) begin(cause EndCause, request int, master string, now time.Time) *PlannedEnd {
	begun := &PlannedEnd{Cause: cause, Request: request, Tries: 1, Master: master, Began: now}
	if e != nil {
		begun.Began, begun.Recalls = e.Began, e.Recalls
		same := e.Master == master
		begun.DecommissionAsked, begun.Decommissioned = same && e.DecommissionAsked, same && e.Decommissioned
	}
	return begun
}

// endCounts counts the planned ends of a cycle.
type endCounts struct {
	// open are the requests without a final answer, told the workers that clients leave or have left.
	open, leaving int
	// away are the workers that do not serve clients for another reason.
	away int
	// known is when clients know all workers that serve after a restart.
	clientsKnow time.Time
}

func (c *endCounts) add(end *PlannedEnd, n int) {
	if end == nil {
		return
	}
	if end.Answer == nil && !end.done() {
		c.open += n
	}
	if end.DecommissionAsked {
		c.leaving += n
	}
}

// countEnds counts the planned ends once for a cycle.
func (s *State) countEnds(d *Decision, now time.Time) *endCounts {
	if d.endCounts != nil {
		return d.endCounts
	}
	d.endCounts = &endCounts{clientsKnow: s.clientsKnowAt()}
	for _, slot := range s.activeInOrder() {
		if !s.roleRow(slot.Role).Blocks {
			continue
		}
		end := (*PlannedEnd)(nil)
		if slot.Task != nil {
			end = d.endOf(slot)
			d.endCounts.add(end, 1)
		}
		if !end.leaves() && s.unavailable(slot, now) {
			d.endCounts.away++
		}
	}
	return d.endCounts
}

// mayDecommission is true while fewer workers than maxUnavailable are away or leave. For new settings it
// also waits until clients know the workers that have come back: each refreshes its list of workers now
// and then.
func (s *State) mayDecommission(d *Decision, cause EndCause, now time.Time) bool {
	counts := s.countEnds(d, now)
	leaving := counts.leaving
	if !endPlans[cause].besidesAway {
		leaving += counts.away
	}
	if leaving >= s.maxUnavailable() {
		return false
	}
	if endPlans[cause].comesBack && counts.clientsKnow.After(now) {
		d.wakeBy(counts.clientsKnow)
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
func (s *State) takeBackEnds(d *Decision, evacuating map[string]string, now time.Time) {
	for _, slot := range s.activeInOrder() {
		task := slot.Task
		if task == nil || d.endOf(slot) == nil || task.KillReason != "" || s.keepsEnd(d.endOf(slot), slot, evacuating) {
			continue
		}
		end, master := d.endOf(slot), s.leadingMaster()
		switch {
		case !end.DecommissionAsked, master != nil && end.Master != master.ID: // clients do not leave it
			d.setEnd(slot, nil)
			continue
		case master == nil || !s.servesBlocks(slot):
			continue
		case end.Cause != EndForReturn:
			returns := *end
			returns.Cause = EndForReturn
			end = &returns
			d.setEnd(slot, end)
		}
		if s.takeSteps(d, slot, end, master, now) {
			s.killTask(d, now, task, "it starts again in place: it is decommissioned, and to stay after all")
		}
	}
}

// noteOtherDecommissioned records that the present task of a slot was decommissioned in place of the one that
// the request was about, which ended meanwhile: Alluxio's command knows hosts alone. It starts again.
func (s *State) noteOtherDecommissioned(taskID string, answer launch.AdminAnswer, now time.Time) {
	slot, master := s.slots.byName[taskID[:max(0, strings.LastIndexByte(taskID, '.'))]], s.leadingMaster()
	if r := answer.Decommission; r == nil || !r.Decommissioned || !answer.State.Final() { // it may register after that
		return
	}
	if slot == nil || master == nil || !slot.serves() || slot.Task.End != nil {
		return
	}
	end := (*PlannedEnd)(nil).begin(EndForReturn, slot.Task.nextRequest(0, now), master.ID, now)
	end.DecommissionAsked, slot.Task.End = true, end
	s.touch(slot)
}

// keepsEnd is true while the cause of the planned end of slot's task lasts, and its steps go on.
func (s *State) keepsEnd(end *PlannedEnd, slot *Slot, evacuating map[string]string) bool {
	wanted, _ := s.wanted(slot)
	maintained := !slot.MaintenanceStart.IsZero() && !s.announced(slot)
	return end.plan().lasts(s, endFacts{
		outdated:   s.slots.outdated[slot.Name] != nil,
		evacuating: evacuating[slot.Name] != "" || maintained, // Mesos announces it again in each subscription
		excess:     !wanted && (slot.MaintenanceStart.IsZero() || !s.surges(slot)),
	})
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
