package ramdisk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// keptFile in a folder on disk says which cluster has its blocks there. It stays with them.
const keptFile = ".alluxio-mesos-tier"

// keptMark is the content of keptFile.
type keptMark struct {
	// Framework is the name of the framework in Mesos, "" where it is not known.
	Framework string `json:"framework,omitempty"`
	// Cluster and Task are those that marked the folder.
	Cluster string `json:"cluster"`
	Task    string `json:"task"`
}

// kept uses or makes a folder on disk. Release leaves it with its blocks, which the next worker of
// the cluster on this host serves. Only the folder itself is made: where the one above it is
// missing, a disk may not be mounted.
func (h host) kept(ctx context.Context, r Request) (*Disk, error) {
	for _, base := range h.bases() {
		if hostfs.Inside(r.Path, base) {
			return nil, fmt.Errorf("%s is inside of %s, where ramdisks are made and removed: name another folder", r.Path, base)
		}
	}
	_, end, err := h.alone(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	h.sweepPath(ctx, r.Path) // earlier versions removed what they had made
	what, err := makeKept(r.Path)
	if err != nil {
		return nil, err
	}
	d := &Disk{Path: r.Path, host: h}
	if d.use, err = takeUse(ctx, r); err != nil {
		return nil, err
	}
	if err = markKept(r); err == nil {
		err = d.inspect(r, what)
	}
	if err != nil {
		d.use.Remove()
		return nil, err
	}
	d.Description += ", kept with its blocks"
	return d, nil
}

// makeKept makes a folder, unless it is there, in one that exists. It returns what to call it.
func makeKept(path string) (what string, err error) {
	st, err := os.Stat(path)
	switch {
	case err == nil && !st.IsDir():
		return "", fmt.Errorf("%s is not a folder", path)
	case err == nil:
		return "existing folder", nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	above := filepath.Dir(path)
	if st, err := os.Stat(above); errors.Is(err, fs.ErrNotExist) || err == nil && !st.IsDir() {
		return "", fmt.Errorf("the folder %s cannot be made: there is no folder %s, as when a disk is not mounted; mount "+
			"it, or make %s for %s", path, above, path, whoami())
	}
	if err := hostfs.CheckParents(path); err != nil {
		return "", err
	}
	if err := makeOpen(path); err != nil {
		return "", fmt.Errorf("the folder %s cannot be made by %s: mkdir: %w; make it and chown it to that user", path,
			whoami(), withoutPath(err))
	}
	return "new folder", nil
}

// markKept marks the folder as that of r's cluster. A folder with the mark of another framework is
// refused, and so are blocks without a mark that another user has made: a worker drops the blocks
// that its masters do not know.
func markKept(r Request) error {
	dir, err := openFolder(r.Path)
	if err != nil {
		return err
	}
	defer dir.Close()
	var mark keptMark
	data, readable := readIn(dir, keptFile)
	_, err = os.Lstat(filepath.Join(r.Path, keptFile))
	switch there := !errors.Is(err, fs.ErrNotExist); {
	case there && (!readable || json.Unmarshal(data, &mark) != nil || mark.Cluster == ""):
		return fmt.Errorf("%s cannot be read: remove it if the blocks in the folder are of no use, or name another folder",
			filepath.Join(r.Path, keptFile))
	case there && mark.Cluster == r.Cluster && (mark.Framework == r.Framework || r.Framework == ""):
		return nil
	case there && mark.Cluster != r.Cluster && (mark.Framework == "" || mark.Framework != r.Framework):
		return fmt.Errorf("%s has blocks of the framework %q (cluster %s), not of %q (cluster %s): give each framework its "+
			"own folder; if that one is no more, remove %s", r.Path, mark.Framework, mark.Cluster, r.Framework, r.Cluster,
			filepath.Join(r.Path, keptFile))
	case !there:
		if err := checkUnmarked(r); err != nil {
			return err
		}
	}
	return writeKept(r)
}

// checkUnmarked refuses blocks of another user.
func checkUnmarked(r Request) error {
	blocks := filepath.Join(r.Path, r.blocksFolder())
	dir, err := openFolder(blocks)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	var st unix.Stat_t
	if err := unix.Fstat(int(dir.Fd()), &st); err != nil {
		return fmt.Errorf("%s: %w", blocks, err)
	}
	if _, err := dir.Readdirnames(1); errors.Is(err, io.EOF) || int(st.Uid) == os.Geteuid() {
		return nil
	}
	return fmt.Errorf("%s has blocks of uid %d, and nothing says that they are of this framework: name another folder, "+
		"or remove them if they are of no use", blocks, st.Uid)
}

// writeKept writes the mark as a whole or not at all.
func writeKept(r Request) error {
	data, err := json.Marshal(keptMark{Framework: r.Framework, Cluster: r.Cluster, Task: r.Task})
	if err != nil {
		return err
	}
	return hostfs.Replace(filepath.Join(r.Path, keptFile), data, 0o644)
}
