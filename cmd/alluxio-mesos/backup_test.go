package main

import (
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func TestABackupIsWaitedForUntilItIsDoneOrHasFailed(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	first, second := &cluster.Backup{At: at, File: "/b/1"}, &cluster.Backup{At: at.Add(time.Hour), File: "/b/2"}
	request := func(since time.Time, failures int) *cluster.BackupRequest {
		return &cluster.BackupRequest{Since: since, Failures: failures, Message: "the disk is full"}
	}
	for name, c := range map[string]struct {
		before, now *cluster.BackupStatus
		file, fails string
	}{
		"the first": {&cluster.BackupStatus{}, &cluster.BackupStatus{Last: first}, "/b/1", ""},
		"another":   {&cluster.BackupStatus{Last: first}, &cluster.BackupStatus{Last: second}, "/b/2", ""},
		"none yet": {&cluster.BackupStatus{Last: first}, &cluster.BackupStatus{Last: first, Request: request(at, 0)},
			"", ""},
		"a failure": {&cluster.BackupStatus{Last: first}, &cluster.BackupStatus{Last: first, Request: request(at, 1)},
			"", "the backup has failed, and is tried again: the disk is full"},
		"a failure of before": {&cluster.BackupStatus{Request: request(at, 1)},
			&cluster.BackupStatus{Request: request(at, 1)}, "", ""},
		"one more failure": {&cluster.BackupStatus{Request: request(at, 1)}, &cluster.BackupStatus{Request: request(at, 2)},
			"", "the backup has failed, and is tried again: the disk is full"},
		"the folder is gone": {&cluster.BackupStatus{Last: first}, nil, "",
			"no backup is made: the settings name no folder for backups any more"},
	} {
		made, err := backupSince(c.before, c.now)
		file, fails := "", ""
		if made != nil {
			file = made.File
		}
		if err != nil {
			fails = err.Error()
		}
		if file != c.file || fails != c.fails {
			t.Errorf("%s: %q, %q", name, file, fails)
		}
	}
}
