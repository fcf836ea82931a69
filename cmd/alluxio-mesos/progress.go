package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/web/text"
)

const (
	// progressTime is the shortest time between two reports of progress.
	progressTime = time.Second
	// repeatTime is how often a step that goes on is reported again where nothing is rewritten.
	repeatTime = 30 * time.Second
	// ageFrom is from when on a step is shown with how long it has been going on.
	ageFrom = 2 * time.Second
)

// progress reports how a cluster comes to serve, or ends: on a terminal as a block of lines that is
// rewritten in place, else as a line for each change.
type progress struct {
	out io.Writer
	// width is the number of columns of the terminal, 0 without one. plainWidth is that of lines that
	// are not rewritten.
	width      func() int
	plainWidth int
	begun      time.Time
	// steps are those of the last report.
	steps map[text.Step]stepTimes
	// headline is the last one, at the time of the last report, block the number of lines that
	// the next report rewrites.
	headline string
	at       time.Time
	block    int
}

// stepTimes are when a step was first seen, and when it was last reported.
type stepTimes struct{ since, told time.Time }

func newProgress(out io.Writer, plainWidth int, now time.Time) *progress {
	return &progress{out: out, width: func() int { return terminalWidth(out) }, plainWidth: plainWidth, begun: now}
}

// terminalWidth is the number of columns of out if it is a terminal that can rewrite lines, else 0.
func terminalWidth(out io.Writer) int {
	if os.Getenv("TERM") == "dumb" {
		return 0
	}
	return columnsOf(out)
}

// show reports s, unless the last report was a moment ago and this one is not the last.
func (p *progress) show(s *cluster.Status, last bool, now time.Time) {
	if !last && now.Sub(p.at) < progressTime {
		return
	}
	p.at = now
	headline := text.Progress(s)
	steps, more := text.Steps(s)
	if width := p.width(); width > 0 {
		p.rewrite(width, headline, steps, more, now)
	} else {
		p.add(headline, steps, more, now)
	}
	p.headline = headline
}

// age says for how long a step has been going on; "" for one that has just begun.
func age(times stepTimes, now time.Time) string {
	switch d := now.Sub(times.since); {
	case d < ageFrom:
		return ""
	case d < 2*time.Minute:
		return fmt.Sprintf(" (%d s)", int(d.Seconds()))
	default:
		return fmt.Sprintf(" (%d min)", int(d.Minutes()))
	}
}

// note keeps when each of steps began, and forgets all others.
func (p *progress) note(steps []text.Step, now time.Time) {
	kept := make(map[text.Step]stepTimes, len(steps))
	for _, step := range steps {
		times, known := p.steps[step]
		if !known {
			times.since = now
		}
		kept[step] = times
	}
	p.steps = kept
}

// rewrite replaces the block of the last report.
func (p *progress) rewrite(width int, headline string, steps []text.Step, more int, now time.Time) {
	p.note(steps, now)
	lines := []string{fmt.Sprintf("[%4.0fs] %s", now.Sub(p.begun).Seconds(), headline)}
	for _, step := range steps {
		lines = append(lines, "  "+step.Slot+": "+step.Doing+step.On+age(p.steps[step], now))
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("  %d more do not serve", more))
	}
	var b strings.Builder
	if p.block > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\x1b[J", p.block) // up to the first line of the block, and clear from there
	}
	for _, line := range lines {
		// One that wraps would be two to move up by.
		if runes := []rune(line); len(runes) >= width {
			line = string(runes[:max(width-4, 0)]) + "..."
		}
		b.WriteString(line + "\n")
	}
	p.block = len(lines)
	_, _ = io.WriteString(p.out, b.String()) // who does not read it waits all the same
}

// add writes a line for each change.
func (p *progress) add(headline string, steps []text.Step, more int, now time.Time) {
	var b strings.Builder
	defer func() { _, _ = io.WriteString(p.out, text.Wrap(b.String(), p.plainWidth)) }() // as in rewrite
	stamp := fmt.Sprintf("[%4.0fs]", now.Sub(p.begun).Seconds())
	if headline != p.headline {
		fmt.Fprintf(&b, "%s %s\n", stamp, headline)
	}
	p.note(steps, now)
	for _, step := range steps {
		times := p.steps[step]
		if !times.told.IsZero() && now.Sub(times.told) < repeatTime {
			continue
		}
		fmt.Fprintf(&b, "%s   %s: %s%s%s\n", stamp, step.Slot, step.Doing, step.On, age(times, now))
		p.steps[step] = stepTimes{since: times.since, told: now}
	}
	if more > 0 && headline != p.headline {
		fmt.Fprintf(&b, "%s   %d more do not serve\n", stamp, more)
	}
}
