package executor

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/install"
)

const (
	// noSpace is the text of ENOSPC in the C library, and so in Java.
	noSpace = "No space left on device"
	// fullBelow is the room, in bytes, below which a disk counts as full.
	fullBelow = 1 << 20
	// statWithin bounds the look at the disks: a network folder may hang.
	statWithin = 2 * time.Second
)

// whyNoSpace names the full disk behind an error, or is "".
func (r *runner) whyNoSpace(err error) string {
	if !errors.Is(err, syscall.ENOSPC) {
		return ""
	}
	return r.fullDisks(true)
}

// fullDisks names the folders of this task whose disks are full. reported is true when a full disk
// was reported: if none is full now, the text says so.
func (r *runner) fullDisks(reported bool) string {
	folders := []string{r.host.sandbox, r.spec.Install.CacheDir, install.DefaultDir(), r.spec.Journal.DataDir,
		r.found.Metastore}
	if strings.HasPrefix(r.found.Journal, "/") {
		folders = append(folders, r.found.Journal)
	}
	if reported { // tiers are full of blocks as a rule
		folders = append(folders, r.found.Storage, r.found.Volume)
		for _, f := range r.spec.Folders {
			if !f.OnVolume() {
				folders = append(folders, f.Path)
			}
		}
	}
	result := make(chan string, 1)
	go func() { result <- full(folders) }()
	found := ""
	select {
	case found = <-result:
	case <-time.After(statWithin):
	}
	if found == "" && reported {
		return "a disk of this agent was full: look for it with df, and free room on it"
	}
	return found
}

// full names those of the folders, or of the folders that they would be made in, whose disks are
// full.
func full(folders []string) string {
	var named []string
	seen := map[unix.Fsid]bool{}
	for _, folder := range folders {
		if folder == "" {
			continue
		}
		var st unix.Statfs_t
		err := unix.Statfs(folder, &st)
		for err != nil && folder != filepath.Dir(folder) {
			folder = filepath.Dir(folder)
			err = unix.Statfs(folder, &st)
		}
		free := int64(st.Bavail) * st.Frsize
		noBlocks, noFiles := st.Blocks > 0 && free < fullBelow, st.Files > 0 && st.Ffree == 0
		if err != nil || seen[st.Fsid] || !noBlocks && !noFiles {
			continue
		}
		seen[st.Fsid] = true
		named = append(named, fmt.Sprintf("the disk with %s is full (%d kB and %d files free)", folder, free>>10,
			st.Ffree))
	}
	if len(named) == 0 {
		return ""
	}
	return strings.Join(named, "; ") + ": free room on this agent"
}

// saysNoSpace tells whether a log says that a disk was full.
func saysNoSpace(lines []string) bool {
	return slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, noSpace) })
}
