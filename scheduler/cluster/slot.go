package cluster

import (
	"cmp"
	"strconv"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// serving is true while Alluxio itself serves, as its executor has reported with TASK_RUNNING.
func (t *Task) serving() bool {
	return t != nil && t.State == mesos.TASK_RUNNING && t.KillReason == ""
}

// reachable is true while Mesos says, in this subscription, that the agent of t answers.
func (t *Task) reachable() bool { return t.confirmed && t.UnreachableSince.IsZero() }

// quiescent is true for a slot at which cycles need not look without an event: its task serves and is
// not evacuated, and no end of it is planned or asked for.
func (s *Slot) quiescent() bool {
	return s.serves() && s.MaintenanceStart.IsZero() && s.Task.End == nil && !s.Task.Replaced
}

// runs is true for a slot with a task that is not being killed.
func (s *Slot) runs() bool { return s.Task != nil && s.Task.KillReason == "" }

// serves is true for a slot whose task serves, as Mesos has confirmed in this subscription.
func (s *Slot) serves() bool { return s.Task.serving() && s.Task.confirmed }

// inOrder compares slots in display order: by role, then by number.
func (s *State) inOrder(a, b *Slot) int {
	if a.Role != b.Role {
		return cmp.Compare(s.roleRow(a.Role).Display, s.roleRow(b.Role).Display)
	}
	return cmp.Compare(a.Index, b.Index)
}

func slotName(role config.Role, index int) string { return string(role) + "-" + strconv.Itoa(index) }

// roleOf is the role of a slot by its name; "" for a name that is not that of a slot.
func (s *State) roleOf(slot string) config.Role {
	for _, role := range s.roles.InStartOrder() {
		if strings.HasPrefix(slot, string(role)+"-") {
			return role
		}
	}
	return ""
}

// taskID names the n-th task of a slot. The incarnation is saved before the task is launched, so no
// ID is ever used twice.
func taskID(slot string, n int) string { return slot + "." + strconv.Itoa(n) }
