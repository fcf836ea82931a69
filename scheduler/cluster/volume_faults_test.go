package cluster

import (
	"fmt"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// volumeFaults break the table, each in another way; plant is false when a State has nothing to break.
var volumeFaults = map[string]struct {
	plant func(*State) bool
	found string
}{
	"a slot keeps one that is to be destroyed": {withVolume(func(v *Volume) bool {
		v.DestroyRequested = true
		return true
	}), "nothing allows"},
	"one that was seen was never seen": {withVolume(func(v *Volume) bool {
		was := v.Confirmed
		v.Confirmed = false
		return was
	}), `was "used", and is "wanted, may be used"`},
	"one that was used is not used": {withVolume(func(v *Volume) bool {
		was := !v.Unused
		v.Unused = true
		return was
	}), `was "used", and is "created"`},
	"one of a slot is nobody's": {withVolume(func(v *Volume) bool {
		v.Owned = false
		return true
	}), "nothing allows"},
	"one of a slot is another's": {withVolume(func(v *Volume) bool {
		v.Slot = "another"
		return true
	}), "of another"},
	"it ends, and nobody asked for it": {withVolume(func(v *Volume) bool {
		v.DestroySentTo = "another"
		return true
	}), "nobody asked for it"},
	"one is there twice": {func(s *State) bool {
		for _, slot := range s.slots.byName {
			if slot.Volume != nil {
				s.noteUnowned(&Volume{ID: slot.Volume.ID, Host: slot.Volume.Host})
				return true
			}
		}
		return false
	}, "is there twice"},
	"an operator's request is forgotten": {func(s *State) bool {
		for id, v := range s.volumes.marked {
			v.DestroyRequested = false
			delete(s.volumes.marked, id)
			return true
		}
		return false
	}, `was "to be destroyed", and is "orphaned"`},
}

// withVolume plants into the volume of the first slot that takes it.
func withVolume(plant func(*Volume) bool) func(*State) bool {
	return func(s *State) bool {
		for _, name := range sorted(s.slots.byName) {
			if slot := s.slots.byName[name]; slot.Volume != nil && plant(slot.Volume) {
				return true
			}
		}
		return false
	}
}

// TestEveryFaultOfAVolumeIsFound plants each into a State with a volume that is used and one that is to
// be destroyed. The simulator looks for the same after every cycle, and fuzzing after every event.
func TestEveryFaultOfAVolumeIsFound(t *testing.T) {
	t.Parallel()
	for name, fault := range volumeFaults {
		s := stateWith(t, volumeSettings(1))
		s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
		slot := s.slots.byName["alluxio-worker-0"]
		for n := range 2 {
			o := offerOf(fmt.Sprint("o", n), "a", nil)
			o.Volumes = []offer.Volume{{ID: s.volumeID(slot.Name, n+1), MB: 1024}}
			s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{o}}, epoch)
			if slot.Volume == nil {
				t.Fatalf("%s is not adopted", o.Volumes[0].ID)
			}
			if n == 0 {
				s.Apply(ReplaceRequested{Slot: slot.Name, DestroyVolume: true}, epoch)
			}
		}
		var v verifier
		if wrong := v.checkVolumes(s, epoch); wrong != "" {
			t.Fatalf("before any fault: %s", wrong)
		}
		if !fault.plant(s) {
			t.Fatalf("%s: there is nothing to break", name)
		}
		if wrong := v.checkVolumes(s, epoch); !strings.Contains(wrong, fault.found) {
			t.Errorf("%s: %q is found", name, wrong)
		}
	}
}
