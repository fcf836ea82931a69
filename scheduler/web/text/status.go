package text

import (
	"fmt"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// Status is what `alluxio-mesos status` prints on so many columns; 0 for any number.
func Status(s *cluster.Status, width int) string {
	var b strings.Builder
	var head [][]string
	if s.Framework.Teardown {
		head = append(head, []string{"Teardown", Teardown(s)})
	}
	head = append(head, []string{"Framework", frameworkLine(s)}, []string{"Mesos", mesosLine(s)},
		[]string{"Cluster", clusterLine(s)})
	if s.Rollout != nil {
		head = append(head, []string{"Rollout", rolloutLine(s.Rollout)})
	}
	if s.Backup != nil {
		head = append(head, []string{"Backup", backupLine(s.Backup)})
	}
	if s.Framework.Failure != "" {
		head = append(head, []string{"Failure", clean(s.Framework.Failure)})
	}
	table(&b, head)
	if len(s.Slots) > 0 {
		b.WriteString("\n")
		foldedTable(&b, slotRows(s), width)
	}
	section(&b, "Starting", startingRows(s))
	section(&b, "Web pages", webRows(s))
	section(&b, "Where data is", dataRows(s))
	failures(&b, s)
	warnings(&b, s)
	return Wrap(b.String(), width)
}

// Teardown describes the progress of a requested teardown.
func Teardown(s *cluster.Status) string {
	f := s.Framework
	if f.TeardownBegun {
		return "it has begun, and goes on until the cluster and its framework have ended"
	}
	line := "it has not begun"
	switch {
	case s.Mesos.State != "subscribed":
		line += ", because Mesos is away"
	case f.TeardownPersisting:
		line += ", because files of workers are persisted first"
	}
	if !f.TeardownUntil.IsZero() {
		line += "; it is dropped at " + f.TeardownUntil.UTC().Format(time.RFC3339)
	}
	return line + "; `alluxio-mesos-stop.sh --cancel-teardown` cancels it"
}

func frameworkLine(s *cluster.Status) string {
	f := s.Framework
	line := clean(f.Name)
	if f.ID != "" {
		line += ", ID " + clean(f.ID)
	}
	line += ", alluxio-mesos " + clean(f.Version)
	if age := since(s.Now, f.Started); age != "" {
		line += ", up " + age
	}
	return line
}

func clusterLine(s *cluster.Status) string {
	var parts []string
	for _, r := range rolesOf(s) {
		if r.serving == r.all {
			parts = append(parts, r.text()+" serving")
		} else {
			parts = append(parts, fmt.Sprintf("%d of %s serving", r.serving, r.text()))
		}
	}
	line := strings.Join(parts, ", ")
	if n := unconfirmed(s); n > 0 {
		line += fmt.Sprintf("; %d unconfirmed", n)
	}
	if s.Complete {
		return line + "; complete"
	}
	return line + "; not complete: see `alluxio-mesos explain`"
}

// roleCount is how many slots of a role there are, and how many of them serve.
type roleCount struct {
	row          *config.RoleRow
	serving, all int
}

func (r roleCount) text() string {
	if r.all == 1 {
		return "1 " + r.row.Label
	}
	return fmt.Sprintf("%d %s", r.all, r.row.Group)
}

// rolesOf counts the slots of each role, without those that the cluster does not have.
func rolesOf(s *cluster.Status) (counts []roleCount) {
	roles := config.AlluxioRoles()
	for _, role := range roles.InDisplayOrder() {
		serving, all := servingOf(s, role)
		if row := roles.Row(role); all > 0 || row.Essential {
			counts = append(counts, roleCount{row, serving, all})
		}
	}
	return counts
}

// unconfirmed counts the slots of which nobody knows whether their tasks still run.
func unconfirmed(s *cluster.Status) (n int) {
	for i := range s.Slots {
		if !s.Slots[i].UnconfirmedSince.IsZero() {
			n++
		}
	}
	return n
}

// outdatedShown is how many outdated slots of a rollout are named; the rest is counted.
const outdatedShown = 5

// rolloutLine lists the tasks that a rollout has still to replace, and says what it waits for.
// backupLine says where the last backup is, and what becomes of the next one.
func backupLine(b *cluster.BackupStatus) string {
	line := "none in " + clean(b.Dir) + " yet"
	if last := b.Last; last != nil {
		line = fmt.Sprintf("%s on %s, %s, %s", clean(last.File), clean(last.Host), last.Bytes,
			last.At.UTC().Format(time.RFC3339))
	}
	switch r := b.Request; {
	case r != nil && r.Failures > 0:
		line += fmt.Sprintf("; the next one has failed %d times", r.Failures)
	case r != nil:
		line += "; the next one is being made"
	}
	return line
}

func rolloutLine(r *cluster.Rollout) string {
	names := r.Outdated[:min(len(r.Outdated), outdatedShown)]
	line := fmt.Sprintf("%s to replace: %s", count(len(r.Outdated), "task"), clean(strings.Join(names, ", ")))
	if more := len(r.Outdated) - len(names); more > 0 {
		line += fmt.Sprintf(" and %d more", more)
	}
	if r.Waiting != "" {
		line += "; it waits: " + clean(r.Waiting)
	}
	return line
}

// servingOf counts the slots of a role that serve, and all of them.
func servingOf(s *cluster.Status, role config.Role) (serving, all int) {
	for i := range s.Slots {
		if s.Slots[i].Role != role {
			continue
		}
		all++
		if s.Slots[i].State == "serving" {
			serving++
		}
	}
	return serving, all
}

// mostStarting bounds the slots of which status says what they do on their way to serving.
const mostStarting = 20

// failures writes one paragraph for all slots whose last task ended alike, with when the latest of
// them did.
func failures(b *strings.Builder, s *cluster.Status) {
	var all groups[*cluster.SlotStatus]
	for i := range s.Slots {
		slot := &s.Slots[i]
		if slot.LastFailure == nil {
			continue
		}
		if g := all.add(failureText(slot), slot.Slot, slot); slot.LastFailure.At.After(g.first.LastFailure.At) {
			g.first = slot
		}
	}
	title := "\nLast failures\n"
	for _, g := range all.shown() {
		headline, message := failureOf(s, g.first)
		fmt.Fprintf(b, "%s  %s: %s\n%s", title, names(g.members), headline, paragraph("    ", message))
		title = ""
	}
	if rest := all.rest("slot"); rest != "" {
		fmt.Fprintln(b, "  "+rest)
	}
}

// warnings writes one line for all slots that have the same warning.
func warnings(b *strings.Builder, s *cluster.Status) {
	title := "\nWarnings\n"
	for _, w := range s.Warnings {
		fmt.Fprintf(b, "%s  %s\n", title, clean(w))
		title = ""
	}
	var all groups[string]
	for i := range s.Slots {
		slot := &s.Slots[i]
		for _, w := range slot.Warnings {
			all.add(alike(w, slot.Host), slot.Slot, w)
		}
	}
	for _, g := range all.shown() {
		fmt.Fprintf(b, "%s  %s: %s\n", title, names(g.members), clean(g.first))
		title = ""
	}
	if rest := all.rest("warning"); rest != "" {
		fmt.Fprintln(b, "  "+rest)
	}
}
