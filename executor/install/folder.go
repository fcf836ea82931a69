package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

const (
	// folderName is the folder in cache.dir that holds everything of the cache.
	folderName = "alluxio-mesos-cache"
	// markName is the file in it that says so. It is the first file that the cache makes there.
	markName = ".alluxio-mesos-cache"
	markText = "alluxio-mesos keeps unpacked tarballs in this folder and removes them when it needs the room.\n"
)

// openFolder makes the cache's own folder in parent, or checks the one that is there. Nothing else
// in parent is looked at. Above a new cache nobody else may put another folder in its place, since
// what is in it gets executed. A cache that was used before this was checked is used on, with the
// reason as a warning.
func openFolder(parent string) (dir, warning string, err error) {
	if err := hostfs.CheckParents(parent); err != nil {
		if !usedBefore(parent) {
			return "", "", err
		}
		warning = "the cache of tarballs is not safe: " + err.Error() +
			" (alluxio.integration.mesos.cache.dir); a new cache there is refused"
	}
	dir, err = ownFolders(parent)
	return dir, warning, err
}

// usedBefore is true for a parent with a cache of this version, or of an earlier one.
func usedBefore(parent string) bool {
	st, err := os.Lstat(filepath.Join(parent, folderName, markName))
	return err == nil && st.Mode().IsRegular() || hasEarlierLayout(parent)
}

// ownFolders makes or checks the folders of a cache.
func ownFolders(parent string) (string, error) {
	dir := filepath.Join(parent, folderName)
	for _, d := range []string{parent, dir} {
		if err := hostfs.OwnFolder(d); err != nil {
			return "", err
		}
	}
	if err := claim(dir); err != nil {
		return "", err
	}
	for _, d := range []string{"entries", "sources", "tmp"} {
		if err := hostfs.OwnFolder(filepath.Join(dir, d)); err != nil {
			return "", err
		}
	}
	return dir, privateFolder(filepath.Join(dir, "locks"))
}

// claim marks an empty folder as the cache's, and refuses one that is neither empty nor marked.
func claim(dir string) error {
	present, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	mark := filepath.Join(dir, markName)
	for _, entry := range present {
		if entry.Name() == "lost+found" { // of a fresh file system
			continue
		}
		// Read after the listing: whatever another process has made there, it made the mark before.
		if st, err := os.Lstat(mark); err == nil && st.Mode().IsRegular() {
			return nil
		}
		return fmt.Errorf("folder %s is not empty and has no file %s, so its content is not of this cache: move it "+
			"away, or name another folder", dir, markName)
	}
	f, err := os.OpenFile(mark, os.O_WRONLY|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(markText)
	return errors.Join(err, f.Close())
}

// privateFolder makes dir for this user alone: who can open a lock can hold it.
func privateFolder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := hostfs.OwnFolder(dir); err != nil {
		return err
	}
	st, err := os.Lstat(dir)
	if err == nil && st.Mode().Perm()&0o077 != 0 {
		err = os.Chmod(dir, 0o700)
	}
	return err
}

var digestName = regexp.MustCompile(`^[0-9a-f]{64}$`)

// hasEarlierLayout is true for a folder with the four folders of versions before folderName.
func hasEarlierLayout(parent string) bool {
	for _, d := range []string{"entries", "sources", "locks", "tmp"} {
		if st, err := os.Lstat(filepath.Join(parent, d)); err != nil || !st.IsDir() {
			return false
		}
	}
	return true
}

// earlierLayout describes what versions before folderName left in parent, if they did: they kept
// their folders in parent itself. Tasks of those versions may still use them.
func earlierLayout(parent string) []string {
	if !hasEarlierLayout(parent) {
		return nil
	}
	var warnings []string
	entries := filepath.Join(parent, "entries")
	for _, digest := range names(entries) {
		entry := filepath.Join(entries, digest)
		if !digestName.MatchString(digest) || !exists(filepath.Join(entry, "meta.json")) {
			continue
		}
		if len(warnings) == 0 {
			warnings = append(warnings, fmt.Sprintf("unpacked tarballs of an earlier version of alluxio-mesos are in "+
				"%s and are not used any more; when no task of that version runs on this host, remove the folders "+
				"entries, sources, locks and tmp there", entries))
		}
		for _, pattern := range []string{"tree/underFSStorage", "tree/*/underFSStorage"} {
			stores, _ := filepath.Glob(filepath.Join(entry, pattern)) // the pattern is well-formed
			for _, store := range stores {
				warnings = append(warnings, fmt.Sprintf("FILES OF AN UNDER STORE are in %s, inside of an unpacked "+
					"tarball that is not used any more; move them to a folder of their own, and set the under "+
					"store to it", store))
			}
		}
	}
	return warnings
}

// Warnings returns what a person should know about the cache of this host, one sentence each. What
// an earlier version left is named once for each host.
func (c *Cache) Warnings() []string {
	c.mu.Lock()
	warnings := slices.Clone(c.kept)
	c.mu.Unlock()
	if c.unsafe != "" {
		warnings = append(warnings, c.unsafe)
	}
	earlier := earlierLayout(c.parent)
	if len(earlier) == 0 {
		return warnings
	}
	f, err := os.OpenFile(c.path("earlier-layout-named"), os.O_WRONLY|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o644)
	if err != nil {
		return warnings // named before
	}
	f.Close()
	return append(warnings, earlier...)
}
