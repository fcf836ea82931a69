package executor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// backups is the list of the backups of a cluster that are usable, in a file beside them. What is not in
// it is never deleted: other clusters, people and Alluxio itself may write into the same folder.
type backups struct {
	dir, file string
	list      []backupRow // the oldest first
}

// backupRow is a backup in the list.
type backupRow struct {
	Name           string       `json:"name"`
	Bytes          config.Bytes `json:"bytes"`
	AlluxioVersion string       `json:"alluxioVersion"`
	At             time.Time    `json:"at"`
}

// mostListed bounds the file of the list, in bytes.
const mostListed = 1 << 20

// readBackups reads the list of a cluster. A list that cannot be read is an error: no backup would be
// deleted any more.
func readBackups(dir, cluster string) (*backups, error) {
	b := &backups{dir: dir, file: filepath.Join(dir, "alluxio-mesos-"+cluster+".json")}
	info, err := os.Lstat(b.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return b, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > mostListed:
		return nil, fmt.Errorf("%s is no list of backups: move it away", b.file)
	}
	data, err := os.ReadFile(b.file)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &b.list); err != nil {
		return nil, fmt.Errorf("%s is no list of backups: move it away: %w", b.file, err)
	}
	return b, nil
}

// add records a backup that is usable. A process that dies before leaves a file that is never deleted.
func (b *backups) add(made *launch.BackupResult, at time.Time) error {
	b.list = append(b.list, backupRow{Name: filepath.Base(made.File), Bytes: made.Bytes,
		AlluxioVersion: made.AlluxioVersion, At: at.UTC()})
	return b.write()
}

// prune deletes all but the newest keep backups of the list, and returns how many. Files that are gone,
// or are not as they were recorded, only leave the list.
func (b *backups) prune(keep int) (deleted int, err error) {
	rest := slices.DeleteFunc(slices.Clone(b.list), func(r backupRow) bool { return !b.intact(r) })
	old := rest[:max(0, len(rest)-keep)]
	for i, row := range old {
		if err = os.Remove(filepath.Join(b.dir, row.Name)); err != nil {
			old = old[:i]
			break
		}
		deleted++
	}
	b.list = rest[len(old):]
	return deleted, errors.Join(err, b.write())
}

// intact is true for a backup that is there as it was recorded.
func (b *backups) intact(row backupRow) bool {
	if !alluxio.IsBackupName(row.Name) {
		return false
	}
	info, err := os.Lstat(filepath.Join(b.dir, row.Name))
	return err == nil && info.Mode().IsRegular() && config.Bytes(info.Size()) == row.Bytes
}

// write replaces the list as a whole, durably.
func (b *backups) write() error {
	data, err := json.MarshalIndent(b.list, "", " ")
	if err != nil {
		return err
	}
	if err := hostfs.Replace(b.file, data, 0o600); err != nil {
		return fmt.Errorf("record a backup: %w", err)
	}
	return nil
}
