package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// An existing journal is used, never formatted. The exception is an unusable journal, which no master
// can serve from: an executor reports it, and it is formatted by one task, once, when that executor
// knows that no master ever served from it, or when the operator permits it (recover
// --format-journal).

// noteUnusable records an unusable journal that the executor of slot's present task reports. Updates
// of an earlier task, which Mesos may repeat, say nothing about the present journal.
//
// JournalNeverServed permits a format only when no other master runs, since that one might serve from
// the journal. For a journal behind a URI the report does not suffice: it relies on a mark on the
// executor's host, which stays there when a master on another host has served.
func (s *State) noteUnusable(slot *Slot, report *launch.Report, now time.Time) {
	if report.JournalUnusable == "" {
		return
	}
	next := journalFormat{Identity: report.JournalUnusable, Folder: cmp.Or(report.JournalFolder,
		report.JournalUnusable)}
	if f := s.journals.format; f != nil && f.Identity == next.Identity {
		next.Unserved = f.Unserved
		if f.Task == "" {
			next.Granted = f.Granted
		}
	}
	neverServed := report.JournalNeverServed && (next.Unserved || !unseen(next.Folder))
	if live, _ := s.otherMembers(slot); neverServed && live == 0 && next.Granted.IsZero() {
		next.Granted = now
	}
	s.setFormat(&next)
}

// noteServed ends a permission once a master serves, also from another journal: nothing is to be
// formatted any more.
func (s *State) noteServed(report *launch.Report) {
	if s.journals.format != nil && report.JournalFormatted != "" && report.ElectionState != launch.Standby {
		s.setFormat(nil)
	}
}

func (s *State) setFormat(f *journalFormat) {
	if s.journals.format != nil && f != nil && *s.journals.format == *f {
		return
	}
	s.journals.setFormat(f)
	s.record.touchRow(frameworkKey)
}

// mayFormatNow is true when the next master on the journal formats it.
func (s *State) mayFormatNow(identity string) bool {
	return s.formats(identity) && s.journals.format.Task == ""
}

// formats is true from the permission to format a journal until a master serves from it.
func (s *State) formats(identity string) bool {
	return s.journals.format != nil && s.journals.format.Identity == identity && !s.journals.format.Granted.IsZero()
}

// commitFormat uses the permission up when p carries it.
func (s *State) commitFormat(p *placement) {
	if !s.roleRow(p.role).Journal {
		return
	}
	if identity, _ := s.journalOf(p); s.mayFormatNow(identity) {
		used := *s.journals.format
		used.Task, used.Unserved = p.taskID, true
		s.setFormat(&used)
	}
}

// formatText warns of an unusable journal that waits for the operator's permission, or is "".
func (s *State) formatText() string {
	if s.journals.format == nil || !s.journals.format.Granted.IsZero() {
		return ""
	}
	return fmt.Sprintf("no Alluxio master can serve from the journal %s: restore an intact copy, or give up all "+
		"metadata of Alluxio with `alluxio-mesos recover --format-journal`", s.journals.format.Folder)
}

// FormatJournal permits the next master to format the unusable journal of record, once. It returns
// the changes to save, and a message for the operator.
func FormatJournal(record map[string][]byte, now time.Time) (Changes, string, error) {
	s := emptyState(config.AlluxioRoles())
	if err := s.load(record); err != nil {
		return nil, "", err
	}
	f := s.journals.format
	switch {
	case f == nil:
		return nil, "", errors.New("no Alluxio master has reported a journal that it cannot serve from, so " +
			"none is to " +
			"be formatted")
	case f.Task != "":
		return nil, "", fmt.Errorf("the format of the journal %s was permitted already, and %s was launched with it: "+
			"start the framework and see what it says", f.Folder, f.Task)
	}
	granted := *f
	if granted.Granted.IsZero() {
		granted.Granted = now.UTC()
	}
	s.setFormat(&granted)
	return s.Changes(), fmt.Sprintf("The next start formats the journal %s, once: all metadata of Alluxio that is in "+
		"it is lost.\n", f.Folder), nil
}
