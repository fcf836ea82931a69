package cluster

import (
	"fmt"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

func TestRestartDelay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		failures int
		want     time.Duration
	}{
		{0, 0}, {1, 0}, {2, 5 * time.Second}, {3, 10 * time.Second}, {4, 20 * time.Second}, {7, 160 * time.Second},
		{8, 5 * time.Minute}, {9, 5 * time.Minute}, {1 << 40, 5 * time.Minute},
	} {
		t.Run(fmt.Sprintf("after %d failures in a row a slot waits %s", c.failures, c.want), func(t *testing.T) {
			if got := restartDelay(c.failures); got != c.want {
				t.Errorf("it waits %s", got)
			}
		})
	}
}

func TestEveryTaskStateOfMesosHasAVerdict(t *testing.T) {
	t.Parallel()
	for number, name := range mesos.TaskState_name {
		if _, known := verdicts[mesos.TaskState(number)]; !known {
			t.Errorf("%s has none", name)
		}
	}
	if len(verdicts) != len(mesos.TaskState_name) {
		t.Errorf("%d verdicts for %d states", len(verdicts), len(mesos.TaskState_name))
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sentence string
		states   []mesos.TaskState
		vacant   bool
		failures int
		delay    time.Duration
	}{
		{"a live task keeps its slot",
			[]mesos.TaskState{mesos.TASK_STAGING, mesos.TASK_STARTING, mesos.TASK_RUNNING, mesos.TASK_KILLING}, false, 1, 0},
		{"a silent task keeps its slot for a time", []mesos.TaskState{mesos.TASK_UNREACHABLE, mesos.TASK_UNKNOWN}, false, 1,
			0},
		{"a task that ends is a failure, whatever it calls it",
			[]mesos.TaskState{mesos.TASK_FAILED, mesos.TASK_FINISHED, mesos.TASK_KILLED}, true, 2, firstDelay},
		{"a task that was lost or never began counts as a failure",
			[]mesos.TaskState{mesos.TASK_DROPPED, mesos.TASK_LOST, mesos.TASK_GONE}, true, 2, firstDelay},
		{"a task of an agent that an operator has removed is nobody's failure",
			[]mesos.TaskState{mesos.TASK_GONE_BY_OPERATOR}, true, 1, 0},
		{"a task that Mesos refuses is not tried again soon", []mesos.TaskState{mesos.TASK_ERROR}, true, 2, errorDelay},
	} {
		for _, state := range c.states {
			t.Run(c.sentence+": "+state.String(), func(t *testing.T) {
				s := stateWith(t, testSettings(0))
				s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
				s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "a", nil)}}, epoch)
				s.Commit(s.Decide(epoch), epoch)
				slot := s.slots.byName["alluxio-master-0"]
				slot.Failures = 1
				s.Apply(Updated{Subscription: 1, Status: statusOf(slot.Task.ID, state.String(), "agent-a", "",
					[]byte{1})}, epoch)
				if vacant := slot.Task == nil; vacant != c.vacant || slot.Failures != c.failures {
					t.Fatalf("vacant is %v, failures are %d", vacant, slot.Failures)
				}
				if delay := slot.NotBefore.Sub(epoch); c.vacant && delay != c.delay {
					t.Errorf("it waits %s", delay)
				}
				if gone := state == mesos.TASK_GONE_BY_OPERATOR; slot.HostGone != gone {
					t.Errorf("its host is gone: %v", slot.HostGone)
				}
			})
		}
	}
}

func TestFailuresAreForgottenOnlyAfterServingForLong(t *testing.T) {
	t.Parallel()
	for served, want := range map[time.Duration]int{healthyAfter - time.Second: 4, healthyAfter: 1, time.Hour: 1} {
		s := stateWith(t, testSettings(0))
		s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
		s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "a", nil)}}, epoch)
		s.Commit(s.Decide(epoch), epoch)
		slot := s.slots.byName["alluxio-master-0"]
		slot.Failures = 3
		s.Apply(Updated{Subscription: 1, Status: statusOf(slot.Task.ID, "TASK_RUNNING", "agent-a", "", []byte{1})}, epoch)
		end := epoch.Add(served)
		s.Apply(Updated{Subscription: 1, Status: statusOf(slot.Task.ID, "TASK_FAILED", "agent-a", "", []byte{2})}, end)
		if slot.Failures != want || slot.NotBefore.Sub(end) != restartDelay(want) {
			t.Errorf("after serving for %s there are %d failures in a row, and the next try is in %s", served, slot.Failures,
				slot.NotBefore.Sub(end))
		}
	}
}

func TestAStateOfALaterMesosIsAcknowledgedAndIgnored(t *testing.T) {
	t.Parallel()
	s := stateWith(t, testSettings(0))
	s.Apply(Subscribed{Subscription: 1, FrameworkID: "f1"}, epoch)
	s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf("o1", "a", nil)}}, epoch)
	s.Commit(s.Decide(epoch), epoch)
	status, later := statusOf("alluxio-master-0.1", "TASK_RUNNING", "agent-a", "", []byte{1}), mesos.TaskState(99)
	status.State = &later
	s.Apply(Updated{Subscription: 1, Status: status}, epoch)
	if task := s.slots.byName["alluxio-master-0"].Task; task == nil || task.State != mesos.TASK_STAGING {
		t.Errorf("the task is %+v", task)
	}
	if d := s.Decide(epoch); len(d.Actions) != 1 || d.Actions[0].String() != "acknowledge alluxio-master-0.1" {
		t.Errorf("it decides %v", d.Actions)
	}
}
