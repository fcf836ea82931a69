package cluster

import "github.com/alluxio/alluxio-mesos/scheduler/resource"

// RejectReason is why an offer was not used, as a short stable word.
type RejectReason string

// The reasons, roughly in the order of their checks; see matcher.candidate.
const (
	OnePerHost   RejectReason = "one-per-host"
	PinnedHost   RejectReason = "host"
	JournalHost  RejectReason = "journal-host"
	OwnHost      RejectReason = "own-host"
	Constrained  RejectReason = "constraint"
	VolumeHost   RejectReason = "volume-host"
	VolumeAway   RejectReason = "volume"
	VolumeLost   RejectReason = "volume-lost"
	Disk         RejectReason = "disk"
	TierDisk     RejectReason = "tier-disk"
	Maintained   RejectReason = "maintenance"
	CPUs         RejectReason = "cpus"
	Mem          RejectReason = "mem"
	PortsOffered RejectReason = "ports"
	HostBackoff  RejectReason = "host-backoff"
	Ending       RejectReason = "ending"
	Unanswered   RejectReason = "unanswered"
	PhaseOrder   RejectReason = "phase"
	RestartDelay RejectReason = "restart-delay"
	Malformed    RejectReason = "malformed"
)

// reasonOf is the reason that is named first: what is harder to change.
func reasonOf(s resource.Shortfall) RejectReason {
	switch {
	case s&resource.ShortPorts != 0:
		return PortsOffered
	case s&resource.ShortMem != 0:
		return Mem
	}
	return CPUs
}
