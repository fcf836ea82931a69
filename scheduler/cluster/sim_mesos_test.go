package cluster

import (
	"fmt"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// pingTimeout is how long a Mesos master waits for an agent before it takes it for unreachable.
const pingTimeout = 75 * time.Second

// simMesos is the leading Mesos master, as far as schedulers see it.
type simMesos struct {
	*world
	up         bool
	failovers  int
	frameworks int
	framework  string
	removed    string // the framework that was torn down
	stream     *stream
	ended      time.Time // when the last stream did
	suppressed bool
	offers     map[string]*simOffer
	offerCount int
	filters    []filter
	agents     map[string]*simAgent
	tasks      map[string]*masterTask
	uuids      int
	inverse    map[string]*simInverse
	// inverseFilters say until when an agent is not asked back.
	inverseFilters map[*simAgent]time.Time
}

// stream is one subscription; its events arrive in order.
type stream struct {
	number  uint64
	process *process
	last    time.Time
	open    bool
	since   time.Time
}

// masterTask is what the master knows of a task.
type masterTask struct {
	agent *simAgent
	info  mesos.TaskInfo
	claim claim
	// volume is the ID of the one that it uses, or "".
	volume string
	state  mesos.TaskState
	link   int // of the agent when the task was sent to it
}

// filter keeps the resources of an agent away until a time, unless there are more of them than when they were refused.
type filter struct {
	agent     *simAgent
	until     time.Time
	cpus, mem float64
	ports     int
	volumes   int
}

func newSimMesos(w *world) *simMesos {
	m := &simMesos{world: w, up: true, offers: map[string]*simOffer{}, agents: map[string]*simAgent{},
		tasks:   map[string]*masterTask{},
		inverse: map[string]*simInverse{}, inverseFilters: map[*simAgent]time.Time{}}
	w.after(0, m.allocate)
	return m
}

// subscribe begins a subscription, which ends the one before it and voids its offers and filters.
func (m *simMesos) subscribe(p *process) bool {
	if !m.up {
		return false
	}
	m.closeStream("another subscription took over")
	p.subscription++
	id := p.state.FrameworkID()
	if id == "" {
		m.frameworks++
		id = fmt.Sprintf("f%d", m.frameworks)
	}
	if id == m.removed {
		p.receive(Failed{Message: "Framework has been removed", Removed: true}, "removed "+id)
		return true
	}
	m.framework, m.suppressed = id, false
	m.deaf = m.deaf || m.vanished != nil && m.now.Sub(m.ended) > disconnectedGap
	m.stream = &stream{number: p.subscription, process: p, open: true, since: m.now}
	m.send(Subscribed{Subscription: p.subscription, FrameworkID: id, Master: MesosMaster{Address: "m:5050"}},
		"subscribed "+id)
	return true
}

// closeStream ends the subscription; the scheduler hears of it later.
func (m *simMesos) closeStream(why string) {
	s := m.stream
	if s == nil {
		return
	}
	m.ended = m.now
	m.stream, m.offers, m.filters, m.suppressed = nil, map[string]*simOffer{}, nil, false
	m.inverse, m.inverseFilters = map[string]*simInverse{}, map[*simAgent]time.Time{}
	s.open = false
	m.log("mesos: the stream ends: %s", why)
	noticed := oneOf(m.world, []time.Duration{50 * time.Millisecond, pingTimeout})
	m.after(m.between(0, noticed), func() { s.process.disconnected(s.number, why) })
}

// send puts an event on the stream.
func (m *simMesos) send(e Event, line string) {
	s := m.stream
	if s == nil {
		return
	}
	arrives := m.now.Add(m.between(0, 20*time.Millisecond))
	if m.chance(0.02) {
		arrives = arrives.Add(m.between(0, 3*time.Second))
	}
	if arrives.Before(s.last) {
		arrives = s.last
	}
	s.last = arrives
	m.at(arrives, func() {
		if s.open || m.rng.IntN(2) == 0 { // what was under way when the stream ended may still arrive
			s.process.receive(e, line)
		}
	})
}

// tell sends a status of Mesos's own, which has no UUID; nobody repeats it.
func (m *simMesos) tell(id string, state mesos.TaskState, agent string, reason mesos.TaskStatus_Reason) {
	status := statusOf(id, state.String(), agent, "", nil)
	status.Reason = &reason
	m.update(status)
}

func (m *simMesos) update(status *mesos.TaskStatus) {
	if m.stream == nil {
		return
	}
	line := fmt.Sprintf("update %s %s %s", status.TaskID.Value, status.GetState(), status.GetReason())
	if len(status.UUID) > 0 {
		line = fmt.Sprintf("update %s %s #%s", status.TaskID.Value, status.GetState(), status.UUID)
	}
	m.send(Updated{Subscription: m.stream.number, Status: status}, line)
}

// accept launches tasks on an offer that still stands, else drops them.
func (m *simMesos) accept(l Launch) {
	offer := m.offers[l.OfferID]
	delete(m.offers, l.OfferID)
	if offer != nil && offer.agent.standing == registered &&
		(m.vanish(offer.agent.host, l.Before) || !offer.agent.host.operate(l.Before)) {
		return // and nobody is told
	}
	for i := range l.Tasks {
		info := l.Tasks[i]
		id := info.TaskID.Value
		switch {
		case offer == nil || offer.agent.standing != registered:
			m.tell(id, mesos.TASK_DROPPED, l.AgentID, mesos.REASON_INVALID_OFFERS)
		case m.chance(0.005):
			m.tell(id, mesos.TASK_ERROR, l.AgentID, mesos.REASON_TASK_INVALID)
		default:
			agent := offer.agent
			m.checkVolume(agent, &info)
			task := &masterTask{agent: agent, info: info, claim: claimOf(&info), volume: volumeOf(&info),
				state: mesos.TASK_STAGING, link: agent.link}
			m.tasks[id] = task
			agent.hear(0.01, func() { agent.launch(task.info) })
		}
	}
}

// decline keeps the resources of offers away for a time.
func (m *simMesos) decline(d Decline) {
	for _, id := range d.OfferIDs {
		if o := m.offers[id]; o != nil {
			delete(m.offers, id)
			m.filters = append(m.filters,
				filter{o.agent, m.now.Add(d.Refuse), o.CPUs, o.MemMB, portCount(o.Ports), len(o.Volumes)})
		}
	}
}

// kill passes a kill on, or says what became of the task.
func (m *simMesos) kill(k Kill) {
	task := m.tasks[k.TaskID]
	if task == nil || task.agent.standing != registered {
		m.reconcileOne(TaskRef{TaskID: k.TaskID, AgentID: k.AgentID})
		return
	}
	task.agent.hear(0.1, func() { task.agent.kill(k.TaskID) })
}

// reconcileOne answers for one task, or not at all while its agent may yet come back after a failover.
// Mesos: reconciliation.md, master.cpp Master::reconcileTasks.
func (m *simMesos) reconcileOne(ref TaskRef) {
	const reason = mesos.REASON_RECONCILIATION
	if task := m.tasks[ref.TaskID]; task != nil {
		m.answer(ref.TaskID, task)
		return
	}
	agent := m.agents[ref.AgentID]
	switch {
	case agent == nil:
		m.tell(ref.TaskID, mesos.TASK_UNKNOWN, ref.AgentID, reason)
	case agent.standing == registered:
		m.tell(ref.TaskID, mesos.TASK_GONE, ref.AgentID, reason)
	case agent.standing == agentUnreachable:
		m.tell(ref.TaskID, mesos.TASK_UNREACHABLE, ref.AgentID, reason)
	case agent.standing == gone:
		m.tell(ref.TaskID, mesos.TASK_GONE_BY_OPERATOR, ref.AgentID, reason)
	}
}

func (m *simMesos) answer(id string, task *masterTask) {
	m.tell(id, task.state, task.agent.id, mesos.REASON_RECONCILIATION)
}

func (m *simMesos) reconcile(r Reconcile) {
	for _, ref := range r.Tasks {
		m.reconcileOne(ref)
	}
	if len(r.Tasks) > 0 {
		return
	}
	for _, id := range sorted(m.tasks) {
		m.answer(id, m.tasks[id])
	}
}

// failover replaces the master by one that knows only the names of the agents, from the registry.
func (m *simMesos) failover() {
	m.log("mesos: the master fails")
	m.up = false
	m.failovers++
	failover := m.failovers
	m.closeStream("connection reset")
	m.tasks = map[string]*masterTask{}
	for _, id := range sorted(m.agents) {
		agent := m.agents[id]
		agent.link++
		if agent.standing == registered {
			agent.standing = recovering
		}
	}
	m.after(m.between(time.Second, 20*time.Second), func() {
		m.log("mesos: another master leads")
		m.up = true
		for _, id := range sorted(m.agents) {
			agent := m.agents[id]
			m.after(m.between(0, 30*time.Second), agent.register)
			m.after(10*time.Minute, func() {
				if agent.standing == recovering && m.failovers == failover {
					agent.lost(agentUnreachable, mesos.TASK_UNREACHABLE, mesos.REASON_AGENT_REMOVED)
				}
			})
		}
	})
}
