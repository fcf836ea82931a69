package alluxioclient

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Write is the kind of an operation that writes a file.
const Write = "write"

// ReadAfter is the kind of an operation that reads a file this long after it was written.
func ReadAfter(delay time.Duration) string { return fmt.Sprintf("read %d", delay.Milliseconds()) }

// Operation is one that has ended.
type Operation struct {
	Lane  string `json:"lane"`
	File  string `json:"file"`
	Kind  string `json:"kind"`  // [Write], or that of [ReadAfter]
	Begun int64  `json:"begun"` // milliseconds since 1970
	Took  int64  `json:"took"`  // milliseconds
	Error string `json:"error"` // empty when it succeeded
}

// Report says what the operations of a lane met.
type Report struct {
	Operations, Failed int
	Gap                time.Duration // the longest without an operation that succeeds
	Slowest            time.Duration // operation
	Errors             []string      // the first of the failed ones
}

// String is a line for people.
func (r Report) String() string {
	return fmt.Sprintf("%d operations, %d failed, longest gap %v, slowest %v", r.Operations, r.Failed, r.Gap, r.Slowest)
}

// Summarize reports on the operations of a lane that ran at some moment between two times. The gaps
// before the first success and behind the last count.
func Summarize(all []Operation, lane string, from, to time.Time) Report {
	const errors = 5 // are enough to see why
	var mine []Operation
	for _, o := range all {
		if o.Lane == lane && o.end() >= from.UnixMilli() && o.Begun <= to.UnixMilli() {
			mine = append(mine, o)
		}
	}
	slices.SortStableFunc(mine, func(a, b Operation) int { return cmp.Compare(a.end(), b.end()) })
	report, last := Report{Operations: len(mine)}, from.UnixMilli()
	succeeded := func(at int64) {
		report.Gap = max(report.Gap, time.Duration(at-last)*time.Millisecond)
		last = at
	}
	for _, o := range mine {
		report.Slowest = max(report.Slowest, time.Duration(o.Took)*time.Millisecond)
		if o.Error == "" {
			succeeded(min(o.end(), to.UnixMilli()))
			continue
		}
		report.Failed++
		if len(report.Errors) < errors {
			report.Errors = append(report.Errors, fmt.Sprintf("%s %s: %s", o.Kind, o.File, o.Error))
		}
	}
	succeeded(to.UnixMilli())
	return report
}

func (o Operation) end() int64 { return o.Begun + o.Took }

// acknowledged are the files whose write succeeded.
func acknowledged(all []Operation) (files []string) {
	for _, o := range all {
		if o.Kind == Write && o.Error == "" {
			files = append(files, o.File)
		}
	}
	return files
}
