package cluster

import (
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// The times of the scheduler's policy, gathered so that they can be read as a table.
const (
	// The next five are for how long offers are declined (refuse_seconds in Mesos).
	//
	// refuseServed is for agents from which nothing is wanted. The filter of Mesos lets an offer with
	// more resources through at once.
	refuseServed = time.Hour
	// refuseUnfit is for agents that lack something that only an operator or another framework can change.
	refuseUnfit = time.Hour
	// refuseMaintained is for agents that go into maintenance, and for answers to inverse offers: the schedule may change.
	refuseMaintained = time.Minute
	// refuseSoon is for agents that will be of use when the cluster has come further.
	refuseSoon = 10 * time.Second
	// refuseLeast is the least time, so that declining until a restart delay ends is no busy loop.
	refuseLeast = time.Second

	// executorMargin is what our executor gets beyond the grace of Alluxio to report its end.
	executorMargin = 10 * time.Second
	// releaseTime is how long our executor may take after the end of Alluxio to give the ramdisk
	// and the installs back: releaseWithin of executor/task.
	releaseTime = 15 * time.Second
	// killAgain is how often KILL is sent until a terminal state comes, and SHUTDOWN with it once
	// that takes too long.
	killAgain = 15 * time.Second
	// stuckMargin is how long after the end of its shutdown grace period a container may take to be
	// destroyed before people are told.
	stuckMargin = 30 * time.Second
	// unansweredUpdates is the number of equal messages without an answer after which an executor may
	// hang: 5 + 10 + 20 + 40 s.
	unansweredUpdates = 5
	// administerAgain is how often a request for a step of a planned end is sent until its answer is final.
	administerAgain = 10 * time.Second
	// stepWithin bounds one step of a planned end. stepPause is how long after a step that did not succeed it
	// is taken again: the worker serves on. decommissionTries is how often clients are asked to leave a worker
	// that starts again at once: it has no files that could be lost any more. persistTries is how often its
	// files are persisted where they may be lost, leftTries once clients have left it, for about as long as
	// job workers find it.
	stepWithin        = 30 * time.Minute
	stepPause         = time.Minute
	decommissionTries = 2
	persistTries      = 3
	leftTries         = 10
	// mostRequests bounds the requests of planned ends that have no answer: an executor runs one at a time.
	mostRequests = 4
	// mostDoublings bounds how much longer each time files are tried to be persisted before a master starts
	// again for them.
	mostDoublings = 5
	// freshFor is how much older the last look at the files of one worker may be than that at the last one's,
	// when the only master moves or the cluster ends.
	freshFor = 2 * time.Minute
	// fewFiles is how many files a pass may have persisted for clients to leave the worker after it: clients
	// that write have some in each pass, and these are persisted when they have left.
	fewFiles = 1000
	// idleFor is how long a worker has to have had no operation once all clients know that it leaves.
	idleFor = 5 * time.Second
	// teardownStep is how soon after the last file is persisted a teardown goes on.
	teardownStep = 100 * time.Millisecond
	// callAgain is how long after its failure a call is repeated whose loss no update would show.
	callAgain = 5 * time.Second
	// teardownAgain is how often TEARDOWN is sent until Mesos has removed the framework.
	teardownAgain = 15 * time.Second
	// chooseWithin is how long after a subscription the choice of excess workers waits for updates of
	// Mesos.
	chooseWithin = 90 * time.Second
	// healthyAfter is how long a task has to serve before its failures are forgotten.
	healthyAfter = time.Minute
	// firstDelay doubles with each failure after the second up to maxDelay; the first retry is immediate.
	firstDelay = 5 * time.Second
	maxDelay   = 5 * time.Minute
	// firstHostDelay doubles, up to maxHostDelay, with each task after the second in a row that was
	// lost on a host. A host is forgotten forgetHostAfter the end of its delay.
	firstHostDelay  = time.Minute
	maxHostDelay    = 10 * time.Minute
	forgetHostAfter = time.Hour
	// firstOperationDelay doubles up to maxOperationDelay while TASK_ERROR follows a launch that
	// came with the operations for its volume: Mesos refuses those for example because of its ACLs.
	firstOperationDelay = time.Minute
	maxOperationDelay   = 5 * time.Minute
	// errorDelay follows any other TASK_ERROR, which Mesos gives for what cannot work until
	// something changes; new settings end it.
	errorDelay = time.Hour
	// maintenanceAhead is how long before maintenance an agent is evacuated and gets no new task.
	maintenanceAhead = time.Hour
	// maintenanceLead is how long before maintenance tasks that cannot be replaced elsewhere first are
	// stopped.
	maintenanceLead = 2 * time.Minute
	// leaveTime is how much earlier a worker that ends by plan begins, besides what clients take to learn of it.
	leaveTime = 3 * time.Minute
	// maintenanceForget is the time without a new inverse offer after which accepted maintenance
	// counts as cancelled. maintenanceGrace is the same after an inverse offer was rescinded, after
	// a subscription, and after the end of the refusal of one that was declined: Mesos asks again
	// then.
	maintenanceForget = 10 * time.Minute
	maintenanceGrace  = time.Minute
	// stickyFor is how long a slot that may move waits for its own host before it takes another.
	stickyFor = time.Minute
	// moveAfter is the number of failures in a row after which a slot that may move no longer waits for its own host.
	moveAfter = 3
	// retireAfter is how long a host of worker.count=all may be silent before its vacant slot is
	// forgotten. A rollout waits as long for a vacant companion.
	retireAfter = 10 * time.Minute

	// reclaimAgain is how often DESTROY and UNRESERVE are sent while their volume or disk is still
	// offered. It is less than destroyQuiet, within which an uninstall has to see what is left.
	reclaimAgain = 2 * time.Second
	// disconnectedGap is the longest disconnection during which the volume of an unconfirmed task is
	// still assumed empty.
	disconnectedGap = 2 * time.Minute
	// destroyQuiet is how long an uninstall waits, after the last progress, for offers of volumes that
	// it does not know of.
	destroyQuiet = 5 * time.Second
	// masterUpdateFirst doubles up to masterUpdateMost while an executor has not confirmed the addresses
	// of the masters.
	masterUpdateFirst = 5 * time.Second
	masterUpdateMost  = 5 * time.Minute

	// reviveAtMost is the shortest time between two revives, reviveRepeat is when one that brought no
	// offer is repeated.
	reviveAtMost = time.Second
	reviveRepeat = 10 * time.Second

	// reconcileFirst doubles up to reconcileMost while tasks of an older subscription are unanswered.
	reconcileFirst = 5 * time.Second
	reconcileMost  = time.Minute
	// reconcileLate is when, after a subscription, everything is asked for once more. Mesos:
	// agent.md, registration_backoff_factor: after a failover of the master agents register within
	// a minute or so, and Mesos does not report a replaced task there by itself.
	reconcileLate = 90 * time.Second
	// reconcileEvery is the period of implicit reconciliation. Mesos: reconciliation.md asks for 15 minutes or so.
	reconcileEvery = 15 * time.Minute
	// awayAfter is how long a host that a slot waits for may make no offer before a hint names the
	// command that abandons its data.
	awayAfter = 10 * time.Minute
	// unconfirmedAfter is how long the status still shows the last update of a task as confirmed
	// after the loss of the subscription.
	unconfirmedAfter = 15 * time.Second
	// absentUnreachable is how long the unreachable task of a role that the settings have turned off is
	// waited for.
	absentUnreachable = 10 * time.Minute
	// surplusEvery is how often Mesos is asked whether it still knows the agent of a task that was
	// replaced.
	surplusEvery = 6 * time.Hour
	// surplusMost bounds the tasks that were replaced and are not known to be over: while there are
	// so many, no task on an unreachable agent is replaced.
	surplusMost = 20000
	// heldAtMost is how long nothing is launched on an agent that may still run a task that was
	// replaced, while Mesos does not answer about it.
	heldAtMost = 10 * time.Minute
	// silentFor is how long a launched task may be without any update before it is reconciled.
	silentFor = time.Minute
)

// verdict is what a task state means to its slot.
type verdict int

const (
	alive       verdict = iota
	unreachable         // it may live, but cannot be reached: wait, then replace
	ended               // over, a failure of the task: restart delay
	reschedule          // lost: restart delay for the slot, backoff for the host, unless exempt
	invalid             // Mesos will not run it as it is: wait long
)

// verdicts is the policy for every state of Mesos. Sources: mesos.proto TaskState;
// high-availability-framework-guide.md.
var verdicts = map[mesos.TaskState]struct {
	verdict
	hostGone bool
}{
	mesos.TASK_STAGING:          {verdict: alive},
	mesos.TASK_STARTING:         {verdict: alive},
	mesos.TASK_RUNNING:          {verdict: alive},
	mesos.TASK_KILLING:          {verdict: alive},
	mesos.TASK_UNREACHABLE:      {verdict: unreachable},
	mesos.TASK_UNKNOWN:          {verdict: unreachable},
	mesos.TASK_FINISHED:         {verdict: ended},
	mesos.TASK_FAILED:           {verdict: ended},
	mesos.TASK_KILLED:           {verdict: ended},
	mesos.TASK_LOST:             {verdict: reschedule},
	mesos.TASK_DROPPED:          {verdict: reschedule},
	mesos.TASK_GONE:             {verdict: reschedule},
	mesos.TASK_GONE_BY_OPERATOR: {verdict: reschedule, hostGone: true},
	mesos.TASK_ERROR:            {verdict: invalid},
}

// neverBegan is true for a state that does not show that the task's executor has started. Mesos:
// task-state-reasons.md; a launch that the agent does not know ends as GONE or DROPPED.
func neverBegan(state mesos.TaskState) bool {
	switch state {
	case mesos.TASK_STAGING, mesos.TASK_UNREACHABLE, mesos.TASK_UNKNOWN, mesos.TASK_DROPPED, mesos.TASK_ERROR,
		mesos.TASK_GONE, mesos.TASK_GONE_BY_OPERATOR:
		return true
	}
	return false
}

// restartDelay is the wait before the next task of a slot after its n-th failure in a row, n >= 1.
func restartDelay(n int) time.Duration {
	if n <= 1 {
		return 0
	}
	return doubled(firstDelay, n-2, maxDelay)
}

// hostDelay is how long a host is passed over after the n-th task in a row that was lost there,
// n >= 1. The first may be chance.
func hostDelay(n int) time.Duration {
	if n <= 1 {
		return 0
	}
	return doubled(firstHostDelay, n-2, maxHostDelay)
}

// operationDelay is the wait after the n-th failure in a row, n >= 1, when a launch failed together
// with the operations for its volume.
func operationDelay(n int) time.Duration {
	return doubled(firstOperationDelay, n-1, maxOperationDelay)
}

// doubled is first, doubled so many times, but at most most.
func doubled(first time.Duration, times int, most time.Duration) time.Duration {
	for ; times > 0 && first < most; times-- {
		first *= 2
	}
	return min(first, most)
}
