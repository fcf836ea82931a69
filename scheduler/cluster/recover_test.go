package cluster

import (
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// TestANewLifeAdoptsItsVolumesAndLeavesOthersAlone: what was reserved outlives the framework that Mesos has removed.
func TestANewLifeAdoptsItsVolumesAndLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	tr := newTranscript(t)
	tr.play(`plan alluxio-master=1 alluxio-worker=1 role=alluxio master-volume=1GB worker-volume=1GB
subscribed framework=f1
offer o1 host=a disk=20000MB
----

update alluxio-master-0.1 TASK_RUNNING journal=f1.alluxio-master-0.1
offer o2 host=b disk=20000MB
----

error message=Framework has been removed
----
`)
	changes, said, err := NewLife(tr.store)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"alluxio-master-0 stays at a, on volume f1.alluxio-master-0.1.",
		"alluxio-worker-0 stays at b, on volume f1.alluxio-worker-0.1."} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in:\n%s", want, said)
		}
	}
	tr.store.save(changes)
	got := tr.play(`restart
subscribed framework=f2
offer o3 host=c disk=20000MB volume=f3.alluxio-master-0.1,f3.alluxio-worker-0.1
offer o4 host=a disk=18976MB volume=f1.alluxio-master-0.1
----

update alluxio-master-0.2 TASK_RUNNING journal=f1.alluxio-master-0.1
offer o5 host=c disk=20000MB volume=f3.alluxio-worker-0.1
offer o6 host=b disk=18976MB volume=f1.alluxio-worker-0.1
----
`)
	for _, want := range []string{"launch alluxio-master-0.2 on o4, on volume f1.alluxio-master-0.1",
		"launch alluxio-worker-0.2 on o6, on volume f1.alluxio-worker-0.1"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "destroy volume") || strings.Contains(got, "create volume") {
		// what the actions would say; mends name --destroy-volume
		t.Error(got)
	}
}

func TestANewLifeKeepsWhereTheDataIsAndNothingElse(t *testing.T) {
	t.Parallel()
	tr := newTranscript(t)
	tr.play(`plan alluxio-master=1 alluxio-worker=1
subscribed framework=f1
offer o1 host=a
----

update alluxio-master-0.1 TASK_RUNNING journal=a:default:f1
offer o2 host=b
----

error message=Framework has been removed
----
`)
	changes, said, err := NewLife(tr.store)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"f1 is given up", "alluxio-master-0.1 on a is forgotten",
		"alluxio-worker-0.1 on b is forgotten", "alluxio-master-0 stays at a", "a:default:f1 is kept"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in:\n%s", want, said)
		}
	}
	tr.store.save(changes)
	if _, _, err := NewLife(tr.store); err == nil {
		t.Error("there is no framework ID to give up any more")
	}
	// The new life gets a new ID, goes where the journal is, uses no task ID again and does not format.
	got := tr.play(`restart
subscribed framework=f2
offer o3 host=b
offer o4 host=a
----
`)
	if !strings.Contains(got, "launch alluxio-master-0.2 on o4") ||
		!strings.Contains(got, "waits for host a, which holds its journal") {
		t.Error(got)
	}
	if tr.state.spec(&placement{slot: "alluxio-master-0", reading: &reading{}, role: "alluxio-master", host: "a"},
		&offer.Offer{}).Journal.MayFormat {
		t.Error("the journal would be formatted again")
	}
}

func TestAStateIsMadeThatOfALostOneOnlyWhenItIsEmpty(t *testing.T) {
	t.Parallel()
	store := saved{}
	if _, _, err := KillUnknown(store); err == nil {
		t.Error("without a framework ID there is nothing to permit")
	}
	changes, said, err := TakeOver(store, "f9")
	if err != nil || !strings.Contains(said, "f9") {
		t.Fatalf("%v: %s", err, said)
	}
	store.save(changes)
	if _, _, err := TakeOver(store, "f10"); err == nil || !strings.Contains(err.Error(), `it belongs to framework "f9"`) {
		t.Errorf("a state that is not empty: %v", err)
	}
	changes, said, err = KillUnknown(store)
	if err != nil || !strings.Contains(said, "f9") {
		t.Fatalf("%v: %s", err, said)
	}
	store.save(changes)
	s, err := NewState(Options{Settings: testSettings(1)}, store)
	if err != nil || s.FrameworkID() != "f9" || !s.reconciliation.freshness.killUnknown ||
		s.reconciliation.freshness.done {
		t.Errorf("%v, %+v", err, s.reconciliation.freshness)
	}
}

// TestRecoverFormatsOnlyAJournalThatAMasterReported: the word is good for one launch, and a Record
// that has no such journal takes none.
func TestRecoverFormatsOnlyAJournalThatAMasterReported(t *testing.T) {
	t.Parallel()
	settings := testSettings(0)
	settings.Journal = config.Journal{Folder: "hdfs://nn/j", Shared: true}
	s := stateWith(t, settings)
	store := saved{}
	store.save(s.Changes())
	if _, _, err := FormatJournal(store, epoch); err == nil ||
		!strings.Contains(err.Error(), "no Alluxio master has reported a journal") {
		t.Errorf("without a need: %v", err)
	}
	slot := s.slots.byName["alluxio-master-0"]
	s.noteUnusable(slot, &launch.Report{JournalUnusable: "hdfs://nn/j", JournalFolder: "hdfs://nn/j"}, epoch)
	store.save(s.Changes())
	p := &placement{slot: slot.Name, reading: &reading{}, role: config.Master, host: "a", taskID: "alluxio-master-0.9"}
	if s.spec(p, &offer.Offer{}).Journal.Format {
		t.Error("formatted without a word")
	}
	for range 2 { // the same word again is the same word
		changes, said, err := FormatJournal(store, epoch)
		if err != nil || !strings.Contains(said, "hdfs://nn/j, once: all metadata of Alluxio that is in it is lost") {
			t.Fatalf("%q, %v", said, err)
		}
		store.save(changes)
	}
	again, err := NewState(Options{Settings: settings, Started: epoch}, store)
	if err != nil {
		t.Fatal(err)
	}
	if !again.spec(p, &offer.Offer{}).Journal.Format {
		t.Error("the word does not arrive")
	}
	again.commitFormat(p)
	store.save(again.Changes())
	if again.spec(p, &offer.Offer{}).Journal.Format {
		t.Error("the word is good twice")
	}
	if _, _, err := FormatJournal(store, epoch); err == nil ||
		!strings.Contains(err.Error(), "alluxio-master-0.9 was launched with it") {
		t.Errorf("after its use: %v", err)
	}
}
