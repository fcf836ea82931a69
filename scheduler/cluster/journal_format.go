package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// An existing journal is used, never formatted. The exception is one that no master can serve from:
// an executor reports it, and it is formatted by one task, once, when that executor knows that the
// journal never served anybody, or when the operator says so (recover --format-journal).

// journalFormat is a journal that no master can serve from. A permission is used up by the launch
// that carries it, durably and before that leaves: should the launch get lost, the next task
// reports the journal again.
type journalFormat struct {
	Identity string `json:"identity"`
	Folder   string `json:"folder,omitempty"`
	// Granted is when its format was permitted, zero for not yet.
	Granted time.Time `json:"granted,omitzero"`
	// Task is the one that was launched with the permission, or "".
	Task string `json:"task,omitempty"`
	// Unserved is true from that launch until a master serves from the journal.
	Unserved bool `json:"unserved,omitempty"`
}

// noteUnusable takes in what the executor of the present task of a slot says of its journal.
// Updates of an earlier task, which Mesos may repeat, say nothing about the present journal.
//
// That it never served permits a format only when no other master runs: another one might serve
// from it meanwhile. Behind a URI the executor's word is not enough: its mark is on its host, and
// stays there when a master of another host has served.
func (s *State) noteUnusable(slot *Slot, report *launch.Report, now time.Time) {
	if report.JournalUnusable == "" {
		return
	}
	next := journalFormat{Identity: report.JournalUnusable, Folder: cmp.Or(report.JournalFolder,
		report.JournalUnusable)}
	if f := s.format; f != nil && f.Identity == next.Identity {
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

// noteServed forgets a permission once a master serves, be it from another journal, after the
// operator has given this one up: nothing is to be formatted any more.
func (s *State) noteServed(report *launch.Report) {
	if s.format != nil && report.JournalFormatted != "" && report.ElectionState != launch.Standby {
		s.setFormat(nil)
	}
}

func (s *State) setFormat(f *journalFormat) {
	if s.format != nil && f != nil && *s.format == *f {
		return
	}
	s.format = f
	s.changed[frameworkKey] = struct{}{}
}

// mayFormatNow is true when the next master on the journal is to format it.
func (s *State) mayFormatNow(identity string) bool {
	return s.formats(identity) && s.format.Task == ""
}

// formats is true from the permission to format a journal until a master serves from it.
func (s *State) formats(identity string) bool {
	return s.format != nil && s.format.Identity == identity && !s.format.Granted.IsZero()
}

// commitFormat uses the permission up.
func (s *State) commitFormat(p *placement) {
	if !s.roleRow(p.role).Journal {
		return
	}
	if identity, _ := s.journalOf(p); s.mayFormatNow(identity) {
		used := *s.format
		used.Task, used.Unserved = p.taskID, true
		s.setFormat(&used)
	}
}

// formatText warns of a journal that waits for the operator, or is "".
func (s *State) formatText() string {
	if s.format == nil || !s.format.Granted.IsZero() {
		return ""
	}
	return fmt.Sprintf("no Alluxio master can serve from the journal %s: bring an intact copy back, or give all "+
		"metadata of Alluxio up with `alluxio-mesos recover --format-journal`", s.format.Folder)
}

// FormatJournal permits the next master to format the journal that no master can serve from, once.
// It returns what to save, and what that means in words.
func FormatJournal(record map[string][]byte, now time.Time) (Changes, string, error) {
	s := emptyState(config.AlluxioRoles())
	if err := s.load(record); err != nil {
		return nil, "", err
	}
	f := s.format
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
