package config

import (
	"strings"
	"testing"
	"time"
)

func TestWhereBackupsGo(t *testing.T) {
	t.Parallel()
	s := load(t, conf(t, enough+KeyBackupDir+"=/srv/backups/\n"+KeyBackupInterval+"=1d"))
	if s.Backup != (Backup{Dir: "/srv/backups", Interval: 24 * time.Hour, Keep: 5}) {
		t.Errorf("%+v", s.Backup)
	}
	for _, c := range []struct {
		says string
		site []string
	}{
		{KeyBackupDir, []string{KeyBackupInterval + "=1d"}},
		{"below /", []string{KeyBackupDir + "=/"}},
		{"absolute path", []string{KeyBackupDir + "=hdfs://nn/backups"}},
		{KeyJournalFolder, []string{KeyBackupDir + "=/journal/backups", KeyJournalFolder + "=/journal"}},
		{KeyJournalFolder, []string{KeyBackupDir + "=/journal", KeyJournalFolder + "=file:///journal/own"}},
		{KeyDataDir, []string{KeyBackupDir + "=/data", KeyDataDir + "=/data"}},
		{KeyCacheDir, []string{KeyBackupDir + "=/cache/backups", KeyCacheDir + "=/cache"}},
		{KeyRamdiskPath, []string{KeyBackupDir + "=/mnt/ramdisk/b", KeyRamdiskPath + "=/mnt/ramdisk"}},
		{KeyUnderFSAddress, []string{KeyBackupDir + "=/store/backups", KeyUnderFSAddress + "=/store"}},
		{keyMetastore, []string{KeyBackupDir + "=/meta/b", keyMetastore + "=/meta"}},
		{KeyContainerImage, []string{KeyBackupDir + "=/backups", KeyContainerImage + "=alluxio/alluxio:2.9.6"}},
		{"at least 1", []string{KeyBackupDir + "=/backups", KeyBackupKeep + "=0"}},
	} {
		text := ""
		for _, problem := range problemsOf(t, conf(t, override(enough, strings.Join(c.site, "\n")))) {
			if strings.Contains(problem, mesosPrefix+"backup.") {
				text += problem
			}
		}
		if !strings.Contains(text, c.says) {
			t.Errorf("%v: %v", c.site, text)
		}
	}
}
