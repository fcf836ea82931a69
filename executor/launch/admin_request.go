package launch

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// AdminOperation is an administration command of Alluxio that the executor of a master runs: Java,
// the install and the rights are there.
type AdminOperation string

// The operations. Each is idempotent: a second run finds what the first has done.
const (
	// AdminFind counts the files with blocks on Worker that the under store lacks, and changes nothing.
	AdminFind AdminOperation = "find"
	// AdminPersist is AdminFind, and waits until the job service has persisted what it found: one pass.
	// For what the job service does not do by itself it runs `fs persist`. It works before
	// AdminDecommission, and also after it, for what clients wrote until they learned of it: while the
	// job workers still have Worker in their list (docs/facts.md). Else that has no location until
	// Worker starts again with the blocks that it has.
	AdminPersist AdminOperation = "persist"
	// AdminDecommission is `fsadmin decommissionWorker` of Alluxio 2.9 and later, never with -d:
	// clients send no new I/O to Worker, which goes on with what it has begun. No command undoes it:
	// Worker serves again after a restart.
	AdminDecommission AdminOperation = "decommission"
	// AdminBackup is `fsadmin backup --local` of Alluxio 1.8.1 and later: a copy of the metadata in Dir on
	// the leading master's host. The file is read again and synced; earlier ones beyond Keep, which an
	// AdminBackup of the same cluster has made, are deleted. A second request makes another file. The
	// master changes nothing for clients while it writes.
	AdminBackup AdminOperation = "backup"
)

// AdminRequest is the message that asks the executor of an Alluxio master to run an administration
// command. It travels in a MESSAGE of Mesos, which may be lost, so the scheduler sends it again,
// unchanged, until an AdminAnswer with its ID is final. An executor runs one request at a time.
//
// Executors that know it say so in Report.Admin. Executors of earlier versions take it for a
// MasterUpdate without masters, log that, and do nothing.
type AdminRequest struct {
	Version int `json:"version"`
	// Kind is adminRequest: a MasterUpdate has none.
	Kind string `json:"kind"`
	// ID names the request: 1 to 64 letters, digits, dots, dashes and underscores. It is never used
	// for another request, also not after a restart of the framework.
	ID        string         `json:"id"`
	Operation AdminOperation `json:"operation"`
	// Worker is the Alluxio worker that the operation is about, as the leading master lists it. Host
	// and Web are needed. AdminBackup has none.
	Worker Address `json:"worker"`
	// Within bounds the whole operation, from the arrival of the first message with this ID: 1 s to
	// 24 h. After it, everything that the operation runs is killed, and the answer is AdminFailed.
	Within time.Duration `json:"within"`
	// PersistAll is for AdminPersist: NOT_PERSISTED files, which clients wrote with MUST_CACHE, are
	// persisted as well. Without it they are only counted.
	PersistAll bool `json:"persistAll,omitempty"`
	// StuckAfter is for AdminPersist: for how long the job service may persist none of the files before
	// `fs persist` is run for those that wait, up to 1 h; 0 is 1 min. Sooner it would make the job
	// service begin copies again that are under way.
	StuckAfter time.Duration `json:"stuckAfter,omitempty"`
	// ClientRefresh is for AdminDecommission: how long to wait for clients to learn of it, 0 to 1 h, before
	// IdleFor begins. It is the longest alluxio.user.worker.list.refresh.interval of the clients.
	ClientRefresh time.Duration `json:"clientRefresh,omitempty"`
	// IdleFor is for AdminDecommission: for how long Worker has to have no operation to count as idle, up
	// to 1 h; 0 is the 20 s of Alluxio's own command.
	IdleFor time.Duration `json:"idleFor,omitempty"`
	// Dir is for AdminBackup: an absolute path on the master's host, in its shortest form. Keep is how
	// many backups stay there, at least 1.
	Dir  string `json:"dir,omitempty"`
	Keep int    `json:"keep,omitempty"`
}

// adminRequestKind is the Kind of an AdminRequest.
const adminRequestKind = "adminRequest"

// The bounds of the fields of an AdminRequest.
const (
	maxAdminID          = 64 // bytes
	maxAdminOperation   = 64 // bytes
	maxHost             = 255
	maxAdminDir         = 1024 // bytes
	minAdminWithin      = time.Second
	maxAdminWithin      = 24 * time.Hour
	maxAdminWait        = time.Hour
	adminIDCharacters   = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
	adminHostCharacters = adminIDCharacters + ":[]%"
)

// Encode writes r as JSON.
func (r AdminRequest) Encode() []byte {
	r.Version, r.Kind = SchemaVersion, adminRequestKind
	data, err := json.Marshal(r)
	if err != nil {
		return nil // unreachable: AdminRequest holds only strings and numbers
	}
	return data
}

// check refuses what no scheduler writes. An operation that is unknown is none of that: it is
// answered with AdminRejected.
func (r *AdminRequest) check() error {
	switch {
	case r.Version < 1 || r.Version > SchemaVersion:
		return fmt.Errorf("version %d is unknown to this executor (it knows up to %d)", r.Version, SchemaVersion)
	case !made(r.ID, adminIDCharacters, maxAdminID):
		return fmt.Errorf("%.80q is no ID", r.ID)
	case !made(string(r.Operation), adminIDCharacters, maxAdminOperation):
		return fmt.Errorf("%.80q is no operation", r.Operation)
	case r.Operation == AdminBackup:
		if err := r.checkBackup(); err != nil {
			return err
		}
	case !made(r.Worker.Host, adminHostCharacters, maxHost) || strings.HasPrefix(r.Worker.Host, "-"):
		return fmt.Errorf("%.80q is no host of a worker", r.Worker.Host)
	case r.Worker.Web == 0:
		return fmt.Errorf("the worker on %s has no web port", r.Worker.Host)
	}
	if r.Within < minAdminWithin || r.Within > maxAdminWithin {
		return fmt.Errorf("the deadline %v is not between %v and %v", r.Within, minAdminWithin, maxAdminWithin)
	}
	for _, wait := range []time.Duration{r.StuckAfter, r.ClientRefresh, r.IdleFor} {
		if wait < 0 || wait > maxAdminWait {
			return fmt.Errorf("the wait %v is not between 0 and %v", wait, maxAdminWait)
		}
	}
	return nil
}

// checkBackup refuses a folder that no settings name.
func (r *AdminRequest) checkBackup() error {
	if !path.IsAbs(r.Dir) || path.Clean(r.Dir) != r.Dir || r.Dir == "/" || len(r.Dir) > maxAdminDir {
		return fmt.Errorf("%.80q is no folder for backups", r.Dir)
	}
	if r.Keep < 1 {
		return fmt.Errorf("%d backups are to be kept, at least 1 has to be", r.Keep)
	}
	return nil
}

// made is true when s has 1 to most bytes, all of them of characters.
func made(s, characters string, most int) bool {
	return s != "" && len(s) <= most && !slices.ContainsFunc([]byte(s), func(b byte) bool {
		return strings.IndexByte(characters, b) < 0
	})
}

// Message is what the scheduler sends to an executor in a MESSAGE of Mesos. One field is set.
type Message struct {
	MasterUpdate *MasterUpdate
	AdminRequest *AdminRequest
}

// DecodeMessage reads a Message. It fails for data of an unknown kind or version, that is incomplete,
// or over MaxSize.
func DecodeMessage(data []byte) (Message, error) {
	if len(data) > MaxSize {
		return Message{}, fmt.Errorf("decode a message: %d bytes, at most %d are allowed", len(data), MaxSize)
	}
	var r AdminRequest
	var head struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Message{}, fmt.Errorf("decode a message: %w", err)
	}
	switch head.Kind {
	case "":
		u, err := DecodeMasterUpdate(data)
		if err != nil {
			return Message{}, err
		}
		return Message{MasterUpdate: &u}, nil
	case adminRequestKind:
		err := json.Unmarshal(data, &r)
		if err == nil {
			err = r.check()
		}
		if err != nil {
			return Message{}, fmt.Errorf("decode AdminRequest: %w", err)
		}
		return Message{AdminRequest: &r}, nil
	}
	return Message{}, fmt.Errorf("decode a message: the kind %.80q is unknown to this executor", head.Kind)
}
