package ramdisk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/internal/hostfs"
)

// record is what one task made on this host, written before it is made.
type record struct {
	Cluster string `json:"cluster"`
	Task    string `json:"task"`
	PID     int    `json:"pid"`
	Path    string `json:"path"`
	// Made are the folders that did not exist, the outermost first and Path last.
	Made []string `json:"made,omitempty"`
	// Device and Inode are those of the folder Path without a mount over it, or 0 as long as it is
	// not made: a folder that is another one by now is not ours to empty.
	Device uint64 `json:"device,omitempty"`
	Inode  uint64 `json:"inode,omitempty"`
	// Folders are the IDs of Made, as far as they are made.
	Folders []folderID `json:"folders,omitempty"`
	// Mark is what the marks in the folder Path and in the tmpfs over it say; "" in a record of the
	// first release, which left none.
	Mark string `json:"mark,omitempty"`
	// Sudo permits it for taking back, as it was for making.
	Sudo bool `json:"sudo,omitempty"`
}

// errLive means that a live task uses the requested folder.
var errLive = errors.New("is in use by a live worker")

// begin locks and writes the record of r's task in base, and makes the empty folder path.
func (h host) begin(ctx context.Context, base string, r Request, path string) (*Disk, error) {
	lock, err := h.lockRecord(ctx, base, r)
	if err != nil {
		return nil, err
	}
	if old, ok := readRecord(lock); ok { // of the same task, whose executor died
		if err := h.takeBack(ctx, old, lock.Path()); err != nil && !errors.Is(err, errDetached) {
			lock.Unlock()
			return nil, err
		}
	}
	d := &Disk{Path: path, host: h, lock: lock}
	d.made = record{Cluster: r.Cluster, Task: r.Task, PID: os.Getpid(), Path: path, Made: missing(path), Sudo: r.Sudo,
		Mark: rand.Text()}
	if err := d.make(ctx, r); err != nil {
		return nil, errors.Join(err, d.Release(ctx))
	}
	return d, nil
}

// make makes the folders of the record and marks the last one. Each step is in the record before
// the next one.
func (d *Disk) make(ctx context.Context, r Request) error {
	if err := writeRecord(d.lock, d.made); err != nil {
		return err
	}
	if len(d.made.Made) == 0 {
		return d.identify()
	}
	if err := hostfs.CheckParents(d.made.Made[0]); err != nil {
		return err
	}
	for i, dir := range d.made.Made {
		err := makeOpen(dir)
		if errors.Is(err, fs.ErrPermission) {
			return d.makeBySudo(ctx, r, i, err)
		}
		if err != nil {
			return fmt.Errorf("the folder %s cannot be made: %w", dir, withoutPath(err))
		}
	}
	if err := d.identify(); err != nil {
		return err
	}
	return writeMark(d.Path, d.made.Mark)
}

// makeBySudo makes the folders from number i on. They belong to root: nothing of this user can be
// in them, and they need no mark.
func (d *Disk) makeBySudo(ctx context.Context, r Request, i int, err error) error {
	err = withoutPath(err)
	if r.Sudo {
		if err = sudo(ctx, append([]string{"mkdir", "-m", "0755", "--"}, d.made.Made[i:]...)...); err == nil {
			return d.identify()
		}
	}
	return fmt.Errorf("the folder %s cannot be made by %s: mkdir: %w; make it and chown it to that user, set %s=true, "+
		"or name another path with %s",
		d.made.Made[i], whoami(), err, config.KeyRamdiskSudo, config.KeyRamdiskPath)
}

// identify writes down which folders were made.
func (d *Disk) identify() error {
	if st, err := os.Lstat(d.Path); err != nil || !st.IsDir() {
		return fmt.Errorf("%s is not a folder, or a link that leads nowhere: remove it, or name another path", d.Path)
	}
	d.made.Folders = nil
	for _, dir := range d.made.Made {
		id, err := identify(unix.AT_FDCWD, dir)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		d.made.Folders = append(d.made.Folders, id)
	}
	id, err := identify(unix.AT_FDCWD, d.Path)
	if err != nil {
		return fmt.Errorf("%s: %w", d.Path, err)
	}
	d.made.Device, d.made.Inode = id.Device, id.Inode
	return writeRecord(d.lock, d.made)
}

// mount mounts a tmpfs over the folder and marks it.
func (d *Disk) mount(ctx context.Context, r Request) error {
	if err := d.host.mount(ctx, d.Path, r); err != nil {
		return err
	}
	return writeMark(d.Path, d.made.Mark)
}

// makeOpen makes a folder that others may look into, whatever the umask: clients read blocks from
// the worker's folder directly.
func makeOpen(path string) error {
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	return openUp(path)
}

// openUp lets others look into a folder of this user.
func openUp(path string) error {
	dir, err := openFolder(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Chmod(0o755)
}

func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// whoami names the user for people.
func whoami() string {
	uid := strconv.Itoa(os.Geteuid())
	if u, err := user.LookupId(uid); err == nil {
		return fmt.Sprintf("user %s (uid %s)", u.Username, uid)
	}
	return "uid " + uid
}

// missing lists the folders that path needs and that do not exist, the outermost first.
func missing(path string) []string {
	var out []string
	for p := path; p != filepath.Dir(p); p = filepath.Dir(p) {
		if _, err := os.Lstat(p); err == nil {
			break
		}
		out = append(out, p)
	}
	slices.Reverse(out)
	return out
}

func writeRecord(lock *hostfs.Lock, r record) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return lock.Write(data)
}

func readRecord(lock *hostfs.Lock) (record, bool) {
	var r record
	data, err := lock.Read()
	if err != nil || json.Unmarshal(data, &r) != nil || r.Path == "" {
		return record{}, false
	}
	return r, true
}
