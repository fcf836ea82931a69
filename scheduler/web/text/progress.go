package text

import (
	"fmt"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// mostSteps bounds the slots that a report of progress names, longestStep what it says of one, in
// characters: `status` and `explain` have the rest.
const (
	mostSteps   = 5
	longestStep = 60
)

// Progress says in one line how many processes serve, for commands that wait for the cluster.
func Progress(s *cluster.Status) string {
	if s.Mesos.State != "subscribed" {
		line := "waiting for Mesos"
		if s.Mesos.Message != "" {
			line += ": " + clean(s.Mesos.Message)
		}
		return line
	}
	var parts []string
	for _, r := range rolesOf(s) {
		parts = append(parts, fmt.Sprintf("%d of %s serving", r.serving, r.text()))
	}
	return strings.Join(parts, ", ")
}

// Step is what one slot is doing on its way to serving, or to its end.
type Step struct {
	// Slot is its name, TaskID its task, "" for none.
	Slot, TaskID string
	// Doing is short and without numbers that grow, so that equal steps are the same step.
	Doing string
	// On says where, " on HOST", or "".
	On string
}

// Steps are what the first few slots are doing that do not serve, and how many more there are.
func Steps(s *cluster.Status) (steps []Step, more int) {
	if s.Mesos.State != "subscribed" {
		return nil, 0
	}
	masters, _ := servingOf(s, config.Master)
	reasons := make(map[string]string, len(s.Waiting))
	for i := range s.Waiting {
		reasons[s.Waiting[i].Slot] = s.Waiting[i].Message
	}
	for i := range s.Slots {
		slot := &s.Slots[i]
		doing := doingOf(slot, reasons[slot.Slot], masters > 0)
		if doing == "" && s.Framework.TeardownPersisting && reasons[slot.Slot] != "" {
			doing = "its files are persisted"
		}
		if slot.State == "waiting" && s.Framework.Teardown {
			continue
		}
		switch {
		case doing == "":
		case len(steps) == mostSteps:
			more++
		default:
			step := Step{Slot: clean(slot.Slot), TaskID: clean(slot.TaskID), Doing: clip(doing, longestStep)}
			if slot.Host != "" && slot.State != "waiting" {
				step.On = " on " + clean(slot.Host)
			}
			steps = append(steps, step)
		}
	}
	return steps, more
}

// doingOf is what a slot is doing that does not serve, or why it waits; "" for one that serves, and
// for a worker that waits for a master.
func doingOf(slot *cluster.SlotStatus, reason string, masterServes bool) string {
	switch slot.State {
	case "serving":
		return ""
	case "killing":
		return "ending"
	case "starting":
		if strings.HasPrefix(slot.Phase, "waiting until Alluxio serves") {
			return "waiting for Alluxio to serve"
		}
		if slot.Phase != "" {
			return clean(slot.Phase)
		}
	case "waiting":
		if slot.LastFailure != nil {
			return "failed: " + firstLine(slot.LastFailure.Message)
		}
		if slot.Role == config.Worker && !masterServes {
			return ""
		}
		return clean(reason)
	}
	return clean(slot.State)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return clean(line)
}

// clip cuts text to a number of characters.
func clip(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-3]) + "..."
	}
	return text
}
