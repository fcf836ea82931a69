package task

import (
	"fmt"
	"strings"
	"time"
)

func (t *Task) kill(fact Fact, now time.Time) {
	t.terminate(outcome{TaskKilled, "killed on request"}, fact.(KillRequested).Grace, now)
}

func (t *Task) shutdown(fact Fact, now time.Time) {
	s := fact.(ShutdownRequested)
	t.terminate(outcome{TaskKilled, s.Reason}, s.Grace, now)
}

// loseAgent is a shutdown without anybody to tell.
func (t *Task) loseAgent(fact Fact, now time.Time) {
	t.disconnect(fact, now)
	t.lost = true
	switch t.state {
	case Staging, Starting, Running:
		t.terminate(outcome{TaskKilled, fact.(AgentLost).Reason}, 0, now)
	case Ended:
		t.exit()
	}
}

// terminate ends a task that is not ending yet: the preparation is cancelled, or the JVM gets SIGTERM and a grace.
func (t *Task) terminate(o outcome, grace time.Duration, now time.Time) {
	if grace <= 0 {
		grace = t.config.KillGrace
	}
	t.outcome = o
	t.state = Killing
	t.stop(startTimer)
	t.stop(probeTimer)
	t.stop(progressTimer)
	switch {
	case t.preparing:
		t.do(CancelPrepare{})
		t.set(killTimer, now.Add(grace))
	case t.process != noJVM && t.firstStart:
		t.signal(true, now.Add(rekillAfter))
	case t.process != noJVM:
		t.signal(false, now.Add(grace))
	default:
		t.release(now)
	}
}

// signal signals a JVM that runs, and sets the time of the next SIGKILL. One that is being started
// gets its signal then.
func (t *Task) signal(kill bool, next time.Time) {
	t.set(killTimer, next)
	if t.process == liveJVM {
		t.do(Signal{Kill: kill})
	}
}

// hurry shortens the grace of a task that is being killed already; it never lengthens it.
func (t *Task) hurry(fact Fact, now time.Time) { t.shorten(fact.(KillRequested).Grace, now) }

func (t *Task) hurryShutdown(fact Fact, now time.Time) {
	t.shorten(fact.(ShutdownRequested).Grace, now)
}

func (t *Task) shorten(grace time.Duration, now time.Time) {
	if at := now.Add(grace); grace > 0 && at.Before(t.timers[killTimer]) {
		t.set(killTimer, at)
	}
}

func (t *Task) graceOver(now time.Time) {
	if t.process == noJVM { // a preparation that does not let itself be cancelled: nothing of it may keep the task
		t.preparing = false
		t.release(now)
		return
	}
	t.signal(true, now.Add(rekillAfter))
}

func (t *Task) startTooLong(now time.Time) {
	reason := fmt.Sprintf("does not serve %v after its launch; last: ", t.config.StartTimeout)
	if t.state == Starting && t.why != "" {
		reason += t.why
	} else {
		reason += t.report.Phase
	}
	t.terminate(outcome{TaskFailed, reason}, 0, now)
}

// whileStarting is when a JVM ended that has not served yet.
const whileStarting = "while starting"

func (t *Task) exitedEarly(fact Fact, now time.Time) { t.exited(fact.(Exited), whileStarting, now) }

func (t *Task) exitedLate(fact Fact, now time.Time) { t.exited(fact.(Exited), "by itself", now) }

func (t *Task) exited(e Exited, when string, now time.Time) {
	t.process = noJVM
	t.takeIn(e.Report)
	hint := ""
	if e.Hint != "" {
		hint = ": " + e.Hint
	}
	t.end(outcome{TaskFailed, cause(e, when) + hint + lastLines(e)}, now)
}

// cause is how the JVM ended, in words. A SIGKILL is out of memory only where the kernel says so:
// anybody may have sent it.
func cause(e Exited, when string) string {
	switch {
	case e.Signal == "":
		return fmt.Sprintf("Alluxio ended %s with exit code %d", when, e.Code)
	case e.OutOfMemory != "":
		return fmt.Sprintf("Alluxio was killed by the kernel: out of memory (%s); raise resource.mem of its role, or "+
			"look for memory options in its java.opts", e.OutOfMemory)
	}
	if when == whileStarting {
		return "Alluxio was killed by " + e.Signal + " " + when
	}
	return "Alluxio was killed by " + e.Signal
}

// messageLimit bounds the lines of a log in a message, in bytes: Mesos keeps messages of many tasks in memory.
const messageLimit = 2048

func lastLines(e Exited) string {
	lines := e.Log
	for size := len(strings.Join(lines, "\n")); size > messageLimit && len(lines) > 1; size -= len(lines[0]) + 1 {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return ""
	}
	return "; its log says:\n" + strings.Join(lines, "\n")
}

// stopped is the end of a JVM that was being stopped.
func (t *Task) stopped(fact Fact, now time.Time) {
	t.process = noJVM
	if t.outcome.state == TaskFailed {
		t.outcome.reason += lastLines(fact.(Exited))
	}
	t.release(now)
}

func (t *Task) preparedTooLate(_ Fact, now time.Time) {
	if t.preparing {
		t.preparing = false
		t.release(now)
	}
}

func (t *Task) startedTooLate(_ Fact, _ time.Time) {
	if t.process == startingJVM {
		t.process = liveJVM
		t.do(Signal{Kill: t.firstStart})
	}
}

func (t *Task) neverStarted(_ Fact, now time.Time) {
	if t.process == startingJVM {
		t.process = noJVM
		t.release(now)
	}
}

// end decides the outcome of a task of which nothing runs any more.
func (t *Task) end(o outcome, now time.Time) {
	t.outcome = o
	t.release(now)
}

func (t *Task) release(now time.Time) {
	t.state = Releasing
	t.stop(startTimer)
	t.stop(killTimer)
	t.stop(probeTimer)
	t.stop(progressTimer)
	t.set(releaseTimer, now.Add(releaseWithin))
	t.do(Release{})
}

func (t *Task) releaseTooLong(now time.Time) {
	t.finish(Released{Problem: fmt.Sprintf("the release of its folders takes longer than %v", releaseWithin)}, now)
}

// finish makes the one terminal update.
func (t *Task) finish(fact Fact, now time.Time) {
	t.state = Ended
	t.stop(releaseTimer)
	t.report.Phase = ""
	if problem := fact.(Released).Problem; problem != "" {
		t.report.Warnings = append(t.report.Warnings, problem)
	}
	t.update(t.outcome.state, t.outcome.reason, now)
	if t.lost {
		t.exit()
	} else if t.connected {
		t.set(exitTimer, now.Add(exitAfter))
	}
}
