package cluster

import (
	"cmp"
	"fmt"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// endWaits explains, for the status, what the planned ends wait for.
func (s *State) endWaits() (waits []Waiting) {
	leaderless := s.leadingMaster() == nil
	slots := s.activeInOrder()
	if s.teardown.persisting {
		slots = s.allWithBlocks()
	}
	for _, slot := range slots {
		if slot.Task == nil || slot.Task.KillReason != "" {
			continue
		}
		message, hint := "", ""
		switch wanted, _ := s.wanted(slot); {
		case !slot.Task.End.done():
			message, hint = s.endText(slot)
		case slot.Task.End != nil || !s.endsByPlan(slot) || s.teardown.requested ||
			wanted && !slot.Task.Replaced && !s.teardown.persisting:
			continue
		case !slot.Task.UnreachableSince.IsZero():
			message, hint = fmt.Sprintf("%s on %s is to end: its agent does not answer", slot.Task.ID, slot.Host),
				s.giveUpHint(slot)
		case leaderless:
			message, hint = fmt.Sprintf("%s on %s is to end: no Alluxio master leads that knows what is on it alone",
				slot.Task.ID, slot.Host), s.giveUpHint(slot)
		case slot.MaintenanceStart.IsZero():
			message = fmt.Sprintf("%s on %s is to end: it is asked for its files when others have answered", slot.Task.ID,
				slot.Host)
		default:
			continue
		}
		waits = append(waits, Waiting{Slot: slot.Name, Role: slot.Role, Message: message, Hint: hint})
	}
	return waits
}

// endText says what the planned end of slot's task waits for, and what helps.
func (s *State) endText(slot *Slot) (message, hint string) {
	end := slot.Task.End
	text := fmt.Sprintf(cmp.Or(end.plan().text, "%s on %s is to end"), slot.Task.ID, slot.Host)
	if end.plan().text == "" {
		text += s.stepText(end)
	}
	answer := cmp.Or(end.Answer, end.progress)
	if answer == nil {
		return text, ""
	}
	if f := answer.Files; f != nil {
		text += filesText(f)
		if f.Unpersisted.Files > 0 && s.unpersisted(slot, end) == config.WaitForUnpersisted {
			hint = s.unpersistedHint(slot)
		}
	}
	if hint == "" && (answer.State == launch.AdminFailed || answer.Files != nil && answer.Files.Failed.Files > 0) {
		hint = s.giveUpHint(slot)
	}
	if answer.State == launch.AdminFailed {
		text += "; the last try failed: " + answer.Message
	}
	return text, hint
}

// stepText says what the present step of end waits for.
func (s *State) stepText(end *PlannedEnd) string {
	switch {
	case end.operation() == launch.AdminPersist:
		return " once its files are in the under store"
	case end.DecommissionAsked:
		return " once clients leave it alone"
	}
	return fmt.Sprintf(" when it may leave: no more than %d may be away or leave at a time (%s)", s.maxUnavailable(),
		config.KeyMaxUnavailable)
}

// unpersistedHint says what to do about files of MUST_CACHE.
func (s *State) unpersistedHint(slot *Slot) string {
	hint := fmt.Sprintf("delete them, or set %s=%s or %s", config.KeyUnpersisted, config.PersistUnpersisted,
		config.LoseUnpersisted)
	if command := s.endCommand(slot); command != "" {
		hint += fmt.Sprintf(", or run `%s --persist-unpersisted` or `%s --lose-unpersisted`", command, command)
	}
	return hint
}

// giveUpHint says how to end slot's task at once, when it can be said.
func (s *State) giveUpHint(slot *Slot) string {
	command := s.endCommand(slot)
	if command == "" {
		return ""
	}
	return fmt.Sprintf("`%s --lose-unpersisted` ends it at once, with files that are nowhere else", command)
}

// endCommand is the command with which an operator has asked for the end of slot's task, or "".
func (s *State) endCommand(slot *Slot) string {
	switch {
	case s.teardown.persisting:
		return "alluxio-mesos-stop.sh --teardown"
	case slot.Task.Replaced:
		return "alluxio-mesos replace " + slot.Name
	}
	return ""
}

// filesText counts the files that an end waits for, and names one of each kind.
func filesText(f *launch.FilesResult) (text string) {
	left := launch.FileCount{Files: f.Found.Files - f.Persisted.Files - f.Failed.Files,
		Bytes: f.Found.Bytes - f.Persisted.Bytes - f.Failed.Bytes}
	if f.Persisted.Files+f.Failed.Files == 0 { // else its names may be of those
		left.Names = f.Found.Names
	}
	for _, kind := range []struct {
		count launch.FileCount
		what  string
	}{{left, "to persist"}, {f.Failed, "could not be persisted"}, {f.Open, "being written"},
		{f.Unpersisted, "of MUST_CACHE"}} {
		count := kind.count
		if count.Files <= 0 {
			continue
		}
		noun, name := "files", ""
		if count.Files == 1 {
			noun = "file"
		}
		if len(count.Names) > 0 {
			name = ", such as " + count.Names[0]
		}
		text += fmt.Sprintf("; %d %s %s (%s%s)", count.Files, noun, kind.what, count.Bytes, name)
	}
	return text
}
