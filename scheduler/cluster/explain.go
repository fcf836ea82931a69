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
	switch r.Reason {
	case OnePerHost:
		return fmt.Sprintf("%s already has a task of role %s, and a host gets one", r.Host, r.Role),
			"add hosts, or ask for fewer tasks with " + s.roleRow(r.Role).Keys.Count
	case PinnedHost:
		return fmt.Sprintf("%s is pinned to host %s", r.Role, r.Detail),
			fmt.Sprintf("start with %s as the second argument, or without one", r.Host)
	case JournalHost:
		return fmt.Sprintf("%s waits for host %s, which holds its journal", r.Slot, r.Detail),
			s.hintHost(s.slots.byName[r.Slot], r.Detail, r.away)
	case OwnHost:
		return fmt.Sprintf("%s waits for its own host %s first", r.Slot, r.Detail), ""
	case Constrained:
		return s.explainConstraint(r)
	case VolumeHost, VolumeAway, VolumeLost, Disk:
		return s.explainVolume(r, n)
	case Maintained:
		return fmt.Sprintf("maintenance of %s begins at %s", r.Host, r.Detail),
			"cancel it in Mesos's maintenance schedule, or wait until it is over"
	case TierDisk:
		uses := fmt.Sprintf("tiers of the worker (%s)", s.settings.TierText(true))
		if volumeMB := r.diskMB - n.DiskMB; volumeMB > 0 {
			uses += fmt.Sprintf(" and its volume (%.0fMB)", volumeMB)
		}
		return fmt.Sprintf("needs %.0fMB of disk in one piece for %s; the largest offered is %sMB", r.diskMB, uses,
				r.Detail),
			alternatives(s.hintRestart(r.Host, fmt.Sprintf("more disk, such as --resources='disk:%.0f'", r.diskMB)),
				"lower the quotas of these tiers")
	case CPUs, Mem, PortsOffered:
		return s.explainShortfall(r, n)
	case HostBackoff:
		return r.Host + " would fit, but " + r.Detail, "see the log of the Mesos agent of " + r.Host +
			"; new settings end the wait"
	case Ending:
		return fmt.Sprintf("%s still runs %s, which was replaced and is being ended", r.Host, r.Detail), ""
	case Unanswered:
		return fmt.Sprintf("%s may still run %s, which was replaced while its agent did not answer; Mesos is being "+
			"asked, and nothing is launched there before it answers, for at most %s", r.Host, r.Detail, heldAtMost), ""
	case PhaseOrder:
		return r.Detail, ""
	case RestartDelay:
		return "it waits until " + r.Detail + " after repeated failures", ""
	}
	return "the offer contradicts itself", "see the logs of the Mesos master"
}

func (s *State) explainShortfall(r *Rejection, n *resource.Request) (string, string) {
	o := offer.Offer{CPUs: r.CPUs, MemMB: r.MemMB, Ports: r.Ports}
	short := n.ShortfallIn(&o)
	var reasons, hints []string
	if short&resource.ShortCPUs != 0 {
		reasons = append(reasons, fmt.Sprintf("needs %g cpus, %g are offered", n.CPUs, r.CPUs))
		hints = append(hints, s.hintCPUs(r, n))
	}
	if short&resource.ShortMem != 0 {
		reasons = append(reasons, fmt.Sprintf("needs mem %s; %.0fMB are offered", n.MemoryText(), r.MemMB))
		hints = append(hints, s.hintMem(r, n))
	}
	if short&resource.ShortPorts != 0 {
		reasons = append(reasons, fmt.Sprintf("needs ports %s; %s", n.PortsText(), resource.OfferedText(r.Ports)))
		hints = append(hints, s.hintPorts(r, n))
	}
	if text := s.primaryText(r.Role); text != "" {
		reasons = append(reasons, text)
	}
	return strings.Join(reasons, "; "), strings.Join(hints, "; ")
}
