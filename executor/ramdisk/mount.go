package ramdisk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// mountSource is what /proc/mounts shows as the device of our mounts; only such are ever unmounted.
const mountSource = "alluxio-mesos"

var errNotPermitted = errors.New("is not permitted to")

// mount mounts a tmpfs of r.Size at path, owned by the caller and readable for all.
func (h host) mount(ctx context.Context, path string, r Request) error {
	options := fmt.Sprintf("size=%d,mode=0755,uid=%d,gid=%d", int64(r.Size), os.Geteuid(), os.Getegid())
	err := error(unix.EPERM)
	if !h.sudoOnly {
		err = unix.Mount(mountSource, path, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, options)
	}
	if err == nil {
		return nil
	}
	if !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EACCES) {
		return fmt.Errorf("a tmpfs cannot be mounted at %s: %w", path, err)
	}
	if !r.Sudo {
		return fmt.Errorf("mounting a tmpfs %w uid %d", errNotPermitted, os.Geteuid())
	}
	if err := sudo(ctx, "mount", "-t", "tmpfs", "-o", "nosuid,nodev,"+options, mountSource, path); err != nil {
		return fmt.Errorf("mounting a tmpfs %w uid %d, also not by sudo: %w", errNotPermitted, os.Geteuid(), err)
	}
	return nil
}

// sudo runs one command as root if that needs no password.
func sudo(ctx context.Context, argv ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "sudo", append([]string{"-n", "--"}, argv...)...).CombinedOutput()
	if text := strings.TrimSpace(string(out)); err != nil && text != "" {
		return fmt.Errorf("sudo -n %s: %s", argv[0], text)
	}
	if err != nil {
		return fmt.Errorf("sudo -n %s: %w", argv[0], err)
	}
	return nil
}

// unmount takes away our mounts at rec.Path. A busy one is tried for a while, because the JVM may
// just be ending, and then detached, unless somebody has mounted something below it: that would go
// along.
func unmount(ctx context.Context, rec record) (detached bool, err error) {
	const patience, pause = 3 * time.Second, 50 * time.Millisecond
	deadline := time.Now().Add(patience)
	for {
		ours, err := rec.mounted()
		if err != nil || !ours {
			return false, err
		}
		err = unmountOnce(ctx, rec, 0)
		if err == nil {
			continue // one below it may be ours too
		}
		if !errors.Is(err, unix.EBUSY) {
			return false, fmt.Errorf("unmount %s: %w", rec.Path, err)
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	if inside, err := mountedBelow(rec.Path); err != nil || inside != "" {
		return false, errors.Join(err, fmt.Errorf("unmount %s: %s %w", rec.Path, inside, errMountedInside))
	}
	if err := unmountOnce(ctx, rec, unix.MNT_DETACH); err != nil {
		return false, fmt.Errorf("detach %s: %w", rec.Path, err)
	}
	return true, nil
}

// mounted tells whether the topmost mount at rec.Path is that of the record: a tmpfs of ours that
// is marked, or empty, as one whose executor died before it could mark it. Its device tells
// nothing: the kernel gives the number to the next one. A tmpfs of ours that is neither belongs to
// somebody else, and is an error.
func (rec record) mounted() (bool, error) {
	ours, err := mounted(rec.Path)
	if err != nil || !ours || rec.Mark == "" {
		return ours, err
	}
	dir, err := openFolder(rec.Path)
	if err != nil {
		return false, err
	}
	defer dir.Close()
	if isMarked(dir, rec.Mark) {
		return true, nil
	}
	if _, err = dir.Readdirnames(1); errors.Is(err, io.EOF) {
		return true, nil
	}
	return false, fmt.Errorf("the tmpfs at %s is not the one of task %s: it is left alone; unmount it when "+
		"nobody uses it", rec.Path, rec.Task)
}

func unmountOnce(ctx context.Context, rec record, flags int) error {
	err := unix.Unmount(rec.Path, flags|unix.UMOUNT_NOFOLLOW)
	if !errors.Is(err, unix.EPERM) || !rec.Sudo {
		return err
	}
	argv := []string{"umount", rec.Path}
	if flags&unix.MNT_DETACH != 0 {
		argv = []string{"umount", "-l", rec.Path}
	}
	// Cleaning up must not stop because the task does.
	err = sudo(context.WithoutCancel(ctx), argv...)
	if err != nil && strings.Contains(err.Error(), "busy") {
		return unix.EBUSY
	}
	return err
}

// mounted tells whether the topmost mount at path is a tmpfs of this program.
func mounted(path string) (bool, error) {
	table, err := mountTable()
	ours := false
	for _, m := range table {
		if m.point == path {
			ours = m.ours
		}
	}
	return ours, err
}

// mountedBelow is a mount point below path, or "".
func mountedBelow(path string) (string, error) {
	table, err := mountTable()
	for _, m := range table {
		if strings.HasPrefix(m.point, path+"/") {
			return m.point, err
		}
	}
	return "", err
}

// mountEntry is a line of the mount table.
type mountEntry struct {
	point string
	ours  bool
}

// mountTable lists the mounts, with later ones over earlier ones.
// Linux: proc_pid_mountinfo(5): id parent major:minor root MOUNT-POINT options [tags…] - type
// SOURCE super-options.
func mountTable() ([]mountEntry, error) {
	data, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	var table []mountEntry
	for line := range strings.Lines(string(data)) {
		before, after, ok := strings.Cut(line, " - ")
		fields, kind := strings.Fields(before), strings.Fields(after)
		if ok && len(fields) >= 5 && len(kind) >= 2 {
			table = append(table, mountEntry{point: unescape(fields[4]),
				ours: kind[0] == "tmpfs" && kind[1] == mountSource})
		}
	}
	return table, nil
}

// unescape undoes \040 and the like.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
