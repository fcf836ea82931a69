package scheduler

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rs/zerolog"
)

const (
	// linesOfAKind bounds the lines of one kind for each cycle; the rest is counted.
	linesOfAKind = 50
	// linesWaiting bounds the lines that wait to be written; more are dropped and counted.
	linesWaiting = 4096
)

// logQueue writes the lines of the loop in a goroutine of its own: a log that blocks, such as a full
// pipe or a disk that hangs, must not stop the loop. Only the loop's goroutine adds lines.
type logQueue struct {
	log     zerolog.Logger
	lines   chan func(zerolog.Logger)
	done    chan struct{}
	dropped int
	kinds   map[string]int // lines of this cycle by kind, written or not
}

func newLogQueue(log zerolog.Logger) *logQueue {
	return &logQueue{log: log, lines: make(chan func(zerolog.Logger), linesWaiting), done: make(chan struct{}),
		kinds: map[string]int{}}
}

// write writes lines until close.
func (q *logQueue) write() {
	defer close(q.done)
	for line := range q.lines {
		line(q.log)
	}
}

// close waits, but not for longer than limit, until all lines are written.
func (q *logQueue) close(limit time.Duration) {
	close(q.lines)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-q.done:
	case <-timer.C:
	}
}

// wants says whether a line of this level and kind is written; each call counts one line of the kind.
func (q *logQueue) wants(level zerolog.Level, kind string) bool {
	if level < q.log.GetLevel() {
		return false
	}
	q.kinds[kind]++
	return q.kinds[kind] <= linesOfAKind
}

// add enqueues a line. What it captures must not change any more.
func (q *logQueue) add(line func(zerolog.Logger)) {
	if n := q.dropped; n > 0 {
		select {
		case q.lines <- func(log zerolog.Logger) {
			log.Warn().Int("lines", n).Msg("the log did not take lines in time; they are lost")
		}:
			q.dropped = 0
		default:
		}
	}
	select {
	case q.lines <- line:
	default:
		q.dropped++
	}
}

// endCycle writes, for each kind, how many lines of the cycle were left out.
func (q *logQueue) endCycle(cycle uint64) {
	for _, kind := range slices.Sorted(maps.Keys(q.kinds)) {
		if more := q.kinds[kind] - linesOfAKind; more > 0 {
			q.add(func(log zerolog.Logger) {
				log.Info().Uint64("cycle", cycle).Int("more",
					more).Msg(fmt.Sprintf("%s: %d more of these lines are left out", kind, more))
			})
		}
	}
	clear(q.kinds)
}
