package alluxio

import (
	"path"
	"regexp"
	"strings"
)

// sinceBypass is the first version whose command is known to have --bypass-delegation. Before it, a leader
// with alluxio.master.backup.delegation.enabled has a standby write the backup, on that one's disk.
const sinceBypass = "2.9.6"

// BackupCommand writes a backup of the metadata into a folder on the leading master's host.
func (a Admin) BackupCommand(dir string) []string {
	argv := a.command(adminShell, "backup", dir, "--local")
	if atLeast(a.version, sinceBypass) {
		argv = append(argv, "--bypass-delegation")
	}
	return argv
}

// backupName is a name that Alluxio gives a backup: the date, and the time of its beginning in milliseconds.
var backupName = regexp.MustCompile(`^alluxio-backup-[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}-([0-9]{10,16})\.gz$`)

// IsBackupName is true for a name that Alluxio gives a backup.
func IsBackupName(name string) bool { return backupName.MatchString(name) }

// backupURI is where the command says that the backup is: 2.x, and 1.8.
var backupURI = regexp.MustCompile(
	`(?m)^(?:Backup URI +: (.+?)|Successfully backed up journal to (.+?)(?: on master .*)?)\s*$`)

// BackupFile is the path of the backup on the master's host, by the output of a command that has ended
// with 0, or "" if it names none.
func BackupFile(output string) string {
	found := backupURI.FindStringSubmatch(output)
	if found == nil {
		return ""
	}
	file := strings.TrimPrefix(found[1]+found[2], "file://") // one of them is ""
	if !path.IsAbs(file) || !IsBackupName(path.Base(file)) {
		return ""
	}
	return path.Clean(file)
}

// BackupHost is the host that the command names, or "".
func BackupHost(output string) string {
	for line := range strings.Lines(output) {
		if rest, ok := strings.CutPrefix(line, "Backup Host"); ok {
			return strings.Trim(rest, " :\r\n")
		}
	}
	return ""
}
