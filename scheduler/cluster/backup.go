package cluster

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// A backup of Alluxio's metadata is requested by an operator, or because the last one is old. The
// executor of the leading master makes it. The request is saved before it leaves, and repeated until its
// answer is final; its ID has the time of its beginning, so no ID is used twice, also not after a copy of
// the state was restored. A try that fails, and one whose master leads no more, is followed by another.

// BackupCause is why a backup is made.
type BackupCause string

// The causes.
const (
	// BackupForInterval: the last one is older than alluxio.integration.mesos.backup.interval.
	BackupForInterval BackupCause = "interval"
	// BackupForOperator: an operator has asked for it.
	BackupForOperator BackupCause = "operator"
)

// BackupRequested asks for a backup. CheckBackup has accepted it.
type BackupRequested struct{}

func (BackupRequested) event() {}

// Backup is a backup that was made and checked.
type Backup struct {
	// At is when it was done.
	At time.Time `json:"at"`
	// Host is the host of the folder.
	Host string `json:"host"`
	// File is its path there.
	File string `json:"file"`
	// Bytes is its size.
	Bytes config.Bytes `json:"bytes"`
	// AlluxioVersion is the version of the master that has made it.
	AlluxioVersion string `json:"alluxioVersion,omitempty"`
	// Seconds is how long Alluxio took.
	Seconds float64 `json:"seconds"`
	// Cause is `interval` or `operator`.
	Cause BackupCause `json:"cause"`
}

// BackupRequest is a backup that is to be made.
type BackupRequest struct {
	// Cause is `interval` or `operator`.
	Cause BackupCause `json:"cause"`
	// Since is when it was requested.
	Since time.Time `json:"since"`
	// Failures is how many tries have failed.
	Failures int `json:"failures,omitempty"`
	// Message is why the last one has; absent before.
	Message string `json:"message,omitempty"`
	// NextTry is when it is tried again after that.
	NextTry time.Time `json:"nextTry,omitzero"`
}

// backupState is the last backup, and the one that is to be made. Its JSON is a part of the row of the
// framework.
type backupState struct {
	Last    *Backup        `json:"last,omitempty"`
	Request *BackupRequest `json:"request,omitempty"`
	// Number is that of the present try, in its ID; Master the task that is asked, "" while no try is
	// under way.
	Number int64  `json:"number,omitempty"`
	Master string `json:"master,omitempty"`

	asked time.Time // when the try left last, of this process only
}

// The times of backups.
const (
	// backupWithin bounds a try.
	backupWithin = 4 * time.Hour
	// backupPause is how long after the first failure the next try follows. It doubles up to mostBackupPause.
	backupPause     = time.Minute
	mostBackupPause = time.Hour
)

func (b *backupState) id() string { return "backup-" + strconv.FormatInt(b.Number, 10) }

// CheckBackup says what a BackupRequested will do, or why it is refused, with an error that wraps
// ErrRefused.
func (s *State) CheckBackup() (message string, err error) {
	b := s.journals.backup
	switch {
	case s.settings.Backup.Dir == "":
		return "", fmt.Errorf("%w: no folder is named for backups; set %s", ErrRefused, config.KeyBackupDir)
	case s.teardown.pending():
		return "", fmt.Errorf("%w: the cluster is being torn down", ErrRefused)
	case s.backsUpNever():
		return "", fmt.Errorf("%w: %s", ErrRefused, s.backupText())
	case b.Request != nil:
		return fmt.Sprintf("A backup into %s is requested already.\n", s.settings.Backup.Dir), nil
	}
	return fmt.Sprintf("The metadata is backed up into %s on the host of the leading Alluxio master, which accepts no "+
		"changes while it writes.\n", s.settings.Backup.Dir), nil
}

// applyBackup records the request of an operator.
func (s *State) applyBackup(now time.Time) {
	if _, err := s.CheckBackup(); err != nil { // an event before it in this cycle may have changed that
		return
	}
	next := s.journals.backup
	if next.Request == nil {
		next.Request = &BackupRequest{Cause: BackupForOperator, Since: now}
	} else {
		again := *next.Request
		again.NextTry, next.Request = time.Time{}, &again
	}
	s.setBackup(next)
}

func (s *State) setBackup(b backupState) {
	s.journals.setBackup(b)
	s.record.touchRow(frameworkKey)
}

// backsUpNever is true while a master leads whose executor makes no backups.
func (s *State) backsUpNever() bool {
	master := s.leadingMaster()
	return master != nil && master.Report.Version != 0 && !slices.Contains(master.Report.Admin, launch.AdminBackup)
}

// backUp begins a backup that is due, and has the leading master's executor make the one that is requested.
func (s *State) backUp(d *Decision, now time.Time) {
	b := s.journals.backup
	if s.settings.Backup.Dir == "" || s.teardown.pending() || !s.reconciliation.freshness.done {
		return
	}
	if b.Request == nil {
		due := s.backupDue()
		if due.IsZero() {
			return
		}
		if due.After(now) {
			d.wakeBy(due)
			return
		}
		b.Request = &BackupRequest{Cause: BackupForInterval, Since: now}
		d.backup = &b
	}
	master := s.leadingMaster()
	if master == nil || !slices.Contains(master.Report.Admin, launch.AdminBackup) {
		return
	}
	if at := b.Request.NextTry; at.After(now) {
		d.wakeBy(at)
		return
	}
	if b.Master != master.ID {
		b.Number, b.Master, b.asked = max(b.Number+1, now.Unix()), master.ID, time.Time{}
		d.backup = &b
	}
	if again := b.asked.Add(administerAgain); !b.asked.IsZero() && again.After(now) {
		d.wakeBy(again)
		return
	}
	d.do(Administer{TaskID: master.ID, AgentID: master.AgentID, Request: launch.AdminRequest{ID: b.id(),
		Operation: launch.AdminBackup, Within: backupWithin, Dir: s.settings.Backup.Dir, Keep: s.settings.Backup.Keep}})
	d.wakeBy(now.Add(administerAgain))
}

// backupDue is when the next backup is due by the interval, zero for never.
func (s *State) backupDue() time.Time {
	last, every := s.journals.backup.Last, s.settings.Backup.Interval
	switch {
	case every <= 0 || s.settings.Backup.Dir == "":
		return time.Time{}
	case last == nil:
		return s.options.Started
	}
	return last.At.Add(every)
}

// boundBackup sets times of a saved Record that have not come yet to now, as boundTimes does.
func (s *State) boundBackup(now time.Time) {
	b := s.journals.backup
	if b.Last != nil && b.Last.At.After(now) {
		last := *b.Last
		last.At, b.Last = now, &last
	}
	if r := b.Request; r != nil { // a new process tries at once: the operator may have removed the cause
		again := *r
		if again.NextTry, b.Request = (time.Time{}), &again; r.Since.After(now) {
			again.Since = now
		}
	}
	s.journals.setBackup(b)
}

// commitBackup records what d has decided about backups.
func (s *State) commitBackup(d *Decision) {
	if d.backup != nil {
		s.setBackup(*d.backup)
	}
}

// applyBackupAnswer records the final answer to the present try, and says whether the answer is to one.
func (s *State) applyBackupAnswer(answer launch.AdminAnswer, now time.Time) bool {
	b := s.journals.backup
	if b.Request == nil || b.Master == "" || answer.ID != b.id() {
		return false
	}
	if !answer.State.Final() {
		return true
	}
	b.Master, b.asked = "", time.Time{}
	if made := answer.Backup; answer.State == launch.AdminDone && made != nil {
		b.Last = &Backup{At: now, Host: made.Host, File: made.File, Bytes: made.Bytes,
			AlluxioVersion: made.AlluxioVersion, Seconds: made.Took.Seconds(), Cause: b.Request.Cause}
		b.Request = nil
	} else {
		failed := *b.Request
		failed.Failures++
		failed.Message = clip(answer.Message)
		failed.NextTry = now.Add(min(backupPause<<min(failed.Failures-1, mostDoublings+1), mostBackupPause))
		b.Request = &failed
	}
	s.setBackup(b)
	return true
}
