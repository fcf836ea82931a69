package hostfs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// CheckParents makes sure that nobody but root and the calling user can put something else in the
// place of path, which need not exist: each folder above it belongs to one of the two, and others
// may not rename what is in it. The error names the folder and a hint.
func CheckParents(path string) error {
	uid := os.Geteuid()
	for dir := filepath.Dir(Resolve(path)); ; dir = filepath.Dir(dir) {
		var st unix.Stat_t
		err := unix.Lstat(dir, &st)
		switch {
		case errors.Is(err, unix.ENOENT): // it will belong to who makes it
		case err != nil:
			return fmt.Errorf("folder %s: %w", dir, err)
		case st.Uid != 0 && int(st.Uid) != uid:
			return fmt.Errorf("folder %s belongs to uid %d, who could put something else in the place of %s: chown it "+
				"to root or to uid %d, or name another folder", dir, st.Uid, path, uid)
		case othersMayRename(st, uid):
			return fmt.Errorf("folder %s may be written by other users (mode %04o), who could put something else in "+
				"the place of %s: run chmod +t or chmod go-w on it, or name another folder", dir, st.Mode&0o7777, path)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// othersMayRename tells whether users other than root and uid may rename entries of a folder that
// are not theirs. A group with the user's own number is taken for the user's private one.
func othersMayRename(st unix.Stat_t, uid int) bool {
	if st.Mode&unix.S_ISVTX != 0 {
		return false
	}
	private := st.Gid == 0 || int(st.Gid) == uid && os.Getegid() == uid
	return st.Mode&0o002 != 0 || st.Mode&0o020 != 0 && !private
}
