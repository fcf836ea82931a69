package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// host writes files below a folder that stands for /.
func host(t *testing.T, files map[string]string) kernel {
	t.Helper()
	k := kernel{root: t.TempDir(), container: "1-2"}
	if err := os.MkdirAll(filepath.Join(k.root, "proc/self/ns"), 0o755); err != nil {
		t.Fatal(err)
	}
	pids := initialPIDs
	if other, ok := files[pidLink]; ok {
		pids = other
		delete(files, pidLink)
	}
	if err := os.Symlink(pids, filepath.Join(k.root, pidLink)); err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		path := filepath.Join(k.root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

const (
	pidLink  = "proc/self/ns/pid"
	groupOne = "11:pids:/other\n4:memory,hugetlb:/mesos/1-2\n0::/\n"
	groupTwo = "0::/mesos.slice/1-2\n"
	mountOne = "32 31 0:29 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n33 31 0:30 / /sys/fs/cgroup/memory " +
		"rw,relatime shared:1 - cgroup cgroup rw,memory,hugetlb\n"
	mountTwo = "33 31 0:30 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n"
	// In a container the mount shows a part of the hierarchy.
	mountPart = "33 31 0:30 /mesos.slice /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n"
)

func TestOutOfMemoryIsWhatTheKernelSays(t *testing.T) {
	t.Parallel()
	const memoryOne, agents = "sys/fs/cgroup/memory/", "system.slice/mesos-agent.service/"
	const one, two = "sys/fs/cgroup/memory/mesos/1-2/", "sys/fs/cgroup/mesos.slice/1-2/"
	control := func(kills int) string { return fmt.Sprintf("oom_kill_disable 0\nunder_oom 0\noom_kill %d\n", kills) }
	events := func(kills int) string { return fmt.Sprintf("low 0\nhigh 0\nmax 12\noom 1\noom_kill %d\n", kills) }
	record := func(seconds int, text string) string {
		return fmt.Sprintf("6,1,%d,-;usb 1-1: new device\n3,2,%d,-;%s\n", (seconds-1)*1e6, seconds*1e6, text)
	}
	const future = 1 << 30 // seconds after the boot: after whatever before was read
	for sentence, c := range map[string]struct {
		before, after map[string]string
		want          string
	}{
		"version 2": {map[string]string{"proc/self/cgroup": groupTwo, "proc/self/mountinfo": mountTwo,
			two + "memory.events": events(1)},
			map[string]string{two + "memory.events": events(2)}, "memory.events counts 1 more"},
		"version 2, in a container": {map[string]string{"proc/self/cgroup": groupTwo, "proc/self/mountinfo": mountPart,
			"sys/fs/cgroup/1-2/memory.events": events(0)},
			map[string]string{"sys/fs/cgroup/1-2/memory.events": events(1)}, "memory.events counts 1 more"},
		"version 2, nothing new": {map[string]string{"proc/self/cgroup": groupTwo, "proc/self/mountinfo": mountTwo,
			two + "memory.events": events(3)},
			nil, ""},
		"version 1": {map[string]string{"proc/self/cgroup": groupOne, "proc/self/mountinfo": mountOne,
			one + "memory.oom_control": control(0), one + "memory.failcnt": "0\n"},
			map[string]string{one + "memory.oom_control": control(1)}, "memory.oom_control counts 1 more"},
		"version 1, the limit was hit but nothing killed": {
			map[string]string{"proc/self/cgroup": groupOne, "proc/self/mountinfo": mountOne,
				one + "memory.oom_control": control(0), one + "memory.failcnt": "0\n"},
			map[string]string{one + "memory.failcnt": "70\n"}, ""},
		"version 1 that counts no kills": {
			map[string]string{"proc/self/cgroup": groupOne, "proc/self/mountinfo": mountOne,
				one + "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\n", one + "memory.failcnt": "2\n"},
			map[string]string{one + "memory.failcnt": "9\n"}, ""},
		"the group of the agent, of version 1": {
			map[string]string{"proc/self/cgroup": "4:memory:/system.slice/mesos-agent.service\n",
				"proc/self/mountinfo": mountOne, memoryOne + agents + "memory.oom_control": control(0)},
			map[string]string{memoryOne + agents + "memory.oom_control": control(1)}, ""},
		"the group of the agent, of version 2": {
			map[string]string{"proc/self/cgroup": "0::/" + agents, "proc/self/mountinfo": mountTwo,
				"sys/fs/cgroup/" + agents + "memory.events": events(0)},
			map[string]string{"sys/fs/cgroup/" + agents + "memory.events": events(1)}, ""},
		"the group of the host": {
			map[string]string{"proc/self/cgroup": "4:memory:/\n", "proc/self/mountinfo": mountOne,
				memoryOne + "memory.oom_control": control(0)},
			map[string]string{memoryOne + "memory.oom_control": control(1)}, ""},
		"the log, about this number in another namespace": {map[string]string{pidLink: "pid:[4026532001]"},
			map[string]string{"dev/kmsg": record(future, "Memory cgroup out of memory: Killed process 4711 (java)")}, ""},
		"the log, of a control group": {nil,
			map[string]string{
				"dev/kmsg": record(future, "Memory cgroup out of memory: Killed process 4711 (java) total-vm:1kB")},
			"Killed process 4711 (java)"},
		"the log, of the host": {nil,
			map[string]string{"dev/kmsg": record(future, "Out of memory: Kill process 4711 (java) score 9 or sacrifice child")},
			"Kill process 4711"},
		"the log about another": {nil,
			map[string]string{"dev/kmsg": record(future, "Out of memory: Killed process 47110 (java)")}, ""},
		"the log about an older one": {nil,
			map[string]string{"dev/kmsg": record(0, "Out of memory: Killed process 4711 (java)")}, ""},
		"nothing": {nil, nil, ""},
	} {
		k := host(t, c.before)
		before := k.tally()
		before.at += 10e9 // the host has been up for a while
		for name, data := range c.after {
			path := filepath.Join(k.root, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := k.outOfMemory(4711, before); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", sentence, got, c.want)
		}
	}
}
