package ramdisk

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

func (d *Disk) describeMounted(size config.Bytes) {
	d.Tier = TierMemory
	d.Description = fmt.Sprintf("tmpfs of %s mounted at %s", hostfs.Human(int64(size)), d.Path)
}

// inspect finds out what the folder is on and whether it holds size: what is free and not for the
// other folders of the task, and Alluxio's blocks of a former run, which it takes over. What others
// keep in the folder is no room. Memory has to be there; the room of a disk, which others fill and
// empty, may come later.
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
	d.blocks, d.wanted = filepath.Join(d.Path, r.blocksFolder()), int64(size)
	if id, err := identify(unix.AT_FDCWD, d.Path); err == nil {
		d.device = id.Device
	}
	room := d.room(int64(st.Bavail)*st.Frsize, r)
	unbounded := memoryType(st) && st.Blocks == 0 // ramfs, or a tmpfs with size=0
	if !unbounded && room < int64(size) && r.Disk {
		d.Warning = fmt.Sprintf("%s of a tier has room for %s, and its quota is %s: Alluxio cannot write there once the "+
			"disk is full; free room on it, or lower the quota", d.Path, hostfs.Human(max(0, room)), hostfs.Human(int64(size)))
	} else if !unbounded && room < int64(size) {
		return fmt.Errorf("%s %s has room for %s, but the worker's ramdisk needs %s: enlarge it, or set a smaller ramdisk "+
			"size", what, d.Path, hostfs.Human(max(0, room)), hostfs.Human(int64(size)))
	}
	d.Description = fmt.Sprintf("%s %s %s", what, d.Path, where)
	return nil
}

// room is what the folder has for blocks on a file system with free bytes. Blocks are only counted
// where that matters: a disk may have many.
func (d *Disk) room(free int64, r Request) int64 {
	beside := func() (wanted int64) {
		for _, other := range r.Beside {
			if d.device != 0 && other.device == d.device {
				wanted += other.wanted
			}
		}
		return wanted
	}
	if room := free - beside(); room >= int64(r.Size) {
		return room
	}
	used := d.count()
	for _, other := range r.Beside {
		other.count()
	}
	return free + used - beside()
}

// count counts the blocks in the folder, once.
func (d *Disk) count() (used int64) {
	if d.counted || d.blocks == "" {
		return 0
	}
	used = usedBelow(d.blocks)
	d.wanted, d.counted = max(0, d.wanted-used), true
	return used
}

// defaultBlocks is where below a tier's folder Alluxio keeps its blocks (Alluxio:
// alluxio.worker.data.folder; the same in 1.4 to 2.9).
const defaultBlocks = "alluxioworker"

func (r Request) blocksFolder() string { return cmp.Or(r.Blocks, defaultBlocks) }

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

// blockTier is TierSSD when the kernel says that the device below path does not rotate, else
// TierHDD.
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
