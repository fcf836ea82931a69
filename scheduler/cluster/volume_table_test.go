package cluster

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// volumeForm is what the Record says of one volume, but for its names and where a DESTROY was sent.
type volumeForm struct{ owned, confirmed, unused, destroyRequested bool }

const (
	noVolume        = "none"
	wanted          = "wanted"
	wantedUsed      = "wanted, may be used"
	created         = "created"
	used            = "used"
	orphanedUnseen  = "orphaned, never seen"
	orphaned        = "orphaned"
	condemnedUnseen = "to be destroyed, never seen"
	condemned       = "to be destroyed"
)

// volumeForms are all combinations that a volume may have. What is not here cannot be: a volume that
// is to be destroyed has no owner, and without an owner it counts as used, since its row does not say.
var volumeForms = map[string]volumeForm{
	wanted:          {owned: true, unused: true},                  // its launch was sent, with RESERVE and CREATE
	wantedUsed:      {owned: true},                                // a task on it may have begun while nothing was heard
	created:         {owned: true, confirmed: true, unused: true}, // it was seen, and no task on it has begun
	used:            {owned: true, confirmed: true},               // a task on it has begun, or may have
	orphanedUnseen:  {},                                           // its slot went on without it before it was seen
	orphaned:        {confirmed: true},                            // its slot went on without it
	condemnedUnseen: {destroyRequested: true},                     // an operator replaced its slot before it was seen
	condemned:       {destroyRequested: true, confirmed: true},    // an operator replaced its slot with --destroy-volume
}

// volumeSteps are the ways from one form to another. In one cycle a volume may go several, but not
// through noVolume: of what is gone the same cycle knows no more, but see goneAndWanted.
var volumeSteps = []struct{ from, to, why string }{
	{noVolume, wanted, "a task is launched on a new volume"},
	{noVolume, used, "an offer shows it, and the slot that it is named after has none"},
	{noVolume, orphaned, "an offer shows it, and its slot has a later one, or is no more"},
	{wanted, wantedUsed, "its task may have begun while Mesos was not heard, or the framework has ended"},
	{wanted, created, "an offer or its task shows it"},
	{wantedUsed, used, "an offer or its task shows it"},
	{created, used, "its task begins"},
	{wanted, orphanedUnseen, "its slot gets another volume, is replaced or is removed"},
	{wantedUsed, orphanedUnseen, "as above"},
	{created, orphaned, "as above"},
	{used, orphaned, "as above"},
	{orphanedUnseen, orphaned, "an offer shows it"},
	{orphaned, used, "its slot, which has had no later one, takes it up again"},
	{wanted, condemnedUnseen, "an operator replaces its slot with --destroy-volume"},
	{wantedUsed, condemnedUnseen, "as above"},
	{created, condemned, "as above"},
	{used, condemned, "as above"},
	{wanted, noVolume, "its agent is gone for good, or an offer shows that an uninstall has destroyed it"},
	{wantedUsed, noVolume, "as above"},
	{created, noVolume, "as above"},
	{used, noVolume, "as above"},
	{orphanedUnseen, noVolume, "an offer of its host is without it"},
	{orphaned, noVolume, "its host is another agent, or an uninstall has destroyed it"},
	{condemnedUnseen, noVolume, "an offer of its host is without it"},
	{condemned, noVolume, "an offer shows that it was destroyed"},
}

// goneAndWanted are the forms from which one cycle may forget a volume and launch a task on a new one
// with its ID and host: a slot that was removed and added again does not know how many it has had.
var goneAndWanted = []string{orphanedUnseen, orphaned, condemnedUnseen, condemned}

// formOf names the form of v, "" for one that may not be.
func formOf(v *Volume) string {
	for name, form := range volumeForms {
		if form == (volumeForm{v.Owned, v.Confirmed, v.Unused, v.DestroyRequested}) {
			return name
		}
	}
	return ""
}

// volumeReaches is true when a volume may go from one form to another within a cycle.
func volumeReaches(from, to string) bool {
	reached := []string{from}
	for i := 0; i < len(reached); i++ {
		for _, step := range volumeSteps {
			if step.from == reached[i] && !slices.Contains(reached, step.to) && (step.from != noVolume || i == 0) {
				reached = append(reached, step.to)
			}
		}
	}
	return slices.Contains(reached, to)
}

// seenVolume is a volume at one look of a verifier. A Record of an older version may have it twice.
type seenVolume struct {
	form, sentTo string
	twice        bool
}

// checkVolumes compares every volume with volumeForms, and what has become of it since the last look
// with volumeSteps. A DESTROY goes only to a volume whose end an operator has asked for.
func (v *verifier) checkVolumes(s *State, _ time.Time) string {
	seen := map[hostVolume]seenVolume{}
	note := func(volume *Volume, owned bool) string {
		form := formOf(volume)
		if form == "" || volume.Owned != owned {
			return fmt.Sprintf("nothing allows %+v, owned: %v", *volume, owned)
		}
		_, twice := seen[volume.at()]
		if twice && v.volumes != nil && !v.volumes[volume.at()].twice {
			return fmt.Sprintf("%s on %s is there twice", volume.ID, volume.Host)
		}
		seen[volume.at()] = seenVolume{form, volume.DestroySentTo, twice}
		return v.checkStep(s, volume, form)
	}
	for name, slot := range s.slots.byName {
		if slot.Volume == nil {
			continue
		}
		if wrong := note(slot.Volume, true); wrong != "" {
			return wrong
		}
		if slot.Volume.Slot != name {
			return fmt.Sprintf("%s has %s of %s", name, slot.Volume.ID, slot.Volume.Slot)
		}
	}
	for host, onHost := range s.volumes.unowned {
		for id, volume := range onHost {
			if volume.at() != (hostVolume{id, host}) {
				return fmt.Sprintf("%s on %s is among those of %s as %s", volume.ID, volume.Host, host, id)
			}
			if wrong := note(volume, false); wrong != "" {
				return wrong
			}
		}
	}
	for at, before := range v.volumes {
		if _, known := seen[at]; !known && !volumeReaches(before.form, noVolume) {
			return fmt.Sprintf("%s on %s was %q, and is forgotten", at.id, at.host, before.form)
		}
	}
	v.volumes = seen
	return ""
}

// checkStep says what is wrong with what has become of volume since the last look, or "".
func (v *verifier) checkStep(s *State, volume *Volume, form string) string {
	before, known := v.volumes[volume.at()]
	if v.volumes == nil || before.twice { // what was saved, by whatever version
		return ""
	}
	if !known {
		before.form = noVolume
	}
	again := form == wanted && slices.Contains(goneAndWanted, before.form)
	if before.form != form && !volumeReaches(before.form, form) && !again {
		return fmt.Sprintf("%s on %s was %q, and is %q", volume.ID, volume.Host, before.form, form)
	}
	asked := volume.DestroyRequested || s.volumes.destroy.all && s.teardown.requested
	if volume.DestroySentTo != before.sentTo && volume.DestroySentTo != "" && !asked {
		return fmt.Sprintf("a DESTROY of %s on %s was sent, and nobody asked for it", volume.ID, volume.Host)
	}
	return ""
}

func TestEveryVolumeHasAWayToComeAndToGo(t *testing.T) {
	t.Parallel()
	for name := range volumeForms {
		if !volumeReaches(noVolume, name) || !volumeReaches(name, noVolume) {
			t.Errorf("%s cannot come, or never goes", name)
		}
	}
	for i, step := range volumeSteps {
		_, from := volumeForms[step.from]
		_, to := volumeForms[step.to]
		if !from && step.from != noVolume || !to && step.to != noVolume || step.from == step.to {
			t.Errorf("%s -> %s is no step", step.from, step.to)
		}
		for _, other := range volumeSteps[:i] {
			if other.from == step.from && other.to == step.to {
				t.Errorf("%s -> %s is there twice", step.from, step.to)
			}
		}
	}
	for _, never := range []struct{ from, to string }{{used, created}, {used, wantedUsed}, {created, wanted},
		{orphaned, orphanedUnseen}, {condemned, orphaned}, {condemned, used}, {orphaned, condemned}} {
		direct := slices.ContainsFunc(volumeSteps, func(s struct{ from, to, why string }) bool {
			return s.from == never.from && s.to == never.to
		})
		if direct {
			t.Errorf("%s -> %s is allowed", never.from, never.to)
		}
	}
}
