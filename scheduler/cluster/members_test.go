package cluster

import (
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
)

// membersWith is the state of three members of an embedded journal on hosts a, b and c. Each is a
// word: "vacant", or the state of its task. Those in formatted have said that they formatted their
// copies.
func membersWith(t *testing.T, lose bool, states [3]string, formatted ...int) *State {
	t.Helper()
	settings := testSettings(0)
	variant{election: config.ByJournal}.elect(settings)
	settings.Journal.AllowLoss = lose
	s := stateWith(t, settings)
	s.record.clusterName = "f1"
	for i, state := range states {
		slot := s.slots.byName[slotName(config.Master, i)]
		slot.Host = string(rune('a' + i))
		if state != "vacant" {
			slot.Task = &Task{ID: taskID(slot.Name, 1), AgentID: "agent-" + slot.Host,
				State: mesos.TaskState(mesos.TaskState_value[state])}
		}
		s.touch(slot)
	}
	for _, i := range formatted {
		slot := s.slots.byName[slotName(config.Master, i)]
		s.journals.formatted[s.memberIdentity(slot.Name, slot.Host)] = journalRecord{}
	}
	return s
}

func TestAQuorumIsFormedOnceMoreThanHalfOfItsMembersHaveFormatted(t *testing.T) {
	t.Parallel()
	const up, begins = "TASK_RUNNING", "TASK_STARTING"
	for _, c := range []struct {
		sentence     string
		states       [3]string
		formatted    []int
		quorumFormed bool
	}{
		{"nobody has formatted", [3]string{begins, begins, begins}, nil, false},
		{"one alone may not agree on anything", [3]string{begins, begins, begins}, []int{0}, false},
		{"two of three may have agreed", [3]string{begins, begins, begins}, []int{0, 2}, true},
		{"also when they are gone", [3]string{"vacant", "vacant", "vacant"}, []int{1, 2}, true},
		{"one that serves has formatted, whatever it has said", [3]string{up, begins, begins}, []int{1}, true},
		{"and is not counted twice", [3]string{up, begins, begins}, []int{0}, false},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			if got := membersWith(t, false, c.states, c.formatted...).quorumFormed(); got != c.quorumFormed {
				t.Errorf("founded is %v", got)
			}
		})
	}
}

func TestAMemberOfAFoundedQuorumLeavesItsHostOnlyWhenTheOthersTakeItInAgain(t *testing.T) {
	t.Parallel()
	const up, begins = "TASK_RUNNING", "TASK_STARTING"
	for _, c := range []struct {
		sentence string
		lose     bool
		states   [3]string
		leaves   bool
	}{
		{"never without --lose-journal", false, [3]string{"vacant", up, up}, false},
		{"when all others serve", true, [3]string{"vacant", up, up}, true},
		{"not while one of them starts", true, [3]string{"vacant", up, begins}, false},
		{"not while one of them is vacant: two empty copies of three would be the quorum", true,
			[3]string{"vacant", up, "vacant"}, false},
		{"when none is left, there is nothing to be taken in to", true, [3]string{"vacant", "vacant", "vacant"}, true},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			t.Parallel()
			s := membersWith(t, c.lose, c.states, 0, 1, 2)
			if got := !s.boundByJournal(s.slots.byName[slotName(config.Master, 0)]); got != c.leaves {
				t.Errorf("it may leave: %v", got)
			}
		})
	}
}
