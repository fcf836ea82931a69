package hostfs

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Holder is the process that holds the lock file path, for people, such as "process 4711 (java)",
// or "" when it is not known: nobody holds it, or its holder is in another PID namespace.
func Holder(path string) string {
	var st unix.Stat_t
	if unix.Lstat(path, &st) != nil {
		return ""
	}
	f, err := os.Open("/proc/locks")
	if err != nil {
		return ""
	}
	defer f.Close()
	// proc_locks(5): "1: FLOCK ADVISORY WRITE PID MAJOR:MINOR:INODE START END", with "->" before
	// FLOCK for who waits. The device of some file systems (btrfs, overlay) is not that of stat(2):
	// the inode alone is compared then.
	inode := strconv.FormatUint(st.Ino, 10)
	device := fmt.Sprintf("%02x:%02x:%s", unix.Major(st.Dev), unix.Minor(st.Dev), inode)
	found := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 6 || fields[1] != "FLOCK" || !strings.HasSuffix(fields[5], ":"+inode) {
			continue
		}
		if fields[5] == device {
			return process(fields[4])
		}
		found = process(fields[4])
	}
	return found
}

func process(pid string) string {
	if n, err := strconv.Atoi(pid); err != nil || n <= 0 {
		return ""
	}
	name, err := os.ReadFile("/proc/" + pid + "/comm")
	if err != nil {
		return "process " + pid
	}
	return fmt.Sprintf("process %s (%s)", pid, strings.TrimSpace(string(name)))
}
