package cluster

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// quietSurplus is a cluster at rest with n surplus tasks on silent agents that Mesos has answered
// for.
func quietSurplus(t testing.TB, n int) (*State, time.Time) {
	t.Helper()
	c := newManySurplus(t, n)
	c.s.countUpTo(1) // the state has launched them
	for i := range n {
		c.s.Apply(Updated{Subscription: 1, Status: statusOf(fmt.Sprintf("alluxio-worker-%d.1", i+1), "TASK_UNREACHABLE",
			fmt.Sprintf("agent-%d", i%1000), "", nil)}, c.now)
	}
	cycleOf(c.s, c.now)
	return c.s, c.now
}

// BenchmarkIdleFrame50000Surplus is what any small event costs while very many replaced tasks are
// not known to be over.
func BenchmarkIdleFrame50000Surplus(b *testing.B) {
	s, now := quietSurplus(b, 50_000)
	b.ReportAllocs()
	for b.Loop() {
		cycleOf(s, now)
	}
}

// The index agrees with a look at every task, whatever becomes of them.
func TestSurplusIndexFindsWhatALookAtEveryTaskFinds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	states := []string{"TASK_RUNNING", "TASK_UNREACHABLE", "TASK_UNREACHABLE", "TASK_LOST", "TASK_UNKNOWN", "TASK_GONE"}
	s, now := quietSurplus(t, 100)
	for step := range 5000 {
		now = now.Add(time.Duration(random.IntN(int(10 * time.Minute))))
		n := random.IntN(100)
		id, agent := fmt.Sprintf("alluxio-worker-%d.1", n+1), fmt.Sprintf("agent-%d", n%10)
		switch random.IntN(10) {
		case 0:
			s.addSurplus(&surplusTask{ID: id, AgentID: agent, Reason: replacedReason, answered: n%2 == 0,
				heldFrom: now, asks: askPace{from: now.Add(surplusEvery)}})
		case 1:
			s.Apply(Offered{Subscription: 1, Offers: []offer.Offer{offerOf(fmt.Sprint("o", step), agent, nil)}}, now)
		case 2:
			cycleOf(s, now)
		default:
			s.Apply(Updated{Subscription: 1, Status: statusOf(id, states[random.IntN(len(states))], agent, "", nil)}, now)
		}
		if what := new(verifier).checkSurplusIndex(s, now); what != "" {
			t.Fatal(what)
		}
	}
}

// checkSurplusIndex looks at every surplus task.
func (v *verifier) checkSurplusIndex(s *State, now time.Time) string {
	x := &s.surplus.index
	var want, got []string
	next, quiet, agents := time.Time{}, 0, 0
	for id, task := range s.surplus.byID {
		if x.byAgent[task.AgentID][id] != task {
			return id + " is missing in byAgent"
		}
		if (x.active[id] != nil) == task.quiet() {
			return fmt.Sprintf("%s is quiet: %t, and in the wrong part", id, task.quiet())
		}
		if !task.quiet() {
			continue
		}
		quiet++
		if at := task.asks.at(); !at.After(now) {
			want = append(want, id)
		} else if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	for _, tasks := range x.byAgent {
		agents += len(tasks)
	}
	found := x.due(now, func(task *surplusTask) { got = append(got, task.ID) })
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || !found.Equal(next) || quiet != len(x.quiet) ||
		quiet+len(x.active) != len(s.surplus.byID) || agents != len(s.surplus.byID) {
		return fmt.Sprintf("due are %q, and should be %q; next at %s, and should be %s; %d are quiet, and should be %d",
			got, want, found, next, len(x.quiet), quiet)
	}
	return ""
}
