package ramdisk

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// folderID tells a folder from all others, as far as a file system can: it gives the number of a
// removed one to the next.
type folderID struct {
	Device uint64 `json:"device"`
	Inode  uint64 `json:"inode"`
	// Birth is when it was made, in nanoseconds, or 0 where the file system does not say.
	Birth int64 `json:"birth,omitempty"`
}

// identify is the ID of an open folder, or of the folder path.
func identify(dir int, path string) (folderID, error) {
	flags := unix.AT_SYMLINK_NOFOLLOW
	if path == "" {
		flags |= unix.AT_EMPTY_PATH
	}
	var st unix.Stat_t
	if err := unix.Fstatat(dir, path, &st, flags); err != nil {
		return folderID{}, err
	}
	id := folderID{Device: st.Dev, Inode: st.Ino}
	var more unix.Statx_t
	if unix.Statx(dir, path, flags, unix.STATX_BTIME, &more) == nil && more.Mask&unix.STATX_BTIME != 0 {
		id.Birth = more.Btime.Sec*1e9 + int64(more.Btime.Nsec)
	}
	return id, nil
}

// is compares two IDs. The first release did not know Birth.
func (id folderID) is(other folderID) bool {
	return id.Device == other.Device && id.Inode == other.Inode &&
		(id.Birth == other.Birth || id.Birth == 0 || other.Birth == 0)
}

// markFile in a folder that was made here says whose it is. Alluxio keeps its blocks in a folder of
// its own beside it.
const markFile = ".alluxio-mesos-ramdisk"

// writeMark marks a folder that was made just now.
func writeMark(dir, mark string) error {
	f, err := os.OpenFile(filepath.Join(dir, markFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(mark)
	return errors.Join(err, f.Close())
}

// isMarked tells whether an open folder has the mark, or was about to get it: then there is nothing
// else in it.
func isMarked(dir *os.File, mark string) bool {
	found, ok := readIn(dir, markFile)
	if ok && string(found) == mark {
		return true
	}
	names, err := dir.Readdirnames(2)
	_, seekErr := dir.Seek(0, io.SeekStart)
	return ok && len(found) == 0 && err == nil && seekErr == nil && len(names) == 1
}

// readIn reads a small file of an open folder, if there is one.
func readIn(dir *os.File, name string) (data []byte, ok bool) {
	fd, err := unix.Openat(int(dir.Fd()), name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, false
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	data, err = io.ReadAll(io.LimitReader(f, 4096))
	return data, err == nil
}

// openFolder opens a folder itself, not what a link in its place leads to.
func openFolder(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

// made tells whether the open folder Path, without a mount over it, is the one that was made for
// the record: by its ID, and by its mark. The first release left no marks: then it is where only
// this user can make folders, or says itself which task uses it.
func (rec record) made(dir *os.File, recordFile string) bool {
	id, err := identify(int(dir.Fd()), "")
	if err != nil || rec.Inode == 0 || !slices.Contains(rec.Made, rec.Path) || !id.is(rec.id(rec.Path)) {
		return false
	}
	if rec.Mark != "" {
		return isMarked(dir, rec.Mark)
	}
	if rec.Path+recordSuffix == recordFile {
		return true
	}
	var use record
	data, _ := readIn(dir, useFile)
	return json.Unmarshal(data, &use) == nil && use.Cluster == rec.Cluster && use.Task == rec.Task
}

// id identifies a folder that was made, as far as it is known.
func (rec record) id(path string) folderID {
	if i := slices.Index(rec.Made, path); i >= 0 && i < len(rec.Folders) {
		return rec.Folders[i]
	}
	if path == rec.Path {
		return folderID{Device: rec.Device, Inode: rec.Inode}
	}
	return folderID{}
}

// asMade is the record with paths as the kernel shows them: the first release wrote them down as
// the operator did. Links below which a folder was made are followed, one in its own place is not.
func (rec record) asMade() record {
	if rec.Mark != "" {
		return rec
	}
	real := func(path string) string {
		return filepath.Join(hostfs.Resolve(filepath.Dir(path)), filepath.Base(path))
	}
	rec.Path = real(rec.Path)
	rec.Made = slices.Clone(rec.Made)
	for i, dir := range rec.Made {
		rec.Made[i] = real(dir)
	}
	return rec
}
