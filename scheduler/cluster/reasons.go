package cluster

import (
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
	"github.com/alluxio/alluxio-mesos/scheduler/resource"
)

// RejectReason is why an offer was not used, as a short stable word.
type RejectReason string

// The reasons, in the order of their rows.
const (
	OnePerHost   RejectReason = "one-per-host"
	PinnedHost   RejectReason = "host"
	JournalHost  RejectReason = "journal-host"
	VolumeHost   RejectReason = "volume-host"
	OwnHost      RejectReason = "own-host"
	Constrained  RejectReason = "constraint"
	VolumeLost   RejectReason = "volume-lost"
	VolumeAway   RejectReason = "volume"
	Disk         RejectReason = "disk"
	TierDisk     RejectReason = "tier-disk"
	Maintained   RejectReason = "maintenance"
	PortsOffered RejectReason = "ports"
	Mem          RejectReason = "mem"
	CPUs         RejectReason = "cpus"
	HostBackoff  RejectReason = "host-backoff"
	Ending       RejectReason = "ending"
	Unanswered   RejectReason = "unanswered"
	PhaseOrder   RejectReason = "phase"
	RestartDelay RejectReason = "restart-delay"
	Malformed    RejectReason = "malformed"
)

// rejectClass says what becomes of an offer that is rejected.
type rejectClass struct {
	// decline is how long the offer is declined; until computes that for a reason that ends at a time.
	decline time.Duration
	until   func(m *matcher, slot *Slot, o *offer.Offer) time.Duration
	// eligible is true when the offer could be used soon, without a change from outside.
	eligible bool
	// room is true when companions on the host may hold what the offer lacks: they are ended for it.
	room bool
}

// reasonRow has all that belongs to one reason. Its functions change nothing.
type reasonRow struct {
	reason RejectReason
	class  rejectClass
	// ofHost is true for a check of the host itself, which companions leave to their primaries.
	ofHost bool
	// check is true when slot may not use o; its finding has what explain and hint need. It is nil for
	// reasons that are found before the checks, in candidate.go, or after them, by the launch.
	check func(m *matcher, slot *Slot, o *offer.Offer) (finding, bool)
	// explain is the message: why the offer was rejected, in one sentence. n is what the slot requests.
	explain explanation
	// hint is one command or property that helps; nil when only time does.
	hint explanation
}

type explanation func(s *State, r *Rejection, n *resource.Request) string

// finding is the first reason that is found against an offer; without a row none is.
type finding struct {
	row    *reasonRow
	detail string      // Rejection.Detail
	by     *rejectedBy // of Constrained
	away   bool        // of JournalHost and VolumeHost: that host may be down
	diskMB float64     // of TierDisk: what is needed
}

// reasonTable has a row for each reason. The checks are made in this order, and the first that rejects an
// offer counts: first what only an operator or another framework can change, what is harder to change
// before what is easier, then what passes.
var reasonTable = []reasonRow{
	// These are found before the checks: no slot of the role may use the host.
	{reason: OnePerHost, class: rejectClass{decline: refuseServed},
		explain: (*State).explainOnePerHost, hint: (*State).hintOnePerHost},
	{reason: PinnedHost, class: rejectClass{decline: refuseUnfit},
		explain: (*State).explainPinnedHost, hint: (*State).hintPinnedHost},

	{reason: JournalHost, class: rejectClass{decline: refuseUnfit}, ofHost: true, check: (*matcher).waitsForJournal,
		explain: (*State).explainJournalHost, hint: (*State).hintAwaitedHost},
	{reason: VolumeHost, class: rejectClass{until: (*matcher).volumeWait}, ofHost: true, check: (*matcher).waitsForVolume,
		explain: (*State).explainVolumeHost, hint: (*State).hintAwaitedHost},
	{reason: OwnHost, class: rejectClass{until: (*matcher).stickyWait}, ofHost: true, check: (*matcher).waitsForOwnHost,
		explain: (*State).explainOwnHost},

	{reason: Constrained, class: rejectClass{decline: refuseUnfit}, ofHost: true, check: (*matcher).constrained,
		explain: (*State).explainConstraint, hint: (*State).hintConstraint},
	{reason: VolumeLost, class: rejectClass{decline: refuseUnfit}, ofHost: true, check: (*matcher).volumeLost,
		explain: (*State).explainVolumeLost, hint: (*State).hintVolumeLost},
	{reason: VolumeAway, class: rejectClass{decline: refuseSoon, eligible: true}, ofHost: true,
		check: (*matcher).volumeAway, explain: (*State).explainVolumeAway, hint: (*State).hintVolumeAway},
	{reason: Disk, class: rejectClass{decline: refuseUnfit}, ofHost: true, check: (*matcher).lacksVolumeDisk,
		explain: (*State).explainDisk, hint: (*State).hintDisk},
	{reason: TierDisk, class: rejectClass{decline: refuseUnfit}, ofHost: true, check: (*matcher).lacksTierDisk,
		explain: (*State).explainTierDisk, hint: (*State).hintTierDisk},

	{reason: Maintained, class: rejectClass{decline: refuseMaintained}, check: (*matcher).maintained,
		explain: (*State).explainMaintenance, hint: (*State).hintMaintenance},
	{reason: PortsOffered, class: rejectClass{decline: refuseUnfit, room: true}, check: (*matcher).lacksPorts,
		explain: (*State).explainShortfall, hint: (*State).hintShortfall},
	{reason: Mem, class: rejectClass{decline: refuseUnfit, room: true}, check: (*matcher).lacksMem,
		explain: (*State).explainShortfall, hint: (*State).hintShortfall},
	{reason: CPUs, class: rejectClass{decline: refuseUnfit, room: true}, check: (*matcher).lacksCPUs,
		explain: (*State).explainShortfall, hint: (*State).hintShortfall},

	{reason: HostBackoff, class: rejectClass{until: (*matcher).backoffWait, eligible: true},
		check: (*matcher).passesOver, explain: (*State).explainBackoff, hint: (*State).hintBackoff},
	{reason: Ending, class: rejectClass{decline: refuseSoon, eligible: true}, check: (*matcher).stillEnds,
		explain: (*State).explainEnding},
	{reason: Unanswered, class: rejectClass{decline: refuseSoon, eligible: true}, check: (*matcher).mayStillRun,
		explain: (*State).explainUnanswered},
	{reason: PhaseOrder, class: rejectClass{until: (*matcher).phaseWait, eligible: true}, check: (*matcher).outOfPhase,
		explain: (*State).explainPhase},
	{reason: RestartDelay, class: rejectClass{until: (*matcher).restartWait, eligible: true},
		check: (*matcher).delayed, explain: (*State).explainDelay},

	// This is found by the launch: the encoded offer has less than was read from it.
	{reason: Malformed, class: rejectClass{decline: refuseUnfit},
		explain: (*State).explainMalformed},
}

// rowOf is the row of reason.
func rowOf(reason RejectReason) *reasonRow {
	for i := range reasonTable {
		if reasonTable[i].reason == reason {
			return &reasonTable[i]
		}
	}
	return nil
}

// firstFinding is the first that a check finds against the use of o for slot, if any.
func (m *matcher) firstFinding(slot *Slot, o *offer.Offer) finding {
	companion := m.s.isCompanion(slot)
	for i := range reasonTable {
		row := &reasonTable[i]
		if row.check == nil || companion && row.ofHost {
			continue
		}
		if found, rejected := row.check(m, slot, o); rejected {
			found.row = row
			return found
		}
	}
	return finding{}
}

// declineFor is how long o is declined for f.
func (m *matcher) declineFor(f *finding, slot *Slot, o *offer.Offer) time.Duration {
	if class := &f.row.class; class.until != nil {
		return class.until(m, slot, o)
	}
	return f.row.class.decline
}
