package scheduler

import (
	"fmt"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// apply logs an event and applies it to the state. The core does not log.
func (l *Loop) apply(event cluster.Event, now time.Time) {
	l.logEvent(event)
	l.state.Apply(event, now)
}

// logEvent enqueues the line of an event. Those that come by the thousand are bounded.
func (l *Loop) logEvent(event cluster.Event) {
	level, kind := lineOf(event)
	if level != zerolog.Disabled && (kind == "" || l.queue.wants(level, kind)) {
		l.queue.add(func(log zerolog.Logger) { writeEvent(log, level, event) })
	}
}

// lineOf is the log level of an event, and the kind of its line if there may be thousands of them.
func lineOf(event cluster.Event) (level zerolog.Level, kind string) {
	switch e := event.(type) {
	case cluster.Offered, cluster.CallAccepted, cluster.Woke:
		return zerolog.Disabled, ""
	case cluster.InverseOffered:
		return zerolog.InfoLevel, "maintenance of agents"
	case cluster.AgentLost:
		return zerolog.WarnLevel, "removed agents"
	case cluster.CallFailed:
		return zerolog.WarnLevel, "failed calls"
	case cluster.Updated:
		if e.Status.GetReason() == mesos.REASON_RECONCILIATION && e.Status.GetState() == mesos.TASK_RUNNING ||
			e.Status.TaskID.Value == cluster.ProbeID {
			return zerolog.DebugLevel, "task updates of a reconciliation" // thousands of them, after each start
		}
		return zerolog.InfoLevel, "task updates"
	case cluster.Administered:
		if !e.Answer.State.Final() {
			return zerolog.DebugLevel, "answers of executors"
		}
		return zerolog.InfoLevel, "answers of executors"
	}
	return zerolog.InfoLevel, ""
}

// writeEvent writes the line of an event.
func writeEvent(log zerolog.Logger, level zerolog.Level, event cluster.Event) {
	switch e := event.(type) {
	case cluster.Subscribed:
		log.Info().Str("framework_id", e.FrameworkID).Str("mesos_master", e.Master.Address).Str("mesos_version",
			e.Master.Version).
			Msg("subscribed to Mesos")
	case cluster.Disconnected:
		log.Warn().Str("reason", e.Reason).Msg("not subscribed to Mesos")
	case cluster.Failed:
		log.Error().Str("reason", e.Message).Msg("Mesos ended the subscription")
	case cluster.InverseOffered:
		for _, o := range e.Offers[:min(len(e.Offers), linesOfAKind)] {
			log.Info().Str("agent_id", o.AgentID).Time("start", o.Start).Msg("Mesos announces maintenance of an agent")
		}
		if more := len(e.Offers) - linesOfAKind; more > 0 {
			log.Info().Int("more", more).Msg("Mesos announces maintenance of more agents")
		}
	case cluster.Administered:
		log.WithLevel(level).Str("request", e.Answer.ID).Str("state", string(e.Answer.State)).Str("detail",
			e.Answer.Message).Msg("an executor has answered")
	case cluster.AgentLost:
		log.Warn().Str("agent_id", e.AgentID).Msg("Mesos removed an agent")
	case cluster.CallFailed:
		log.Warn().Str("reason", e.Reason).Stringer("action", e.Action).Msg("a call to Mesos failed")
	case cluster.MastersLearned:
		if e.Warning != "" {
			log.Warn().Msg(e.Warning)
		}
		if len(e.Masters.Leaders) == 0 && e.Masters.ZooKeeper == "" {
			return
		}
		log.Info().Strs("leaders", e.Masters.Leaders).Str("zookeeper",
			e.Masters.ZooKeeper).Msg("Mesos masters beside those of MESOS_MASTER")
	case cluster.Reconfigured:
		log.Info().Msg("new settings")
	case cluster.TeardownRequested:
		log.Info().Str("unpersisted", string(e.Unpersisted)).Time("dropped_at", e.Until).
			Msg("asked to tear the cluster down")
	case cluster.UninstallRequested:
		log.Info().Bool("destroy_volumes", e.DestroyVolumes).Str("unpersisted", string(e.Unpersisted)).
			Time("dropped_at", e.Until).Msg("asked to uninstall")
	case cluster.TeardownCancelled:
		log.Info().Msg("the teardown is cancelled; nothing had begun")
	case cluster.BackupRequested:
		log.Info().Msg("asked to back up the metadata")
	case cluster.ReplaceRequested:
		log.Info().Str("slot", e.Slot).Bool("destroy_volume", e.DestroyVolume).
			Str("unpersisted", string(e.Unpersisted)).Msg("asked to replace a slot")
	case cluster.Updated:
		log.WithLevel(level).Str("task_id", e.Status.TaskID.Value).Stringer("state",
			e.Status.GetState()).Str("agent_id", e.Status.GetAgentID().GetValue()).
			Str("detail", e.Status.GetMessage()).Msg("task update")
	}
}

// logDecision writes the lines of a decision. Rejections that repeat the last one of their agent are
// written at the debug level.
func (l *Loop) logDecision(d *cluster.Decision) {
	cycle := l.cycles
	if d.TeardownDropped {
		l.queue.add(func(log zerolog.Logger) {
			log.Warn().Msg("the teardown is dropped: it had not begun when its time was up, and nothing was done")
		})
	}
	for _, action := range d.Actions {
		level := zerolog.InfoLevel
		switch action.(type) {
		case cluster.Acknowledge, cluster.Decline, cluster.Reconcile:
			level = zerolog.DebugLevel
		}
		if l.queue.wants(level, fmt.Sprintf("%T", action)) {
			l.queue.add(func(log zerolog.Logger) { writeAction(log.WithLevel(level).Uint64("cycle", cycle), action) })
		}
	}
	for i := range d.Rejections {
		r := &d.Rejections[i]
		level := zerolog.DebugLevel
		if r.First {
			level = zerolog.InfoLevel
		}
		if !l.queue.wants(level, "offers that are not used") {
			continue
		}
		reason, hint := l.state.Explain(r)
		rejection := *r
		l.queue.add(func(log zerolog.Logger) {
			writeRejection(log.WithLevel(level).Uint64("cycle", cycle), &rejection, reason, hint)
		})
	}
	l.queue.endCycle(cycle)
}

// writeAction writes the line of an action.
func writeAction(line *zerolog.Event, action cluster.Action) {
	switch a := action.(type) {
	case cluster.Launch:
		line = line.Str("agent_id", a.AgentID).Str("host", a.Host)
	case cluster.ReclaimVolumes:
		line = line.Str("agent_id", a.AgentID).Str("host", a.Host)
	}
	line.Msg(action.String())
}

// writeRejection writes the line of an offer that was not used.
func writeRejection(line *zerolog.Event, r *cluster.Rejection, reason, hint string) {
	line.Str("host", r.Host).Str("agent_id", r.AgentID).Str("offer_id", r.OfferID).
		Str("role", string(r.Role)).Str("reason", reason).Str("hint", hint).Msg("offer not used")
}
