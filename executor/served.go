package executor

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/executor/launch"
	"github.com/alluxio/alluxio-mesos/executor/task"
)

// firstService finds out whether a JVM can serve from its journal, once, before the master first
// counts as serving or leading.
type firstService struct {
	journal  journal
	identity string
	done     atomic.Bool // the JVM was found to serve from the journal, or nobody can tell
}

// The hints for a journal that no master can serve from.
const (
	formatHint = "bring an intact copy back, or give all of Alluxio's metadata up: stop the framework, " +
		"`alluxio-mesos recover --format-journal`, and start it"
	newHint = "if it is new, stop the framework, `alluxio-mesos recover --format-journal`, and start it; else " +
		"bring what is missing back"
	againHint = "no master has served from it yet: the next start formats it again"
	hereHint  = "no master of this host has served from it since it was formatted here: unless one of another host " +
		"has, the next start formats it again"
	membersHint = "move the journal folders of all members away, and start the framework with --lose-journal"
)

// check completes the answer of a probe that found the process ready.
func (f *firstService) check(ctx context.Context, p *prober, what *alluxio.Probe, probed task.Probed) task.Probed {
	if f == nil || f.done.Load() || !probed.OK {
		return probed
	}
	standby := probed.ElectionState == launch.Standby
	if standby && !f.journal.member { // what a standby shares with others is theirs to judge
		probed.FirstStartOver = !f.journal.firstStart.stands()
		return probed
	}
	if !standby {
		switch root, why := what.JudgeRoot(p.ask(ctx, what.RootURL, askWithin)); root {
		case alluxio.RootMissing:
			probed.OK = false
			probed.Broken, probed.Report = f.broken("has no root, so Alluxio can serve nothing from it", formatHint)
			return probed
		case alluxio.RootUnknown:
			probed.Report.Warnings = append(probed.Report.Warnings,
				fmt.Sprintf("it is not known whether the journal %s has a root: %s", f.journal.folder, why))
		}
	}
	if err := errors.Join(f.journal.formatting.remove(), f.journal.firstStart.remove()); err != nil {
		return task.Probed{Why: fmt.Sprintf("the journal %s serves, and its mark stays: %v", f.journal.folder, err),
			ElectionState: probed.ElectionState}
	}
	f.done.Store(!standby)
	probed.FirstStartOver = true
	probed.Report.JournalFormatted = f.identity
	return probed
}

// broken returns the message and the report about a journal that no master can serve from.
func (f *firstService) broken(how, hint string) (reason string, report launch.Report) {
	first := f.journal.firstStart
	neverServed := first.stands() && first.place() == first[0] // at another place it is on this host only
	switch {
	case f.journal.member: // a copy that is formatted alone would copy the same journal from the others
		hint = membersHint
	case neverServed:
		if hint = againHint; f.journal.path == "" {
			hint = hereHint
		}
		report = launch.Report{JournalUnusable: f.identity, JournalNeverServed: true}
	default:
		report = launch.Report{JournalUnusable: f.identity}
	}
	return fmt.Sprintf("the journal %s %s; %s", f.journal.folder, how, hint), report
}

// exited explains the end of a JVM by what its logs say of the journal.
func (f *firstService) exited(e task.Exited) task.Exited {
	if f == nil || f.done.Load() || !alluxio.SaysUnformatted(e.Log) {
		return e
	}
	e.Hint, e.Report = f.broken("was never formatted, or a part of it is missing: the message of Alluxio does not "+
		"tell which", newHint)
	return e
}
