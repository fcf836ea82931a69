package fakemesos

import (
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// do carries out a call. It returns the error in the call, or "".
func (m *Master) do(call *scheduler.Call) string {
	switch {
	case call.Type == scheduler.Call_TEARDOWN:
		m.teardown()
	case call.Type == scheduler.Call_ACCEPT && call.Accept != nil:
		m.accept(call.Accept)
	case call.Type == scheduler.Call_DECLINE && call.Decline != nil:
		for _, id := range call.Decline.OfferIDs {
			if o := m.use(id.Value, call.Type); o != nil {
				m.decline(o, o.share, call.Decline.Filters)
			}
		}
	case call.Type == scheduler.Call_REVIVE:
		m.suppressed = false
		for _, a := range m.agents {
			a.refused = time.Time{}
		}
		m.allocate(time.Now())
	case call.Type == scheduler.Call_SUPPRESS:
		m.suppressed = true
	case call.Type == scheduler.Call_KILL && call.Kill != nil:
		m.kill(call.Kill)
	case call.Type == scheduler.Call_ACKNOWLEDGE && call.Acknowledge != nil:
		return m.acknowledge(call.Acknowledge)
	case call.Type == scheduler.Call_RECONCILE && call.Reconcile != nil:
		m.reconcile(call.Reconcile.Tasks)
	default:
		return "Expecting '" + call.Type.String() + "' to be known and present"
	}
	return ""
}

// accept launches tasks. Mesos: src/master/master.cpp, Master::accept.
func (m *Master) accept(c *scheduler.Call_Accept) {
	var o *offer
	rest := share{}
	if len(c.OfferIDs) != 1 {
		m.violation("ACCEPT of %d offers: this master knows only one at a time", len(c.OfferIDs))
	} else if o = m.use(c.OfferIDs[0].Value, scheduler.Call_ACCEPT); o != nil {
		rest = o.share
	}
	for i := range c.Operations {
		op := &c.Operations[i]
		if op.Type != mesos.Offer_Operation_LAUNCH || op.Launch == nil {
			m.violation("ACCEPT with %s: this master knows LAUNCH only", op.Type)
			continue
		}
		for j := range op.Launch.TaskInfos {
			m.launch(&op.Launch.TaskInfos[j], o, &rest)
		}
	}
	if o != nil {
		m.decline(o, rest, c.Filters)
	}
}

// launch starts one task on what is left of an offer; o is nil when there is no such offer.
func (m *Master) launch(info *mesos.TaskInfo, o *offer, rest *share) {
	t := &task{id: info.TaskID.Value, info: info, agentID: info.AgentID.Value}
	refuse := func(state mesos.TaskState, reason mesos.TaskStatus_Reason, message string) {
		m.sendStatus(t,
			mesos.TaskStatus{State: state.Enum(), Source: mesos.SOURCE_MASTER.Enum(), Reason: reason.Enum(), Message: &message})
	}
	if o == nil {
		refuse(mesos.TASK_DROPPED, mesos.REASON_INVALID_OFFERS, "Task launched with invalid offers: Offer is no longer valid")
		return
	}
	if m.tasks[t.id] != nil {
		refuse(mesos.TASK_ERROR, mesos.REASON_TASK_INVALID, "Task has duplicate ID: "+t.id)
		return
	}
	if info.AgentID.Value != o.agent.id {
		refuse(mesos.TASK_ERROR, mesos.REASON_TASK_INVALID, "Task uses invalid agent "+info.AgentID.Value)
		return
	}
	need := shareOf(info.Resources...)
	if info.Executor != nil {
		need.add(shareOf(info.Executor.Resources...))
	}
	if !rest.take(need) {
		refuse(mesos.TASK_ERROR, mesos.REASON_TASK_INVALID, "Task uses more resources than available")
		return
	}
	t.agent, t.held, t.state = o.agent, need, mesos.TASK_STAGING
	m.tasks[t.id] = t
	for _, status := range m.o.Statuses(info) {
		m.update(t, status)
	}
}

func (m *Master) kill(k *scheduler.Call_Kill) {
	t := m.tasks[k.TaskID.Value]
	if t == nil {
		unknown := &task{id: k.TaskID.Value, agentID: k.AgentID.GetValue()}
		m.sendStatus(unknown, m.lookup(unknown.id, unknown.agentID))
		return
	}
	if t.agent.lost || t.killed {
		return
	}
	t.killed = true
	for _, status := range m.o.Killed(t.info) {
		m.update(t, status)
	}
}

// reconcile answers for the tasks that are named, or for all. Mesos: reconciliation.md.
func (m *Master) reconcile(tasks []scheduler.Call_Reconcile_Task) {
	for _, r := range tasks {
		agentID := r.AgentID.GetValue()
		if t := m.tasks[r.TaskID.Value]; t != nil {
			agentID = t.agentID
		}
		m.sendStatus(&task{id: r.TaskID.Value, agentID: agentID}, m.lookup(r.TaskID.Value, agentID))
	}
	if len(tasks) == 0 {
		for _, t := range m.tasks {
			m.sendStatus(t, m.lookup(t.id, t.agentID))
		}
	}
}

// lookup is what the master knows of a task, for a framework with PARTITION_AWARE.
func (m *Master) lookup(id, agentID string) mesos.TaskStatus {
	t, a := m.tasks[id], m.byID[agentID]
	state := mesos.TASK_UNKNOWN
	switch {
	case t != nil && t.agent.lost:
		state = mesos.TASK_UNREACHABLE
	case t != nil:
		state = t.state
	case a != nil:
		state = mesos.TASK_GONE
	}
	return mesos.TaskStatus{State: state.Enum(), Source: mesos.SOURCE_MASTER.Enum(),
		Reason: mesos.REASON_RECONCILIATION.Enum()}
}
