package cluster

import (
	"fmt"
	"strings"
	"time"
)

// blockersShown is how many slots that a rollout waits for are named; the rest is counted.
const blockersShown = 3

// rollout says how far a change of settings has come; nil when every task has today's.
func (s *State) rollout(now time.Time) *Rollout {
	if len(s.stale) == 0 {
		return nil
	}
	r := &Rollout{}
	stale := s.inRolloutOrder(s.stale)
	for _, slot := range stale {
		r.Outdated = append(r.Outdated, slot.Name)
	}
	atOnce := max(1, s.settings.UpdateParallel)
	if s.roleRow(stale[0].Role).OneAtATime {
		atOnce = 1
	}
	switch waits := s.allUnavailable(now); {
	case !s.connection.up:
		r.Waiting = "there is no subscription to Mesos"
	case len(waits) >= atOnce, len(waits) > 0 && s.leaderless():
		r.Waiting = s.blockersText(waits, now)
	case s.leaderless():
		r.Waiting = "no Alluxio master is known to lead"
	}
	return r
}

func (s *State) blockersText(waits []*Slot, now time.Time) string {
	var parts []string
	for _, slot := range waits[:min(len(waits), blockersShown)] {
		parts = append(parts, s.blockerText(slot, now))
	}
	if more := len(waits) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("%d more do not serve", more))
	}
	return strings.Join(parts, "; ")
}

// blockerText says why slot does not serve.
func (s *State) blockerText(slot *Slot, now time.Time) string {
	task, text := slot.Task, slot.Name+" does not serve: "
	switch {
	case task == nil:
		return text + s.waiting(slot, 0, now).Reason
	case !task.UnreachableSince.IsZero():
		return text + fmt.Sprintf("the agent of %s has not answered since %s", slot.Host,
			task.UnreachableSince.UTC().Format(time.RFC3339))
	case task.KillReason != "":
		return text + fmt.Sprintf("%s on %s is ending: %s", task.ID, slot.Host, task.KillReason)
	case task.serving():
		return text + fmt.Sprintf("Mesos has not confirmed %s on %s yet", task.ID, slot.Host)
	}
	text += fmt.Sprintf("%s is %s on %s", task.ID, task.stateWord(), slot.Host)
	if slot.LastFailure != nil && slot.Failures > 0 {
		text += fmt.Sprintf("; it failed %d times in a row: %s", slot.Failures, slot.LastFailure.text())
	}
	return text
}
