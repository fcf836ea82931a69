package cluster

import (
	"fmt"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// blockersShown is how many slots that a rollout waits for are named; the rest is counted.
const blockersShown = 3

// rollout is the progress of a rollout; nil when no task is outdated.
func (s *State) rollout(now time.Time) *Rollout {
	if len(s.slots.outdated) == 0 {
		return nil
	}
	r := &Rollout{}
	stale := s.inRolloutOrder(s.slots.outdated)
	for _, slot := range stale {
		r.Outdated = append(r.Outdated, slot.Name)
	}
	role := stale[0].Role
	switch waits := s.rolloutBlockers(role, now); {
	case !s.connection.up:
		r.Waiting = "there is no subscription to Mesos"
	case len(waits) >= s.rolloutAtOnce(role), len(waits) > 0 && s.leaderless():
		r.Waiting = s.blockersText(waits, now)
	case s.leaderless():
		r.Waiting = "no Alluxio master is known to lead"
	case !stale[0].Task.End.leaves() && s.roleRow(role).Blocks && s.clientsKnowAt().After(now):
		r.Waiting = fmt.Sprintf("from %s on clients know the workers that started last (%s is %s)",
			s.clientsKnowAt().UTC().Format(time.RFC3339), config.KeyClientRefresh, s.settings.ClientRefresh())
	}
	return r
}

func (s *State) blockersText(waits []*Slot, now time.Time) string {
	var parts []string
	rejected := s.rejectedOffers()
	for _, slot := range waits[:min(len(waits), blockersShown)] {
		parts = append(parts, s.blockerText(slot, rejected[slot.Role], now))
	}
	if more := len(waits) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("%d more do not serve", more))
	}
	return strings.Join(parts, "; ")
}

// blockerText says why slot does not serve; rejected is how many agents were rejected for its role.
func (s *State) blockerText(slot *Slot, rejected int, now time.Time) string {
	task, text := slot.Task, slot.Name+" does not serve: "
	switch {
	case task == nil:
		return text + s.waiting(slot, rejected, now).Message
	case !task.UnreachableSince.IsZero():
		return text + fmt.Sprintf("the agent of %s has not answered since %s", slot.Host,
			task.UnreachableSince.UTC().Format(time.RFC3339))
	case task.KillReason != "":
		return text + fmt.Sprintf("%s on %s is ending: %s", task.ID, slot.Host, task.KillReason)
	case task.serving():
		return text + fmt.Sprintf("Mesos has not confirmed %s on %s yet", task.ID, slot.Host)
	}
	text += fmt.Sprintf("%s is %s on %s", task.ID, task.stateWord(), slot.Host)
	if slot.failedLast() {
		text += fmt.Sprintf("; it %s: %s", slot.failedText(), slot.LastFailure.text())
	}
	return text
}

// failedLast is true for a slot whose last task has failed. After a task that was killed on request
// LastFailure may be that of an earlier one, which does not explain why the slot is vacant.
func (s *Slot) failedLast() bool {
	return s.LastFailure != nil && s.Failures > 0 && !s.LastFailure.At.Before(s.VacantSince)
}

// failedText says how often a slot for which failedLast is true has failed in a row.
func (s *Slot) failedText() string {
	if s.Failures == 1 {
		return "failed"
	}
	return fmt.Sprintf("failed %d times in a row", s.Failures)
}
