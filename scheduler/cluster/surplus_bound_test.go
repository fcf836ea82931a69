package cluster

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// manySurplus is a cluster of one master and one worker, whose agent has just become unreachable,
// with surplus tasks on other agents that do not answer.
type manySurplus struct {
	t     testing.TB
	s     *State
	store saved
	now   time.Time
}

func newManySurplus(t testing.TB, surplus int) *manySurplus {
	t.Helper()
	c := &manySurplus{t: t, store: saved{}, now: epoch}
	for i := range surplus {
		id, agent := fmt.Sprintf("alluxio-worker-%d.1", i+1), fmt.Sprintf("agent-%d", i%1000)
		task := surplusTask{ID: id, AgentID: agent, Host: "h", Reason: replacedReason}
		c.store[surplusKey(task.ID)], _ = json.Marshal(task)
	}
	c.s = stateOf(t, testSettings(1), c.store)
	c.cycle(Subscribed{Subscription: 1, FrameworkID: "f1"})
	c.cycle(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "a", nil)}})
	c.update("alluxio-master-0.1", "TASK_RUNNING", "agent-a")
	c.cycle(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o2", "b", nil)}})
	c.update("alluxio-worker-0.1", "TASK_RUNNING", "agent-b")
	c.update("alluxio-worker-0.1", "TASK_UNREACHABLE", "agent-b")
	return c
}

// cycle plays one with an event, and returns what is decided.
func (c *manySurplus) cycle(e Event) Decision {
	c.t.Helper()
	c.s.Apply(Woke{}, c.now)
	c.s.Apply(e, c.now)
	d := c.s.Decide(c.now)
	c.s.Commit(d, c.now)
	c.store.save(c.s.Changes())
	return d
}

func (c *manySurplus) update(task, state, agent string) {
	c.t.Helper()
	c.cycle(Updated{Subscription: 1, Status: statusOf(task, state, agent, "", fmt.Append(nil, task, state))})
}

// rows is how many surplus tasks the state has saved.
func (c *manySurplus) rows() (n int) {
	for key := range c.store {
		if strings.HasPrefix(key, surplusPrefix) {
			n++
		}
	}
	return n
}

// worker is the task of the slot, "" while it is vacant.
func (c *manySurplus) worker() string {
	if task := c.s.slots.byName["alluxio-worker-0"].Task; task != nil {
		return task.ID
	}
	return ""
}

// The state drops no replaced task that may live. When there are too many, no other is replaced,
// and the status says why and what helps.
func TestWithTooManySurplusTasksSilentOnesAreNotReplaced(t *testing.T) {
	t.Parallel()
	c := newManySurplus(t, surplusMost)
	c.now = c.now.Add(time.Hour)
	c.cycle(Woke{})
	if c.worker() != "alluxio-worker-0.1" || c.rows() != surplusMost {
		t.Fatalf("the slot has task %q, and there are %d rows", c.worker(), c.rows())
	}
	status := c.s.Snapshot(c.now)
	const hint = "bring their agents back, or mark them gone (MARK_AGENT_GONE in the API of the Mesos master)"
	const warning = "20000 replaced tasks on 1000 agents may still run; " +
		"from 20000 on, no task on an unreachable agent is replaced: " + hint
	if !slices.Contains(status.Warnings, warning) {
		t.Errorf("the status warns %q", status.Warnings)
	}
	want := Waiting{Slot: "alluxio-worker-0", Role: config.Worker, Hint: hint,
		Message: "host b has not answered since 2024-05-01T12:00:00Z, and 20000 replaced tasks may still run"}
	if !slices.Contains(status.Waiting, want) {
		t.Errorf("it waits for %+v", status.Waiting)
	}
	_, err := c.s.CheckReplace(ReplaceRequested{Slot: "alluxio-worker-0"})
	if err == nil || !strings.Contains(err.Error(), hint) {
		t.Errorf("a request to replace it: %v", err)
	}
	back := offerOf("o3", "b", nil)
	back.AgentID = "agent-b-2"
	d := c.cycle(Offered{Subscription: 1, Offers: []offer.Offer{back}})
	if c.worker() != "alluxio-worker-0.1" || c.rows() != surplusMost {
		t.Errorf("its host has come back as another agent: %q, %d rows, %v", c.worker(), c.rows(), d.Actions)
	}

	c.update("alluxio-worker-7.1", "TASK_GONE_BY_OPERATOR", "agent-6")
	c.cycle(Woke{})
	if c.worker() != "" || c.rows() != surplusMost {
		t.Errorf("with room for one the slot has task %q, and there are %d rows", c.worker(), c.rows())
	}
	if c.store[surplusKey("alluxio-worker-0.1")] == nil {
		t.Error("the task that was replaced has no row")
	}
}

// A task that lives is killed however many others may.
func TestATaskThatLivesHasARowBesideTooManyOthers(t *testing.T) {
	t.Parallel()
	c := newManySurplus(t, surplusMost)
	c.s.slots.byName["alluxio-worker-0"].Incarnation = 9
	const id = "alluxio-worker-0.8"
	d := c.cycle(Updated{Subscription: 1, Status: statusOf(id, "TASK_RUNNING", "agent-z", "", []byte("u"))})
	if text := fmt.Sprint(d.Actions); !strings.Contains(text, "kill "+id) || c.store[surplusKey(id)] == nil {
		t.Errorf("it decides %s; %d rows", text, c.rows())
	}
}

// A teardown launches nothing, so it needs no room.
func TestATeardownEndsWithTooManySurplusTasks(t *testing.T) {
	t.Parallel()
	c := newManySurplus(t, surplusMost)
	c.cycle(TeardownRequested{})
	c.update("alluxio-master-0.1", "TASK_KILLED", "agent-a")
	c.now = c.now.Add(time.Hour)
	if d := c.cycle(Woke{}); !slices.Contains(d.Actions, Action(Teardown{})) {
		t.Errorf("it decides %v", d.Actions)
	}
	if got := c.rows(); got != surplusMost+1 {
		t.Errorf("there are %d rows", got)
	}
}

func TestTheWarningOfSurplusTasksComesBeforeTheBound(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{surplusMost/2 - 1: false, surplusMost / 2: true} {
		c := newManySurplus(t, n)
		if got := c.s.surplusText() != ""; got != want {
			t.Errorf("of %d tasks it warns: %t", n, got)
		}
	}
}

func TestARowOfASurplusTaskIsBounded(t *testing.T) {
	t.Parallel()
	long, name := strings.Repeat("h", 100_000), strings.Repeat("n", 255)
	for sentence, c := range map[string]struct {
		task surplusTask
		row  bool
	}{
		"a long name of a host":    {surplusTask{ID: "alluxio-worker-0.1", AgentID: "a", Host: long}, true},
		"the longest folder names": {surplusTask{ID: name, AgentID: name, Slot: name}, true},
		"the ID of no task":        {surplusTask{ID: long, AgentID: "a", lives: true, answered: true}, false},
	} {
		s := stateOf(t, testSettings(1), nil)
		s.addSurplus(&c.task)
		row := s.Changes()[surplusKey(c.task.ID)]
		if len(row) > 2<<10 || (row != nil) != c.row {
			t.Errorf("%s: a row of %d bytes", sentence, len(row))
		}
		s.forgetSurplus(c.task.ID)
		if changes := s.Changes(); len(changes) != 1 || changes[surplusKey(c.task.ID)] != nil {
			t.Errorf("%s: at its end it saves %v", sentence, changes)
		}
	}
	earlier := surplusTask{ID: "alluxio-worker-0.1", AgentID: "a", Host: long, Reason: replacedReason}
	row, err := json.Marshal(earlier)
	if err != nil {
		t.Fatal(err)
	}
	s := stateOf(t, testSettings(1), saved{surplusKey(earlier.ID): row})
	if got := len(s.surplus.byID[earlier.ID].Host); got > len(offer.ClipAttribute(earlier.Host)) {
		t.Errorf("of an earlier row %d bytes of the host are kept", got)
	}
}
