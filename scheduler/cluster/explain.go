package cluster

import (
	"fmt"
	"strings"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// Explain says in one sentence why the offer was rejected, and has a hint: one command or property
// that helps, or "" when only time does.
func (s *State) Explain(r *Rejection) (reason, hint string) {
	n := s.derived.requests[r.Role]
	if slot := s.slots.byName[r.Slot]; slot != nil {
		n = s.requestOf(slot)
	}
	row := rowOf(r.Reason)
	if row.hint != nil {
		hint = row.hint(s, r, n)
	}
	return row.explain(s, r, n), hint
}

func (s *State) explainOnePerHost(r *Rejection, _ *resource.Request) string {
	return fmt.Sprintf("%s already runs a task of role %s, and each host gets at most one", r.Host, r.Role)
}

func (s *State) hintOnePerHost(r *Rejection, _ *resource.Request) string {
	return "add hosts, or ask for fewer tasks with " + s.roleRow(r.Role).Keys.Count
}

func (s *State) explainPinnedHost(r *Rejection, _ *resource.Request) string {
	return fmt.Sprintf("%s is pinned to host %s", r.Role, r.Detail)
}

func (s *State) hintPinnedHost(r *Rejection, _ *resource.Request) string {
	return fmt.Sprintf("start with %s as the second argument, or without one", r.Host)
}

func (s *State) explainJournalHost(r *Rejection, _ *resource.Request) string {
	return fmt.Sprintf("%s waits for host %s, which holds its journal", r.Slot, r.Detail)
}

// hintAwaitedHost is for a slot that waits for the host of its journal or volume.
func (s *State) hintAwaitedHost(r *Rejection, _ *resource.Request) string {
	return s.hintHost(s.slots.byName[r.Slot], r.Detail, r.away)
}

func (s *State) explainOwnHost(r *Rejection, _ *resource.Request) string {
	return fmt.Sprintf("%s waits for its own host %s first", r.Slot, r.Detail)
}

func (s *State) explainTierDisk(r *Rejection, n *resource.Request) string {
	uses := fmt.Sprintf("tiers of the worker (%s)", s.settings.TierText(true))
	if volumeMB := r.diskMB - n.DiskMB; volumeMB > 0 {
		uses += fmt.Sprintf(" and its volume (%.0fMB)", volumeMB)
	}
	return fmt.Sprintf("needs %.0fMB of disk in one piece for %s; the largest offered is %sMB", r.diskMB, uses, r.Detail)
}

func (s *State) hintTierDisk(r *Rejection, _ *resource.Request) string {
	return alternatives(s.hintRestart(r.Host, fmt.Sprintf("more disk, such as --resources='disk:%.0f'", r.diskMB)),
		"lower the quotas of these tiers")
}

func (s *State) explainMaintenance(r *Rejection, _ *resource.Request) string {
	return fmt.Sprintf("maintenance of %s begins at %s", r.Host, r.Detail)
}

func (s *State) hintMaintenance(*Rejection, *resource.Request) string {
	return "cancel it in Mesos's maintenance schedule, or wait until it is over"
}

// explainShortfall names all that an offer lacks, since whoever makes room for it needs to know that.
func (s *State) explainShortfall(r *Rejection, n *resource.Request) string {
	var reasons []string
	short := n.ShortfallIn(offeredTo(r))
	if short&resource.ShortCPUs != 0 {
		reasons = append(reasons, fmt.Sprintf("needs %g cpus, %g are offered", n.CPUs, r.CPUs))
	}
	if short&resource.ShortMem != 0 {
		reasons = append(reasons, fmt.Sprintf("needs mem %s; %.0fMB are offered", n.MemoryText(), r.MemMB))
	}
	if short&resource.ShortPorts != 0 {
		reasons = append(reasons, fmt.Sprintf("needs ports %s; %s", n.PortsText(), resource.OfferedText(r.Ports)))
	}
	if text := s.primaryText(r.Role); text != "" {
		reasons = append(reasons, text)
	}
	return strings.Join(reasons, "; ")
}

func (s *State) hintShortfall(r *Rejection, n *resource.Request) string {
	var hints []string
	short := n.ShortfallIn(offeredTo(r))
	if short&resource.ShortCPUs != 0 {
		hints = append(hints, s.hintCPUs(r, n))
	}
	if short&resource.ShortMem != 0 {
		hints = append(hints, s.hintMem(r, n))
	}
	if short&resource.ShortPorts != 0 {
		hints = append(hints, s.hintPorts(r, n))
	}
	return strings.Join(hints, "; ")
}

// offeredTo is what the offer of r had.
func offeredTo(r *Rejection) *offer.Offer {
	return &offer.Offer{CPUs: r.CPUs, MemMB: r.MemMB, Ports: r.Ports}
}

func (s *State) explainBackoff(r *Rejection, _ *resource.Request) string {
	return r.Host + " would fit, but " + r.Detail
}

func (s *State) hintBackoff(r *Rejection, _ *resource.Request) string {
	return "see the log of the Mesos agent of " + r.Host + "; new settings end the wait"
}

func (s *State) explainEnding(r *Rejection, _ *resource.Request) string {
	return fmt.Sprintf("%s still runs %s, which was replaced and is being ended", r.Host, r.Detail)
}

func (s *State) explainUnanswered(r *Rejection, _ *resource.Request) string {
	return fmt.Sprintf("%s may still run %s, which was replaced while its agent did not answer; nothing is "+
		"launched there until Mesos says whether it has ended, for at most %s", r.Host, r.Detail, heldAtMost)
}

func (s *State) explainPhase(r *Rejection, _ *resource.Request) string { return r.Detail }

func (s *State) explainDelay(r *Rejection, _ *resource.Request) string {
	return "it waits until " + r.Detail + " after repeated failures"
}

func (s *State) explainMalformed(*Rejection, *resource.Request) string {
	return "the offer contradicts itself; the log of the Mesos master may say why"
}
