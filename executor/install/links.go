package install

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// symlink makes a symbolic link that stays inside as far as its text shows; checkLinks looks where it really leads.
func (x *extractor) symlink(name, target string) error {
	if path.IsAbs(target) || !filepath.IsLocal(path.Join(path.Dir(name), target)) {
		return fmt.Errorf("is a symbolic link to %q, which %w", target, errEscape)
	}
	err := x.root.Symlink(target, name)
	if errors.Is(err, fs.ErrExist) {
		if err := x.replace(name); err != nil {
			return err
		}
		err = x.root.Symlink(target, name)
	}
	x.links[name] = true
	return err
}

// hardLink makes a second name for a regular file of this tarball.
func (x *extractor) hardLink(name, target string) error {
	from, err := safeName(target)
	if err != nil {
		return fmt.Errorf("is a hard link to %q, which %w", target, errEscape)
	}
	if st, err := x.root.Lstat(from); err != nil || !st.Mode().IsRegular() {
		return fmt.Errorf("is a hard link to %q, which is no file of this tarball", target)
	}
	err = x.root.Link(from, name)
	if errors.Is(err, fs.ErrExist) && from != name {
		if err := x.replace(name); err != nil {
			return err
		}
		err = x.root.Link(from, name)
	}
	return err
}

// checkLinks follows every symbolic link: together, links that are harmless alone can lead outside.
func (x *extractor) checkLinks() error {
	for name := range x.links {
		_, err := x.root.Stat(name)
		// One that leads nowhere, or in a circle, leads nowhere outside.
		if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
			continue
		}
		return entryError(name, fmt.Errorf("is a symbolic link that %w", errEscape))
	}
	return nil
}
