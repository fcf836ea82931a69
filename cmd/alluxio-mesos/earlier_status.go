package main

import (
	"encoding/json"

	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// earlierStatus has the fields of a status that had other names before 0.1.0.
type earlierStatus struct {
	Mesos struct {
		Reason string `json:"reason"`
		Master string `json:"master"`
	} `json:"mesos"`
	Slots []struct {
		Standing launch.ElectionState `json:"standing"`
	} `json:"slots"`
	Refusals []struct {
		cluster.RejectionStatus
		Requirement string `json:"requirement"`
		Text        string `json:"reason"`
		Mend        string `json:"mend"`
	} `json:"refusals"`
	Waiting []struct {
		Reason string `json:"reason"`
		Mend   string `json:"mend"`
	} `json:"waiting"`
}

// addEarlier completes a status that was read from body, which a framework of a version before 0.1.0
// has written.
func addEarlier(s *cluster.Status, body []byte) error {
	var e earlierStatus
	if err := json.Unmarshal(body, &e); err != nil {
		return err
	}
	s.Mesos.Message, s.Mesos.Leader = e.Mesos.Reason, e.Mesos.Master
	for i := range e.Slots {
		s.Slots[i].ElectionState = e.Slots[i].Standing
	}
	for i := range e.Refusals {
		r := &e.Refusals[i]
		r.Reason, r.Message, r.Hint = r.Requirement, r.Text, r.Mend
		s.Rejections = append(s.Rejections, r.RejectionStatus)
	}
	for i, w := range e.Waiting {
		s.Waiting[i].Message, s.Waiting[i].Hint = w.Reason, w.Mend
	}
	return nil
}
