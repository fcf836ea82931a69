package launch

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

// AdminState is how far an AdminRequest is.
type AdminState string

// The states.
const (
	// AdminRunning: it runs. The answer has what is known so far.
	AdminRunning AdminState = "running"
	// AdminBusy: it was not begun, and may be sent again: another request runs, or the task does not
	// serve yet.
	AdminBusy AdminState = "busy"
	// AdminRejected: it was not begun, and this executor will never begin it: it does not know the
	// operation, its Alluxio has no such command, or its task ends.
	AdminRejected AdminState = "rejected"
	// AdminDone: it ran to its end.
	AdminDone AdminState = "done"
	// AdminFailed: it was begun and did not come to its end; Message says why. What it has done
	// until then stays done.
	AdminFailed AdminState = "failed"
)

// Final is true for a state that no other follows.
func (s AdminState) Final() bool { return s == AdminRejected || s == AdminDone || s == AdminFailed }

// AdminAnswer is what an executor sends for each AdminRequest that arrives, and once more at the end
// of one. It travels in a MESSAGE of Mesos, which may be lost: the last answers are kept and sent
// again when their requests are.
type AdminAnswer struct {
	Version int `json:"version"`
	// Kind is adminAnswer.
	Kind string `json:"kind"`
	// ID is that of the request.
	ID    string     `json:"id"`
	State AdminState `json:"state"`
	// Message is for people, at most 2 KiB: how far it is, or why it failed, with the last lines of
	// the command's output.
	Message string `json:"message,omitempty"`
	// Files is the result of AdminFind and AdminPersist, Decommission that of AdminDecommission. Both
	// are also in answers of AdminRunning and AdminFailed, with what is known then.
	Files        *FilesResult        `json:"files,omitempty"`
	Decommission *DecommissionResult `json:"decommission,omitempty"`
	// Backup is the result of AdminBackup, in an answer of AdminDone only.
	Backup *BackupResult `json:"backup,omitempty"`
}

// FilesResult is what AdminFind or AdminPersist found, and what AdminPersist did. A file is in it when
// the worker has at least one of its blocks. Files that the under store has are in no count.
type FilesResult struct {
	// Complete is true when all files with blocks on the worker were listed, and the state of each
	// is known. Otherwise the counts are of some of them: nothing can be concluded from a zero.
	Complete bool `json:"complete"`
	// Listed is how many files were listed.
	Listed int `json:"listed"`
	// Live is true when the leading master listed the worker, as it does not list one that is decommissioned.
	Live bool `json:"live,omitempty"`
	// Found are the files that AdminPersist has to persist: those in the state TO_BE_PERSISTED; those
	// in the state LOST whose blocks are all back; with PersistAll those in the state NOT_PERSISTED.
	Found FileCount `json:"found"`
	// Persisted and Failed are what became of those of Found in this pass. Those that were deleted
	// meanwhile are in neither, nor are those beyond 20,000: the next pass finds them.
	Persisted FileCount `json:"persisted"`
	Failed    FileCount `json:"failed"`
	// Unpersisted are the files that the pass leaves alone: those in the state NOT_PERSISTED without
	// PersistAll. Alluxio also gives a file that state when it could not persist it for a day.
	Unpersisted FileCount `json:"unpersisted"`
	// Open are the files that no client has completed yet: it does so a moment after it has committed
	// their blocks, when it closes them. They cannot be persisted.
	Open FileCount `json:"open"`
	// Abandoned are those that no client completed within 10 s either, so none was told that they are
	// written.
	Abandoned FileCount `json:"abandoned"`
	// Lost are the files in the state LOST of which no worker has some block.
	Lost FileCount `json:"lost"`
	// Copied are the files of which other workers have all blocks: nothing is lost with this one. It
	// is known for a worker that the leading master does not list, as one that is decommissioned.
	// They are in no other count.
	Copied FileCount `json:"copied"`
}

// Empty is true when nothing that was written is lost with the worker: the list was complete, and
// every file in it is in the under store, on other workers, or abandoned.
func (r *FilesResult) Empty() bool {
	return r.Complete && r.Found.Files == 0 && r.Failed.Files == 0 && r.Unpersisted.Files == 0 && r.Open.Files == 0 &&
		r.Lost.Files == 0
}

// FileCount counts files.
type FileCount struct {
	Files int `json:"files"`
	// Bytes is the sum of the lengths of their blocks on the worker.
	Bytes config.Bytes `json:"bytes"`
	// Names are paths of up to MaxNames of them, each cut after 256 bytes.
	Names []string `json:"names,omitempty"`
}

// MaxNames is how many names a FileCount has at most.
const MaxNames = 10

// maxName bounds a name in a FileCount, in bytes.
const maxName = 256

// Brief is a with one name in each count, and a message of up to 512 bytes: what a framework keeps of it.
func (a AdminAnswer) Brief() AdminAnswer {
	const maxBriefMessage = 512
	a.Message = cut(a.Message, maxBriefMessage)
	if a.Files == nil {
		return a
	}
	files := *a.Files
	for _, count := range files.counts() {
		if len(count.Names) > 0 {
			count.Names = slices.Clone(count.Names[:1])
		}
	}
	a.Files = &files
	return a
}

// counts are those of r.
func (r *FilesResult) counts() []*FileCount {
	return []*FileCount{&r.Found, &r.Persisted, &r.Failed, &r.Unpersisted, &r.Open, &r.Abandoned, &r.Lost, &r.Copied}
}

// Add counts a file.
func (c *FileCount) Add(name string, size config.Bytes) {
	c.Files++
	c.Bytes += size
	if len(c.Names) < MaxNames {
		c.Names = append(c.Names, cut(name, maxName))
	}
}

// DecommissionResult is what AdminDecommission has reached. AdminDone without Idle says that the worker
// does not answer.
type DecommissionResult struct {
	// Decommissioned is true when the leading master has the worker among those that are
	// decommissioned. Clients that refresh their list of workers do not choose it any more. The
	// master forgets it when the worker or the master starts again.
	Decommissioned bool `json:"decommissioned"`
	// Idle is true when the worker had no operation for IdleFor, after clients had ClientRefresh to
	// learn of it. What a client on the worker's own host reads or writes past it, in the ramdisk, is
	// no operation.
	Idle bool `json:"idle"`
}

// BackupResult is the file that AdminBackup has made. It was read to its end, and is on the disk.
type BackupResult struct {
	// File is its path on Host.
	File string `json:"file"`
	Host string `json:"host"`
	// Bytes is its size, more than 0.
	Bytes config.Bytes `json:"bytes"`
	// Took is how long Alluxio's command ran: most of this time the leading master changes nothing.
	Took time.Duration `json:"took"`
	// AlluxioVersion is that of the master: an earlier version need not read the file.
	AlluxioVersion string `json:"alluxioVersion"`
	// Deleted is how many earlier backups were deleted.
	Deleted int `json:"deleted,omitempty"`
}

const (
	// adminAnswerKind is the Kind of an AdminAnswer.
	adminAnswerKind = "adminAnswer"
	// maxAdminMessage bounds AdminAnswer.Message, in bytes.
	maxAdminMessage = 2 << 10
)

// Encode writes a as JSON, with its Message cut to what it may have.
func (a AdminAnswer) Encode() []byte {
	a.Version, a.Kind, a.Message = SchemaVersion, adminAnswerKind, cut(a.Message, maxAdminMessage)
	data, err := json.Marshal(a)
	if err != nil {
		return nil // unreachable: AdminAnswer holds only strings and numbers
	}
	return data
}

// cut is the beginning of s in at most this many bytes, valid UTF-8.
func cut(s string, most int) string {
	if s = strings.ToValidUTF8(s, "?"); len(s) > most {
		s = strings.ToValidUTF8(s[:most-len("…")], "") + "…"
	}
	return s
}

// DecodeAdminAnswer reads an AdminAnswer. It fails for data of another kind or of an unknown version,
// without an ID, with an unknown state or a negative count, or over MaxSize.
func DecodeAdminAnswer(data []byte) (AdminAnswer, error) {
	var a AdminAnswer
	err := errors.New("too large")
	if len(data) <= MaxSize {
		err = json.Unmarshal(data, &a)
	}
	if err == nil {
		err = a.check()
	}
	if err != nil {
		return AdminAnswer{}, fmt.Errorf("decode AdminAnswer: %w", err)
	}
	return a, nil
}

func (a *AdminAnswer) check() error {
	switch {
	case a.Kind != adminAnswerKind:
		return fmt.Errorf("it is of the kind %.80q", a.Kind)
	case a.Version < 1 || a.Version > SchemaVersion:
		return fmt.Errorf("version %d is unknown to this framework (it knows up to %d)", a.Version, SchemaVersion)
	case !made(a.ID, adminIDCharacters, maxAdminID):
		return fmt.Errorf("%.80q is no ID", a.ID)
	case !a.State.Final() && a.State != AdminRunning && a.State != AdminBusy:
		return fmt.Errorf("the state %.80q is unknown", a.State)
	case a.Files != nil && a.Files.negative():
		return errors.New("a count is negative")
	case a.Backup != nil && (a.Backup.File == "" || a.Backup.Bytes <= 0 || a.Backup.Took < 0 || a.Backup.Deleted < 0):
		return errors.New("its backup has no file, no size or a negative time")
	}
	return nil
}

func (r *FilesResult) negative() bool {
	return r.Listed < 0 || slices.ContainsFunc(r.counts(), func(c *FileCount) bool { return c.Files < 0 || c.Bytes < 0 })
}
