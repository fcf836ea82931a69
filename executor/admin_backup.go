package executor

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/alluxio"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// backupMetadata has the leading master write a backup, checks the file, and deletes earlier ones.
func (a *administration) backupMetadata(ctx context.Context) error {
	dir := a.request.Dir
	if err := makeFolder(dir); err != nil {
		return fmt.Errorf("no backup was made: %w", err)
	}
	made, err := readBackups(dir, a.spec.Cluster)
	if err != nil {
		return fmt.Errorf("no backup was made: %w", err)
	}
	a.say("Alluxio writes a backup into %s", dir)
	began := time.Now()
	exit, output, err := a.command(ctx, a.admin.Load().BackupCommand(dir), nil)
	switch {
	case err != nil:
		return fmt.Errorf("no backup was made in %s: %w", dir, err)
	case exit.Code != 0 || exit.Signal != "":
		return fmt.Errorf("no backup was made in %s: Alluxio's command ended with %v:\n%s", dir, exit, a.lastLines())
	}
	backup := launch.BackupResult{File: alluxio.BackupFile(output), Host: a.spec.Host, Took: time.Since(began),
		AlluxioVersion: a.found.Layout.Version}
	if filepath.Dir(backup.File) != dir {
		return fmt.Errorf("no backup was made in %s, says Alluxio's command:\n%s", dir, a.lastLines())
	}
	a.say("checks %s", backup.File)
	if backup.Bytes, err = checkBackup(ctx, backup.File); err != nil {
		return a.badBackup(&backup, output, err)
	}
	if err := made.add(&backup, time.Now()); err != nil {
		return err
	}
	if backup.Deleted, err = made.prune(a.request.Keep); err != nil {
		a.log.Warn().Err(err).Msg("an earlier backup was not deleted")
	}
	a.backup = &backup
	return nil
}

// badBackup says what is wrong with the file that Alluxio has named.
func (a *administration) badBackup(backup *launch.BackupResult, output string, err error) error {
	if host := alluxio.BackupHost(output); errors.Is(err, os.ErrNotExist) && host != "" {
		return fmt.Errorf("the backup %s is not on %s: Alluxio has written it on %s; set "+
			"alluxio.master.backup.delegation.enabled=false", backup.File, a.spec.Host, host)
	}
	return fmt.Errorf("the backup %s is not usable: %w", backup.File, err)
}

// checkBackup reads a backup to its end, and syncs it with its folder. It returns the size of the file.
func checkBackup(ctx context.Context, path string) (config.Bytes, error) {
	if info, err := os.Lstat(path); err != nil {
		return 0, err
	} else if !info.Mode().IsRegular() || info.Size() == 0 {
		return 0, fmt.Errorf("it is empty, or no file (%v, %d bytes)", info.Mode().Type(), info.Size())
	}
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return 0, err
	}
	entries, err := io.Copy(io.Discard, contextReader{ctx, unzipped})
	if err == nil && entries == 0 {
		err = errors.New("it has no entry")
	}
	if err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err == nil {
		err = errors.Join(file.Sync(), hostfs.SyncFolder(filepath.Dir(path)))
	}
	if err != nil {
		return 0, err
	}
	return config.Bytes(info.Size()), nil
}

// contextReader reads until its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
