package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/offer"
)

// A host may drop every task, for example because its disk is damaged or because it does not know
// the user. A slot that may move then goes to another host, and the host is passed over with a
// growing delay, whichever slots were dropped there. A new process starts without backoffs.

// hostBackoff is a host on which tasks in a row ended early, and not by themselves.
type hostBackoff struct {
	agentID string
	// tasks counts those that were lost before they had served for healthyAfter.
	tasks int
	// until is when slots that may move use the host again.
	until time.Time
	last  *TaskFailure
}

// exemptReasons are reasons that predict nothing for the next launch: the offer was stale, or the
// agent is away.
var exemptReasons = map[mesos.TaskStatus_Reason]bool{
	mesos.REASON_INVALID_OFFERS:            true,
	mesos.REASON_AGENT_DISCONNECTED:        true,
	mesos.REASON_AGENT_REMOVED:             true,
	mesos.REASON_AGENT_REMOVED_BY_OPERATOR: true,
	mesos.REASON_AGENT_UNKNOWN:             true,
}

// exempt is true for a terminal status of t that causes no delay. Mesos also reports a task as gone
// when its launch was lost on the way: that causes a delay only when the launch is known to have
// arrived.
func (t *Task) exempt(status *mesos.TaskStatus) bool {
	reason := status.GetReason()
	lostOnTheWay := reason == mesos.REASON_RECONCILIATION && !t.arrived
	return status.GetState() == mesos.TASK_GONE_BY_OPERATOR || exemptReasons[reason] || lostOnTheWay
}

// backOff counts a task that did not stay on the host of slot.
func (s *State) backOff(slot *Slot, agentID string, now time.Time) {
	s.forgetBackoffs(now)
	b := s.offers.backoffs[slot.Host]
	if b == nil || b.agentID != agentID || b.over(now) {
		b = &hostBackoff{agentID: agentID}
		s.offers.backOff(slot.Host, b)
	}
	b.tasks++
	b.last, b.until = slot.LastFailure, now.Add(hostDelay(b.tasks))
}

// over is true for a backoff that ended so long ago that the next one is the first again.
func (b *hostBackoff) over(now time.Time) bool { return now.Sub(b.until) > forgetHostAfter }

// forgetBackoffs removes backoffs that are long over, but only when they may be half of all: a look
// at all of them for each dropped task would be quadratic when every host of a large cluster drops
// its tasks.
func (s *State) forgetBackoffs(now time.Time) {
	const few = 100
	if len(s.offers.backoffs) < max(few, 2*s.offers.backoffsKept) {
		return
	}
	s.offers.forgetOldBackoffs(now)
}

// backedOff is the backoff of host, or nil when the host may be used now.
func (s *State) backedOff(host string, now time.Time) *hostBackoff {
	if b := s.offers.backoffs[host]; b != nil && b.until.After(now) {
		return b
	}
	return nil
}

// passesOver is true for an offer of a host in backoff. A slot that is bound to the host waits for its
// own restart delay only.
func (m *matcher) passesOver(slot *Slot, o *offer.Offer) (finding, bool) {
	b := m.s.backedOff(o.Host, m.now)
	bound := m.s.settings.Of(slot.Role).Host == o.Host || slot.Host == o.Host && !m.s.mayMove(slot, m.now)
	if b == nil || b.agentID != o.AgentID || bound {
		return finding{}, false
	}
	return finding{detail: b.text()}, true
}

// backoffWait is the rest of the backoff of o's host.
func (m *matcher) backoffWait(_ *Slot, o *offer.Offer) time.Duration {
	return m.waitUntil(m.s.backedOff(o.Host, m.now).until)
}

func (b *hostBackoff) text() string {
	until := b.until.UTC().Format(time.RFC3339)
	return fmt.Sprintf("it is passed over until %s, since %d tasks in a row did not start there: %s",
		until, b.tasks, b.last.text())
}

// backoffWarnings name the hosts that are passed over.
func (s *State) backoffWarnings(now time.Time) (warnings []string) {
	for _, host := range slices.Sorted(maps.Keys(s.offers.backoffs)) {
		if b := s.backedOff(host, now); b != nil {
			warnings = append(warnings, "host "+host+": "+b.text())
		}
	}
	const most = 10
	if more := len(warnings) - most; more > 0 {
		warnings = append(warnings[:most], fmt.Sprintf("%d more hosts are passed over", more))
	}
	return warnings
}

// launchHint names the property that may have caused the failure of a launch, or is "".
func (s *State) launchHint(slot *Slot, task *Task, status *mesos.TaskStatus) string {
	path := s.settings.ExecutorPath
	switch {
	case task.State != mesos.TASK_STAGING: // its executor has started
		return ""
	case strings.Contains(strings.ToLower(status.GetMessage()), " user"):
		user := cmp.Or(s.settings.User, "the user who runs the framework")
		return fmt.Sprintf("; tasks run as %s (%s): add that user on %s, or change the property",
			user, config.KeyUser, slot.Host)
	case path != "" && executorFailed(status):
		return fmt.Sprintf("; is %s=%s an executable file on %s?", config.KeyExecutorPath, path, slot.Host)
	}
	return ""
}

// executorFailed is true for the end of an executor that Mesos could not start, or that exited.
func executorFailed(status *mesos.TaskStatus) bool {
	reason := status.GetReason()
	return reason == mesos.REASON_EXECUTOR_TERMINATED || reason == mesos.REASON_CONTAINER_LAUNCH_FAILED
}
