package install

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// extractor writes the entries of one tarball below root, and nothing anywhere else. Two guards:
// every name and link is judged as text before it is used, and every system call goes through
// os.Root, which does not leave the folder even when a link on the way does.
type extractor struct {
	root *os.Root
	limits
	// total is the sum of the sizes of the files so far.
	total int64

	// dirs are the folders made so far, links the symbolic links: no entry may lead through one.
	dirs  map[string]bool
	links map[string]bool
	buf   []byte

	// parent is the folder that was written to last, kept open because the next entry is mostly in it too.
	parent     *os.Root
	parentName string
}

// extract unpacks the tar stream in.
func extract(ctx context.Context, in io.Reader, root *os.Root, lim limits) error {
	x := &extractor{root: root, limits: lim, dirs: map[string]bool{".": true}, links: map[string]bool{},
		buf: make([]byte, 256<<10)}
	defer x.leave()
	end := &endWatch{in: in}
	tr := tar.NewReader(end)
	for count := 0; ; count++ {
		end.zeros = 0
		h, err := tr.Next()
		if err == io.EOF {
			if count == 0 {
				return errors.New("the tarball holds nothing")
			}
			if end.truncated() {
				return damaged(io.ErrUnexpectedEOF)
			}
			return x.checkLinks()
		}
		if err != nil {
			return damaged(err)
		}
		if count >= x.entries {
			return fmt.Errorf("the tarball has more than %d entries", x.entries)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := x.entry(ctx, h, tr); err != nil {
			return err
		}
	}
}

// entry writes one entry.
func (x *extractor) entry(ctx context.Context, h *tar.Header, body io.Reader) error {
	if h.Typeflag == tar.TypeXGlobalHeader {
		return nil // a comment, as git archive writes
	}
	name, err := safeName(h.Name)
	if err != nil {
		return err
	}
	if name == "." {
		return nil
	}
	if err := x.makeDir(path.Dir(name)); err != nil {
		return entryError(h.Name, err)
	}
	switch h.Typeflag {
	case tar.TypeDir:
		err = x.makeDir(name)
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
		err = x.file(ctx, name, h, body)
	case tar.TypeSymlink:
		err = x.symlink(name, h.Linkname)
	case tar.TypeLink:
		err = x.hardLink(name, h.Linkname)
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		err = errors.New("is a device or a pipe, which no Alluxio or JDK has; it is refused")
	default:
		err = fmt.Errorf("is of the unknown kind %q", h.Typeflag)
	}
	return entryError(h.Name, err)
}

// entryError names the entry; errors of its content keep their sentence.
func entryError(name string, err error) error {
	if err == nil {
		return nil
	}
	if isFull(err) {
		return fmt.Errorf("the disk is full (while unpacking %q): %w", name, cause(err))
	}
	return fmt.Errorf("entry %q of the tarball: %w", name, cause(err))
}

var errEscape = errors.New("leads outside of the folder it is unpacked into; the tarball is refused")

// safeName returns the cleaned relative path of an entry, or refuses it.
func safeName(name string) (string, error) {
	switch {
	case len(name) > 4096:
		return "", fmt.Errorf("entry %q… of the tarball: its name is longer than 4096 bytes", name[:40])
	case strings.ContainsRune(name, 0), path.IsAbs(name), slices.Contains(strings.Split(name, "/"), ".."):
		return "", entryError(name, errEscape)
	}
	return path.Clean(name), nil
}

// makeDir makes the folder name and those above it.
func (x *extractor) makeDir(name string) error {
	if x.dirs[name] {
		return nil
	}
	if x.links[name] {
		return fmt.Errorf("lies behind the symbolic link %q; the tarball is refused", name)
	}
	if err := x.makeDir(path.Dir(name)); err != nil {
		return err
	}
	if err := x.root.Mkdir(name, 0o755); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%q is both a file and a folder", name)
		}
		return err
	}
	x.dirs[name] = true
	return nil
}

// enter opens the folder of name.
func (x *extractor) enter(name string) error {
	dir := path.Dir(name)
	if x.parent != nil && x.parentName == dir {
		return nil
	}
	parent, err := x.root.OpenRoot(dir)
	if err != nil {
		return err
	}
	x.leave()
	x.parent, x.parentName = parent, dir
	return nil
}

func (x *extractor) leave() {
	if x.parent != nil {
		x.parent.Close()
		x.parent = nil
	}
}

// file writes a regular file. Of its mode, only what its owner may do and what others may read is kept.
func (x *extractor) file(ctx context.Context, name string, h *tar.Header, body io.Reader) error {
	if h.Mode&0o6000 != 0 {
		return errors.New("is a setuid or setgid program, which no Alluxio or JDK has; it is refused")
	}
	if h.Size > x.bytes-x.total { // the sum may be more than an int64 holds: a sparse file claims any size
		return fmt.Errorf("makes the tarball larger than %s unpacked", hostfs.Human(x.bytes))
	}
	x.total += h.Size
	if err := x.enter(name); err != nil {
		return err
	}
	base := path.Base(name)
	open := func() (*os.File, error) {
		return x.parent.OpenFile(base, os.O_WRONLY|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, fs.FileMode(h.Mode&0o755|0o600))
	}
	f, err := open()
	if errors.Is(err, fs.ErrExist) {
		if err := x.replace(name); err != nil {
			return err
		}
		f, err = open()
	}
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(fileWriter{ctx, f}, body, x.buf)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	var pe *fs.PathError
	if err != nil && !errors.As(err, &pe) {
		return damaged(err)
	}
	return err
}

// fileWriter writes until its context ends: the holes of a sparse file come from no source that
// would end with it. It has only the writer's methods of its file, whose ReadFrom would take small
// buffers.
type fileWriter struct {
	ctx  context.Context // that of one copy
	file *os.File
}

func (w fileWriter) Write(p []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, context.Cause(w.ctx)
	}
	return w.file.Write(p)
}

// replace removes what an earlier entry of the same name made: as in tar, the last one counts.
func (x *extractor) replace(name string) error {
	if x.dirs[name] {
		return fmt.Errorf("%q is both a file and a folder", name)
	}
	delete(x.links, name)
	return x.root.Remove(name)
}
