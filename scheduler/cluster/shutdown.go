package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// A KILL has no effect on an executor that hangs (stopped, or out of memory). So after the time in
// which a healthy executor ends its task, SHUTDOWN is sent: when the executor does not end within its
// shutdown grace period, the agent destroys its container. A process that hangs in the kernel (state
// D) survives even that: only a reboot helps, and its task is not taken for ended.
// Mesos: scheduler-http-api.md, "SHUTDOWN"; src/slave/slave.cpp, Slave::shutdownExecutor.

// killPace is when KILL and SHUTDOWN were sent for a task, by this process only.
type killPace struct {
	// first is when the first KILL left that may have arrived: it is zero again after a new
	// subscription, and after the agent was unreachable.
	first time.Time
	// sent is when the last KILL left, shutdown when the first SHUTDOWN did.
	sent, shutdown time.Time
}

// resubscribed records that calls of the last subscription may not have arrived.
func (p *killPace) resubscribed() { p.first = time.Time{} }

func (p *killPace) noteKill(now time.Time) {
	p.sent = now
	if p.first.IsZero() {
		p.first = now
	}
}

func (p *killPace) noteShutdown(now time.Time) {
	if p.shutdown.IsZero() {
		p.shutdown = now
	}
}

// endsWithin is how long a healthy executor needs at most for the end of its task.
func (s *State) endsWithin() time.Duration {
	return s.settings.KillGrace + releaseTime + executorMargin
}

// shutsDown is true when the kill of a task takes so long that its executor must hang.
func (s *State) shutsDown(p killPace, now time.Time) bool {
	return !p.first.IsZero() && !now.Before(p.first.Add(s.endsWithin()))
}

// stuckAt is when a task counts as stuck although Mesos destroys its container; zero before any
// SHUTDOWN has left.
func (s *State) stuckAt(p killPace) time.Time {
	if p.shutdown.IsZero() {
		return time.Time{}
	}
	return p.shutdown.Add(s.settings.KillGrace + executorMargin + stuckMargin)
}

func (s *State) stuck(p killPace, now time.Time) bool {
	at := s.stuckAt(p)
	return !at.IsZero() && !now.Before(at)
}

// waitingToEnd names the tasks that are stuck, for people.
func (s *State) waitingToEnd(now time.Time) []Waiting {
	var list []Waiting
	add := func(id, host string, p killPace) {
		if !s.stuck(p, now) {
			return
		}
		name, _ := splitTaskID(id)
		list = append(list, Waiting{Slot: name, Role: s.roleOf(name),
			Message: fmt.Sprintf("%s on %s has not ended: Mesos was told to destroy its container at %s, and a process "+
				"of it may hang in the kernel (state D)",
				id, host, p.shutdown.UTC().Format(time.RFC3339)), Hint: "reboot the host " + host})
	}
	for _, slot := range s.activeInOrder() {
		if slot.Task != nil {
			add(slot.Task.ID, slot.Host, slot.Task.kill)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.surplus.index.active)) {
		task := s.surplus.byID[id]
		add(id, cmp.Or(task.Host, "the host of agent "+task.AgentID), task.kill)
	}
	return list
}

// hangText warns of an executor that seems to hang while nothing ends its task, or is "".
func (s *State) hangText(slot *Slot, now time.Time) string {
	task := slot.Task
	if task.KillReason != "" || !task.UnreachableSince.IsZero() || !task.confirmed {
		return ""
	}
	hint := fmt.Sprintf("its executor may hang; `alluxio-mesos replace %s` ends it", slot.Name)
	switch {
	case !task.serving() && !now.Before(task.Launched.Add(s.settings.StartTimeout+s.endsWithin())):
		return fmt.Sprintf("%s on %s has neither served nor failed within %s (%s): %s", task.ID, slot.Host,
			s.settings.StartTimeout, config.KeyStartTimeout, hint)
	case s.endpoints.awaitingMasterUpdate[slot.Name] != nil && task.mastersSent >= unansweredUpdates:
		return fmt.Sprintf("%s on %s does not confirm the addresses of the Alluxio masters: %s", task.ID,
			slot.Host, hint)
	}
	return ""
}
