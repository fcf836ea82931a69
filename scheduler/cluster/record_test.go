package cluster

import (
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

const worker0 = `{"name":"alluxio-worker-0","role":"alluxio-worker","index":0,"host":"a","incarnation":3`

func TestARecordThatCannotBeTrustedIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sentence, key, row, says string }{
		{"no JSON", "slot/alluxio-worker-0", "{", "unexpected end of JSON"},
		{"a key of another kind", "quota/x", "{}", "newer version"},
		{"a slot under another's key", "slot/alluxio-worker-1", worker0 + "}", "does not belong there"},
		{"a role that is unknown", "slot/proxy-0", `{"name":"proxy-0","role":"proxy","index":0}`, "does not belong there"},
		{"a journal under another's key", "journal/x", `{"identity":"a:/j"}`, "does not belong there"},
		{"a replaced task under another's key", "surplus/x", `{"id":"alluxio-worker-0.1","agentId":"y"}`,
			"does not belong there"},
		{"a replaced task without an agent", surplusKey("alluxio-worker-0.1"), `{"id":"alluxio-worker-0.1"}`,
			"does not belong there"},
		{"a task without an agent", "slot/alluxio-worker-0", worker0 + `,"task":{"id":"x","state":"TASK_RUNNING"}}`,
			"no agent"},
		{"a task that is over", "slot/alluxio-worker-0", worker0 + `,"task":{"id":"x","agentId":"y","state":"TASK_FAILED"}}`,
			"TASK_FAILED"},
		{"a volume without a host", "slot/alluxio-worker-0", worker0 + `,"volume":{"id":"f1.alluxio-worker-0.1","mb":1}}`,
			"no host"},
		{"a task state of a later Mesos", "slot/alluxio-worker-0", worker0 + `,"task":{"id":"x","agentId":"y","state":99}}`,
			"99"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			_, err := NewState(Options{Settings: testSettings(2)}, map[string][]byte{c.key: []byte(c.row)})
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), c.key) {
				t.Errorf("it says: %v", err)
			}
		})
	}
	both := map[string][]byte{
		"slot/alluxio-worker-0": []byte(worker0 + `,"task":{"id":"x","agentId":"y","state":"TASK_RUNNING"}}`),
		"slot/alluxio-worker-1": []byte(`{"name":"alluxio-worker-1","role":"alluxio-worker","index":1,"host":"b",` +
			`"task":{"id":"x","agentId":"y","state":"TASK_RUNNING"}}`),
	}
	if _, err := NewState(Options{Settings: testSettings(2)}, both); err == nil ||
		!strings.Contains(err.Error(), "have the same task x") {
		t.Errorf("of two slots with one task it says: %v", err)
	}
}

// A slot that has left no more than its host's name does not hide the worker that took its place there.
func TestAVacantSlotDoesNotHideTheOneThatTookItsHost(t *testing.T) {
	t.Parallel()
	s, err := NewState(Options{Settings: testSettings(1)}, map[string][]byte{
		"slot/alluxio-worker-0": []byte(worker0 + `,"task":{"id":"x","agentId":"y","state":"TASK_RUNNING"}}`),
		"slot/alluxio-worker-1": []byte(`{"name":"alluxio-worker-1","role":"alluxio-worker","index":1,"host":"a"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Apply(Woke{}, epoch) // forgets the second, which the settings do not want
	if own := s.slots.byHost[hostKey{config.Worker, "a"}]; own == nil || own.Name != "alluxio-worker-0" ||
		len(s.slots.byName) != 2 {
		t.Errorf("host a has %+v; slots are %v", own, sorted(s.slots.byName))
	}
}

// What was given up, and of which the Record says nothing, is found soon and not at the next quarter of an hour.
func TestEverySubscriptionOfAClusterThatEverLaunchedAsksForAllTasksSoon(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		row  string
		want time.Duration
	}{{worker0 + "}", reconcileFirst}, {strings.Replace(worker0, ":3", ":0", 1) + "}", reconcileEvery}} {
		s, err := NewState(Options{Settings: testSettings(1)}, map[string][]byte{"slot/alluxio-worker-0": []byte(c.row)})
		if err != nil {
			t.Fatal(err)
		}
		s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
		if got := s.reconciliation.allAt.Sub(epoch); got != c.want {
			t.Errorf("with %s it asks after %s", c.row, got)
		}
	}
}

func TestALateUpdateDoesNotUndoALaterState(t *testing.T) {
	t.Parallel()
	s := stateWith(t, testSettings(0))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "a", nil)}}, epoch)
	s.Commit(s.Decide(epoch), epoch)
	for _, state := range []string{"TASK_RUNNING", "TASK_STARTING", "TASK_STAGING"} {
		s.Apply(Updated{Subscription: 1, Status: statusOf("alluxio-master-0.1", state, "agent-a", "", []byte(state))}, epoch)
	}
	if task := s.slots.byName["alluxio-master-0"].Task; !task.serving() {
		t.Errorf("it is %s", task.State)
	}
	if d := s.Decide(epoch); len(d.Actions) != 3 { // each is acknowledged all the same
		t.Errorf("it decides %v", d.Actions)
	}
}

// The updates of an executor may be delivered out of order: their reports are numbered, but those
// of executors that did not count yet.
func TestAnOlderReportDoesNotUndoALaterOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence string
		second   launch.Report
		want     launch.ElectionState
	}{
		{"one that is older", launch.Report{Number: 7, ElectionState: launch.Standby}, launch.Leading},
		{"one that is later", launch.Report{Number: 9, ElectionState: launch.Standby}, launch.Standby},
		{"one without a number", launch.Report{ElectionState: launch.Standby}, launch.Standby},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			s := stateWith(t, testSettings(0))
			s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
			s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "a", nil)}}, epoch)
			s.Commit(s.Decide(epoch), epoch)
			for _, report := range []launch.Report{{Number: 8, ElectionState: launch.Leading}, c.second} {
				status := statusOf("alluxio-master-0.1", "TASK_RUNNING", "agent-a", "", []byte("u"))
				status.Data = report.Encode()
				s.Apply(Updated{Subscription: 1, Status: status}, epoch)
			}
			if got := s.slots.byName["alluxio-master-0"].Task.Report.ElectionState; got != c.want {
				t.Errorf("it is %q", got)
			}
		})
	}
}

// Of the times in a Record only those of maintenance may lie ahead. Without a bound, a slot would
// wait a year for what was saved by a clock that was a year ahead.
func TestTimesThatWereSavedByAClockThatWasAheadAreTakenForNow(t *testing.T) {
	t.Parallel()
	const ahead = `"2025-05-01T12:00:00Z"`
	settings := testSettings(2)
	s, err := NewState(Options{Settings: settings, Started: epoch}, map[string][]byte{
		"framework": []byte(`{"id":"f1","cluster":"f1"}`),
		"slot/alluxio-worker-0": []byte(worker0 + `,"vacantSince":` + ahead +
			`,"lastFailure":{"state":"TASK_FAILED","message":"","at":` + ahead + `}}`),
		"slot/alluxio-worker-1": []byte(`{"name":"alluxio-worker-1","role":"alluxio-worker","index":1,"host":"b","leaving":` +
			ahead +
			`,"task":{"id":"x","agentId":"y","state":"TASK_UNREACHABLE","launched":` + ahead + `,"servingSince":` + ahead +
			`,"unreachableSince":` + ahead + `}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	vacant, silent := s.slots.byName["alluxio-worker-0"], s.slots.byName["alluxio-worker-1"]
	if !s.mayMove(vacant, epoch.Add(stickyFor)) || !vacant.LastFailure.At.Equal(epoch) {
		t.Errorf("it still waits for its host: vacant since %s, last failure %+v", vacant.VacantSince, vacant.LastFailure)
	}
	if !s.overdue(silent, epoch.Add(settings.Worker.Unreachable)) || !silent.Task.ServingSince.Equal(epoch) ||
		!silent.Task.Launched.Equal(epoch) {
		t.Errorf("it is waited for since %s: %+v", silent.Task.UnreachableSince, silent.Task)
	}
	if !silent.MaintenanceStart.After(epoch) {
		t.Errorf("its maintenance is at %s", silent.MaintenanceStart)
	}
}

// A store refuses a row that is too long, and the framework ends then: it would again and again,
// since Mesos repeats what is not acknowledged.
func TestARowStaysSmallWhateverMesosSaysOfATask(t *testing.T) {
	t.Parallel()
	s := stateWith(t, testSettings(0))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "a", nil)}}, epoch)
	s.Commit(s.Decide(epoch), epoch)
	words := "Failed to launch container: " + strings.Repeat("ß", 1<<20)
	s.Apply(Updated{Subscription: 1, Status: statusOf("alluxio-master-0.1", "TASK_FAILED", "agent-a", words, []byte("u"))},
		epoch)
	row := string(s.row("slot/alluxio-master-0"))
	if len(row) > 10<<10 || !strings.Contains(row, "Failed to launch container: ßß") ||
		!strings.Contains(row, `ß ...","host":"a"`) {
		t.Errorf("it has %d bytes: %.100s ... %s", len(row), row, row[max(0, len(row)-200):])
	}
}
