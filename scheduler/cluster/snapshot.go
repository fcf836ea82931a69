package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// Snapshot is a picture of s that shares nothing with it.
func (s *State) Snapshot(now time.Time) *Status {
	status := &Status{SchemaVersion: SchemaVersion,
		Framework: FrameworkStatus{Name: s.settings.Name, ID: s.record.frameworkID, Version: s.options.Version,
			Started: s.options.Started, Reconciled: s.reconciliation.freshness.at.UTC(),
			Failure: s.teardown.failure, Teardown: s.teardown.pending(),
			TeardownPersisting: s.teardown.persisting, TeardownBegun: s.teardown.begun,
			TeardownUntil: s.teardown.dropAt().UTC()},
		Mesos:             s.mesosStatus(),
		Slots:             []SlotStatus{},
		Rejections:        []RejectionStatus{},
		Waiting:           []Waiting{},
		Warnings:          s.settings.ShortWarnings(),
		LastEligibleOffer: s.offers.lastEligible,
		Rollout:           s.rollout(now),
		Backup:            s.backupStatus(),
		Now:               now.UTC(),
	}
	if stop := s.notCurrent(); stop != nil {
		status.Framework.Failure = ErrNotCurrent.Error() + ": " + stop.Reason
	}
	s.slotStatuses(status, now)
	status.Waiting = append(status.Waiting, s.waitingToDestroy()...)
	status.Warnings = append(status.Warnings, s.backoffWarnings(now)...)
	status.Waiting = append(status.Waiting, s.endWaits()...)
	status.Waiting = append(status.Waiting, s.waitingToEnd(now)...)
	for _, text := range []string{
		s.removalWarning(), s.versionsWarning(), s.unpersistedWarning(), s.jobMastersUnknownWarning(), s.orphansText(),
		s.formatText(), s.backupText(),
		s.connection.mastersWarning, s.surplusText(),
	} {
		if text != "" {
			status.Warnings = append(status.Warnings, text)
		}
	}
	return status
}

// slotStatuses fills in the slots, what they wait for, and whether the cluster is complete.
func (s *State) slotStatuses(status *Status, now time.Time) {
	vacant, missing := map[config.Role]int{}, false
	rejected := s.rejectedOffers()
	valueCounts := map[config.Role][]map[string]int{}
	for _, role := range s.roles.InStartOrder() {
		valueCounts[role] = s.countValues(role, now)
	}
	for _, slot := range slices.SortedFunc(maps.Values(s.slots.byName), s.inOrder) {
		if s.isRemovable(slot) {
			continue
		}
		status.Slots = append(status.Slots, s.slotStatus(slot, valueCounts[slot.Role], now))
		essential := s.roleRow(slot.Role).Essential
		if slot.Task == nil {
			vacant[slot.Role]++
			missing = missing || essential
			status.Waiting = append(status.Waiting, s.waiting(slot, rejected[slot.Role], now))
		} else if !slot.Task.serving() || !s.unconfirmedSince(slot.Task, now).IsZero() {
			missing = missing || essential
			if s.overdue(slot, now) {
				status.Waiting = append(status.Waiting, s.waiting(slot, 0, now))
			}
		}
	}
	for _, role := range s.roles.InDisplayOrder() {
		if s.settings.Of(role).Count == config.AllHosts && !s.hasSlots(role) {
			status.Waiting = append(status.Waiting, s.waiting(&Slot{Role: role, Name: string(role)}, rejected[role], now))
		}
		if vacant[role] > 0 || s.settings.Of(role).Count == config.AllHosts {
			status.Rejections = append(status.Rejections, s.rejectionList(role)...)
		}
	}
	status.Complete = !missing && !s.absent()
}

// absent is true while no task serves of an essential role that elects or has count `all`.
func (s *State) absent() bool {
	for _, role := range s.roles.InStartOrder() {
		row := s.roleRow(role)
		if row.Essential && (row.Elects || s.settings.Of(role).Count == config.AllHosts) && s.slots.serving[role] == 0 {
			return true
		}
	}
	return false
}

// rejectedOffers counts, for each role, the agents whose last offer was not used.
func (s *State) rejectedOffers() map[config.Role]int {
	rejected := map[config.Role]int{}
	for _, agent := range s.offers.rejections {
		for _, r := range agent {
			if !s.outlived(r) {
				rejected[r.Role]++
			}
		}
	}
	return rejected
}

func (s *State) hasSlots(role config.Role) bool {
	for _, slot := range s.slots.byName {
		if slot.Role == role {
			return true
		}
	}
	return false
}

func (s *State) mesosStatus() MesosStatus {
	m := MesosStatus{State: "connecting", Message: s.connection.reason, Leader: s.connection.master.Address,
		Version: s.connection.master.Version, Since: s.connection.since, Offers: "wanted"}
	if s.connection.up {
		m.State, m.Message = "subscribed", ""
	}
	if s.teardown.failure != "" {
		m.State, m.Message = "stopped", s.teardown.failure
	}
	if s.offers.demand.suppressed {
		m.Offers = "suppressed"
	}
	return m
}

func (s *State) slotStatus(slot *Slot, valueCounts []map[string]int, now time.Time) SlotStatus {
	status := SlotStatus{Slot: slot.Name, Role: slot.Role, State: "waiting", Host: slot.Host,
		Ports:    maps.Clone(slot.Ports),
		Restarts: max(slot.Launches-1, 0), NextLaunch: slot.NotBefore}
	if slot.LastFailure != nil {
		failure := *slot.LastFailure
		status.LastFailure = &failure
	}
	if v := slot.Volume; v != nil {
		status.Volume = &VolumeStatus{ID: v.ID, Host: v.Host, MB: v.MB}
	}
	if primary := s.primaryOf(slot); primary != nil {
		status.Beside = primary.Name
	}
	task := slot.Task
	if task == nil {
		return status
	}
	status.State = task.stateWord()
	status.TaskID, status.AgentID, status.ServingSince, status.Confirmed = task.ID, task.AgentID, task.ServingSince,
		task.confirmed
	status.UnconfirmedSince = s.unconfirmedSince(task, now).UTC()
	status.Phase = task.Report.Phase
	if task.KillReason != "" {
		status.Phase = task.KillReason
	}
	if task.serving() {
		status.ElectionState, status.NotAnsweringSince = task.Report.ElectionState, task.NotAnsweringSince.UTC()
	}
	status.AlluxioVersion, status.JavaVersion = task.Report.AlluxioVersion, task.Report.JavaVersion
	status.JournalFolder, status.Storage = task.Report.JournalFolder, task.Report.Storage
	status.Warnings = slices.Clone(task.Report.Warnings)
	if s.slots.outdated[slot.Name] != nil {
		what := "the settings have changed since this task was launched"
		if s.otherLeader(slot) {
			what = s.otherLeaderText(slot.Role)
		}
		status.Warnings = append(status.Warnings, what+"; it is replaced when its turn comes")
	}
	status.Warnings = append(status.Warnings, s.misplaced(slot, valueCounts)...)
	if text := s.keepsLeading(slot); text != "" {
		status.Warnings = append(status.Warnings, text)
	}
	if text := s.hangText(slot, now); text != "" {
		status.Warnings = append(status.Warnings, text)
	}
	if text := s.maintenanceWarning(slot); text != "" {
		status.Warnings = append(status.Warnings, text)
	}
	if row := s.roleRow(slot.Role); row.WebPages && slot.Ports[row.WebPort] != 0 {
		port := slot.Ports[row.WebPort]
		status.Web = "http://" + slot.Host + ":" + strconv.Itoa(int(port))
	}
	return status
}

// outlived is true for a rejection of an earlier subscription: after a subscription Mesos offers every
// agent again, and does not report agents that were removed meanwhile.
func (s *State) outlived(r *keptRejection) bool {
	return s.connection.up && r.last.Before(s.connection.since)
}

// rejectionList says why the last offer of each agent was not used for role.
func (s *State) rejectionList(role config.Role) (list []RejectionStatus) {
	for _, agent := range s.offers.rejections {
		for _, r := range agent {
			if r.Role != role || s.outlived(r) {
				continue
			}
			reason, hint := s.Explain(&r.Rejection)
			list = append(list, RejectionStatus{Host: r.Host, AgentID: r.AgentID, Role: r.Role, Reason: string(r.Reason),
				Message: reason, Hint: hint, Since: r.since, Last: r.last, Count: r.count})
		}
	}
	slices.SortFunc(list, func(a, b RejectionStatus) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.AgentID, b.AgentID))
	})
	return list
}

// waiting says why a vacant slot has no task: the connection first, then the plan, then the offers.
// rejected is how many agents were rejected for its role.
func (s *State) waiting(slot *Slot, rejected int, now time.Time) Waiting {
	w := Waiting{Slot: slot.Name, Role: slot.Role}
	primary := s.primaryOf(slot)
	open, why := s.open(slot.Role)
	switch {
	case !s.connection.up:
		w.Message, w.Hint = "there is no subscription to Mesos: "+s.connection.reason,
			"check that "+s.settings.MesosMaster+" is a Mesos master that this host reaches"
	case slot.Task != nil && !s.boundByJournal(slot) && s.surplusFull():
		w.Message = fmt.Sprintf("host %s has not answered since %s, and %d replaced tasks may still run",
			slot.Host, slot.Task.UnreachableSince.UTC().Format(time.RFC3339), len(s.surplus.byID))
		w.Hint = hintSurplus
	case slot.Task != nil:
		w.Message = fmt.Sprintf("host %s, which holds its journal, has not answered since %s", slot.Host,
			slot.Task.UnreachableSince.UTC().Format(time.RFC3339))
		w.Hint = s.hintHost(slot, slot.Host, true)
	case !open:
		w.Message = why
	case primary != nil && (primary.Task == nil || !slot.NotBefore.After(now)):
		w.Message, w.Hint = s.explainCompanion(slot, primary)
	case slot.NotBefore.After(now):
		w.Message = "it is tried again at " + slot.NotBefore.UTC().Format(time.RFC3339)
		if slot.failedLast() {
			w.Message = fmt.Sprintf("it %s and is tried again at %s: %s", slot.failedText(),
				slot.NotBefore.UTC().Format(time.RFC3339), slot.LastFailure.text())
		}
	case s.boundByJournal(slot) && s.rejectionAtHost(slot) != nil:
		w.Message, w.Hint = s.Explain(&s.rejectionAtHost(slot).Rejection)
	case s.boundByVolume(slot, now):
		w.Message = "its volume " + slot.Volume.ID + " is on host " + slot.Host + ", which has made no fitting offer"
		w.Hint = s.hintHost(slot, slot.Host, s.hostAway(slot, now))
	case s.boundByJournal(slot):
		w.Message = "its journal is on host " + slot.Host + ", which has made no fitting offer"
		w.Hint = s.hintHost(slot, slot.Host, s.hostAway(slot, now))
	case rejected > 0:
		w.Message = fmt.Sprintf("no offer fits: %d were rejected; see the rejections", rejected)
	default:
		w.Message = "Mesos has made no offer"
		w.Hint = "check that agents are registered with the Mesos master, that their resources are not used by others, and " +
			"that MesosRole " + s.settings.MesosRole + " may use them"
	}
	if slot.RelocateReason != "" {
		w.Message = slot.RelocateReason + "; " + w.Message
	}
	return w
}
