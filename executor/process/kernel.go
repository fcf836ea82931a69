package process

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// kernel reads what the kernel records about processes that it kills for lack of memory. root is
// the folder that has proc, sys and dev, "/" but in tests.
type kernel struct{ root string }

// tally is what the control group of this process counts, and when it was read.
type tally struct {
	// file says where the numbers are from, kills counts processes that the kernel killed, or is -1
	// where it does not count them.
	file  string
	kills int
	// limits counts how often the limit was hit; it is a sign only where kills are not counted.
	limits int
	// at is the time since the boot.
	at time.Duration
}

// tally reads the counters of the control group that this process and its children are in. Nothing
// is known where there is none.
// Linux: cgroup-v2.rst, memory.events; cgroup-v1/memory.rst, memory.oom_control (with oom_kill
// since 4.13) and memory.failcnt.
func (k kernel) tally() tally {
	t := tally{kills: -1, limits: -1}
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
		t.kills = counter(t.file, "oom_kill")
		t.limits = counter(filepath.Join(dir, "memory.failcnt"), "")
		if t.kills >= 0 || t.limits >= 0 {
			break
		}
	}
	return t
}

// outOfMemory returns the evidence that the kernel killed pid for lack of memory after before was
// read, or "".
func (k kernel) outOfMemory(pid int, before tally) string {
	after := k.tally()
	switch {
	case after.file == before.file && after.kills > before.kills && before.kills >= 0:
		return fmt.Sprintf("%s counts %d more", after.file, after.kills-before.kills)
	case after.kills < 0 && after.limits > before.limits && before.limits >= 0:
		failures := filepath.Join(filepath.Dir(after.file), "memory.failcnt")
		return fmt.Sprintf("%s says that the limit was hit %d times", failures, after.limits-before.limits)
	}
	if line := k.logged(pid, before.at); line != "" {
		return "the kernel's log says: " + line
	}
	return ""
}

// controlGroup is the folder of this process's control group in the hierarchy of a controller of
// version 1, or of version 2 for "".
func (k kernel) controlGroup(controller string) (string, error) {
	path, err := k.groupPath(controller)
	if err != nil {
		return "", err
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

var errNoGroup = errors.New("the control group is not mounted")

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

// counter reads "name N" from a file of counters, or the only number in it for "". It is -1 when
// there is none.
func counter(file, name string) int {
	data, err := os.ReadFile(file)
	if err != nil {
		return -1
	}
	for line := range strings.Lines(string(data)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			key, value = "", key
		}
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
// since, or "". Not every user may read it.
// Linux: Documentation/ABI/testing/dev-kmsg: PRIORITY,NUMBER,MICROSECONDS,FLAGS;TEXT.
func (k kernel) logged(pid int, since time.Duration) string {
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
