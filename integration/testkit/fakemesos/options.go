package fakemesos

import (
	"fmt"
	"maps"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// Options say how a Master is to be. The zero value is a master without agents.
type Options struct {
	IP      string // default 127.0.0.1
	Version string // what GET /version tells; default 1.11.0
	// Principal and Secret, when Principal is set, are the only credentials that it takes.
	Principal, Secret string
	// Operator are the answers of the operator API, by path: JSON. Without one for /api/v1 that
	// knows nothing; what else is asked gets 404.
	Operator map[string]string

	// Agents is how many there are from the start, Agent what each has; default DefaultAgent.
	Agents int
	Agent  func(i int) Agent

	// Allocation is the time between two rounds of offers; default 1 s, as in Mesos.
	Allocation time.Duration
	// MaxOffers bounds the offers of one event; default none.
	MaxOffers int
	// Heartbeat is announced and kept; default 15 s.
	Heartbeat time.Duration
	// Resend is how long an update waits for its acknowledgement before it is sent again; default 10 s, as in Mesos.
	Resend time.Duration

	// Statuses are the updates that the executor of a new task sends, one after the other; default
	// TASK_STARTING, TASK_RUNNING.
	Statuses func(task *mesos.TaskInfo) []mesos.TaskStatus
	// Killed are the updates after a KILL; default TASK_KILLED.
	Killed func(task *mesos.TaskInfo) []mesos.TaskStatus
	// Forget keeps Calls empty, for benchmarks. Count goes on counting.
	Forget bool
}

// Agent is what a Mesos agent has to offer.
type Agent struct {
	Host, IP    string
	CPUs, MemMB float64
	Ports       []mesos.Value_Range
	// Unavailable is the start of announced maintenance, or zero.
	Unavailable time.Time
}

// DefaultAgent is agent i of as many as one likes: 8 processors, 16 GiB and the default ports of Alluxio.
func DefaultAgent(i int) Agent {
	return Agent{
		Host: fmt.Sprintf("agent-%05d.example.com", i), IP: fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255), CPUs: 8,
		MemMB: 16384,
		Ports: []mesos.Value_Range{{Begin: 19998, End: 20003}, {Begin: 29998, End: 30003}, {Begin: 39999, End: 39999}},
	}
}

func (o *Options) setDefaults() {
	if o.IP == "" {
		o.IP = "127.0.0.1"
	}
	if o.Version == "" {
		o.Version = "1.11.0"
	}
	if o.Agent == nil {
		o.Agent = DefaultAgent
	}
	if o.Allocation == 0 {
		o.Allocation = time.Second
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 15 * time.Second
	}
	if o.Resend == 0 {
		o.Resend = 10 * time.Second
	}
	if o.Statuses == nil {
		o.Statuses = func(*mesos.TaskInfo) []mesos.TaskStatus {
			return []mesos.TaskStatus{{State: mesos.TASK_STARTING.Enum()}, {State: mesos.TASK_RUNNING.Enum()}}
		}
	}
	if o.Operator["/api/v1"] == "" {
		o.Operator = maps.Clone(o.Operator)
		if o.Operator == nil {
			o.Operator = map[string]string{}
		}
		o.Operator["/api/v1"] = "{}"
	}
	if o.Killed == nil {
		o.Killed = func(*mesos.TaskInfo) []mesos.TaskStatus { return []mesos.TaskStatus{{State: mesos.TASK_KILLED.Enum()}} }
	}
}
