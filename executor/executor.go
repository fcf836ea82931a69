package executor

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/executor/mesosagent"
	"github.com/alluxio/alluxio-mesos/executor/task"
)

// Config is what the executor gets from its process.
type Config struct {
	// Environ is the environment that the Mesos agent made, as os.Environ gives it.
	Environ []string
	// Stdout and Stderr become those of the JVM; Mesos keeps them in the sandbox.
	Stdout, Stderr *os.File
	Log            zerolog.Logger
}

// leaveWithin bounds how long Run waits at its end for what it started, e.g. an unmount that hangs.
const leaveWithin = 5 * time.Second

// Run serves the Mesos agent until its task has ended and the agent has the terminal update, or
// does not take it in time. Cancelling ctx shuts the task down in the same orderly way. An error
// means that there was no task to report it with: the environment is not an agent's, or the agent
// was lost before it launched anything.
func Run(ctx context.Context, c Config) error {
	agent, err := mesosagent.FromEnviron(c.Environ)
	if err != nil {
		return err
	}
	edges, cancel := context.WithCancel(context.WithoutCancel(ctx)) // ctx asks to end, edges makes everything end
	l := &loop{
		config: c, agent: agent, log: c.Log, edges: edges,
		client: mesosagent.New(agent, c.Log), events: make(chan mesosagent.Event), answers: make(chan answer),
		done: make(chan adminFact), tasks: map[string]*entry{}, wake: time.NewTimer(time.Hour),
	}
	lost := make(chan error, 1)
	l.spawn(func() { lost <- l.client.Run(edges, l.events) })
	err = l.run(ctx, lost)
	l.wake.Stop()
	cancel()
	l.leave()
	return err
}

// loop is the state of the one goroutine that owns the tasks.
type loop struct {
	config Config
	agent  mesosagent.Config
	log    zerolog.Logger
	client *mesosagent.Client

	edges   context.Context // ends when the loop has ended
	spawned sync.WaitGroup
	events  chan mesosagent.Event
	answers chan answer
	done    chan adminFact
	wake    *time.Timer

	tasks map[string]*entry
	order []*entry // of the launches
	queue []answer // facts that came of effects at once
	asked bool     // a shutdown was asked for
}

// answer is a fact for a task, from an edge.
type answer struct {
	to   *entry
	fact task.Fact
}

// errLostEarly is in errors of Run when nobody can be told anything.
var errLostEarly = errors.New("the Mesos agent was lost before it launched a task")

func (l *loop) run(ctx context.Context, lost <-chan error) error {
	end := ctx.Done()
	for !l.finished() {
		select {
		case e := <-l.events:
			l.event(e)
		case a := <-l.answers:
			l.step(a.to, a.fact)
		case f := <-l.done:
			l.administer(f.to, f.fact)
		case <-l.wake.C:
			l.all(task.Woke{})
			l.wakeDesks()
		case err := <-lost:
			if len(l.tasks) == 0 {
				return errors.Join(errLostEarly, err)
			}
			l.log.Error().Err(err).Msg("the Mesos agent is lost")
			l.all(task.AgentLost{Reason: reason(err)})
			lost = nil
		case <-end:
			end = nil
			l.shutdown("the executor was asked to end")
		}
		l.settle()
	}
	return nil
}

func reason(err error) string {
	if err == nil {
		return "the Mesos agent is lost"
	}
	return err.Error()
}

// finished is true when every task has been seen off, or when a shutdown came before there was one.
func (l *loop) finished() bool {
	for _, e := range l.order {
		if !e.gone {
			return false
		}
	}
	return len(l.order) > 0 || l.asked
}

// settle carries out what effects have answered at once, and sets the timer.
func (l *loop) settle() {
	for len(l.queue) > 0 {
		a := l.queue[0]
		l.queue = l.queue[1:]
		l.step(a.to, a.fact)
	}
	var first time.Time
	for _, e := range l.order {
		for _, at := range []time.Time{e.task.WakeAt(), e.desk.WakeAt()} {
			if !at.IsZero() && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
	}
	if first.IsZero() {
		l.wake.Stop()
		return
	}
	l.wake.Reset(time.Until(first))
}

// spawn runs f in a goroutine that leave waits for.
func (l *loop) spawn(f func()) { l.spawned.Go(f) }

// leave waits, not for ever, for what was spawned.
func (l *loop) leave() {
	done := make(chan struct{})
	go func() {
		l.spawned.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(leaveWithin):
		l.log.Warn().Msg("a part of this task does not end; the executor exits without waiting for it")
	}
}

// post brings a fact of an edge to the loop; it is dropped when the loop has ended.
func (l *loop) post(to *entry, fact task.Fact) {
	select {
	case l.answers <- answer{to, fact}:
	case <-l.edges.Done():
	}
}
