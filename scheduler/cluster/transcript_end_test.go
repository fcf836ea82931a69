package cluster

import (
	"strconv"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// answerOf is an answer to a request for a step of a planned end: its state, and how many files of each
// kind there are. Each file has 1MB, and is called /kind.
func answerOf(id, state string, fields map[string]string, message string) launch.AdminAnswer {
	a := launch.AdminAnswer{ID: id, State: launch.AdminState(state), Message: message}
	if text := fields["decommissioned"]; text != "" {
		a.Decommission = &launch.DecommissionResult{Decommissioned: text == "yes", Idle: fields["idle"] != "no"}
		return a
	}
	if a.State != launch.AdminDone && len(fields) == 0 {
		return a
	}
	if file := fields["file"]; file != "" {
		a.Backup = &launch.BackupResult{File: file, Host: "a", Bytes: 7 * config.MB, Took: 2 * time.Second,
			AlluxioVersion: "1.8.1"}
		return a
	}
	files := launch.FilesResult{Complete: fields["complete"] != "no", Live: fields["live"] == "yes"}
	for name, count := range map[string]*launch.FileCount{"found": &files.Found, "persisted": &files.Persisted,
		"failed": &files.Failed, "unpersisted": &files.Unpersisted, "open": &files.Open, "lost": &files.Lost,
		"copied": &files.Copied} {
		n, _ := strconv.Atoi(fields[name])
		for range n {
			count.Add("/"+name, config.MB)
		}
	}
	a.Files = &files
	return a
}

// awaits is true for the ID of a present request of a planned end.
func (tr *transcript) awaits(id string) bool {
	for task, slot := range tr.state.slots.byTask {
		if end := slot.Task.End; end != nil && !end.done() && end.Answer == nil && end.requestID(task) == id {
			return true
		}
	}
	b := &tr.state.journals.backup
	return b.Request != nil && b.Master != "" && b.id() == id
}
