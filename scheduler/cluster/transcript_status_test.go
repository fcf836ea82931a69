package cluster

import (
	"fmt"
	"strings"
	"time"
)

// status is what `alluxio-mesos status` warns of and waits for.
func (tr *transcript) status() string {
	var out strings.Builder
	status := tr.state.Snapshot(tr.now)
	if tr.slots {
		out.WriteString(slotsText(status))
	}
	for _, slot := range status.Slots {
		for _, warning := range slot.Warnings {
			fmt.Fprintf(&out, "warning %s: %s\n", slot.Slot, warning)
		}
	}
	for _, warning := range status.Warnings {
		fmt.Fprintf(&out, "warning: %s\n", warning)
	}
	if r := status.Rollout; r != nil {
		fmt.Fprintf(&out, "rollout: %s to go", strings.Join(r.Outdated, ", "))
		if r.Waiting != "" {
			fmt.Fprintf(&out, "; %s", r.Waiting)
		}
		out.WriteString("\n")
	}
	for _, w := range status.Waiting {
		fmt.Fprintf(&out, "waiting %s: %s\n", w.Slot, w.Message)
		if w.Hint != "" {
			fmt.Fprintf(&out, "  hint: %s\n", w.Hint)
		}
	}
	return out.String()
}

// slotsText says what every slot is doing, and whether the cluster is complete.
func slotsText(status *Status) string {
	var out strings.Builder
	for _, slot := range status.Slots {
		fmt.Fprintf(&out, "slot %s: %s", slot.Slot, slot.State)
		if !slot.UnconfirmedSince.IsZero() {
			fmt.Fprintf(&out, ", unconfirmed since %s", slot.UnconfirmedSince.Format(time.RFC3339))
		}
		if !slot.NotAnsweringSince.IsZero() {
			fmt.Fprintf(&out, ", not answering for %s", status.Now.Sub(slot.NotAnsweringSince))
		}
		out.WriteString("\n")
	}
	if status.Complete {
		return out.String() + "complete\n"
	}
	return out.String() + "not complete\n"
}
