package process

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// kernel reads what the kernel records about processes that it kills for lack of memory.
type kernel struct {
	// root is the folder that has proc, sys and dev, "/" but in tests.
	root string
	// container is the ID of our Mesos container, or "".
	container string
}

// thisKernel is the kernel of this host. An executor finds the ID of its container in the path of
// its sandbox on the host. Mesos: executor-http-api.md, MESOS_DIRECTORY; sandbox.md.
func thisKernel() kernel {
	return kernel{root: "/", container: filepath.Base(os.Getenv("MESOS_DIRECTORY"))}
}

// initialPIDs is the namespace whose process IDs are in the kernel's log.
// Linux: include/linux/proc_ns.h, PROC_PID_INIT_INO.
const initialPIDs = "pid:[4026531836]"

// tally is what the control group of this container counts, and when it was read.
type tally struct {
	// file says where the number is from, kills counts processes that the kernel killed, or is -1
	// where it does not count them.
	file  string
	kills int
	// at is the time since the boot.
	at time.Duration
}

// tally reads the counter of the control group that this process and its children are in. Without
// isolation of memory that is the group of the agent, or of the host: it counts the processes of
// others, and says nothing about ours.
// Linux: cgroup-v2.rst, memory.events; cgroup-v1/memory.rst, memory.oom_control, with oom_kill since
// 4.13. How often the limit was hit (memory.failcnt) is no sign of a kill: a full page cache hits it.
// Mesos: src/linux/cgroups, cgroups_root/CONTAINER.
func (k kernel) tally() tally {
	t := tally{kills: -1}
	var now unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) == nil {
		t.at = time.Duration(now.Nano())
	}
	for _, c := range []struct{ controller, events string }{{"memory", "memory.oom_control"}, {"", "memory.events"}} {
		dir, err := k.controlGroup(c.controller)
		if err != nil {
			continue
		}
		t.file = filepath.Join(dir, c.events)
		if t.kills = counter(t.file, "oom_kill"); t.kills >= 0 {
			break
		}
	}
	return t
}

// outOfMemory returns the evidence that the kernel killed pid for lack of memory after before was
// read, or "".
func (k kernel) outOfMemory(pid int, before tally) string {
	after := k.tally()
	if after.file == before.file && after.kills > before.kills && before.kills >= 0 {
		return fmt.Sprintf("%s counts %d more", after.file, after.kills-before.kills)
	}
	if line := k.logged(pid, before.at); line != "" {
		return "the kernel's log says: " + line
	}
	return ""
}

// controlGroup is the folder of our container's control group in the hierarchy of a controller of
// version 1, or of version 2 for "".
func (k kernel) controlGroup(controller string) (string, error) {
	path, err := k.groupPath(controller)
	if err != nil {
		return "", err
	}
	if !slices.Contains(strings.Split(path, "/"), k.container) || k.container == "" {
		return "", errNotOurs
	}
	data, err := os.ReadFile(filepath.Join(k.root, "proc/self/mountinfo"))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(data)) {
		before, after, _ := strings.Cut(strings.TrimSpace(line), " - ")
		fields, kind := strings.Fields(before), strings.Fields(after)
		if len(fields) < 5 || len(kind) < 3 {
			continue
		}
		second := controller == "" && kind[0] == "cgroup2"
		first := controller != "" && kind[0] == "cgroup" && strings.Contains(","+kind[2]+",", ","+controller+",")
		if rel, err := filepath.Rel(fields[3], path); (first || second) && err == nil && filepath.IsLocal(rel) {
			return filepath.Join(k.root, fields[4], rel), nil
		}
	}
	return "", errNoGroup
}

var (
	errNoGroup = errors.New("the control group is not mounted")
	errNotOurs = errors.New("the control group is not that of the container")
)

// groupPath is the path of the control group in its hierarchy: proc_pid_cgroup(5),
// ID:CONTROLLERS:PATH.
func (k kernel) groupPath(controller string) (string, error) {
	data, err := os.ReadFile(filepath.Join(k.root, "proc/self/cgroup"))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(data)) {
		if parts := strings.SplitN(strings.TrimSpace(line), ":", 3); len(parts) == 3 {
			if controller == "" && parts[0] == "0" && parts[1] == "" ||
				controller != "" && strings.Contains(","+parts[1]+",", ","+controller+",") {
				return parts[2], nil
			}
		}
	}
	return "", errNoGroup
}

// counter reads "name N" from a file of counters. It is -1 when there is none.
func counter(file, name string) int {
	data, err := os.ReadFile(file)
	if err != nil {
		return -1
	}
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.Atoi(value); err == nil && key == name {
			return n
		}
	}
	return -1
}

// killed matches the kernel's log line about a process that it killed for lack of memory, since
// Linux 3 in several forms.
var killed = regexp.MustCompile(`[Oo]ut of memory.*: Kill(?:ed)? process (\d+)\b`)

// logged is the line of the kernel's log that says that pid was killed for lack of memory after
// since, or "". Not every user may read it, and in a namespace of its own pid means another process.
// Linux: Documentation/ABI/testing/dev-kmsg: PRIORITY,NUMBER,MICROSECONDS,FLAGS;TEXT.
func (k kernel) logged(pid int, since time.Duration) string {
	if link, err := os.Readlink(filepath.Join(k.root, "proc/self/ns/pid")); err != nil || link != initialPIDs {
		return ""
	}
	fd, err := unix.Open(filepath.Join(k.root, "dev/kmsg"), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer func() { _ = unix.Close(fd) }() // nothing was written
	const slack = time.Second             // its clock is not exactly ours
	const most = 1 << 20                  // records: more than any such log holds
	buffer := make([]byte, 8<<10)
	for range most {
		n, err := unix.Read(fd, buffer) // one record
		if errors.Is(err, unix.EPIPE) || errors.Is(err, unix.EINTR) {
			continue // overwritten meanwhile: the next one is the oldest
		}
		if err != nil || n <= 0 {
			return ""
		}
		for lines := bufio.NewScanner(strings.NewReader(string(buffer[:n]))); lines.Scan(); {
			head, text, _ := strings.Cut(lines.Text(), ";")
			fields := strings.Split(head, ",")
			found := killed.FindStringSubmatch(text)
			if len(fields) < 3 || found == nil || found[1] != strconv.Itoa(pid) {
				continue
			}
			if at, err := strconv.ParseInt(fields[2], 10, 64); err == nil &&
				time.Duration(at)*time.Microsecond >= since-slack {
				return text
			}
		}
	}
	return ""
}
