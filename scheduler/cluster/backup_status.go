package cluster

import (
	"fmt"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// BackupStatus is about the backups of Alluxio's metadata.
type BackupStatus struct {
	// Dir is the folder on the hosts of Alluxio masters.
	Dir string `json:"dir"`
	// Last is the last backup; absent before the first.
	Last *Backup `json:"last,omitempty"`
	// Request is the backup that is to be made; absent when none is.
	Request *BackupRequest `json:"request,omitempty"`
	// Due is when the next one is made by the interval; absent without one.
	Due time.Time `json:"due,omitzero"`
}

// backupStatus is nil without backups.
func (s *State) backupStatus() *BackupStatus {
	if s.settings.Backup.Dir == "" {
		return nil
	}
	status := &BackupStatus{Dir: s.settings.Backup.Dir, Due: s.backupDue().UTC()}
	if last := s.journals.backup.Last; last != nil {
		backup := *last
		backup.At = backup.At.UTC()
		status.Last = &backup
	}
	if request := s.journals.backup.Request; request != nil {
		wanted := *request
		wanted.Since, wanted.NextTry = wanted.Since.UTC(), wanted.NextTry.UTC()
		status.Request = &wanted
	}
	return status
}

// backupText warns of backups that are not made, or is "".
func (s *State) backupText() string {
	r := s.journals.backup.Request
	switch {
	case s.settings.Backup.Dir == "":
		return ""
	case s.backsUpNever():
		return fmt.Sprintf("no backups are made in %s: the Alluxio master that leads is older than 1.8.1, or was launched "+
			"by an earlier version of the framework; `alluxio-mesos replace` starts it again (%s)", s.settings.Backup.Dir,
			config.KeyBackupDir)
	case r != nil && r.Failures > 0:
		return fmt.Sprintf("the backup that is due since %s has failed, so far %d times: %s",
			r.Since.UTC().Format(time.RFC3339), r.Failures, r.Message)
	}
	return ""
}
