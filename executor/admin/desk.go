package admin

import (
	"fmt"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

const (
	// keptAnswers is how many final answers are kept.
	keptAnswers = 8
	// stopWithin is how long a request that was canceled may take to end: what it runs gets SIGKILL.
	stopWithin = 30 * time.Second
)

// Desk takes requests and answers them. It is not safe for concurrent use: one goroutine owns it.
type Desk struct {
	operations []launch.AdminOperation
	state      State
	effects    []Effect
	kept       []launch.AdminAnswer // the final ones, oldest first

	request launch.AdminRequest // that runs
	answer  launch.AdminAnswer  // to it, so far
	wakeAt  time.Time           // its deadline; in Stopping when it should have ended
	expired bool                // its deadline has passed
	ends    bool                // the task ends
}

// New returns a Desk that is Waiting.
func New() *Desk { return &Desk{} }

// Step takes in a fact and returns what to do, in order. It never fails.
func (d *Desk) Step(fact Fact, now time.Time) []Effect {
	d.effects = nil
	if r, ok := fact.(Requested); ok && d.answerAgain(r.Request.ID) {
		return d.effects
	}
	if fact.kind() == woke && (d.wakeAt.IsZero() || now.Before(d.wakeAt)) {
		return nil
	}
	if handle := table[d.state][fact.kind()]; handle != nil {
		handle(d, fact, now)
	}
	return d.effects
}

// State is what the Desk does with the next request.
func (d *Desk) State() State { return d.state }

// WakeAt is when Step wants to be called with Woke, or zero for never.
func (d *Desk) WakeAt() time.Time { return d.wakeAt }

func (d *Desk) do(e Effect) { d.effects = append(d.effects, e) }

// reply answers a request that is not the one that runs.
func (d *Desk) reply(fact Fact, state launch.AdminState, message string) {
	d.do(Answer{launch.AdminAnswer{ID: fact.(Requested).Request.ID, State: state, Message: message}})
}

// answerAgain sends the final answer of a request that was run, if it is still kept.
func (d *Desk) answerAgain(id string) bool {
	i := slices.IndexFunc(d.kept, func(a launch.AdminAnswer) bool { return a.ID == id })
	if i < 0 {
		return false
	}
	d.do(Answer{d.kept[i]})
	return true
}

func (d *Desk) postpone(fact Fact, _ time.Time) {
	d.reply(fact, launch.AdminBusy, "the task does not serve yet")
}

func (d *Desk) open(fact Fact, _ time.Time) {
	d.state, d.operations = Idle, fact.(Served).Operations
}

func (d *Desk) close(Fact, time.Time) { d.state = Closed }

func (d *Desk) reject(fact Fact, _ time.Time) {
	d.reply(fact, launch.AdminRejected, "the task ends")
}

func (d *Desk) begin(fact Fact, now time.Time) {
	r := fact.(Requested).Request
	if !slices.Contains(d.operations, r.Operation) {
		d.reply(fact, launch.AdminRejected, fmt.Sprintf("this executor does not run %.80q", r.Operation))
		return
	}
	d.state, d.request, d.wakeAt, d.expired = Running, r, now.Add(r.Within), false
	d.answer = launch.AdminAnswer{ID: r.ID, State: launch.AdminRunning}
	d.do(Run{r})
	d.do(Answer{d.answer})
}

// report answers while a request runs.
func (d *Desk) report(fact Fact, now time.Time) {
	if fact.(Requested).Request.ID == d.request.ID {
		d.do(Answer{d.answer})
		return
	}
	if d.ends {
		d.reject(fact, now)
		return
	}
	what := string(d.request.Operation)
	if host := d.request.Worker.Host; host != "" {
		what += " for the worker on " + host
	}
	d.reply(fact, launch.AdminBusy, what+" runs")
}

func (d *Desk) note(fact Fact, _ time.Time) {
	p := fact.(Progressed)
	if p.ID != d.request.ID {
		return
	}
	d.answer = p.Answer
	d.answer.ID, d.answer.State = d.request.ID, launch.AdminRunning
}

// tooLate cancels a request whose deadline has passed.
func (d *Desk) tooLate(_ Fact, now time.Time) {
	d.expired = true
	d.cancel(now)
}

// stop cancels a request since the task ends.
func (d *Desk) stop(_ Fact, now time.Time) {
	d.ends = true
	if d.state == Running {
		d.cancel(now)
	}
}

func (d *Desk) cancel(now time.Time) {
	d.state, d.wakeAt = Stopping, now.Add(stopWithin)
	d.do(Cancel{d.request.ID})
}

func (d *Desk) finish(fact Fact, _ time.Time) {
	f := fact.(Finished)
	if f.ID != d.request.ID {
		return
	}
	stuck := d.wakeAt.IsZero()
	d.wakeAt = time.Time{}
	d.state = Idle
	if d.ends {
		d.state = Closed
	}
	if stuck { // was answered before
		return
	}
	answer := f.Answer
	answer.ID = d.request.ID
	if why := d.whyStopped(); why != "" && answer.State != launch.AdminDone {
		answer.State = launch.AdminFailed
		if answer.Message != "" {
			why += ": " + answer.Message
		}
		answer.Message = why
	}
	d.keep(answer)
}

// whyStopped is why the request was canceled, "" if it was not.
func (d *Desk) whyStopped() string {
	switch {
	case d.expired:
		return fmt.Sprintf("it did not end within %v", d.request.Within)
	case d.ends:
		return "the task ends"
	}
	return ""
}

// stuck answers a request that does not end after it was canceled. No other is run until it does.
func (d *Desk) stuck(Fact, time.Time) {
	d.wakeAt = time.Time{}
	answer := d.answer
	answer.State = launch.AdminFailed
	answer.Message = fmt.Sprintf("%s, and what it runs has not ended %v after SIGKILL", d.whyStopped(), stopWithin)
	d.keep(answer)
}

// keep sends the final answer of a request, and keeps it for when the request comes again.
func (d *Desk) keep(answer launch.AdminAnswer) {
	d.kept = append(d.kept, answer)
	if len(d.kept) > keptAnswers {
		d.kept = slices.Delete(d.kept, 0, 1)
	}
	d.do(Answer{answer})
}
