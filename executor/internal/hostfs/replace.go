package hostfs

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace gives the file at path this content as a whole or not at all, durably. What another user has
// put in place of the file that is written first, such as a link, is not followed.
func Replace(path string, data []byte, perm os.FileMode) error {
	next := path + ".new"
	_ = os.Remove(next) // of a process that was killed
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(perm), f.Sync(), f.Close()); err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next))
	}
	return SyncFolder(filepath.Dir(path))
}

// SyncFolder makes the names in a folder durable.
func SyncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
