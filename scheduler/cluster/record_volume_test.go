package cluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// stateOf is a process with these settings that begins on record.
func stateOf(t testing.TB, settings *config.Settings, record saved) *State {
	t.Helper()
	s, err := NewState(Options{Settings: settings, Version: "test", Started: epoch}, record)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestVolumesToDestroyOfAnEarlierVersionGetARowEach(t *testing.T) {
	t.Parallel()
	old := saved{frameworkKey: []byte(`{"id":"f1","cluster":"f1","incarnation":7,"doomed":{` +
		`"f1.alluxio-worker-0.1":{"slot":"alluxio-worker-0","host":"a","agentId":"agent-a","freed":"agent-a"},` +
		`"f1.alluxio-worker-1.2":{"slot":"alluxio-worker-1","host":"b","unseen":true}}}`)}
	settings := volumeSettings(2)
	s := stateOf(t, settings, old)
	want := s.toDestroy()
	if len(want) != 2 || want[0].DestroySentTo != "agent-a" || want[1].Host != "b" || want[1].Confirmed {
		t.Fatalf("it knows %+v", want)
	}
	old.save(s.Changes())
	if len(old) != 3 || bytes.Contains(old[frameworkKey], []byte("doomed")) ||
		!bytes.Contains(old[frameworkKey], []byte(`"incarnation":7`)) {
		t.Errorf("the record is %s", old)
	}
	next := stateOf(t, settings, old)
	if got := next.toDestroy(); !reflect.DeepEqual(got, want) {
		t.Errorf("the next process knows %+v", got)
	}
	if changes := next.Changes(); changes != nil {
		t.Errorf("it saves %s", changes)
	}
	next.forgetVolume(hostVolume{"f1.alluxio-worker-0.1", "a"})
	if changes := next.Changes(); len(changes) != 1 || changes[markedKey("f1.alluxio-worker-0.1")] != nil {
		t.Errorf("with the volume it saves %s", changes)
	}
}

func TestGivingUpAVolumeSavesItsOwnRowOnly(t *testing.T) {
	t.Parallel()
	s := stateOf(t, volumeSettings(1), nil)
	s.record.clusterName = "f1"
	for i := range 2000 {
		name := slotName(config.Worker, i)
		s.volumes.add(&Volume{ID: s.volumeID(name, 1), Slot: name, Host: fmt.Sprint("h", i), DestroyRequested: true})
	}
	s.Changes()
	slot := &Slot{Name: "alluxio-worker-0", Role: config.Worker,
		Volume: &Volume{ID: "f1.alluxio-worker-0.2", Host: "a", MB: 1}}
	s.markForDestroy(slot)
	changes := s.Changes()
	if row := changes[markedKey("f1.alluxio-worker-0.2")]; len(changes) != 1 || len(row) == 0 || len(row) > 1<<10 {
		t.Errorf("it saves %s", changes)
	}
}

// TestCostOfAVolumeRowIsIndependentOfTheirNumber counts allocations: a digest of each volume for
// each row that changes would make 10,000 of them.
func TestCostOfAVolumeRowIsIndependentOfTheirNumber(t *testing.T) {
	costs := map[int]float64{}
	for _, n := range []int{1, 10000} {
		s := stateOf(t, volumeSettings(1), nil)
		for i := range n {
			s.noteUnowned(&Volume{ID: fmt.Sprintf("f1.alluxio-worker-%d.1", i), Host: "a"})
		}
		s.Changes()
		costs[n] = testing.AllocsPerRun(100, func() {
			s.noteUnowned(s.volumes.unowned["a"]["f1.alluxio-worker-0.1"])
			s.Changes()
		})
	}
	if costs[10000] > costs[1]+1 {
		t.Errorf("allocations by number of volumes: %v", costs)
	}
}

func TestLongAttributesAreKeptShortAndApart(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100<<10)
	place := func(value string) map[string]string {
		full := mesos.Offer{Attributes: []mesos.Attribute{{Name: "rack", Type: mesos.TEXT,
			Text: &mesos.Value_Text{Value: value}}}}
		wire, err := full.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return (&offer.Offer{Wire: wire}).Attributes()
	}
	one, other := place(long + "1")["rack"], place(long + "2")["rack"]
	if len(one) > 256 || one == other || one != offer.ClipAttribute(one) {
		t.Errorf("%d bytes are kept, %q and %q", len(one), one, other)
	}
	// A row of an earlier version, which kept all of a value that a constraint names.
	settings := testSettings(1)
	settings.Worker.Constraints, _ = config.ParseConstraints("rack:UNIQUE")
	slot := Slot{Name: "alluxio-worker-0", Role: config.Worker, Host: "a",
		Attributes: map[string]string{"rack": long + "1"}}
	row, err := json.Marshal(slot)
	if err != nil {
		t.Fatal(err)
	}
	s := stateOf(t, settings, saved{slotKey(slot.Name): row})
	if got := s.slots.byName[slot.Name].Attributes; !maps.Equal(got, place(long+"1")) {
		t.Errorf("it is at %q", got)
	}
	s.touch(s.slots.byName[slot.Name])
	if size := len(s.Changes()[slotKey(slot.Name)]); size > 4<<10 {
		t.Errorf("its row has %d bytes", size)
	}
}

// TestCostOfASurplusRowIsIndependentOfTheirNumber is the same for tasks that were replaced: a
// network that parts may leave thousands of them, whose rows all change at once.
func TestCostOfASurplusRowIsIndependentOfTheirNumber(t *testing.T) {
	costs := map[int]float64{}
	for _, n := range []int{1, 10000} {
		s := stateOf(t, testSettings(1), nil)
		for i := range n {
			s.addSurplus(&surplusTask{ID: fmt.Sprintf("alluxio-worker-%d.1", i), AgentID: "a", Reason: replacedReason})
		}
		s.Changes()
		costs[n] = testing.AllocsPerRun(10, func() {
			s.forgetSurplus("alluxio-worker-0.1")
			s.addSurplus(&surplusTask{ID: "alluxio-worker-0.1", AgentID: "a", Reason: replacedReason})
			s.Changes()
		})
	}
	if costs[10000] > costs[1]+1 {
		t.Errorf("allocations by number of tasks: %v", costs)
	}
}

// TestTheRowsOfVolumesKeepTheirForm: older versions read them, too.
func TestTheRowsOfVolumesKeepTheirForm(t *testing.T) {
	t.Parallel()
	rows := saved{}
	for key, row := range map[string]string{
		orphanKey(hostVolume{"f1.alluxio-worker-3.1", "a"}): `{"id":"f1.alluxio-worker-3.1","slot":"alluxio-worker-3",` +
			`"host":"a","agentId":"agent-a","mb":10240.5,"mesosRole":"eng/alluxio","unseen":true,"freed":"agent-b"}`,
		orphanKey(hostVolume{"f1.alluxio-worker-4.2", "<b>"}): `{"id":"f1.alluxio-worker-4.2","slot":"alluxio-worker-4",` +
			`"host":"\u003cb\u003e","agentId":"","mb":0}`,
		markedKey("f1.alluxio-worker-5.1"): `{"id":"f1.alluxio-worker-5.1","slot":"alluxio-worker-5","host":"a",` +
			`"agentId":"agent-a","unseen":true,"freed":"agent-a"}`,
		markedKey("f1.alluxio-worker-6.1"): `{"id":"f1.alluxio-worker-6.1","slot":"alluxio-worker-6","host":"c"}`,
		slotKey("alluxio-worker-0"): `{"name":"alluxio-worker-0","role":"alluxio-worker","index":0,"host":"a\u0026",` +
			`"launches":1,"volume":{"id":"f1.alluxio-worker-0.1","host":"a\u0026","agentId":"agent-a",` +
			`"mesosRole":"eng/alluxio","mb":1024,"confirmed":true,"unused":true,"freed":"agent-a"},"volumes":1}`,
		slotKey("alluxio-worker-1"): `{"name":"alluxio-worker-1","role":"alluxio-worker","index":1,"host":"b",` +
			`"launches":1,"volume":{"id":"f1.alluxio-worker-1.1","host":"b","agentId":"","mesosRole":"eng/alluxio",` +
			`"mb":1},"volumes":1}`,
	} {
		rows[key] = []byte(row)
	}
	s := stateOf(t, volumeSettings(2), rows)
	s.Changes()
	for key, want := range rows {
		if got := s.row(key); !bytes.Equal(got, want) {
			t.Errorf("%s was\n%s and is\n%s", key, want, got)
		}
	}
}

// TestARecordMayHaveAVolumeTwice: a slot that was removed and added again used the ID of its volume again.
func TestARecordMayHaveAVolumeTwice(t *testing.T) {
	t.Parallel()
	at := hostVolume{"f1.alluxio-worker-0.1", "a"}
	const both = `{"id":"f1.alluxio-worker-0.1","slot":"alluxio-worker-0","host":"a","agentId":"agent-a","mb":1024}`
	record := saved{
		slotKey("alluxio-worker-0"): []byte(`{"name":"alluxio-worker-0","role":"alluxio-worker","index":0,"host":"a",` +
			`"launches":1,"volume":{"id":"f1.alluxio-worker-0.1","host":"a","agentId":"agent-a",` +
			`"mesosRole":"eng/alluxio","mb":1024},"volumes":1}`),
		orphanKey(at): []byte(both), markedKey(at.id): []byte(both)}
	s := stateOf(t, volumeSettings(1), record)
	v := verifier{store: record}
	for range 2 {
		if stale := v.verify(s, epoch); stale != "" {
			t.Error(stale)
		}
	}
	if marked := s.volumes.unowned["a"][at.id]; marked == nil || !marked.DestroyRequested {
		t.Errorf("the request for its end is forgotten: %+v", marked)
	}
	record.save(s.Changes())
	if record[orphanKey(at)] != nil || record[markedKey(at.id)] == nil {
		t.Errorf("it is saved as %s", record)
	}
}
