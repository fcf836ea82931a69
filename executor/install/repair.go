package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// repair puts back what the entry of digest has lost, from the same tarball unpacked in tmp, which
// stays whole. What the tree has beyond its tarball stays where it is.
func (c *Cache) repair(tmp, digest string) error {
	lock, err := hostfs.TryPrivateLock(c.path("locks", digest+".lock"), hostfs.Exclusive)
	if errors.Is(err, hostfs.ErrHeld) {
		return c.damagedInUse(digest)
	}
	if err != nil {
		return err
	}
	defer lock.Remove()
	m, err := readManifest(tmp)
	if err != nil {
		return err
	}
	dir := c.path("entries", digest)
	if err := makeDir(filepath.Join(dir, "tree"), 0o755); err != nil {
		return err
	}
	// Folders come first, and so nothing below leads through a link that stands for one of them.
	for _, want := range m {
		if now, err := want.find(filepath.Join(dir, "tree")); err == nil && now == want {
			continue
		}
		if err := put(filepath.Join(tmp, "tree", want.name), filepath.Join(dir, "tree", want.name),
			filepath.Join(tmp, "link")); err != nil {
			return inTheWay(dir, filepath.Join(dir, "tree", want.name), err)
		}
	}
	for _, name := range []string{"meta.json", manifestFile} {
		if err := put(filepath.Join(tmp, name), filepath.Join(dir, name), filepath.Join(tmp, "link")); err != nil {
			return inTheWay(dir, filepath.Join(dir, name), err)
		}
	}
	return nil
}

// put makes to what from is: a folder of the same mode, or by way of aside another name of the same
// file or link.
func put(from, to, aside string) error {
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return makeDir(to, info.Mode()&(fs.ModePerm|fs.ModeSetgid))
	}
	if err := os.Remove(aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Link(from, aside); err != nil {
		return err
	}
	return os.Rename(aside, to)
}

// makeDir makes the folder dir, or sets the mode of the one that is there.
func makeDir(dir string, mode fs.FileMode) error {
	err := os.Mkdir(dir, mode.Perm())
	if errors.Is(err, fs.ErrExist) {
		st, statErr := os.Lstat(dir)
		if statErr != nil || !st.IsDir() {
			return err
		}
	} else if err != nil {
		return err
	}
	return os.Chmod(dir, mode)
}

// inTheWay explains why a repair stopped at path.
func inTheWay(dir, path string, err error) error {
	if errors.Is(err, fs.ErrExist) || errors.Is(err, unix.EISDIR) || errors.Is(err, unix.ENOTDIR) {
		return fmt.Errorf("the unpacked tarball in %s is damaged, and %s is in the way of its repair: move it away",
			dir, path)
	}
	return fmt.Errorf("repair the unpacked tarball in %s: %s: %w", dir, path, cause(err))
}

func (c *Cache) damagedInUse(digest string) error {
	dir := c.path("entries", digest)
	return fmt.Errorf("the unpacked tarball in %s is damaged (%s) and another task uses it: stop that task, or remove "+
		"the folder", dir, readDamage(dir))
}
