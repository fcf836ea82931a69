package cluster

import (
	"cmp"
	"strings"
	"time"
)

// journalState has the journals that are known to be formatted, by identity.
type journalState struct {
	formatted map[string]journalRecord
	// kind is where and how the journal of this cluster is kept, once one was formatted; see rollout.go.
	kind string
	// format is nil while every journal can be served from, as far as is known.
	format *journalFormat
	// version is nil until a master has reported its version; see alluxio_version.go.
	version *journalVersion
	// backup is the last backup of the metadata, and the one that is to be made; see backup.go.
	backup backupState
}

// load sets what the row of the framework has.
func (l *journalState) load(kind string, format *journalFormat, version *journalVersion, backup *backupState) {
	if backup != nil {
		l.backup = *backup
	}
	l.kind, l.format, l.version = kind, format, version
}

// setKind records where and how the journal is kept; setFormat which one cannot be served from, nil for
// none; setVersion which version of Alluxio has served from it, nil for none.
func (l *journalState) setKind(kind string)          { l.kind = kind }
func (l *journalState) setFormat(f *journalFormat)   { l.format = f }
func (l *journalState) setVersion(v *journalVersion) { l.version = v }

// setBackup records the state of backups; noteBackupAsked when a try has left.
func (l *journalState) setBackup(b backupState)       { l.backup = b }
func (l *journalState) noteBackupAsked(now time.Time) { l.backup.asked = now }

// add records a journal as formatted.
func (l *journalState) add(j journalRecord) { l.formatted[j.Identity] = j }

// remove is for a journal that is gone with its volume; it says whether it was known.
func (l *journalState) remove(identity string) bool {
	_, known := l.formatted[identity]
	delete(l.formatted, identity)
	return known
}

// journalIdentity identifies a journal: its URI or shared folder, else host and path. The path may be
// a default that the executor knows. The identity is never empty, else it could not be recorded that
// the journal was formatted.
func (s *State) journalIdentity(host string) string {
	j := s.settings.Journal
	switch {
	case j.Shared:
		return cmp.Or(j.Folder, j.DataDir)
	case j.Folder != "":
		return host + ":" + j.Folder
	case j.DataDir != "":
		return host + ":" + j.DataDir
	}
	return host + ":default:" + s.record.clusterName
}

// isFormatted is true once a journal is known to be formatted, also under the identity that it had
// with another value of journal.shared.
func (s *State) isFormatted(identity string) bool {
	j := s.settings.Journal
	folder := cmp.Or(j.Folder, j.DataDir)
	for known := range s.journals.formatted {
		onAnyHost := (j.Shared || unseen(folder)) && strings.HasSuffix(known, ":"+folder)
		if known == identity || known == folder || onAnyHost {
			return true
		}
	}
	return false
}

// unseen is true for a journal behind a URI. The framework cannot look into it, and Alluxio's format
// wipes it: a master is started on it as it is. To abandon it, the operator names another folder.
func unseen(folder string) bool {
	return strings.Contains(folder, ":/") && !strings.HasPrefix(strings.ToLower(folder), "file:")
}
