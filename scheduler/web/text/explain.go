package text

import (
	"fmt"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// Explain is what `alluxio-mesos explain` prints on so many columns, 0 for any number: for everything
// that does not run, why not and what would help. Equal reasons are grouped, with the number of slots
// or agents, so that the text stays short in a cluster of any size.
func Explain(s *cluster.Status, width int) string {
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
	rejections(&b, s)
	warnings(&b, s)
	return Wrap(b.String(), width)
}

// Explains is false for a name of which nothing is known: neither of a slot, nor of a host or an agent
// with a slot or a rejected offer.
func Explains(s *cluster.Status, name string) bool {
	one := s.About(name)
	return len(one.Slots)+len(one.Waiting)+len(one.Rejections)+len(one.Warnings) > 0
}

// ExplainOne is what `alluxio-mesos explain NAME` prints on so many columns, 0 for any number:
// everything about one host, agent or slot, and nothing else.
func ExplainOne(s *cluster.Status, name string, width int) string {
	one := s.About(name)
	var b strings.Builder
	for i := range one.Slots {
		slotLine(&b, one, &one.Slots[i])
	}
	waiting(&b, one)
	rejections(&b, one)
	warnings(&b, one)
	if b.Len() == 0 {
		fmt.Fprintf(&b, "Nothing to explain: %s is no slot, and no host or agent with a slot or a rejected offer.\n",
			clean(name))
	}
	return Wrap(b.String(), width)
}

// idle is a slot that does not serve, and why it waits, if it does.
type idle struct {
	waiting *cluster.Waiting
	slot    *cluster.SlotStatus // nil for a role that lacks slots
}

// waiting writes a paragraph for what does not serve and is alike.
func waiting(b *strings.Builder, s *cluster.Status) {
	slots := make(map[string]*cluster.SlotStatus, len(s.Slots))
	for i := range s.Slots {
		slots[s.Slots[i].Slot] = &s.Slots[i]
	}
	var all groups[idle]
	told := map[string]bool{}
	for i := range s.Waiting {
		w := &s.Waiting[i]
		told[w.Slot] = true
		name, slot := w.Slot, slots[w.Slot]
		if name == "" {
			name, slot = string(w.Role), nil
		}
		all.add(alike(w.Message+"\n"+w.Hint+"\n"+failureText(slot), name), name, idle{w, slot})
	}
	for i := range s.Slots {
		if slot := &s.Slots[i]; !slot.Answers() && !told[slot.Slot] {
			key := alike(stateOf(s, slot), slot.Slot)
			if slot.State != "serving" { // what failed before it served is over
				key += "\n" + failureText(slot)
			} else {
				key += "\n" + alike(slot.Phase, slot.Host)
			}
			all.add(key, slot.Slot, idle{nil, slot})
		}
	}
	for _, g := range all.shown() {
		if w := g.first.waiting; w != nil {
			fmt.Fprintf(b, "%s: %s\n", names(g.members), clean(w.Message))
			hint(b, "  ", w.Hint)
		} else {
			fmt.Fprintf(b, "%s: %s\n", names(g.members), whereOf(s, g.first.slot))
			b.WriteString(phaseOf(g.first.slot))
		}
		if slot := g.first.slot; slot != nil && slot.State != "serving" {
			lastFailure(b, s, slot)
		}
	}
	if rest := all.rest("slot"); rest != "" {
		fmt.Fprintln(b, rest)
	}
}

// slotLine writes what a slot is doing, with its last failure.
func slotLine(b *strings.Builder, s *cluster.Status, slot *cluster.SlotStatus) {
	if slot.Answers() {
		fmt.Fprintf(b, "%s: %s\n", clean(slot.Slot), whereOf(s, slot))
		lastFailure(b, s, slot)
	}
}

// phaseOf is why a slot that serves does not answer, on a line of its own; "" for every other.
func phaseOf(slot *cluster.SlotStatus) string {
	if slot.State != "serving" || slot.Phase == "" {
		return ""
	}
	return "  " + clean(slot.Phase) + "\n"
}

// whereOf is the state of a slot and its host.
func whereOf(s *cluster.Status, slot *cluster.SlotStatus) string {
	text := stateWord(s, slot)
	if slot.Host != "" {
		text += " on " + clean(slot.Host)
	}
	return text + doubtsOf(s, slot)
}

// failureText is what the last failure of a slot was, without where and when; "" for none.
func failureText(slot *cluster.SlotStatus) string {
	if slot == nil || slot.LastFailure == nil {
		return ""
	}
	return alike(slot.LastFailure.State+"\n"+slot.LastFailure.Message, slot.LastFailure.Host)
}

func lastFailure(b *strings.Builder, s *cluster.Status, slot *cluster.SlotStatus) {
	if slot.LastFailure == nil {
		return
	}
	headline, message := failureOf(s, slot)
	fmt.Fprintf(b, "  last failure: %s\n%s", headline, paragraph("    ", message))
}

func hint(b *strings.Builder, indent, text string) {
	if text != "" {
		fmt.Fprintf(b, "%shint: %s\n", indent, clean(text))
	}
}

// rejections writes a paragraph for each reason why offers were not used for a role, with the number
// of agents.
func rejections(b *strings.Builder, s *cluster.Status) {
	if len(s.Rejections) == 0 {
		return
	}
	type sum struct {
		*cluster.RejectionStatus
		offers int
		last   time.Time
	}
	var all groups[*sum]
	for i := range s.Rejections {
		r := &s.Rejections[i]
		key := string(r.Role) + "\n" + r.Reason + "\n" + alike(r.Message+"\n"+r.Hint, r.Host)
		total := all.add(key, r.Host, &sum{RejectionStatus: r}).first
		total.offers += max(r.Count, 1)
		if r.Last.After(total.last) {
			total.last = r.Last
		}
	}
	b.WriteString("\nOffers that were not used\n")
	for _, g := range all.shown() {
		r := g.first
		fmt.Fprintf(b, "  %s, %s: %s\n", clean(string(r.Role)), clean(r.Reason), clean(r.Message))
		hint(b, "    ", r.Hint)
		where := clean(r.Host) + " (agent " + clean(r.AgentID) + ")"
		if n := len(g.members); n > 1 {
			where = fmt.Sprintf("%d agents: %s; alluxio-mesos explain NAME shows one", n, names(g.members))
		}
		fmt.Fprintf(b, "    %s, last %s ago, on %s\n", count(r.offers, "offer"), since(s.Now, r.last), where)
	}
	if rest := all.rest("agent"); rest != "" {
		fmt.Fprintln(b, "  "+rest)
	}
}
