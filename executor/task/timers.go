package task

import (
	"hash/fnv"
	"strconv"
	"time"
)

// timer is one reason to wake up.
type timer int

const (
	startTimer    timer = iota // the start has taken too long
	killTimer                  // the grace is over
	probeTimer                 // the next probe is due
	progressTimer              // a held-back progress update may leave
	resendTimer                // unacknowledged updates are sent again
	releaseTimer               // the release has taken too long
	exitTimer                  // the acknowledgement of the terminal update is no longer waited for
	timerCount
)

const (
	// progressEvery is the shortest time between a progress update and the update before it.
	progressEvery = 2 * time.Second
	// resendAfter is how long an acknowledgement may take. The agent acknowledges when it has
	// checkpointed, in milliseconds.
	resendAfter = 5 * time.Second
	// resendSoon is the same after a new subscription, in which most of them have travelled.
	resendSoon = time.Second
	// exitAfter is how long the executor waits, while connected, for the acknowledgement of its terminal update.
	exitAfter = 10 * time.Second
	// releaseWithin bounds the release of ramdisk and installs before the terminal update is sent all the same.
	releaseWithin = 15 * time.Second
	// rekillAfter is the time between repeated SIGKILLs.
	rekillAfter = 5 * time.Second
	// firstProbe and slowestProbe bound the time between readiness probes, which grows by half each time.
	firstProbe, slowestProbe = 250 * time.Millisecond, 3 * time.Second
	// maxMisses: a serving JVM that does not answer so many probes in a row is hung; they are
	// spread over Config.HangTimeout.
	maxMisses = 5
	// reportedMisses is the number of unanswered probes in a row after which the framework gets an
	// update about a serving JVM.
	reportedMisses = 2
	// memberEvery is the longest time between two watching probes of a master of several: who leads should be known soon.
	memberEvery = 5 * time.Second
)

func (t *Task) set(which timer, at time.Time) { t.timers[which] = at }
func (t *Task) stop(which timer)              { t.timers[which] = time.Time{} }

// due says what each timer does.
var due = [timerCount]func(*Task, time.Time){
	startTimer:    (*Task).startTooLong,
	killTimer:     (*Task).graceOver,
	probeTimer:    (*Task).probe,
	progressTimer: (*Task).progress,
	resendTimer:   (*Task).resend,
	releaseTimer:  (*Task).releaseTooLong,
	exitTimer:     func(t *Task, _ time.Time) { t.exit() },
}

// fire runs every timer that is due. None of them sets another to a time that has come.
func (t *Task) fire(now time.Time) {
	for which := range timerCount {
		if at := t.timers[which]; !at.IsZero() && !now.Before(at) && !t.done {
			t.stop(which)
			due[which](t, now)
		}
	}
}

func (t *Task) resend(now time.Time) {
	for _, u := range t.unacked {
		t.do(SendUpdate{u})
	}
	t.set(resendTimer, now.Add(resendAfter))
}

// nextProbe is the time to the readiness probe after n failures: growing, and spread by up to a
// quarter so that the workers of a big cluster do not ask its master in step. The spread comes from
// the slot's name: the same slot always waits the same.
func (t *Task) nextProbe(n int) time.Duration {
	wait := firstProbe
	for i := 0; i < n && wait < slowestProbe; i++ {
		wait += wait / 2
	}
	wait = min(wait, slowestProbe)
	return wait + t.spread(n, wait/4)
}

// spread is a duration in [0, width) that depends on the slot's name and n alone.
func (t *Task) spread(n int, width time.Duration) time.Duration {
	h := fnv.New64a()
	h.Write([]byte(t.config.Slot + "/" + strconv.Itoa(n))) // never fails
	return time.Duration(h.Sum64() % uint64(width))
}
