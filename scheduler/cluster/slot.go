package cluster

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Slot is a stable identity in the cluster, filled by at most one live task at a time. Its JSON is its
// row in the Record.
type Slot struct {
	Name  string      `json:"name"`
	Role  config.Role `json:"role"`
	Index int         `json:"index"`
	// Host is where the slot's last task was placed: it is preferred, or required, for the next.
	Host string `json:"host,omitempty"`
	// Attributes are the attributes and the fault domain of its agent, for constraints.
	Attributes map[string]string `json:"place,omitempty"`
	// Ports are the ports of the last placement.
	Ports map[config.PortName]uint16 `json:"ports,omitempty"`
	// CompanionPorts are those of the ports of its companions that may be any and are in an address that
	// others read: they were chosen with the last placement.
	CompanionPorts map[config.PortName]uint16 `json:"companionPorts,omitempty"`
	// Incarnation numbers the tasks of the slot. A new slot goes on from the highest number of removed
	// ones, so that no task ID is used twice.
	Incarnation int `json:"incarnation,omitempty"`
	// Launches counts the tasks that the slot has had.
	Launches int `json:"launches,omitempty"`
	// Failures counts the failures since a task of the slot was last healthy.
	Failures    int          `json:"failures,omitempty"`
	LastFailure *TaskFailure `json:"lastFailure,omitempty"`
	// VacantSince is when the last task ended, NotBefore the end of the restart delay.
	VacantSince time.Time `json:"vacantSince,omitzero"`
	NotBefore   time.Time `json:"notBefore,omitzero"`
	// SilentSince is since when the agent of the last task had not answered when that task was
	// abandoned; zero for others, and once the host has made an offer.
	SilentSince time.Time `json:"silentSince,omitzero"`
	// HostGone is true when the next task need not wait for the host: Mesos reported the agent as gone,
	// or the last task was abandoned.
	HostGone bool `json:"hostGone,omitempty"`
	// RelocateReason is why the last task was moved off its host, so that the next does not wait for
	// that host; "" when it was not.
	RelocateReason string `json:"left,omitempty"`
	// Volume is the persistent volume that the slot has or has requested, Volumes how many it has had.
	Volume  *Volume `json:"volume,omitempty"`
	Volumes int     `json:"volumes,omitempty"`
	// MaintenanceStart is when maintenance of the task's host begins, zero when none is announced or it
	// is more than maintenanceAhead away.
	MaintenanceStart time.Time `json:"leaving,omitzero"`
	Task             *Task     `json:"task,omitempty"`

	lastOffer time.Time // when the slot's own host last offered anything
	counted   bool      // among slotIndex.serving
	leads     bool      // among slotIndex.leading
	elected   bool      // its task leads, also while it is being killed
	active    bool      // every cycle has to look at it
	listed    bool      // in slotIndex.order
	filled    bool      // it had a task when it was last indexed, see slotIndex.generation

	primaryName     string // of a companion, once it was asked for
	agentID         string // of the task, among slotIndex.tasksOn
	attributesAsked bool   // an offer of its agent was searched for Attributes
}

// Task is one run in a slot. Its state only moves forward, except between reachable and unreachable.
type Task struct {
	ID      string `json:"id"`
	AgentID string `json:"agentId"`
	// Masters are the addresses of the Alluxio masters that the task was launched with. A worker
	// cannot serve when none of them is an address of a present master.
	Masters string `json:"masters,omitempty"`
	// Endpoints are those of other roles that it was launched with.
	Endpoints map[config.Role]string `json:"endpoints,omitempty"`
	// RegisteredWith is the task that led when this one was launched, of the role with which tasks of
	// its role register; "" for other roles.
	RegisteredWith string `json:"registeredWith,omitempty"`
	// Election is how masters elected their leader when the task was launched.
	Election config.Election `json:"election,omitempty"`
	// Fingerprint identifies what Alluxio sees of the settings, see fingerprint.go.
	Fingerprint string `json:"fingerprint"`
	// CPUs is the number of processors that the task was launched with. Alluxio does not see it, so
	// the fingerprint leaves it out.
	CPUs     float64   `json:"cpus,omitempty"`
	Launched time.Time `json:"launched"`
	// ServingSince is zero until TASK_RUNNING.
	ServingSince time.Time       `json:"servingSince,omitzero"`
	State        mesos.TaskState `json:"state"`
	// UnreachableSince is zero while the agent answers.
	UnreachableSince time.Time `json:"unreachableSince,omitzero"`
	// NotAnsweringSince is when Alluxio answered its executor last, zero while it answers. It is
	// for people alone.
	NotAnsweringSince time.Time     `json:"notAnsweringSince,omitzero"`
	Report            launch.Report `json:"report,omitzero"`
	// KillReason is why the task is to end, or "".
	KillReason string `json:"killReason,omitempty"`
	// Relocate is true when the next task of the slot may be on any host.
	Relocate bool `json:"leaves,omitempty"`
	// Replaced is true when an operator has asked to replace the task. A worker ends by plan.
	Replaced bool `json:"replaced,omitempty"`

	// AdminRequests counts the requests for steps of its planned ends: an ID is used once.
	AdminRequests int `json:"adminRequests,omitempty"`
	// End is how far its planned end is, nil while none is planned.
	End *PlannedEnd `json:"end,omitempty"`

	// What follows is of this process only.
	message string
	kill    killPace
	// sentMasters, mastersSentAt and mastersSent pace MasterUpdates: the addresses in the last one, when
	// it left, and how many with the same addresses were sent.
	sentMasters   string
	mastersSentAt time.Time
	mastersSent   int
	heard         bool   // its executor has sent a Report
	subscription  uint64 // in which the launch left, 0 for one of an earlier process
	arrived       bool   // Mesos has received the launch
	answered      bool   // the launch was answered; before that it may not be reconciled in the same subscription
	confirmed     bool   // an update came in this subscription
	// lastConfirmed is the end of the last subscription in which an update came; zero when this process
	// has received none.
	lastConfirmed time.Time
	asks          askPace
}

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
