package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// ErrUnsafeChange is wrapped by the error of CheckSettings for settings that would separate a running
// cluster from its journal or damage it.
var ErrUnsafeChange = errors.New("this change cannot be made safely")

// CheckSettings says why settings cannot become the target: they do not fit into a task, or would
// separate the cluster from its journal, or start masters on it that may not read it.
func (s *State) CheckSettings(settings *config.Settings) error {
	if kind := journalKind(settings); s.journals.kind != "" && kind != s.journals.kind && !settings.Journal.AllowLoss {
		return fmt.Errorf("%w: the journal of this cluster is kept as %s, and the settings now say %s: Alluxio would begin "+
			"empty; undo the change of %s, %s, %s, %s or %s, "+
			"or give the journal up for ever with --lose-journal", ErrUnsafeChange, s.journals.kind, kind,
			config.KeyJournalFolder,
			config.KeyJournalType, config.KeyDataDir, config.KeyMasterVolume, config.KeyMasterCount)
	}
	if err := s.checkVersion(settings); err != nil {
		return err
	}
	if err := s.checkElection(settings); err != nil {
		return err
	}
	if err := s.checkMembers(settings); err != nil {
		return err
	}
	if err := s.checkVolumes(settings); err != nil {
		return err
	}
	return checkSpecs(settings, s.journals.version)
}

// journalKind identifies where and how a journal is kept, as far as the settings say.
func journalKind(settings *config.Settings) string {
	folder := settings.Journal.Folder
	if settings.Master.Volume > 0 {
		folder = "persistent volumes"
	} else if folder == "" {
		folder = "the default folder"
		if settings.Journal.DataDir != "" {
			folder = settings.Journal.DataDir
		}
	}
	if settings.Election == config.ByJournal {
		return fmt.Sprintf("EMBEDDED of %d members in %s", settings.Master.Count, folder)
	}
	if kind, ok := settings.SiteValue(config.KeyJournalType); ok {
		return kind + " in " + folder
	}
	return "UFS in " + folder // what the executor sets when the site file is silent
}

// noteJournalKind remembers the kind of the journal from the first format on.
func (s *State) noteJournalKind() {
	if kind := journalKind(s.settings); len(s.journals.formatted) > 0 && s.journals.kind != kind {
		s.journals.setKind(kind)
		s.record.touchRow(frameworkKey)
	}
}

// rollOut replaces outdated tasks, at most rolloutAtOnce of a role at a time, and only while all other
// essential tasks and those of the role serve. They go in the order of RoleRow.Rollout, of several
// masters the leader last. A bad change stops at its first tasks, since the next step waits for the
// replacements.
func (s *State) rollOut(d *Decision, now time.Time) {
	outdated := s.staleWith(d)
	if len(outdated) == 0 || s.teardown.pending() {
		return
	}
	stale := s.inRolloutOrder(outdated)
	room := s.replaceBudgets(d, stale, now)
	for _, slot := range stale {
		task := slot.Task
		if task.KillReason != "" || d.kills(task.ID) || !task.confirmed || !task.UnreachableSince.IsZero() {
			continue
		}
		if ok, _ := s.wanted(slot); !ok || task.Replaced { // it ends anyway
			continue
		}
		end := d.endOf(slot)
		if end != nil && (end.Cause == EndForCount || end.Cause == EndForMaintenance) {
			continue
		}
		if task.serving() && !s.otherLeader(slot) { // else it is of no use, and keeps nothing
			if room[slot.Role] <= 0 && !end.leaves() { // its clients do not miss it any more
				continue
			}
			room[slot.Role]--
			if !s.mayReplace(d, slot, now) {
				continue
			}
		}
		s.killTask(d, now, task, s.whyOutdated(slot, d))
	}
}

// mayReplace says whether the serving task of an outdated slot may be killed now, and takes the steps
// before that.
func (s *State) mayReplace(d *Decision, slot *Slot, now time.Time) bool {
	switch {
	case s.goesFirst(slot):
		return s.persistAll(d, EndForMaster, now)
	case !s.findsMaster(slot, s.endpointsWith(d)): // it does not know what is on it
		return true
	}
	return s.advanceEnd(d, slot, EndForSettings, now)
}

// replaceBudgets is how many serving tasks of each outdated role may end now. Essential roles are
// replaced one after the other; other roles do not wait for them.
func (s *State) replaceBudgets(d *Decision, outdated []*Slot, now time.Time) map[config.Role]int {
	room, essential, first := map[config.Role]int{}, false, outdated[0]
	for _, slot := range outdated {
		if _, known := room[slot.Role]; known || essential && s.roleRow(slot.Role).Essential {
			continue
		}
		if slot.Role != first.Role && s.goesFirst(first) && s.reads(slot.Role, first.Role) {
			continue
		}
		essential = essential || s.roleRow(slot.Role).Essential
		room[slot.Role] = s.replaceBudget(d, slot.Role, now)
	}
	return room
}

// replaceBudget is how many serving tasks of role may end now for new settings.
func (s *State) replaceBudget(d *Decision, role config.Role, now time.Time) int {
	if s.leaderless() { // it could be any master, and a worker could not come back
		return 0
	}
	return s.rolloutAtOnce(role) - len(s.rolloutBlockers(role, now)) - s.ending(d, role, now) - s.addedSlots(d, role)
}

// rolloutAtOnce is how many tasks of role may be unavailable for new settings.
func (s *State) rolloutAtOnce(role config.Role) int {
	if s.roleRow(role).OneAtATime {
		return 1
	}
	return max(1, s.settings.UpdateParallel)
}

// maxUnavailable is how many workers may be away or leave for planned changes.
func (s *State) maxUnavailable() int { return max(1, s.settings.MaxUnavailable) }

// holdsBack is true when a task of role that does not serve holds back changes of other.
func (s *State) holdsBack(role, other config.Role) bool {
	return role == other || s.roleRow(role).Essential
}

// addedSlots counts the slots that d adds and that hold back changes of role: until its first task
// serves, each is unavailable as a vacant slot is.
func (s *State) addedSlots(d *Decision, role config.Role) (n int) {
	for _, p := range d.placements {
		if s.slots.byName[p.slot] == nil && s.holdsBack(p.role, role) {
			n++
		}
	}
	return n
}

func (s *State) whyOutdated(slot *Slot, d *Decision) string {
	today := s.endpointsWith(d)
	if role := s.roleWithOtherAddresses(slot, today); role != "" {
		return "the Alluxio " + s.roleRow(role).Group + " are now at " + today[role] +
			", and it was started with another list"
	}
	if s.otherLeader(slot) {
		return s.otherLeaderText(slot.Role)
	}
	return "the settings of " + string(slot.Role) + " have changed"
}

// inRolloutOrder lists outdated slots in the order in which their tasks are replaced. A lone master
// that gets another port goes before the workers, which would otherwise be replaced twice. So does one
// that is elected from now on: until it is, workers with the new settings find no leader.
func (s *State) inRolloutOrder(outdated map[string]*Slot) []*Slot {
	stale := slices.SortedFunc(maps.Values(outdated), s.rolloutOrder)
	if i := slices.IndexFunc(stale, s.goesFirst); i > 0 {
		first := stale[i]
		return slices.Insert(slices.Delete(stale, i, i+1), 0, first)
	}
	return stale
}

// goesFirst is true for the outdated slot of a lone master that is replaced before the tasks that read
// its address.
func (s *State) goesFirst(slot *Slot) bool {
	return s.electsByCount(slot.Role) && slot.Task.Election == config.NoElection &&
		(s.elects() || s.changesPort(slot.Role, s.endpoints.addresses[slot.Role]))
}

// rolloutOrder compares slots by the rollout position of their roles: workers come first, since a
// master that restarts would find workers that are about to be replaced. Of the masters standbys come
// first, then those that may lead, so that the leader changes once.
func (s *State) rolloutOrder(a, b *Slot) int {
	if a.Role != b.Role {
		return cmp.Compare(s.roleRow(a.Role).Rollout, s.roleRow(b.Role).Rollout)
	}
	return cmp.Or(cmp.Compare(a.endRank(), b.endRank()), cmp.Compare(a.leadRank(), b.leadRank()), s.inOrder(a, b))
}

// endRank is 0 for a slot whose planned end has begun: it goes on before another begins.
func (s *Slot) endRank() int {
	if s.Task.End != nil {
		return 0
	}
	return 1
}

// leadRank is 0 for a slot whose task does not lead, 2 for a master whose executor said last that it
// leads, and 1 for a master that serves and whose executor has not said its election state yet:
// Mesos's own updates do not tell.
func (s *Slot) leadRank() int {
	switch {
	case !s.leads:
		return 0
	case s.Task.Report.ElectionState == launch.Leading:
		return 2
	}
	return 1
}

// unavailable is true for a wanted slot that does not serve or is not confirmed in this subscription,
// and for any other slot whose task is being killed. A rollout waits for it, but not for a slot of
// count `all` whose host is lost, nor for a companion without room.
func (s *State) unavailable(slot *Slot, now time.Time) bool {
	if ok, _ := s.wanted(slot); ok {
		return !slot.serves() && !s.hostLost(slot, now) && !s.skippedByRollout(slot, now)
	}
	return slot.Task != nil && slot.Task.KillReason != ""
}

// rolloutBlockers lists the slots for which the next step of a rollout of role waits, in order.
func (s *State) rolloutBlockers(role config.Role, now time.Time) []*Slot {
	return s.activeExcept(func(slot *Slot) bool { return !s.holdsBack(slot.Role, role) || !s.unavailable(slot, now) })
}
