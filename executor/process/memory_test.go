package process_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/executor/process"
)

// limitedGroup makes a control group of 64 MB, of either version, or is "" where this user may not.
func limitedGroup(t *testing.T) string {
	t.Helper()
	for _, c := range []struct{ parent, limit string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, {"/sys/fs/cgroup", "memory.max"},
	} {
		dir := filepath.Join(c.parent, "alluxio-mesos-test-"+strconv.Itoa(os.Getpid()))
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		if os.WriteFile(filepath.Join(dir, c.limit), []byte("67108864"), 0) != nil {
			_ = os.Remove(dir)
			continue
		}
		_ = os.WriteFile(filepath.Join(dir, "memory.swap.max"), []byte("0"), 0) // where there is swap
		t.Cleanup(func() {
			if err := os.Remove(dir); err != nil {
				t.Error(err)
			}
		})
		return dir
	}
	return ""
}

func TestKernelKillIsDistinguishedFromOtherKills(t *testing.T) {
	t.Parallel()
	p, stdout := start(t, process.Command{Argv: self("child-wait")})
	if !stdout.Scan() {
		t.Fatal("no child")
	}
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if e := await(t, p); e != (process.Exit{Signal: "SIGKILL"}) {
		t.Errorf("exit %+v", e)
	}
	group := limitedGroup(t)
	if group == "" {
		return // the tables of files show it, see kernel_test.go
	}
	for child, want := range map[string]string{"wait": "SIGKILL|\n", "hog": "SIGKILL|" + group + "/memory."} {
		cmd := exec.Command(os.Args[0], "child-in-group", group, child)
		cmd.Env = append(os.Environ(), "MESOS_DIRECTORY=/var/lib/mesos/runs/"+filepath.Base(group))
		out, err := cmd.Output()
		if err != nil || !strings.HasPrefix(string(out), want) ||
			child == "hog" && !strings.Contains(string(out), "counts 1 more") {
			t.Errorf("%s: %q, %v", child, out, err)
		}
	}
}
