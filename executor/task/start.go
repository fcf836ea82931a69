package task

import (
	"fmt"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

func (t *Task) launch(_ Fact, now time.Time) {
	if t.begun {
		return
	}
	t.begun, t.preparing = true, true
	t.report.Phase = "preparing"
	t.set(startTimer, now.Add(t.config.StartTimeout))
	t.do(Prepare{}) // before the update: nothing is faster to start than what was begun first
	t.update(TaskStarting, t.report.Phase, now)
}

// confirmMasterUpdate puts the addresses that the task works with into the next report.
func (t *Task) confirmMasterUpdate(fact Fact, now time.Time) {
	t.report.Moved, t.wantProgress = fact.(MasterUpdateApplied).Masters, true
	t.progress(now)
}

// learn takes over what the preparation has found out.
func (t *Task) learn(fact Fact, now time.Time) {
	t.merge(fact.(Progressed).Report, now)
}

func (t *Task) begin(fact Fact, now time.Time) {
	if !t.preparing {
		return
	}
	p := fact.(Prepared)
	t.preparing = false
	t.doubts, t.wantProgress = p.Doubts, t.wantProgress || len(p.Doubts) > 0
	t.merge(p.Report, now)
	t.confirm, t.firstStart = p.Confirm, p.FirstStart
	if t.confirm && len(t.unacked) > 0 {
		return // acknowledge starts it
	}
	t.start()
}

// start asks for the JVM.
func (t *Task) start() {
	if t.preparing || t.process != noJVM {
		return
	}
	t.process = startingJVM
	t.do(StartProcess{})
}

func (t *Task) cannotPrepare(fact Fact, now time.Time) {
	if !t.preparing {
		return
	}
	t.preparing = false
	t.end(outcome{TaskFailed, fact.(PrepareFailed).Reason}, now)
}

func (t *Task) cannotStart(fact Fact, now time.Time) {
	if t.process != startingJVM {
		return
	}
	t.process = noJVM
	t.end(outcome{TaskFailed, fact.(StartFailed).Reason}, now)
}

func (t *Task) watchStart(_ Fact, now time.Time) {
	if t.process != startingJVM {
		return
	}
	t.process = liveJVM
	t.state = Starting
	t.say("starting Alluxio", now)
	t.set(probeTimer, now.Add(t.nextProbe(0)))
}

// probe sends the next probe of whichever kind this state needs.
func (t *Task) probe(now time.Time) {
	if t.probing || (t.state != Starting && t.state != Running) {
		return
	}
	t.probing, t.asked = true, now
	t.do(Probe{Watch: t.state == Running, Within: t.watchEvery() * 2 / 3})
}

// watchEvery is the time from one watching probe to the next, however long its answer takes: so the
// last of maxMisses is judged in time.
func (t *Task) watchEvery() time.Duration {
	every := t.config.HangTimeout / maxMisses
	if t.config.Member {
		return min(every, memberEvery)
	}
	return every
}

// mostMisses is how many probes in a row a serving JVM may not answer, over the same time for all.
func (t *Task) mostMisses() int {
	return int((t.config.HangTimeout + t.watchEvery() - 1) / t.watchEvery())
}

func (t *Task) judgeStart(fact Fact, now time.Time) {
	if !t.probing {
		return
	}
	t.probing = false
	p := fact.(Probed)
	if t.judgeJournal(p, now) {
		return
	}
	if !p.OK {
		t.attempts++
		t.why = p.Why
		t.say("waiting until Alluxio serves: "+p.Why, now)
		t.set(probeTimer, now.Add(t.nextProbe(t.attempts)))
		return
	}
	t.state, t.answered, t.doubts = Running, now, nil
	t.report.Phase, t.report.ElectionState = "", p.ElectionState
	t.takeIn(p.Report)
	t.stop(startTimer)
	t.stop(progressTimer)
	t.set(probeTimer, now.Add(t.watchEvery()+t.spread(0, t.watchEvery()/4)))
	t.update(TaskRunning, serving, now)
}

func (t *Task) judgeLife(fact Fact, now time.Time) {
	if !t.probing {
		return
	}
	t.probing = false
	p, was := fact.(Probed), t.silent()
	if t.judgeJournal(p, now) {
		return
	}
	if p.OK {
		t.misses, t.answered = 0, now
	} else {
		t.misses++
		t.why = p.Why
	}
	t.wantProgress = t.wantProgress || t.silent() != was
	p.Report.ElectionState = p.ElectionState
	t.merge(p.Report, now)
	if t.misses < t.mostMisses() {
		t.set(probeTimer, t.asked.Add(t.watchEvery()))
		return
	}
	t.outcome = outcome{TaskFailed,
		fmt.Sprintf("hung: Alluxio did not answer %d probes in a row, %v apart: %s", t.mostMisses(), t.watchEvery(), p.Why)}
	t.state = Killing
	t.stop(probeTimer)
	t.signal(true, now.Add(rekillAfter)) // a hung JVM runs no shutdown hooks either
}

// judgeJournal ends a task whose journal no master can serve from, and returns whether it does.
func (t *Task) judgeJournal(p Probed, now time.Time) (ends bool) {
	if p.FirstStartOver {
		t.firstStart = false
	}
	if p.Broken == "" {
		return false
	}
	t.takeIn(p.Report)
	t.terminate(outcome{TaskFailed, p.Broken}, 0, now)
	return true
}

// serving is the message of TASK_RUNNING.
const serving = "serving"

// silent is true while a task runs whose Alluxio has not answered for some probes in a row. The
// scheduler gets one update when that begins and one when it ends; nothing else is done about it.
func (t *Task) silent() bool { return t.state == Running && t.misses >= reportedMisses }

// runningMessage says what a running task does.
func (t *Task) runningMessage() string {
	if t.silent() {
		return "Alluxio does not answer: " + t.why
	}
	return serving
}

// say changes what the task is at, for people.
func (t *Task) say(phase string, now time.Time) { t.merge(launch.Report{Phase: phase}, now) }

// merge takes over every field of r that says something.
func (t *Task) merge(r launch.Report, now time.Time) {
	formatted := r.JournalFormatted != "" && r.JournalFormatted != t.report.JournalFormatted
	t.takeIn(r)
	if formatted && t.state < Running {
		t.update(TaskStarting, t.report.Phase, now) // too important to wait
		return
	}
	t.progress(now)
}

// takeIn is merge without an update.
func (t *Task) takeIn(r launch.Report) {
	for _, f := range []struct {
		to   *string
		from string
	}{
		{&t.report.Phase, r.Phase}, {&t.report.AlluxioVersion, r.AlluxioVersion}, {&t.report.JavaVersion, r.JavaVersion},
		{&t.report.JournalFormatted, r.JournalFormatted}, {&t.report.JournalFolder, r.JournalFolder},
		{&t.report.Storage, r.Storage},
		{(*string)(&t.report.ElectionState), string(r.ElectionState)}, {&t.report.JournalUnusable, r.JournalUnusable},
	} {
		if f.from != "" && f.from != *f.to {
			*f.to, t.wantProgress = f.from, true
		}
	}
	if len(r.Admin) > 0 {
		t.report.Admin = r.Admin
	}
	for _, w := range r.Warnings {
		if !slices.Contains(t.report.Warnings, w) {
			t.report.Warnings = append(t.report.Warnings, w)
			t.wantProgress = true
		}
	}
	t.report.JournalNeverServed = t.report.JournalNeverServed || r.JournalNeverServed
}

// progress sends what has changed in a task that starts or runs, unless it is too early for another
// update or the agent still owes an acknowledgement: an agent that is away must not find hundreds
// of them.
func (t *Task) progress(now time.Time) {
	if !t.wantProgress || t.state > Running || len(t.unacked) > 0 || !t.connected {
		return
	}
	if at := t.lastUpdate.Add(progressEvery); now.Before(at) {
		t.set(progressTimer, at)
		return
	}
	if t.state == Running {
		t.update(TaskRunning, t.runningMessage(), now)
		return
	}
	t.update(TaskStarting, t.report.Phase, now)
}
