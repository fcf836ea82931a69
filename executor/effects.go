package executor

import (
	"context"
	"strings"
	"syscall"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/executor/task"
)

// do carries out one effect. Nothing here blocks: what takes time runs in a goroutine and comes back as a fact.
func (l *loop) do(e *entry, effect task.Effect) {
	now := func(f task.Fact) { l.queue = append(l.queue, answer{e, f}) }
	switch effect := effect.(type) {
	case task.SendUpdate:
		l.client.Update(e.status(effect.Update))
	case task.Exit:
		e.gone = true
	case task.Prepare:
		if e.run == nil {
			now(task.PrepareFailed{Reason: e.rejection})
			return
		}
		e.run.begin(l)
	case task.Release:
		if e.run == nil {
			now(task.Released{})
			return
		}
		l.spawn(func() { l.post(e, task.Released{Problem: e.run.release()}) })
	case task.CancelPrepare:
		e.run.cancel()
	case task.StartProcess:
		now(e.run.start(l))
	case task.Probe:
		prober := e.run.prober
		l.spawn(func() { l.post(e, prober.probe(l.edges, effect)) })
	case task.Signal:
		sig := syscall.SIGTERM
		if effect.Kill {
			sig = syscall.SIGKILL
		}
		l.log.Info().Str("task_id", e.info.TaskID.Value).Stringer("signal", sig).Msg("signalling the JVM")
		if err := e.run.process.Signal(sig); err != nil {
			l.log.Error().Err(err).Msg("cannot signal the JVM")
		}
	}
}

// statusMessageLimit bounds the text of an update, in bytes: agent and master keep it in memory.
const statusMessageLimit = 4096

var mesosStates = map[task.MesosState]mesos.TaskState{
	task.TaskStarting: mesos.TASK_STARTING, task.TaskRunning: mesos.TASK_RUNNING,
	task.TaskFailed: mesos.TASK_FAILED, task.TaskKilled: mesos.TASK_KILLED,
}

// status is an update on the wire. The message is shown in Mesos' own endpoints, so secrets are
// taken out of it and out of the report.
func (e *entry) status(u task.Update) mesos.TaskStatus {
	state := mesosStates[u.State]
	message := e.mask(u.Message)
	if len(message) > statusMessageLimit {
		message = message[:statusMessageLimit]
	}
	message = strings.ToValidUTF8(message, "?") // else Mesos' own JSON would be broken
	report := u.Report
	report.Number = u.Number
	report.Phase, report.JournalFolder = e.mask(report.Phase), e.mask(report.JournalFolder)
	report.Warnings = nil
	for _, w := range u.Report.Warnings {
		report.Warnings = append(report.Warnings, e.mask(w))
	}
	at := float64(u.At.UnixNano()) / 1e9
	healthy := u.State == task.TaskRunning
	s := mesos.TaskStatus{
		TaskID: e.info.TaskID, AgentID: &e.info.AgentID, State: &state, UUID: u.UUID[:], Timestamp: &at,
		Source: mesos.SOURCE_EXECUTOR.Enum(), // the only one that the agent lets an executor name
		Data:   report.Encode(),
	}
	if message != "" {
		s.Message = &message
	}
	if healthy {
		s.Healthy = &healthy
	}
	return s
}

// begin prepares the task in the background.
func (r *runner) begin(l *loop) {
	ctx, cancel := context.WithCancel(l.edges)
	r.cancel = cancel
	l.spawn(func() {
		fact := r.prepare(ctx)
		close(r.prepared)
		l.post(r.entry, fact)
	})
}
