package cluster

import (
	"maps"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

func TestAPlaceIsReadAsConstraintsCompareIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence string
		fields   map[string]string
		want     map[string]string
	}{
		{"without attributes and fault domain there is no place", nil, nil},
		{"text as it is", map[string]string{"attributes": "rack:r1"}, map[string]string{"rack": "r1"}},
		{"a scalar without needless digits", map[string]string{"attributes": "level:4.50000"},
			map[string]string{"level": "4.5"}},
		{"a scalar to three decimals", map[string]string{"attributes": "level:0.12349"}, map[string]string{"level": "0.123"}},
		{"ranges in order", map[string]string{"attributes": "ids:[8-9,1-5]"}, map[string]string{"ids": "[1-5,8-9]"}},
		{"a set in order", map[string]string{"attributes": "disks:{ssd,hdd}"}, map[string]string{"disks": "{hdd,ssd}"}},
		{"the first of several of one name", map[string]string{"attributes": "rack:r1;rack:r2"},
			map[string]string{"rack": "r1"}},
		{"the fault domain", map[string]string{"region": "eu", "zone": "z1"},
			map[string]string{"@region": "eu", "@zone": "z1"}},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			o := offerOf("o1", "a", c.fields)
			if got := o.Attributes(); !maps.Equal(got, c.want) || (got == nil) != (c.want == nil) {
				t.Errorf("it is %v", got)
			}
		})
	}
}

// FuzzPlace: hostile bytes of an offer give a place or none.
func FuzzPlace(f *testing.F) {
	for _, fields := range []map[string]string{{"attributes": "rack:r1;level:4;ids:[1-2];disks:{a,b}"},
		{"region": "eu", "zone": "z1"}, {}} {
		f.Add(offerOf("o1", "a", fields).Wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		(&offer.Offer{ID: "o1", Wire: wire}).Attributes()
	})
}

func TestALongPlaceIsKeptAsFarAsConstraintsNameIt(t *testing.T) {
	t.Parallel()
	settings := testSettings(1)
	settings.Worker.Constraints, _ = config.ParseConstraints("rack:UNIQUE;zone:UNIQUE")
	s := stateWith(t, settings)
	long := map[string]string{"rack": "r1", "notes": strings.Repeat("x", longestAttributes)}
	if got := s.keepAttributes(long); !maps.Equal(got, map[string]string{"rack": "r1"}) {
		t.Errorf("it keeps %v", got)
	}
}

// The Record of an earlier version has no places: an offer of the agent tells.
func TestThePlaceOfATaskThatAnEarlierVersionLaunchedIsLearntFromAnOffer(t *testing.T) {
	t.Parallel()
	s := stateWith(t, testSettings(1))
	now := epoch
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, now)
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "m", map[string]string{"ports": "19998-19999"})}},
		now)
	cycleOf(s, now)
	s.Apply(Updated{Subscription: 1, Status: statusOf("alluxio-master-0.1", "TASK_RUNNING", "agent-m", "", []byte{1})},
		now)
	at := map[string]string{"attributes": "rack:r1"}
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o2", "a", at)}}, now)
	cycleOf(s, now)
	slot := s.slots.byName["alluxio-worker-0"]
	if slot.Attributes["rack"] != "r1" {
		t.Fatalf("its place is %v", slot.Attributes)
	}
	slot.Attributes = nil
	settings := *s.settings
	settings.Worker.Count = 2
	settings.Worker.Constraints, _ = config.ParseConstraints("rack:UNIQUE")
	s.Apply(Reconfigured{Settings: &settings}, now)
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o3", "a", at), offerOf("o4", "b", at)}}, now)
	d := cycleOf(s, now)
	if slot.Attributes["rack"] != "r1" {
		t.Errorf("its place is %v", slot.Attributes)
	}
	if last := d.Rejections[len(d.Rejections)-1]; last.Host != "b" || last.Reason != Constrained ||
		last.Detail != "rack:UNIQUE" {
		t.Errorf("rejections are %+v", d.Rejections)
	}
}

// Without constraints no offer is looked at for its place.
func TestARefusedOfferWithoutConstraintsIsNotDecoded(t *testing.T) {
	s := stateWith(t, testSettings(config.AllHosts))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	m := s.newMatcher(&Decision{}, epoch)
	o, slot := offerOf("o1", "a", map[string]string{"attributes": "rack:r1"}), s.slots.byName["alluxio-master-0"]
	if got := testing.AllocsPerRun(100, func() { m.constrained(slot, &o) }); got != 0 ||
		m.attributesFor != "" {
		t.Errorf("%g allocations, and it has looked at %q", got, m.attributesFor)
	}
}

// Constraints place tasks, and Alluxio sees nothing of them: a change replaces nothing.
func TestConstraintsAreNotInTheFingerprint(t *testing.T) {
	t.Parallel()
	plain, bound := testSettings(1), testSettings(1)
	bound.Worker.Constraints, _ = config.ParseConstraints("rack:UNIQUE")
	if settingsDigest(plain, config.Worker) != settingsDigest(bound, config.Worker) {
		t.Error("they are")
	}
}
