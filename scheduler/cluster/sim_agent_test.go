package cluster

import (
	"fmt"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

func portsOf(p uint16) map[config.PortName]uint16 { return map[config.PortName]uint16{"": p} }

// standing is what the Mesos master thinks of an agent.
type standing int

const (
	absent standing = iota
	registered
	recovering // after a failover, before it has registered again
	agentUnreachable
	gone // for ever
)

// simHost is a machine. What is on its disk outlives its agents.
type simHost struct {
	*world
	name      string
	cpus, mem float64
	ports     []offer.PortRange
	reserved  bool
	rack      string
	journals  map[string]bool // formatted ones
	agents    int
	disk      simDisk
	agent     *simAgent // nil while the machine is off
	// drops is what becomes of tasks that are launched here before dropsUntil.
	drops      mesos.TaskState
	dropsUntil time.Time
}

// simAgent is a Mesos agent and the tasks that really run there.
type simAgent struct {
	*simHost
	host     *simHost
	id       string
	standing standing
	since    time.Time // of its standing
	cut      bool      // from the network
	cuts     int
	back     func()  // ends the cut
	link     int     // of its connection to the master; what was sent over an older one is lost
	others   float64 // memory that other frameworks use
	// unavailable is when its maintenance begins, or zero.
	unavailable time.Time
	runs        map[string]*run
}

// run is a task in reality.
type run struct {
	id, slot         string
	role             config.Role
	agent            *simAgent
	spec             *launch.Spec
	live             bool
	killing          bool
	canReceiveUpdate hearing
	ending           bool // its agent destroys its container
	state            mesos.TaskState
	formatted        string
	unusable         string              // the journal that it cannot serve from
	pending          []*mesos.TaskStatus // not acknowledged; only the first is sent
	since            time.Time
	// up is true for a master of several whose JVM runs; moved is what the executor was told last.
	up       bool
	standing launch.ElectionState
	moved    string
	updates  int
	// files are those of a worker that are nowhere else; decommissionedBy is the master that has told
	// clients to leave it alone, at decommissionedAt.
	files            int
	decommissionedBy string
	decommissionedAt time.Time
}

func over(s mesos.TaskState) bool {
	v, known := verdicts[s]
	return known && v.verdict != alive && v.verdict != unreachable
}

func (w *world) newHost() *simHost {
	h := &simHost{world: w, name: fmt.Sprintf("h%d", len(w.hosts)+1), cpus: 4, mem: 8192, journals: map[string]bool{},
		disk: newSimDisk(), rack: fmt.Sprintf("r%d", len(w.hosts)%3),
		reserved: w.rng.IntN(3) == 0,
		ports: []offer.PortRange{{Begin: 19200, End: 19200}, {Begin: 19998, End: 19999}, {Begin: 29998, End: 30000},
			{Begin: 31000, End: 31009}}}
	switch {
	case len(w.hosts) < 3: // these always do
	case w.rng.IntN(4) == 0:
		h.ports = []offer.PortRange{{Begin: 32000, End: 32000}}
	case w.rng.IntN(4) == 0:
		h.mem = 1500
	}
	if w.roles && len(h.ports) > 1 {
		h.cpus, h.ports = 6,
			append(h.ports, offer.PortRange{Begin: 40000, End: 40000}, offer.PortRange{Begin: 41000, End: 41000},
				offer.PortRange{Begin: 43000, End: 43009})
	}
	w.hosts = append(w.hosts, h)
	h.start(true)
	return h
}

// start turns a machine on, with a new agent or the one that it had.
func (h *simHost) start(fresh bool) {
	if fresh || h.agent == nil {
		h.agents++
		h.agent = &simAgent{simHost: h, host: h, id: fmt.Sprintf("%s-S%d", h.name, h.agents), runs: map[string]*run{}}
	}
	h.log("host: %s starts with agent %s", h.name, h.agent.id)
	h.after(h.between(0, 10*time.Second), h.agent.register)
}

// hear delivers a message of the master to the agent, or not.
func (a *simAgent) hear(loss float64, do func()) {
	link, lost := a.link, a.chance(loss)
	a.after(a.between(0, 50*time.Millisecond), func() {
		if lost && link == a.link { // TCP loses nothing unless the connection breaks
			a.reconnect()
		}
		if link == a.link && !a.cut {
			do()
		}
	})
}

// say delivers a message of the agent to the master, or not.
func (a *simAgent) say(loss float64, do func()) {
	lost := a.chance(loss)
	a.after(a.between(0, 50*time.Millisecond), func() {
		if !lost && !a.cut && a.standing == registered && a.mesos.up {
			do()
		}
	})
}

// reconnect breaks the connection to the master and makes a new one.
func (a *simAgent) reconnect() {
	a.link++
	a.after(a.between(0, 10*time.Second), a.register)
}

// register makes the agent and its tasks known to the master.
func (a *simAgent) register() {
	if a.cut || a.host.agent != a {
		return
	}
	if !a.mesos.up {
		a.after(5*time.Second, a.register)
		return
	}
	if a.standing == gone {
		a.shutdown()
		return
	}
	m, was := a.mesos, a.standing
	a.log("agent: %s registers", a.id)
	m.agents[a.id] = a
	a.setStanding(registered)
	for _, id := range sorted(m.tasks) {
		if task := m.tasks[id]; task.agent == a && a.runs[id] == nil && task.link != a.link && !over(task.state) {
			delete(m.tasks, id)
			m.tell(id, mesos.TASK_DROPPED, a.id, mesos.REASON_AGENT_DISCONNECTED)
		}
	}
	for _, id := range sorted(a.runs) {
		r := a.runs[id]
		m.tasks[id] = &masterTask{agent: a, info: mesos.TaskInfo{}, claim: claimOfSpec(r.spec), volume: r.spec.Volume.ID,
			state: r.state, link: a.link}
		if was == agentUnreachable && r.live {
			m.tell(id, r.state, a.id, mesos.REASON_AGENT_REREGISTERED)
		}
		if len(r.pending) > 0 {
			r.send(r.pending[0])
		}
	}
}

func (a *simAgent) setStanding(s standing) {
	if a.standing != s {
		a.standing, a.since = s, a.now
	}
}

// lost makes the master give the agent up.
func (a *simAgent) lost(s standing, state mesos.TaskState, reason mesos.TaskStatus_Reason) {
	m := a.mesos
	a.log("mesos: agent %s is %s", a.id, state)
	a.setStanding(s)
	a.link++
	for _, id := range sorted(m.offers) {
		if m.offers[id].agent == a {
			m.rescind(id)
		}
	}
	for _, id := range sorted(m.tasks) {
		if task := m.tasks[id]; task.agent == a && !over(task.state) {
			task.state = state
			m.tell(id, state, a.id, reason)
			if s == gone {
				delete(m.tasks, id)
			}
		}
	}
	if m.stream != nil {
		m.send(AgentLost{Subscription: m.stream.number, AgentID: a.id}, "agent lost "+a.id)
	}
}

// part cuts the agent off the network; the master notices after a while.
func (a *simAgent) part(d time.Duration) {
	a.log("agent: %s is cut off for %s", a.id, d.Truncate(time.Second))
	a.cut = true
	a.link++
	a.cuts++
	cuts := a.cuts
	a.after(pingTimeout, func() {
		if a.cut && a.cuts == cuts && a.mesos.up && a.standing == registered {
			a.lost(agentUnreachable, mesos.TASK_UNREACHABLE, mesos.REASON_AGENT_REMOVED)
		}
	})
	a.back = func() {
		a.log("agent: %s is back on the network", a.id)
		a.cut = false
		a.reconnect()
	}
	a.after(d, func() {
		if a.cuts == cuts {
			a.join()
		}
	})
}

// join ends what has cut the agent off.
func (a *simAgent) join() {
	if back := a.back; back != nil {
		a.back = nil
		back()
	}
}

// shutdown ends everything on an agent that was marked gone; its machine starts again.
func (a *simAgent) shutdown() {
	for _, id := range sorted(a.runs) {
		a.runs[id].live = false
	}
	a.host.agent = nil
	a.after(a.between(time.Second, 5*time.Minute), func() {
		if a.host.agent == nil {
			a.host.start(true)
		}
	})
}
