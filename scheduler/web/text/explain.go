package text

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// Explain is what `alluxio-mesos explain` prints: for everything that does not run, per agent and requirement, why not and what would
// help.
func Explain(s *cluster.Status) string {
	var b strings.Builder
	if s.Framework.Failure != "" {
		fmt.Fprintf(&b, "The framework has stopped: %s\n", clean(s.Framework.Failure))
	}
	if s.Mesos.State != "subscribed" {
		fmt.Fprintf(&b, "There is no subscription with Mesos, so nothing can be launched: %s\n", mesosLine(s))
	}
	waiting(&b, s)
	if b.Len() == 0 {
		if s.Complete {
			b.WriteString("Everything that should run serves.\n")
		} else {
			b.WriteString("Nothing waits for an offer.\n")
		}
	}
	refusals(&b, s)
	warnings(&b, s)
	return b.String()
}

// waiting writes a paragraph for each slot that does not serve, and for each role that lacks one.
func waiting(b *strings.Builder, s *cluster.Status) {
	told := map[string]bool{}
	for _, w := range s.Waiting {
		told[w.Slot] = true
		name := clean(w.Slot)
		if name == "" {
			name = clean(string(w.Role))
		}
		fmt.Fprintf(b, "%s: %s\n", name, clean(w.Reason))
		mend(b, "  ", w.Mend)
		if i := slices.IndexFunc(s.Slots, func(slot cluster.SlotStatus) bool { return slot.Slot == w.Slot }); i >= 0 && w.Slot != "" {
			lastFailure(b, s, &s.Slots[i])
		}
	}
	for i := range s.Slots {
		slot := &s.Slots[i]
		if slot.State == "serving" || told[slot.Slot] {
			continue
		}
		line := clean(slot.Slot) + ": " + stateOf(s, slot)
		if slot.Host != "" {
			line += " on " + clean(slot.Host)
		}
		fmt.Fprintln(b, line)
		lastFailure(b, s, slot)
	}
}

func lastFailure(b *strings.Builder, s *cluster.Status, slot *cluster.SlotStatus) {
	if slot.LastFailure == nil {
		return
	}
	headline, message := failureOf(s, slot)
	fmt.Fprintf(b, "  last failure: %s\n%s", headline, paragraph("    ", message))
}

func mend(b *strings.Builder, indent, text string) {
	if text != "" {
		fmt.Fprintf(b, "%smend: %s\n", indent, clean(text))
	}
}

// refusals writes one paragraph for each agent, in the order in which they come, with a line for each role.
func refusals(b *strings.Builder, s *cluster.Status) {
	if len(s.Refusals) == 0 {
		return
	}
	b.WriteString("\nOffers that were not used\n")
	type agent struct{ host, id string }
	var agents []agent
	byAgent := map[agent][]cluster.Refusal{}
	for _, r := range s.Refusals {
		a := agent{r.Host, r.AgentID}
		if byAgent[a] == nil {
			agents = append(agents, a)
		}
		byAgent[a] = append(byAgent[a], r)
	}
	for _, a := range agents {
		fmt.Fprintf(b, "  %s (agent %s)\n", clean(a.host), clean(a.id))
		for _, r := range byAgent[a] {
			fmt.Fprintf(b, "    %s, %s: %s (%s, last %s ago)\n", clean(string(r.Role)), clean(r.Requirement), clean(r.Reason),
				count(max(r.Count, 1), "offer"), since(s.Now, r.Last))
			mend(b, "      ", r.Mend)
		}
	}
}

// Progress is the cluster's way to serving in one line, for `-w`. Two pictures with equal lines have nothing new for people.
func Progress(s *cluster.Status) string {
	if s.Mesos.State != "subscribed" {
		line := "waiting for Mesos"
		if s.Mesos.Reason != "" {
			line += ": " + clean(s.Mesos.Reason)
		}
		return line
	}
	var parts []string
	for _, role := range []config.Role{config.Master, config.Worker} {
		serving, all := servingOf(s, role)
		parts = append(parts, fmt.Sprintf("%d of %s serving", serving, count(all, strings.TrimPrefix(string(role), "alluxio-"))))
	}
	for i := range s.Slots {
		slot := &s.Slots[i]
		switch {
		case slot.State == "serving":
		case slot.State == "waiting" && slot.LastFailure != nil:
			parts = append(parts, fmt.Sprintf("%s failed (%s)", clean(slot.Slot), firstLine(slot.LastFailure.Message)))
		case slot.State == "starting" && slot.Phase != "":
			parts = append(parts, fmt.Sprintf("%s starting on %s (%s)", clean(slot.Slot), clean(slot.Host), clean(slot.Phase)))
		case slot.State != "waiting":
			parts = append(parts, fmt.Sprintf("%s %s on %s", clean(slot.Slot), clean(slot.State), clean(slot.Host)))
		}
	}
	return strings.Join(parts, ", ")
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return clean(line)
}
