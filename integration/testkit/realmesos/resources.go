package realmesos

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Resource is one resource of an agent as the endpoints of Mesos write it.
type Resource struct {
	Name   string `json:"name"`
	Type   string `json:"type"` // SCALAR or RANGES
	Scalar *struct {
		Value float64 `json:"value"`
	} `json:"scalar,omitempty"`
	Ranges *struct {
		Range []struct {
			Begin int `json:"begin"`
			End   int `json:"end"`
		} `json:"range"`
	} `json:"ranges,omitempty"`
	// Reservations is the stack of reservations; the last one counts.
	Reservations []Reservation `json:"reservations,omitempty"`
	Disk         *struct {
		Persistence *struct {
			ID        string `json:"id"`
			Principal string `json:"principal"`
		} `json:"persistence"`
	} `json:"disk,omitempty"`
}

// Reservation says for whom a resource is kept.
type Reservation struct {
	Type      string `json:"type"` // STATIC or DYNAMIC
	Role      string `json:"role"`
	Principal string `json:"principal,omitempty"`
	Labels    *struct {
		Labels []struct{ Key, Value string } `json:"labels"`
	} `json:"labels,omitempty"`
}

// Role is the role that the resource is reserved for, or *.
func (r *Resource) Role() string {
	if n := len(r.Reservations); n > 0 {
		return r.Reservations[n-1].Role
	}
	return "*"
}

// VolumeID is the ID of a persistent volume, or "".
func (r *Resource) VolumeID() string {
	if r.Disk == nil || r.Disk.Persistence == nil {
		return ""
	}
	return r.Disk.Persistence.ID
}

// Amount is a scalar's value, or how many ports there are.
func (r *Resource) Amount() float64 {
	if r.Scalar != nil {
		return r.Scalar.Value
	}
	n := 0
	if r.Ranges != nil {
		for _, rng := range r.Ranges.Range {
			n += rng.End - rng.Begin + 1
		}
	}
	return float64(n)
}

// AgentResources are the resources of an agent, one by one (Mesos: docs/endpoints/master/slaves.md).
type AgentResources struct {
	ID       string `json:"id"`
	Hostname string `json:"hostname"`
	Active   bool   `json:"active"`
	// Used are those that tasks and executors hold, Reserved all that are reserved, by role.
	Used     []Resource            `json:"used_resources_full"`
	Reserved map[string][]Resource `json:"reserved_resources_full"`
}

// Sums adds up resources by "name/role".
func Sums(resources []Resource) map[string]float64 {
	sums := map[string]float64{}
	for i := range resources {
		r := &resources[i]
		sums[r.Name+"/"+r.Role()] += r.Amount()
	}
	return sums
}

// AgentResources asks the master for the resources of its agents.
func (m *Master) AgentResources(ctx context.Context) ([]AgentResources, error) {
	var answer struct {
		Slaves []AgentResources `json:"slaves"`
	}
	if err := m.get(ctx, "/slaves", &answer); err != nil {
		return nil, fmt.Errorf("resources of the agents: %w", err)
	}
	return answer.Slaves, nil
}

// Reserve reserves resources of an agent as an operator does. Mesos: docs/endpoints/master/reserve.md.
func (m *Master) Reserve(ctx context.Context, agentID string, resources ...Resource) error {
	list, err := json.Marshal(resources)
	if err != nil {
		return fmt.Errorf("reserve: %w", err)
	}
	form := url.Values{"slaveId": {agentID}, "resources": {string(list)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+m.addr+"/master/reserve",
		strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("reserve: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := m.client.Do(req)
	if err != nil {
		return fmt.Errorf("reserve: %w", err)
	}
	defer resp.Body.Close()
	if said, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("reserve: %s: %s", resp.Status, said)
	}
	return nil
}
