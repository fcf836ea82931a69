package scheduler

import (
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// apply logs a fact and hands it to the core, which does not log.
func (l *Loop) apply(event cluster.Event, now time.Time) {
	l.logEvent(event)
	l.state.Apply(event, now)
}

func (l *Loop) logEvent(event cluster.Event) {
	switch e := event.(type) {
	case cluster.Subscribed:
		l.log.Info().Str("framework_id", e.FrameworkID).Str("mesos_master", e.Master.Address).Str("mesos_version", e.Master.Version).
			Msg("subscribed to Mesos")
	case cluster.Disconnected:
		l.log.Warn().Str("reason", e.Reason).Msg("not subscribed to Mesos")
	case cluster.Failed:
		l.log.Error().Str("reason", e.Message).Msg("Mesos ended the subscription")
	case cluster.InverseOffered:
		for _, o := range e.Offers {
			l.log.Info().Str("agent_id", o.AgentID).Time("start", o.Start).Msg("Mesos announces maintenance of an agent")
		}
	case cluster.AgentLost:
		l.log.Warn().Str("agent_id", e.AgentID).Msg("Mesos removed an agent")
	case cluster.CallFailed:
		l.log.Warn().Str("reason", e.Reason).Stringer("action", e.Action).Msg("a call to Mesos failed")
	case cluster.MastersLearned:
		if e.Warning != "" {
			l.log.Warn().Msg(e.Warning)
		}
		if len(e.Masters.Leaders) == 0 && e.Masters.ZooKeeper == "" {
			return
		}
		l.log.Info().Strs("leaders", e.Masters.Leaders).Str("zookeeper", e.Masters.ZooKeeper).Msg("Mesos masters beside those of MESOS_MASTER")
	case cluster.Reconfigured:
		l.log.Info().Msg("new settings")
	case cluster.TeardownRequested:
		l.log.Info().Time("dropped_at", e.Until).Msg("asked to tear the cluster down")
	case cluster.UninstallRequested:
		l.log.Info().Bool("destroy_volumes", e.DestroyVolumes).Time("dropped_at", e.Until).Msg("asked to uninstall")
	case cluster.TeardownCancelled:
		l.log.Info().Msg("the teardown is cancelled; nothing had begun")
	case cluster.ReplaceRequested:
		l.log.Info().Str("slot", e.Slot).Bool("destroy_volume", e.DestroyVolume).Msg("asked to replace a slot")
	case cluster.Updated:
		level := zerolog.InfoLevel
		if e.Status.GetReason() == mesos.REASON_RECONCILIATION && e.Status.GetState() == mesos.TASK_RUNNING || e.Status.TaskID.Value == cluster.ProbeID {
			level = zerolog.DebugLevel // thousands of them, after each start
		}
		l.log.WithLevel(level).Str("task_id", e.Status.TaskID.Value).Stringer("state", e.Status.GetState()).Str("agent_id", e.Status.GetAgentID().GetValue()).
			Str("detail", e.Status.GetMessage()).Msg("task update")
	}
}

// logDecision writes a line per decision that has news in it; offers that are refused again for the same reason are for debugging.
func (l *Loop) logDecision(d *cluster.Decision) {
	if d.TeardownDropped {
		l.log.Warn().Msg("the teardown is dropped: it had not begun when its time was up, and nothing was done")
	}
	for _, action := range d.Actions {
		level := zerolog.InfoLevel
		switch action.(type) {
		case cluster.Acknowledge, cluster.Decline, cluster.Reconcile:
			level = zerolog.DebugLevel
		}
		line := l.log.WithLevel(level)
		if !line.Enabled() { // a decline of thousands of offers is a long text
			continue
		}
		line = line.Uint64("frame", l.frames)
		switch a := action.(type) {
		case cluster.Launch:
			line = line.Str("agent_id", a.AgentID).Str("host", a.Host)
		case cluster.Free:
			line = line.Str("agent_id", a.AgentID).Str("host", a.Host)
		}
		line.Msg(action.String())
	}
	for i := range d.Refused {
		r := &d.Refused[i]
		level := zerolog.DebugLevel
		if r.First {
			level = zerolog.InfoLevel
		}
		line := l.log.WithLevel(level)
		if !line.Enabled() {
			continue
		}
		reason, mend := l.state.Explain(r)
		line.Uint64("frame", l.frames).Str("host", r.Host).Str("agent_id", r.AgentID).Str("offer_id", r.OfferID).
			Str("role", string(r.Role)).Str("reason", reason).Str("mend", mend).Msg("offer not used")
	}
}
