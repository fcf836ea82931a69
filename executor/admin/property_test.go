package admin

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// TestEveryRequestIsAnsweredAndRunOnce plays random facts, also those that no loop would bring.
func TestEveryRequestIsAnsweredAndRunOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		play(t, rand.New(rand.NewPCG(seed, 0)), seed)
	}
}

// play checks: each request has one answer of its own at once; at most one runs at a time, none after
// the task has begun to end; an ID is run once; a final answer never changes; WakeAt is in the future.
func play(t *testing.T, random *rand.Rand, seed uint64) {
	t.Helper()
	desk, now := New(), time.Unix(1e9, 0)
	final, ran := map[string]launch.AdminAnswer{}, map[string]bool{}
	running, ended := "", false
	for step := range 60 {
		at := func(what string) string { return fmt.Sprintf("seed %d, step %d: %s", seed, step, what) }
		id := fmt.Sprint(random.IntN(6)) // fewer than answers are kept
		request := Requested{launch.AdminRequest{ID: id, Operation: launch.AdminPersist, Within: time.Minute}}
		fact := []Fact{Served{[]launch.AdminOperation{launch.AdminPersist}}, request, request,
			Progressed{id, launch.AdminAnswer{Message: fmt.Sprint(step)}},
			Finished{id, launch.AdminAnswer{State: launch.AdminDone, Message: fmt.Sprint(step)}}, Woke{}, Woke{},
			Ending{}}[random.IntN(7+step/50)]
		if f, ok := fact.(Finished); ok {
			if f.ID == running {
				running = ""
			} else if _, known := ran[f.ID]; known {
				continue // an edge ends once
			}
		}
		if at := desk.WakeAt(); !at.IsZero() && random.IntN(8) == 0 {
			now = at
		}
		_, ends := fact.(Ending)
		ended = ended || ends
		answers := 0
		for _, e := range desk.Step(fact, now) {
			switch e := e.(type) {
			case Run:
				if running != "" || ended || ran[e.Request.ID] {
					t.Fatal(at("a second one runs"))
				}
				running, ran[e.Request.ID] = e.Request.ID, true
			case Cancel:
				if e.ID != running {
					t.Fatal(at("what does not run is canceled"))
				}
			case Answer:
				if r, ok := fact.(Requested); ok && e.Answer.ID == r.Request.ID {
					answers++
				}
				if before, ok := final[e.Answer.ID]; ok && before.Message != e.Answer.Message {
					t.Fatal(at("a final answer has changed"))
				}
				if e.Answer.State.Final() && ran[e.Answer.ID] {
					final[e.Answer.ID] = e.Answer
				}
			}
		}
		if _, ok := fact.(Requested); ok && answers != 1 {
			t.Fatal(at(fmt.Sprintf("a request has %d answers", answers)))
		}
		if _, ok := fact.(Woke); ok && !desk.WakeAt().IsZero() && !desk.WakeAt().After(now) {
			t.Fatal(at("WakeAt has passed"))
		}
	}
}
