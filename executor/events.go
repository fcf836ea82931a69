package executor

import (
	"crypto/rand"
	"fmt"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/admin"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/mesosagent"
	"github.com/alluxio/alluxio-mesos/executor/task"
)

// entry is one task that was launched on this executor.
type entry struct {
	info mesos.TaskInfo
	task *task.Task
	// run does the task's work; nil for a task that cannot run here, and refusal says why.
	run       *runner
	rejection string
	mask      func(string) string // takes secrets out of a text
	gone      bool                // the task has been seen off
	desk      *admin.Desk         // takes the administration requests for it
}

// event turns what the agent said into facts.
func (l *loop) event(e mesosagent.Event) {
	switch e := e.(type) {
	case mesosagent.Subscribed:
		l.log.Info().Str("agent", e.AgentHost).Msg("subscribed to the Mesos agent")
		l.all(task.Connected{})
	case mesosagent.Disconnected:
		l.all(task.Disconnected{})
	case mesosagent.Launch:
		l.launch(e)
	case mesosagent.Kill:
		l.log.Info().Str("task_id", e.TaskID).Dur("grace", e.Grace).Msg("asked to kill")
		l.one(e.TaskID, task.KillRequested{Grace: e.Grace})
	case mesosagent.Acknowledged:
		l.one(e.TaskID, task.Acknowledged{UUID: e.UUID})
	case mesosagent.Shutdown:
		l.shutdown("the Mesos agent shut the executor down")
	case mesosagent.Failed:
		l.shutdown("the Mesos agent gave the executor up: " + e.Message)
	case mesosagent.Message:
		l.message(e.Data)
	}
}

func (l *loop) all(f task.Fact) {
	for _, e := range l.order {
		l.step(e, f)
	}
}

func (l *loop) one(id string, f task.Fact) {
	if e := l.tasks[id]; e != nil {
		l.step(e, f)
		return
	}
	l.log.Warn().Str("task_id", id).Msgf("ignored %T for a task that was never launched here", f)
}

// shutdown ends everything before the agent would: its grace begins when it sends SHUTDOWN.
func (l *loop) shutdown(why string) {
	l.asked = true
	l.log.Info().Str("reason", why).Msg("shutting down")
	grace := max(l.agent.ShutdownGrace-2*time.Second, l.agent.ShutdownGrace/2)
	for _, e := range l.order {
		g := grace
		if e.run != nil && e.run.spec.KillGrace > 0 {
			g = min(g, e.run.spec.KillGrace)
		}
		l.step(e, task.ShutdownRequested{Reason: why, Grace: g})
	}
}

// launch makes an entry of a task. One that cannot run here becomes one as well: its failure has to be reported.
func (l *loop) launch(e mesosagent.Launch) {
	id := e.Task.TaskID.Value
	if l.tasks[id] != nil {
		return
	}
	l.log.Info().Str("task_id", id).Msg("launched")
	n := &entry{info: e.Task, desk: admin.New(), mask: func(s string) string { return s }}
	c := task.Config{Slot: id}
	_, _ = rand.Read(c.UUID[:]) // never fails
	spec, err := launch.Decode(e.Task.Data)
	switch {
	case e.Grouped:
		n.rejection = "this executor runs no task groups"
	case err != nil:
		n.rejection = err.Error()
	case len(l.order) > 0:
		n.rejection = fmt.Sprintf("this executor already runs %s and runs one task only", l.order[0].info.TaskID.Value)
	case l.asked:
		n.rejection = "this executor is being shut down"
	default:
		c.Slot, c.KillGrace, c.StartTimeout, c.HangTimeout = spec.Slot, spec.KillGrace, spec.StartTimeout, spec.HangTimeout
		c.Member = config.AlluxioRoles().Row(spec.Role).Elects && spec.Election != config.NoElection
		n.mask = masker(spec.Site, spec.Files)
		n.run = newRunner(l, n, spec)
	}
	n.task = task.New(c)
	l.tasks[id] = n
	l.order = append(l.order, n)
	l.step(n, task.Launched{})
}

// step gives a fact to a task and carries out what comes of it.
func (l *loop) step(e *entry, f task.Fact) {
	before := e.task.State()
	effects := e.task.Step(f, time.Now())
	if after := e.task.State(); after != before {
		l.log.Info().Str("task_id", e.info.TaskID.Value).Stringer("state", after).Msgf("after %T", f)
		l.openDesk(e, after)
	}
	l.keep()
	for _, effect := range effects {
		l.do(e, effect)
	}
}

// keep tells the client what would travel in the next subscription.
func (l *loop) keep() {
	var tasks []mesos.TaskInfo
	var updates []mesos.TaskStatus
	for _, e := range l.order {
		if !e.task.Known() {
			tasks = append(tasks, e.info)
		}
		for _, u := range e.task.Unacknowledged() {
			updates = append(updates, e.status(u))
		}
	}
	l.client.Keep(tasks, updates)
}
