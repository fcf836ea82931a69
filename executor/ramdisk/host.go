package ramdisk

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/install"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// host is where on this host disks are made, below base folders of one user each.
type host struct {
	// mounts are the base folders to mount a tmpfs below, best first; memory is the one in /dev/shm,
	// disk the one on disk. memory and disk serve as mount points too, when the user may mount but
	// cannot write to the others.
	mounts       []string
	memory, disk string
	// sudoOnly is for tests: it leaves out mount(2), as for a user who may not call it.
	sudoOnly bool
}

func thisHost(sandbox string) host {
	h := host{disk: install.DefaultDir() + "-storage"}
	if onMemory("/dev/shm") {
		h.memory = "/dev/shm/alluxio-mesos-" + strconv.Itoa(os.Geteuid())
	}
	if os.Geteuid() == 0 {
		h.mounts = []string{"/mnt/alluxio-mesos", "/run/alluxio-mesos"}
	}
	if hostfs.Inside(h.disk, sandbox) {
		h.disk = ""
	}
	return h
}

// bases lists every base folder that may hold records.
func (h host) bases() []string {
	var out []string
	for _, p := range append(h.mounts[:len(h.mounts):len(h.mounts)], h.memory, h.disk) {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

// resolved is the host with the base folders as the kernel shows them in its table of mounts:
// /mnt may be a link.
func (h host) resolved() host {
	resolve := func(path string) string {
		if path == "" {
			return ""
		}
		return hostfs.Resolve(path)
	}
	h.mounts = slices.Clone(h.mounts)
	for i, p := range h.mounts {
		h.mounts[i] = resolve(p)
	}
	h.memory, h.disk = resolve(h.memory), resolve(h.disk)
	return h
}

// ownFolderFor makes sure that dir, a base folder or one below it, is there and that nobody else
// can write to it or put another one in its place. Others may look into a base folder that it
// makes, whatever the umask: clients read blocks there.
func (h host) ownFolderFor(dir string) error {
	if err := hostfs.CheckParents(dir); err != nil {
		return err
	}
	made := missing(dir)
	if err := hostfs.OwnFolder(dir); err != nil {
		return err
	}
	for _, d := range made {
		for _, p := range h.bases() {
			if hostfs.Inside(d, p) {
				_ = openUp(d) // somebody who found it empty may have removed it; then nobody looks into it
				break
			}
		}
	}
	return nil
}

// registry is the first base folder that this user can have: it holds the records of folders that
// the operator named.
func (h host) registry() (string, error) {
	var failed []error
	for _, p := range h.bases() {
		err := h.ownFolderFor(p)
		if err == nil {
			return p, nil
		}
		failed = append(failed, err)
	}
	return "", errors.Join(failed...)
}

// tidy removes dir and the base folder above it when they are empty.
func (h host) tidy(dir string) {
	for _, p := range h.bases() {
		if hostfs.Inside(dir, p) {
			for d := dir; hostfs.Inside(d, p); d = filepath.Dir(d) {
				if os.Remove(d) != nil {
					return
				}
			}
		}
	}
}

func onMemory(path string) bool {
	var st unix.Statfs_t
	return unix.Statfs(path, &st) == nil && memoryType(st)
}

func memoryType(st unix.Statfs_t) bool {
	return st.Type == unix.TMPFS_MAGIC || st.Type == unix.RAMFS_MAGIC
}

func (d *Disk) describeMounted(size config.Bytes) {
	d.Tier = TierMemory
	d.Description = fmt.Sprintf("tmpfs of %s mounted at %s", hostfs.Human(int64(size)), d.Path)
}

// inspect finds out what the folder is on and whether it holds size: what is free, and Alluxio's
// blocks of a former run, which it takes over. What others keep in the folder is no room.
func (d *Disk) inspect(r Request, what string) error {
	size := r.Size
	var st unix.Statfs_t
	if err := unix.Statfs(d.Path, &st); err != nil {
		return fmt.Errorf("%s: %w", d.Path, err)
	}
	d.Tier = TierMemory
	where := "in memory"
	if !memoryType(st) {
		d.Tier = blockTier(d.Path)
		where = "on disk (" + d.Tier + "), not in memory"
	}
	if r.Disk && d.Tier == TierMemory {
		return fmt.Errorf("%s %s is in memory, and the tier claims disk from Mesos: name a folder on disk, or set its "+
			"alias to %s", what, d.Path, TierMemory)
	}
	room := int64(st.Bavail)*st.Frsize + usedBelow(filepath.Join(d.Path, cmp.Or(r.Blocks, defaultBlocks)))
	unbounded := memoryType(st) && st.Blocks == 0 // ramfs, or a tmpfs with size=0
	if !unbounded && room < int64(size) {
		return fmt.Errorf("%s %s has room for %s, but the worker's ramdisk needs %s: enlarge it, or set a smaller ramdisk "+
			"size", what, d.Path, hostfs.Human(room), hostfs.Human(int64(size)))
	}
	d.Description = fmt.Sprintf("%s %s %s", what, d.Path, where)
	return nil
}

// defaultBlocks is where below a tier's folder Alluxio keeps its blocks (Alluxio:
// alluxio.worker.data.folder; the same in 1.4 to 2.9).
const defaultBlocks = "alluxioworker"

// usedBelow is the disk space that files in dir take, as far as they are on the same file system.
func usedBelow(dir string) (used int64) {
	var top unix.Stat_t
	if unix.Lstat(dir, &top) != nil {
		return 0
	}
	// What cannot be read is not counted: the room then looks smaller than it is.
	_ = filepath.WalkDir(dir, func(p string, e os.DirEntry, err error) error {
		var st unix.Stat_t
		known := err == nil && unix.Lstat(p, &st) == nil
		switch {
		case known && st.Dev != top.Dev && e.IsDir():
			return filepath.SkipDir
		case known && st.Dev == top.Dev && e.Type().IsRegular():
			used += st.Blocks * 512
		}
		return nil
	})
	return used
}

// blockTier is TierSSD when the kernel says that the device below path does not rotate, else TierHDD.
func blockTier(path string) string {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return TierHDD
	}
	dev := fmt.Sprintf("/sys/dev/block/%d:%d", unix.Major(st.Dev), unix.Minor(st.Dev))
	for _, file := range []string{dev + "/queue/rotational", dev + "/../queue/rotational"} { // of a disk; of a partition
		if data, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(data)) == "0" {
			return TierSSD
		}
	}
	return TierHDD
}
