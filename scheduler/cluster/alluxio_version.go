package cluster

import (
	"fmt"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// What a version of Alluxio has written into a journal, another version need not read: see
// config.ChangeOfVersion. The latest version that has served is recorded until the journal is given up.

// journalVersion is the version of Alluxio that has served from the journal, and the one that the
// settings named then.
type journalVersion struct {
	Served string `json:"served"`
	// Named differs from Served when the settings are wrong about the version, which only warns: the
	// same settings are accepted again. "" when they name none.
	Named string `json:"named,omitempty"`
}

// noteVersion records the version of a master that serves. The later one counts while masters of two
// versions run, unless the operator has given the journal up.
func (s *State) noteVersion(report *launch.Report) {
	version := journalVersion{Served: report.AlluxioVersion, Named: s.settings.Install.Version}
	known := s.journals.version
	if version.Served == "" {
		return
	}
	if known != nil && !s.abandonsJournal(s.settings) && !config.LaterVersion(version.Served, known.Served) {
		version.Served = known.Served
	}
	s.setVersion(&version)
}

func (s *State) setVersion(version *journalVersion) {
	if known := s.journals.version; known == version || known != nil && version != nil && *known == *version {
		return
	}
	s.journals.setVersion(version)
	s.record.touchRow(frameworkKey)
}

// assumeVersion fills in the version for a Record that does not have it, as earlier versions wrote, by
// the masters that serve. Their settings are taken to be today's if the ports of these are theirs.
func (s *State) assumeVersion(settings *config.Settings) {
	if s.journals.version != nil || s.journals.kind == "" { // "" when no journal is known to be formatted
		return
	}
	var version journalVersion
	for _, slot := range s.slots.byTask {
		if found := slot.Task.Report.AlluxioVersion; s.roleRow(slot.Role).Journal && slot.Task.serving() &&
			found != "" && config.LaterVersion(found, version.Served) {
			version.Served = found
		}
	}
	if version.Served == "" {
		return
	}
	if config.SameMajor(version.Served, settings.Install.Version) {
		version.Named = settings.Install.Version
	}
	s.setVersion(&version)
}

// checkVersion refuses settings that name a version of Alluxio whose masters must not be started on the
// journal.
func (s *State) checkVersion(settings *config.Settings) error {
	version := s.journals.version
	if version == nil || s.abandonsJournal(settings) || settings.Install.Version == version.Named {
		return nil
	}
	if text := rejectedText(settings, version.Served); text != "" {
		return fmt.Errorf("%w: %s", ErrUnsafeChange, text)
	}
	return nil
}

// rejectedText says why masters of the version that settings name must not follow served, or is "".
func rejectedText(settings *config.Settings, served string) string {
	in := &settings.Install
	change := config.ChangeOfVersion(served, in.Version, settings.Election == config.ByJournal)
	if !change.Rejected() {
		return ""
	}
	return fmt.Sprintf("Alluxio %s has served from the journal, and %s asks for %s now: %s; undo the change, or %s",
		served, in.VersionKey(), in.Version, change.Why, change.Steps)
}

// VersionRisk warns of settings that name another version of Alluxio than served, which masters have; it
// is "" for those that may follow without a word.
func VersionRisk(settings *config.Settings, served string) string {
	if text := rejectedText(settings, served); text != "" {
		return "a SIGHUP, or the next start, refuses these settings: " + text
	}
	if settings.Master.Count > 1 {
		return versionsText(served, settings.Install.Version)
	}
	return ""
}

// abandonsJournal is true when an operator has given the journal up with settings, or permitted to format
// it: any version may begin another one.
func (s *State) abandonsJournal(settings *config.Settings) bool {
	f := s.journals.format
	return settings.Journal.AllowLoss || f != nil && !f.Granted.IsZero()
}

// servedVersion is the version of Alluxio that the executor of a master compares with the one on its
// host, or "" for any.
func (s *State) servedVersion() string {
	if s.journals.version == nil || s.abandonsJournal(s.settings) {
		return ""
	}
	return s.journals.version.Served
}

// versionsText warns of masters of two minor versions on one journal, or is "" for one version.
func versionsText(earlier, later string) string {
	if change := config.ChangeOfVersion(earlier, later, false); change.Rejected() || config.SameMinor(earlier, later) {
		return ""
	}
	return fmt.Sprintf("Alluxio masters of %s and %s run on one journal until all have been replaced, which Alluxio's "+
		"documents do not describe; to avoid it, end the cluster with --teardown before such a change", earlier, later)
}

// masterVersions are the earliest and the latest version of the masters that run, "" for none.
func (s *State) masterVersions() (earliest, latest string) {
	for _, slot := range s.slots.byTask {
		version := slot.Task.Report.AlluxioVersion
		if !s.roleRow(slot.Role).Journal || version == "" {
			continue
		}
		if earliest == "" || config.LaterVersion(earliest, version) {
			earliest = version
		}
		if config.LaterVersion(version, latest) {
			latest = version
		}
	}
	return earliest, latest
}

// versionsWarning is versionsText while such masters run.
func (s *State) versionsWarning() string { return versionsText(s.masterVersions()) }

// warnOfVersions adds a warning to d when it ends the first of several masters for a later minor version.
func (s *State) warnOfVersions(d *Decision) {
	if s.settings.Master.Count < 2 {
		return
	}
	for id := range d.killed {
		slot := s.slots.byTask[id]
		if slot == nil || !s.roleRow(slot.Role).Journal || slot.Task.KillReason != "" {
			continue
		}
		earliest, latest := s.masterVersions()
		text := versionsText(latest, s.settings.Install.Version)
		if earliest == latest && text != "" {
			d.Warnings = append(d.Warnings, text)
			return
		}
	}
}
