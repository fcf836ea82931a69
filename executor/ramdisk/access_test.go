package ramdisk

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

func TestAFolderBelowOneThatOthersMayChangeIsRefused(t *testing.T) {
	t.Parallel()
	h, r := emptyHost(t), request("w.1")
	dir := publicDir(t, "")
	r.Path = filepath.Join(dir, "new", "ram")
	for _, c := range []struct {
		mode os.FileMode
		uid  int
		says string
	}{{0o777, os.Geteuid(), "may be written by other users"}, {0o755, 65534, "belongs to uid 65534"}} {
		if c.uid != os.Geteuid() && os.Geteuid() != 0 {
			continue
		}
		must(t, os.Chmod(dir, c.mode), os.Chown(dir, c.uid, -1))
		refused(t, h, r, c.says, dir, "in the place of")
		wantGone(t, filepath.Dir(r.Path))
		// Also as a base folder of our own: another one is taken then.
		blocked := h
		blocked.mounts = []string{filepath.Join(dir, "base")}
		d := mustPrepare(t, blocked, request("w.2"))
		if strings.HasPrefix(d.Path, dir) {
			t.Errorf("got %s", d.Path)
		}
		mustRelease(t, d)
	}
	must(t, os.Chown(dir, os.Geteuid(), -1), os.Chmod(dir, 0o777|os.ModeSticky))
	mustRelease(t, mustPrepare(t, h, r))
}

func TestOthersReachTheFolderWhateverTheUmask(t *testing.T) {
	t.Parallel()
	dir := publicDir(t, "")
	h := host{mounts: []string{filepath.Join(dir, "mnt")}, memory: filepath.Join(dir, "shm"),
		disk: filepath.Join(dir, "disk")}
	for _, name := range []string{"", "new/ram"} {
		r := request("w.1")
		if name != "" {
			r.Path = filepath.Join(dir, name)
		}
		c := startChild(t, h, r, 0, "umask=077")
		path := strings.Fields(c.expect(t, "got"))[1]
		for p := path; p != dir; p = filepath.Dir(p) {
			if st, err := os.Stat(p); err != nil || st.Mode().Perm() != 0o755 {
				t.Errorf("%s: %v, %v", p, st, err)
			}
		}
		if name != "" && os.Geteuid() == 0 {
			// A worker of another user sees that it is in use, and by whom.
			must(t, os.Chmod(filepath.Dir(path), 0o755))
			other := startChild(t, host{mounts: nil, memory: filepath.Join(publicOf(t, 65534), "m")},
				Request{Size: config.MB, Path: path, Cluster: "c", Task: "w.2"}, 65534)
			if said := other.expect(t, "error"); !strings.Contains(said, "task w.1 of cluster c") {
				t.Errorf("another user is told %q", said)
			}
		}
		c.end(t)
	}
}

// publicOf is a folder of another user.
func publicOf(t *testing.T, uid int) string {
	t.Helper()
	dir := publicDir(t, "")
	must(t, os.Chown(dir, uid, uid))
	return dir
}

func TestARecordCannotBeHeldByOtherUsers(t *testing.T) {
	t.Parallel()
	h := emptyHost(t)
	d := mustPrepare(t, h, request("w.1"))
	file := d.lock.Path()
	for _, what := range []string{"made by this version", "made by the first release"} {
		if what != "made by this version" {
			must(t, os.Chmod(file, 0o644))
			h.sweep(context.Background())
		}
		if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", what, st, err)
		}
	}
	mustRelease(t, d)
}

func TestAHolderWithoutARecordIsNamed(t *testing.T) {
	t.Parallel()
	h, r := emptyHost(t), request("w.1")
	r.Path = t.TempDir()
	file := filepath.Join(r.Path, useFile)
	cmd := exec.Command("flock", "-x", file, "sh", "-c", "echo held; exec sleep 1000")
	out, err := cmd.StdoutPipe()
	must(t, err, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if _, err := out.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	refused(t, h, r, "live worker", "process ", "(flock)", file)
}

func TestAFolderThatCannotBeMadeNamesTheUserAndWhatHelps(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		r := request("w.1")
		r.Path = "/proc/alluxio-mesos-test"
		refused(t, emptyHost(t), r, "cannot be made by", "uid")
		return
	}
	dir := publicDir(t, "")
	h := host{memory: filepath.Join(publicOf(t, 65534), "m")}
	r := request("w.1")
	r.Path = filepath.Join(dir, "ram")
	c := startChild(t, h, r, 65534)
	said := c.expect(t, "error")
	for _, part := range []string{r.Path, "(uid 65534)", "mkdir: permission denied", "chown", config.KeyRamdiskSudo,
		config.KeyRamdiskPath} {
		if !strings.Contains(said, part) {
			t.Errorf("%q lacks %q", said, part)
		}
	}
}
