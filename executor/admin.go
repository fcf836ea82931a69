package executor

import (
	"context"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/admin"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/task"
)

// adminFact is a fact for the desk of a task.
type adminFact struct {
	to   *entry
	fact admin.Fact
}

// message takes a message of the framework.
func (l *loop) message(data []byte) {
	message, err := launch.DecodeMessage(data)
	switch {
	case err != nil:
		l.log.Warn().Err(err).Msg("ignored a message of the framework")
	case message.MasterUpdate != nil:
		l.masterUpdate(message.MasterUpdate)
	case len(l.order) > 0: // one task runs here; before its launch nobody asks
		l.administer(l.order[0], admin.Requested{Request: *message.AdminRequest})
	}
}

// openDesk lets the desk of a task know where the task is.
func (l *loop) openDesk(e *entry, state task.State) {
	switch {
	case state == task.Running:
		l.administer(e, admin.Served{Operations: e.run.jvm.Admin.Operations})
	case state > task.Running:
		l.administer(e, admin.Ending{})
	}
}

func (l *loop) wakeDesks() {
	for _, e := range l.order {
		l.administer(e, admin.Woke{})
	}
}

// administer gives a fact to the desk of a task and carries out what comes of it.
func (l *loop) administer(e *entry, fact admin.Fact) {
	for _, effect := range e.desk.Step(fact, time.Now()) {
		switch effect := effect.(type) {
		case admin.Run:
			l.log.Info().Str("id", effect.Request.ID).Str("operation", string(effect.Request.Operation)).
				Str("worker", effect.Request.Worker.Host).Msg("runs an administration request")
			l.runAdmin(e, effect.Request)
		case admin.Cancel:
			e.run.adminCancel()
		case admin.Answer:
			answer := effect.Answer
			answer.Message = e.mask(answer.Message)
			l.client.Message(answer.Encode())
			if answer.State.Final() {
				l.log.Info().Str("id", answer.ID).Str("state", string(answer.State)).Msg(answer.Message)
			}
		}
	}
}

// runAdmin begins a request.
func (l *loop) runAdmin(e *entry, request launch.AdminRequest) {
	ctx, cancel := context.WithCancel(l.edges)
	e.run.adminCancel = cancel
	post := func(fact admin.Fact) {
		select {
		case l.done <- adminFact{e, fact}:
		case <-l.edges.Done():
		}
	}
	a := newAdministration(e.run, request, func(answer launch.AdminAnswer) {
		post(admin.Progressed{ID: request.ID, Answer: answer})
	})
	e.run.adminRuns.Add(1)
	l.spawn(func() {
		answer := a.run(ctx)
		cancel()
		e.run.adminRuns.Done()
		post(admin.Finished{ID: request.ID, Answer: answer})
	})
}
