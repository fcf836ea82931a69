package cluster

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Several Alluxio masters elect a leader, let one of them format the journal that they share, and get
// a MasterUpdate when others have moved. Members of an embedded journal are in members.go.

// elects is true when masters elect their leader. While a Record is loaded there are no settings yet.
func (s *State) elects() bool { return s.settings != nil && s.settings.Election != config.NoElection }

// checkElection refuses another kind of election while a master lives that was launched with today's:
// it would lead beside new ones, and two masters would write one journal.
func (s *State) checkElection(settings *config.Settings) error {
	if len(s.journals.formatted) == 0 || s.staysAlone(settings) {
		return nil
	}
	for _, slot := range slices.SortedFunc(maps.Values(s.slots.byTask), s.inOrder) {
		if slot.Role == config.Master && slot.Task.Election != settings.Election {
			return fmt.Errorf("%w: %s runs with %s, and the settings now ask for %s: two masters could write one journal; "+
				"undo the change of %s and %s, "+
				"or end the cluster first with `alluxio-mesos uninstall`, which keeps the journal", ErrUnsafeChange, slot.Name,
				electionText(slot.Task.Election), electionText(settings.Election),
				config.KeyMasterCount, config.KeyZooKeeperEnabled)
		}
	}
	return nil
}

// staysAlone is true for settings under which the present master is the only one until it ends: it
// ends before it is replaced. A master that ZooKeeper elects may follow one without an election:
// older versions launched a lone master with ZooKeeper that way.
func (s *State) staysAlone(settings *config.Settings) bool {
	for _, slot := range s.slots.byTask {
		if slot.Role == config.Master && slot.Index > 0 {
			return false
		}
	}
	for id := range s.surplus.byID {
		if settings.Election == config.NoElection && strings.HasPrefix(id, string(config.Master)+"-") {
			return false
		}
	}
	return settings.Master.Count == 1
}

func electionText(e config.Election) string {
	if e == config.NoElection {
		return "no election, as a lone master"
	}
	return "an election by " + string(e)
}

// leads is true for a master that leads, as far as is known. A lone master leads when it serves.
func (t *Task) leads() bool { return t.serving() && t.isLeader() }

// isLeader is leads for a task that may be being killed.
func (t *Task) isLeader() bool {
	return t != nil && t.State == mesos.TASK_RUNNING && t.Report.ElectionState != launch.Standby
}

// formatsFirst says whether a master may be launched on a journal that several share, else why not.
// Until the journal is known to be formatted, masters are launched one at a time, else two would
// format it at once. A journal that is formatted again must have no other master on it.
func (s *State) formatsFirst(d *Decision) (ok bool, why string) {
	again := s.formats(s.journalIdentity(""))
	if s.settings.Election != config.ByZooKeeper || s.isFormatted(s.journalIdentity("")) &&
		!s.settings.Journal.AllowLoss &&
		!again {
		return true, ""
	}
	var masters []*Slot // also those beyond the count, until they have ended
	for _, slot := range s.slots.byName {
		if slot.Role == config.Master {
			masters = append(masters, slot)
		}
	}
	slices.SortFunc(masters, s.inOrder)
	for _, slot := range masters {
		switch {
		case d.places(slot.Name) || slot.Task != nil && slot.Task.Report.JournalFormatted == "":
			return false, fmt.Sprintf("%s starts first, on the journal that all masters share", slot.Name)
		case again && slot.Task != nil:
			return false, fmt.Sprintf("the journal is formatted again, and %s shares it: this master starts once that one "+
				"serves or has ended", slot.Name)
		}
	}
	return true, ""
}

// knownMasters are the addresses of the masters that the executor of t has confirmed, or was launched
// with.
func (t *Task) knownMasters() string {
	if t.Report.Moved != "" {
		return t.Report.Moved
	}
	return t.Masters
}

// sendMasterUpdates sends the addresses of masters that have moved to executors. A message may be
// lost, and an executor that is still preparing its task ignores it, so it is repeated until the
// executor confirms it.
func (s *State) sendMasterUpdates(d *Decision, now time.Time) {
	awaitingMasterUpdate := s.endpoints.awaitingMasterUpdate
	if d.movesEndpoints() && s.elects() { // those that may await it after Commit
		awaitingMasterUpdate = s.slots.byTask
	}
	if len(awaitingMasterUpdate) == 0 || s.teardown.requested {
		return
	}
	masters := s.mastersWith(d.located)
	text := launch.AddressText(masters)
	for _, slot := range slices.SortedFunc(maps.Values(awaitingMasterUpdate), s.inOrder) {
		task := slot.Task
		if ok, _ := s.wanted(slot); !ok || !s.reads(slot.Role, config.Master) || !task.canReceiveUpdate() ||
			task.knownMasters() == text && task.heard {
			continue
		}
		if at := task.masterUpdateAt(text); at.After(now) {
			d.wakeBy(at)
			continue
		}
		d.do(SendMasterUpdate{TaskID: task.ID, AgentID: task.AgentID, Masters: masters})
		d.wakeBy(now.Add(masterUpdateFirst))
	}
}

// canReceiveUpdate is true while a message would reach the executor of t and be of use.
func (t *Task) canReceiveUpdate() bool {
	return (t.State == mesos.TASK_STARTING || t.State == mesos.TASK_RUNNING) && t.confirmed &&
		t.UnreachableSince.IsZero() && t.KillReason == ""
}

// noteMasterUpdate records that a MasterUpdate was sent.
func (t *Task) noteMasterUpdate(text string, now time.Time) {
	if t.sentMasters != text {
		t.sentMasters, t.mastersSent = text, 0
	}
	t.mastersSentAt = now
	t.mastersSent++
}

// masterUpdateAt is when to send the executor of t the addresses in text: zero, for at once, when they
// were not sent yet.
func (t *Task) masterUpdateAt(text string) time.Time {
	if t.sentMasters != text {
		return time.Time{}
	}
	delay := masterUpdateFirst
	for range min(t.mastersSent-1, 10) {
		delay *= 2
	}
	return t.mastersSentAt.Add(min(delay, masterUpdateMost))
}

// opens says whether role may be launched in this cycle, else why not.
func (m *matcher) opens(role config.Role) (ok bool, why string) {
	if ok, why = m.s.open(role); !ok || role != config.Master {
		return ok, why
	}
	if m.s.settings.Election == config.ByJournal {
		return m.allPlaced()
	}
	return m.s.formatsFirst(m.d)
}

// warnOfOutage adds a warning to d when it ends a master that serves while no other does, and that starts
// again: for how long clients have no Alluxio, as long as it took it to start last.
func (s *State) warnOfOutage(d *Decision) {
	if s.teardown.requested {
		return
	}
	for id := range d.killed {
		slot := s.slots.byTask[id]
		if slot == nil || !slot.serves() || !s.roleRow(slot.Role).Essential || !s.roleRow(slot.Role).Elects ||
			s.slots.serving[slot.Role] > 1 {
			continue
		}
		if wanted, _ := s.wanted(slot); wanted {
			took := slot.Task.ServingSince.Sub(slot.Task.Launched).Round(time.Second)
			d.Warnings = append(d.Warnings, fmt.Sprintf("%s on %s restarts, and no other master serves: clients cannot use "+
				"Alluxio for about %s, as long as its last start took, and until workers have registered with it", id, slot.Host,
				max(took, time.Second)))
		}
	}
}
