package cluster

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// ReplaceRequested asks to replace the task of a slot, on any host that fits. CheckReplace has
// accepted it.
type ReplaceRequested struct {
	Slot string
	// DestroyVolume destroys the slot's persistent volume with its data; without it the volume stays
	// on its host and is no longer used.
	DestroyVolume bool
	// Unpersisted is as in TeardownRequested.
	Unpersisted config.Unpersisted
}

// UninstallRequested asks to end the cluster as TeardownRequested does; with DestroyVolumes every
// persistent volume of the cluster is destroyed and unreserved before the framework ends.
type UninstallRequested struct {
	DestroyVolumes bool
	// Unpersisted and Until are as in TeardownRequested.
	Unpersisted config.Unpersisted
	Until       time.Time
}

func (ReplaceRequested) event()   {}
func (UninstallRequested) event() {}

// ErrRefused is wrapped by the errors of CheckReplace and CheckCancelTeardown for a request that is
// not carried out.
var ErrRefused = errors.New("refused")

// replaceReason is the KillReason of a task that is replaced on request.
const replaceReason = "its slot is replaced on request"

// CheckReplace says what a ReplaceRequested will do, or why it is refused.
func (s *State) CheckReplace(e ReplaceRequested) (message string, err error) {
	slot := s.slots.byName[e.Slot]
	if slot == nil || s.isRemovable(slot) {
		names := []string{}
		for _, known := range slices.SortedFunc(maps.Values(s.slots.byName), s.inOrder) {
			if !s.isRemovable(known) {
				names = append(names, known.Name)
			}
		}
		return "", fmt.Errorf("%w: there is no slot %q; the slots are %s", ErrRefused, e.Slot, strings.Join(names, ", "))
	}
	v := slot.Volume
	switch {
	case s.teardown.pending():
		return "", fmt.Errorf("%w: the cluster is being torn down", ErrRefused)
	case s.surplusFull() && slot.Task != nil && !slot.Task.UnreachableSince.IsZero():
		return "", fmt.Errorf("%w: the agent of %s does not answer, and %d replaced tasks may still run; %s",
			ErrRefused, slot.Task.ID, len(s.surplus.byID), hintSurplus)
	case s.isMember(slot) && s.quorumFormed() && !s.othersServe(slot):
		return "",
			fmt.Errorf("%w: the other members of the embedded journal must serve before %s is replaced; wait until "+
				"they do", ErrRefused, slot.Name)
	case e.DestroyVolume && v == nil:
		return "", fmt.Errorf("%w: %s has no persistent volume; leave --destroy-volume out", ErrRefused, slot.Name)
	case !e.DestroyVolume && s.isMember(slot) && s.keepsJournal(slot):
		return "",
			fmt.Errorf("%w: volume %s on %s holds the copy of the embedded journal of %s; with --destroy-volume it begins "+
				"again elsewhere, and the others fill its copy",
				ErrRefused, v.ID, v.Host, slot.Name)
	case !e.DestroyVolume && s.keepsJournal(slot):
		return "",
			fmt.Errorf("%w: volume %s on %s holds the journal of %s, without which Alluxio begins empty; with "+
				"--destroy-volume all metadata that is not in the under store is given up for ever",
				ErrRefused, v.ID, v.Host, slot.Name)
	case v == nil && s.boundByJournal(slot):
		return "",
			fmt.Errorf("%w: the journal of %s is in a folder of %s and nowhere else; to give it up for ever, start the "+
				"framework with --lose-journal", ErrRefused, slot.Name, slot.Host)
	}
	return s.replaceMessage(slot, e), nil
}

func (s *State) replaceMessage(slot *Slot, e ReplaceRequested) string {
	var message strings.Builder
	switch task := slot.Task; {
	case task != nil && e.Unpersisted != config.LoseUnpersisted && s.endsByPlan(slot):
		fmt.Fprintf(&message, "Task %s on %s is ended once its files are in the under store and clients have left it.\n",
			task.ID, slot.Host)
	case task != nil:
		fmt.Fprintf(&message, "Task %s on %s is ended.\n", task.ID, slot.Host)
	}
	switch v := slot.Volume; {
	case v != nil && e.DestroyVolume:
		fmt.Fprintf(&message, "Volume %s on %s is destroyed, with all that is in it, when that host offers it.\n", v.ID,
			v.Host)
	case v != nil:
		fmt.Fprintf(&message,
			"Volume %s stays on %s, unused; `alluxio-mesos uninstall --destroy-volumes` destroys it.\n", v.ID, v.Host)
	}
	if primary := s.primaryOf(slot); primary != nil {
		fmt.Fprintf(&message, "%s starts again on the host of %s, beside which it runs.\n", slot.Name, primary.Name)
	} else if s.settings.Of(slot.Role).Count == config.AllHosts {
		fmt.Fprintf(&message, "%s starts again on %s: every host has a %s of its own.\n", slot.Name, slot.Host,
			s.roleRow(slot.Role).Label)
	} else {
		fmt.Fprintf(&message, "%s starts again on any host that fits.\n", slot.Name)
	}
	return message.String()
}

// applyReplace detaches a slot from its task, its host and its volume. An unreachable task is
// abandoned: if it comes back, it is surplus.
func (s *State) applyReplace(e ReplaceRequested, now time.Time) {
	if _, err := s.CheckReplace(e); err != nil {
		// it was accepted, but an event before it in this cycle may have changed the slot
		return
	}
	slot := s.slots.byName[e.Slot]
	if e.DestroyVolume {
		s.markForDestroy(slot)
	}
	s.orphanVolume(slot)
	slot.Failures, slot.NotBefore = 0, time.Time{}
	switch {
	case slot.Task != nil && slot.Task.UnreachableSince.IsZero():
		slot.Task.Relocate, slot.Task.Replaced, slot.Task.Unpersisted = true, true, e.Unpersisted
		if e.Unpersisted == config.LoseUnpersisted || !s.endsByPlan(slot) {
			slot.Task.KillReason = replaceReason
		}
	case slot.Task != nil:
		slot.Task.Relocate = true
		s.abandon(slot, replaceReason, now)
	default:
		slot.VacantSince = now // a slot of count `all` is removed later, not at once
		s.leave(slot)
		s.offers.reviveAgain() // offers of other hosts were declined for long, since it waited for its own
	}
	s.touch(slot)
	s.scale() // without its volume, the slot may be evacuated by surge
}

// leave detaches a vacant slot from its host, except a slot of count `all`, which belongs to it.
func (s *State) leave(slot *Slot) {
	if s.settings.Of(slot.Role).Count != config.AllHosts {
		s.unindexHost(slot)
		slot.Host, slot.HostGone = "", false
	}
}

// tiersOnDisk are the folders of the host that outlive the tasks of workers with their blocks.
func (s *State) tiersOnDisk() (paths []string) {
	for _, f := range s.settings.TierFolders() {
		if f.Disk && !f.OnVolume() && s.settings.Worker.Count != 0 {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

// CheckUninstall says what an UninstallRequested will do.
func (s *State) CheckUninstall(e UninstallRequested) string {
	var message strings.Builder
	fmt.Fprintf(&message, "Every task of %s is ended, then the framework itself.\n", s.settings.Name)
	message.WriteString(s.filesAtTheEnd(e.Unpersisted))
	volumes := s.volumes.unowned.all()
	for _, slot := range s.slots.byName {
		if slot.Volume != nil {
			volumes = append(volumes, slot.Volume)
		}
	}
	slices.SortFunc(volumes, byIDAndHost)
	for _, v := range volumes {
		role := v.MesosRole
		if v.DestroyRequested { // its row does not have it
			role = s.settings.MesosRole
		}
		switch {
		case e.DestroyVolumes && s.mayBeOffered(v):
			fmt.Fprintf(&message, "Volume %s on %s is destroyed, with all that is in it.\n", v.ID, v.Host)
		case e.DestroyVolumes:
			fmt.Fprintf(&message,
				"Volume %s stays on %s: it is reserved for role %s, and not offered to %s; Mesos's own /destroy-volumes and "+
					"/unreserve remove it.\n", v.ID, v.Host, role, s.settings.MesosRole)
		default:
			fmt.Fprintf(&message, "Volume %s stays on %s, reserved for role %s.\n", v.ID, v.Host, role)
		}
	}
	if e.DestroyVolumes {
		message.WriteString("Any other volume of this cluster that Mesos offers is destroyed, and any reservation removed.\n")
	}
	if folders := s.tiersOnDisk(); len(folders) > 0 {
		fmt.Fprintf(&message, "Folders of tiers on disk stay with their blocks where a worker has run: %s. A later start "+
			"of %s uses them again; without one, remove them.\n", strings.Join(folders, ", "), s.settings.Name)
	}
	return message.String()
}
