package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
)

// limit bounds every wait; nothing is timed by it.
const limit = 5 * time.Minute

func check(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// built is alluxio-mesos: $BENCH_BINARY, else one that is built once for all benchmarks.
var built = sync.OnceValues(func() (string, error) {
	if binary := os.Getenv("BENCH_BINARY"); binary != "" {
		return filepath.Abs(binary)
	}
	return clitest.BuildBinary(context.Background(), folder)
})

// folder is for what all tests share.
var folder string

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "alluxio-mesos-bench"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

func binary(t testing.TB) string {
	t.Helper()
	path, err := built()
	check(t, err)
	return path
}

// memoryDir is a temporary folder in memory, else on disk.
func memoryDir(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "alluxio-mesos-bench")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { check(t, os.RemoveAll(dir)) })
	return dir
}

// startProcess runs the binary until the test ends.
func startProcess(t testing.TB, dir string, env []string, args ...string) *reaper.Process {
	t.Helper()
	c := reaper.Command{Argv: append([]string{binary(t)}, args...), Env: env, Dir: dir, Log: filepath.Join(dir, "output"),
		Grace: 10 * time.Second}
	p, err := reaper.Start(context.Background(), c)
	check(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("its output ends with:\n%s", p.Tail(4096))
		}
		check(t, p.Close())
	})
	return p
}

// startFramework runs the framework, with its state in memory, at a scripted Mesos.
func startFramework(t testing.TB, m *fakemesos.Master, site ...string) *reaper.Process {
	t.Helper()
	dir := memoryDir(t)
	site = append([]string{"alluxio.integration.mesos.alluxio.jar.url=LOCAL",
		"alluxio.integration.mesos.alluxio.version=2.9.6"}, site...)
	check(t, os.Mkdir(filepath.Join(dir, "conf"), 0o755),
		os.WriteFile(filepath.Join(dir, "conf/alluxio-site.properties"), []byte(strings.Join(site, "\n")+"\n"), 0o600))
	return startProcess(t, dir, os.Environ(), "framework", "--conf-dir", filepath.Join(dir, "conf"), m.Addr())
}

// startMesos starts a scripted Mesos that lives as long as the test, and fails it when the framework breaks a duty.
func startMesos(t testing.TB, o fakemesos.Options) *fakemesos.Master {
	t.Helper()
	o.Forget = true
	m, err := fakemesos.Start(o)
	check(t, err)
	t.Cleanup(func() {
		check(t, m.Close())
		for _, v := range m.Violations() {
			t.Error(v)
		}
	})
	return m
}

// await polls until done.
func await(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come within %s", what, limit)
		}
	}
}

// memoryMB reads a line of /proc/PID/status, such as VmRSS or VmHWM, in MB of 2^20 bytes.
func memoryMB(t testing.TB, pid int, name string) float64 {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	check(t, err)
	for line := range bytes.Lines(data) {
		if rest, ok := bytes.CutPrefix(line, []byte(name+":")); ok {
			kB, err := strconv.ParseFloat(string(bytes.Fields(rest)[0]), 64)
			check(t, err)
			return kB / 1024
		}
	}
	t.Fatalf("process %d has no %s", pid, name)
	return 0
}

// cpuTime is the processor time that a process has used, in steps of 10 ms.
func cpuTime(t testing.TB, pid int) time.Duration {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	check(t, err)
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:]) // proc(5): the first of them is field 3
	user, err1 := strconv.Atoi(string(fields[14-3]))
	system, err2 := strconv.Atoi(string(fields[15-3]))
	check(t, err1, err2)
	return time.Duration(user+system) * 10 * time.Millisecond
}
