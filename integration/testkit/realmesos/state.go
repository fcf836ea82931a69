package realmesos

import (
	"context"
	"errors"
	"fmt"
)

// State is what tests and the demo read of a MesosMaster's /state (Mesos: docs/endpoints/master/state.md).
type State struct {
	Version             string      `json:"version"`
	Leader              string      `json:"leader"` // master@ip:port
	PID                 string      `json:"pid"`    // master@ip:port of the one that answered
	Agents              []AgentInfo `json:"slaves"`
	Frameworks          []Framework `json:"frameworks"`
	CompletedFrameworks []Framework `json:"completed_frameworks"`
}

// AgentInfo is a MesosAgent as its master knows it.
type AgentInfo struct {
	ID         string         `json:"id"`
	Hostname   string         `json:"hostname"`
	Port       int            `json:"port"`
	Active     bool           `json:"active"`
	Attributes map[string]any `json:"attributes"`
	Resources  Resources      `json:"resources"`
	Used       Resources      `json:"used_resources"`
}

// Resources are sums by name; Ports is in Mesos' syntax, such as [19998-19999].
type Resources struct {
	CPUs  float64 `json:"cpus"`
	Mem   float64 `json:"mem"`  // MB
	Disk  float64 `json:"disk"` // MB
	Ports string  `json:"ports"`
}

// Framework is a framework as the master knows it. Tasks are those that run or are about to; Completed the last ones
// that ended; Unreachable those on agents that the master has lost.
type Framework struct {
	ID              string   `json:"id"`
	Name            string   `json:"name"`
	User            string   `json:"user"`
	Roles           []string `json:"roles"`
	Principal       string   `json:"principal"`
	WebUI           string   `json:"webui_url"`
	Active          bool     `json:"active"`
	Connected       bool     `json:"connected"`
	Checkpoint      bool     `json:"checkpoint"`
	FailoverTimeout float64  `json:"failover_timeout"` // seconds
	Capabilities    []string `json:"capabilities"`
	Tasks           []Task   `json:"tasks"`
	Completed       []Task   `json:"completed_tasks"`
	Unreachable     []Task   `json:"unreachable_tasks"`
}

// Task is a task as the master knows it.
type Task struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	State       string       `json:"state"` // TASK_RUNNING …
	FrameworkID string       `json:"framework_id"`
	ExecutorID  string       `json:"executor_id"`
	AgentID     string       `json:"slave_id"`
	Resources   Resources    `json:"resources"`
	Statuses    []TaskStatus `json:"statuses"`
}

// TaskStatus is one of the status updates of a task.
type TaskStatus struct {
	State     string  `json:"state"`
	Timestamp float64 `json:"timestamp"` // seconds since 1970
	Healthy   *bool   `json:"healthy"`
}

// State asks the master for its state. A master that does not lead redirects, so this is the leader's state; without a
// leader it is an error.
func (m *Master) State(ctx context.Context) (State, error) {
	var s State
	if err := m.get(ctx, "/state", &s); err != nil {
		return State{}, fmt.Errorf("state of the Mesos master: %w", err)
	}
	if s.Leader == "" {
		return State{}, errors.New("state of the Mesos master: it knows no leader")
	}
	return s, nil
}

// Framework is the framework called name, whichever comes first; false when there is none that has not completed.
func (s State) Framework(name string) (Framework, bool) {
	for _, f := range s.Frameworks {
		if f.Name == name {
			return f, true
		}
	}
	return Framework{}, false
}

// answers asks a server whether it is there at all.
func (s *server) answers(ctx context.Context) error {
	var version struct{ Version string }
	return s.get(ctx, "/version", &version)
}
