package realmesos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Machine is a host as Mesos's maintenance knows it: both must be what its agent has registered with.
type Machine struct {
	Hostname string `json:"hostname,omitempty"`
	IP       string `json:"ip,omitempty"`
}

// DrainAgent makes the master end all tasks of an agent and offer nothing of it any more. Mesos:
// operator-http-api.md, DRAIN_AGENT.
func (m *Master) DrainAgent(ctx context.Context, agentID string) error {
	return m.operate(ctx, "DRAIN_AGENT", "drain_agent", agentID)
}

// ReactivateAgent ends a drain.
func (m *Master) ReactivateAgent(ctx context.Context, agentID string) error {
	return m.operate(ctx, "REACTIVATE_AGENT", "reactivate_agent", agentID)
}

// MarkAgentGone tells the master that an agent never comes back.
func (m *Master) MarkAgentGone(ctx context.Context, agentID string) error {
	return m.operate(ctx, "MARK_AGENT_GONE", "mark_agent_gone", agentID)
}

func (m *Master) operate(ctx context.Context, kind, field, agentID string) error {
	return m.post(ctx, "/api/v1",
		map[string]any{"type": kind, field: map[string]any{"agent_id": map[string]any{"value": agentID}}})
}

// ScheduleMaintenance replaces the maintenance schedule by one window; without machines there is
// none any more. Mesos: maintenance.md.
func (m *Master) ScheduleMaintenance(ctx context.Context, start time.Time, d time.Duration, machines ...Machine) error {
	windows := []any{}
	if len(machines) > 0 {
		windows = append(windows, map[string]any{"machine_ids": machines, "unavailability": map[string]any{
			"start":    map[string]any{"nanoseconds": start.UnixNano()},
			"duration": map[string]any{"nanoseconds": d.Nanoseconds()}}})
	}
	return m.post(ctx, "/maintenance/schedule", map[string]any{"windows": windows})
}

// Draining has the answers of frameworks to the inverse offers of one machine.
type Draining struct {
	ID       Machine `json:"id"`
	Statuses []struct {
		Status string `json:"status"` // ACCEPT, DECLINE or UNKNOWN
	} `json:"statuses"`
}

// Maintenance is what the frameworks have answered about the machines that are to be maintained.
func (m *Master) Maintenance(ctx context.Context) (list []Draining, err error) {
	var status struct {
		Draining []Draining `json:"draining_machines"`
	}
	err = m.get(ctx, "/maintenance/status", &status)
	return status.Draining, err
}

// post sends body as JSON.
func (s *server) post(ctx context.Context, path string, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.scheme+"://"+s.addr+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("POST %s: %s: %s", req.URL, resp.Status, answer)
	}
	return err
}
