package fakemesos

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

type task struct {
	id, agentID string
	agent       *agent
	info        *mesos.TaskInfo
	held        share
	killed      bool
	// state is that of the last update that was sent.
	state mesos.TaskState
	// updates wait for their acknowledgement; only the first was sent, at sent. Mesos: the agent's
	// task status update manager.
	updates []mesos.TaskStatus
	sent    time.Time
}

// Task is a task as the master knows it.
type Task struct {
	Info    *mesos.TaskInfo
	AgentID string
	State   mesos.TaskState
	// Unacknowledged is how many updates the scheduler has not acknowledged.
	Unacknowledged int
}

// Tasks are those whose terminal update is not acknowledged yet, by ID.
func (m *Master) Tasks() map[string]Task {
	m.mu.Lock()
	defer m.mu.Unlock()
	tasks := make(map[string]Task, len(m.tasks))
	for id, t := range m.tasks {
		tasks[id] = Task{t.info, t.agentID, t.state, len(t.updates)}
	}
	return tasks
}

// Running is how many tasks are in TASK_RUNNING with everything acknowledged. It costs no memory.
func (m *Master) Running() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, t := range m.tasks {
		if t.state == mesos.TASK_RUNNING && len(t.updates) == 0 {
			n++
		}
	}
	return n
}

// Unacknowledged is how many updates wait for the scheduler.
func (m *Master) Unacknowledged() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, t := range m.pending {
		n += len(t.updates)
	}
	return n
}

// Update lets the executor of a task send one more update; false when there is no such task.
func (m *Master) Update(taskID string, status mesos.TaskStatus) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.tasks[taskID]
	if t != nil {
		m.update(t, status)
	}
	return t != nil
}

// update queues an update of an executor; it is sent when those before it are acknowledged.
func (m *Master) update(t *task, status mesos.TaskStatus) {
	m.serial++
	status.UUID = binary.BigEndian.AppendUint64(make([]byte, 8, 16), uint64(m.serial))
	if status.Source == nil {
		status.Source = mesos.SOURCE_EXECUTOR.Enum()
	}
	if t.info != nil && t.info.Executor != nil {
		status.ExecutorID = &t.info.Executor.ExecutorID
	}
	t.updates = append(t.updates, status)
	if len(t.updates) == 1 {
		m.sendNext(t, time.Now())
	}
}

// sendNext sends the first update that is not acknowledged.
func (m *Master) sendNext(t *task, now time.Time) {
	if len(t.updates) == 0 {
		delete(m.pending, t.id)
		if terminal(t.state) {
			delete(m.tasks, t.id)
		}
		return
	}
	m.pending[t.id] = t
	if t.agent.lost {
		return
	}
	t.state, t.sent = t.updates[0].GetState(), now
	if terminal(t.state) {
		m.release(t)
	}
	m.sendStatus(t, t.updates[0])
}

// resend sends again what has waited too long for its acknowledgement.
func (m *Master) resend(now time.Time) {
	if m.stream == nil {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(m.pending)) {
		if t := m.pending[id]; now.Sub(t.sent) >= m.o.Resend {
			m.sendNext(t, now)
		}
	}
}

// sendStatus sends an update once.
func (m *Master) sendStatus(t *task, status mesos.TaskStatus) {
	status.TaskID.Value = t.id
	if t.agentID != "" {
		status.AgentID = &mesos.AgentID{Value: t.agentID}
	}
	seconds := float64(time.Now().UnixMilli()) / 1000
	status.Timestamp = &seconds
	m.send(&scheduler.Event{Type: scheduler.Event_UPDATE, Update: &scheduler.Event_Update{Status: status}})
}

// acknowledge takes an acknowledgement. Those of updates that are acknowledged already are fine: an
// update may come twice.
func (m *Master) acknowledge(a *scheduler.Call_Acknowledge) string {
	if len(a.UUID) != 16 {
		m.violation("ACKNOWLEDGE of %s with a UUID of %d bytes", a.TaskID.Value, len(a.UUID))
		return "Expecting 'uuid' to be a valid UUID"
	}
	t := m.tasks[a.TaskID.Value]
	if t == nil || len(t.updates) == 0 || !bytes.Equal(t.updates[0].UUID, a.UUID) {
		return ""
	}
	if a.AgentID.Value != t.agentID {
		m.violation("ACKNOWLEDGE of %s to agent %s instead of %s", t.id, a.AgentID.Value, t.agentID)
	}
	t.updates = t.updates[1:]
	m.sendNext(t, time.Now())
	return ""
}

// release gives a task's resources back to its agent, once.
func (m *Master) release(t *task) {
	if t.agent == nil || t.held.cpus == 0 && t.held.mem == 0 && t.held.ports == nil {
		return
	}
	t.agent.give(t.held)
	t.agent.refused = time.Time{} // more is free than was refused: the filter does not match
	t.held = share{}
}

func terminal(s mesos.TaskState) bool {
	switch s {
	case mesos.TASK_FINISHED, mesos.TASK_FAILED, mesos.TASK_KILLED, mesos.TASK_ERROR, mesos.TASK_LOST, mesos.TASK_DROPPED,
		mesos.TASK_GONE:
		return true
	}
	return false
}
