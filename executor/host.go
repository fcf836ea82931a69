package executor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// host is what the executor knows of the machine and the user it runs as.
type host struct {
	env     map[string]string
	sandbox string
	home    string // of the user, not where Mesos may point HOME
	user    string
	root    bool
	// ownsHome is true when the user may write home.
	ownsHome bool
}

func newHost(environ []string, sandbox string) host {
	h := host{env: map[string]string{}, sandbox: sandbox, root: os.Geteuid() == 0}
	for _, s := range environ {
		name, value, _ := strings.Cut(s, "=")
		h.env[name] = value
	}
	h.home, h.user = h.env["HOME"], h.env["USER"]
	if u, err := user.LookupId(strconv.Itoa(os.Geteuid())); err == nil {
		h.home, h.user = u.HomeDir, u.Username
	}
	if h.user == "" || h.user != filepath.Base(h.user) {
		h.user = strconv.Itoa(os.Geteuid()) // without an entry in the user database USER may say anything
	}
	h.ownsHome = filepath.IsAbs(h.home) && !h.inSandbox(h.home) && unix.Access(h.home, unix.W_OK|unix.X_OK) == nil
	return h
}

// inSandbox tells whether path is the sandbox or below it, links resolved: Mesos removes all of it
// some time after the task.
func (h host) inSandbox(path string) bool {
	return hostfs.Inside(hostfs.Resolve(path), hostfs.Resolve(h.sandbox))
}

func (h host) conf() string { return filepath.Join(h.sandbox, "conf") }
func (h host) logs() string { return filepath.Join(h.sandbox, "logs") }

// environment is that of the JVM: clean, so that nothing of the agent and no token of ours is inherited.
func (h host) environment(extra []string) []string {
	env := []string{"HOME=" + h.home, "USER=" + h.user, "MESOS_SANDBOX=" + h.sandbox}
	for name, unset := range map[string]string{"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"LANG": "C.UTF-8"} {
		if v := h.env[name]; v != "" {
			unset = v
		}
		env = append(env, name+"="+unset)
	}
	return append(env, extra...)
}

// dataDir is the folder for what outlives a task, unless one is configured; note says why it is not
// the usual one. The default is the one that alluxio.integration.mesos.data.dir documents. Service
// users often have no home that they could write; the home of a user without an entry in the user
// database is where Mesos points HOME, the sandbox.
func (h host) dataDir(cluster string) (dir, note string) {
	switch {
	case h.root:
		return filepath.Join("/var/lib/alluxio-mesos", cluster), ""
	case h.ownsHome:
		dir = filepath.Join(h.home, ".local/share/alluxio-mesos", cluster)
	default:
		dir = filepath.Join("/var/tmp/alluxio-mesos-"+h.user, cluster)
	}
	return dir,
		fmt.Sprintf("the task's user %s is not root, so its data is in %s; alluxio.integration.mesos.data.dir names "+
			"another folder", h.user, dir)
}

// ownData makes sure that a default folder below /var/tmp belongs to the user: its name can be
// guessed, and everybody may make it there.
func (h host) ownData(dir string) error {
	if !hostfs.Inside(dir, "/var/tmp") {
		return nil
	}
	if err := hostfs.OwnFolder(filepath.Dir(dir)); err != nil {
		return fmt.Errorf("%w; alluxio.integration.mesos.data.dir names another folder for the journal", err)
	}
	return nil
}

// modified is when a file was changed last, or the zero time.
func modified(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// makeFolder makes dir and its parents for this user alone; one that is there stays as it is.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder %s: %w", dir, plain(err))
	}
	return nil
}

// plain takes the path out of a file error: the sentence around it has it already.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
