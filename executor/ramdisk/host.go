package ramdisk

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

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
