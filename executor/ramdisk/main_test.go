package ramdisk

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMain lets the test binary be another executor: with childEnv set it prepares that request
// with the host's own base folders, says what it got, and holds it until its standard input ends.
func TestMain(m *testing.M) {
	spec, ok := os.LookupEnv(childEnv)
	if !ok {
		os.Exit(m.Run())
	}
	var order struct {
		Request
		Mounts           []string
		Memory, DiskBase string
		Umask            int
	}
	if err := json.Unmarshal([]byte(spec), &order); err != nil {
		panic(err)
	}
	if order.Umask != 0 {
		unix.Umask(order.Umask)
	}
	h := thisHost("")
	if order.Memory != "" {
		h = host{mounts: order.Mounts, memory: order.Memory, disk: order.DiskBase}
	}
	d, err := h.prepare(context.Background(), order.Request)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Printf("got %s %s %s\n", d.Tier, d.Path, d.Description)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := d.Release(context.Background()); err != nil {
		fmt.Println("error", err)
	}
}

const childEnv = "TEST_RAMDISK"

type child struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
}

// startChild starts another executor that prepares r below the base folders of h; a zero h means
// the host's own. A uid above 0 needs root. A first env of "umask=077" sets its umask.
func startChild(t *testing.T, h host, r Request, uid uint32, env ...string) *child {
	t.Helper()
	umask := 0
	if len(env) > 0 && strings.HasPrefix(env[0], "umask=") {
		n, err := strconv.ParseInt(strings.TrimPrefix(env[0], "umask="), 8, 32)
		if err != nil {
			t.Fatal(err)
		}
		umask = int(n)
	}
	order, err := json.Marshal(struct {
		Request
		Mounts           []string
		Memory, DiskBase string
		Umask            int
	}{r, h.mounts, h.memory, h.disk, umask})
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), append(env, childEnv+"="+string(order))...)
	cmd.Stderr = os.Stderr
	if uid > 0 {
		cmd.Path = forAll(t, binary)
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: cmd, in: in, lines: bufio.NewScanner(out)}
	t.Cleanup(c.kill)
	return c
}

// forAll copies the test binary to where every user may run it. Another process copies: what this
// one has open for writing, a child that another test forks at that moment has open too, and until
// that child executes its own program the copy is "text file busy".
func forAll(t *testing.T, binary string) string {
	t.Helper()
	file := filepath.Join(publicDir(t, ""), "ramdisk.test")
	if out, err := exec.Command("install", "-m", "0755", binary, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return file
}

// publicDir is a temporary folder below parent that every user can enter.
func publicDir(t *testing.T, parent string) string {
	t.Helper()
	dir, err := os.MkdirTemp(parent, "alluxio-mesos-test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// expect returns what follows word in the child's next line.
func (c *child) expect(t *testing.T, word string) string {
	t.Helper()
	if !c.lines.Scan() {
		t.Fatalf("the other process ended without %q", word)
	}
	rest, ok := strings.CutPrefix(c.lines.Text(), word+" ")
	if !ok {
		t.Fatalf("the other process says %q, want %q", c.lines.Text(), word)
	}
	return rest
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// end lets the child release what it holds.
func (c *child) end(t *testing.T) {
	t.Helper()
	c.in.Close()
	for c.lines.Scan() {
		t.Errorf("the other process says %q at its end", c.lines.Text())
	}
	if err := c.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// emptyHost has base folders with nothing in them; when the test ends, nothing may be left there.
func emptyHost(t *testing.T) host {
	t.Helper()
	dir := t.TempDir()
	memory := filepath.Join(dir, "memory")
	if onMemory("/dev/shm") {
		memory = filepath.Join(publicDir(t, "/dev/shm"), "memory")
	}
	h := host{mounts: []string{filepath.Join(dir, "mnt"), filepath.Join(dir, "run")}, memory: memory,
		disk: filepath.Join(dir, "disk")}
	t.Cleanup(func() {
		for _, p := range h.bases() {
			if _, err := os.Lstat(p); err == nil {
				t.Errorf("%s is left", p)
			}
		}
		cleanMounts(t, dir)
	})
	return h
}

// unmountTmpfs takes away a tmpfs that a child which another test forks may have open for a moment.
func unmountTmpfs(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		err := unix.Unmount(path, 0)
		if err == nil {
			return
		}
		if !errors.Is(err, unix.EBUSY) || time.Now().After(deadline) {
			t.Error(err)
			return
		}
	}
}

// cleanMounts reports and takes away what a failed test left mounted.
func cleanMounts(t *testing.T, dir string) {
	t.Helper()
	data, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if point := strings.Fields(line)[4]; strings.HasPrefix(point, dir+"/") {
			t.Errorf("%s is still mounted", point)
			_ = unix.Unmount(point, unix.MNT_DETACH)
		}
	}
}

// mayMount tells whether this process can mount a tmpfs: then that is what must happen, else what is next in order.
func mayMount(t *testing.T) bool {
	t.Helper()
	dir := t.TempDir()
	if unix.Mount("alluxio-mesos-test", dir, "tmpfs", 0, "size=1m") != nil {
		return false
	}
	if err := unix.Unmount(dir, 0); err != nil {
		t.Fatal(err)
	}
	return true
}
