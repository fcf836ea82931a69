package process

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// OutputKept is how much of the end of an output file is kept, in bytes. The file is cut when it
// has twice as much.
const OutputKept = 1 << 20

// Output bounds the size of a file that a process has as its output. The process writes into the
// file itself, so that it never waits for this program; the file is cut in place.
type Output struct{ file *os.File }

// NewOutput prepares a file that others write to as well. Every writer appends from now on: after a
// cut none goes on where it was. It is nil for what is no regular file, such as the pipe of a
// container logger that rotates by itself.
func NewOutput(file *os.File) (*Output, error) {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, err
	}
	flags, err := unix.FcntlInt(file.Fd(), unix.F_GETFL, 0)
	if err == nil && flags&unix.O_APPEND == 0 {
		_, err = unix.FcntlInt(file.Fd(), unix.F_SETFL, flags|unix.O_APPEND)
	}
	if err != nil {
		return nil, fmt.Errorf("append to %s: %w", file.Name(), err)
	}
	return &Output{file}, nil
}

// Trim cuts the beginning off a file that has grown beyond twice OutputKept. Where the file system
// can do it, nothing of the rest is lost; else what is written during the cut may come before older
// lines, or be lost.
func (o *Output) Trim() error {
	if o == nil {
		return nil
	}
	info, err := o.file.Stat()
	if err != nil || info.Size() <= 2*OutputKept {
		return err
	}
	if err = o.collapse(info.Size() - OutputKept); err != nil {
		err = o.rewrite()
	}
	if err != nil {
		return fmt.Errorf("cut %s: %w", o.file.Name(), err)
	}
	return nil
}

// collapse removes whole blocks from the beginning: fallocate(2), FALLOC_FL_COLLAPSE_RANGE, which
// ext4 and xfs have.
func (o *Output) collapse(surplus int64) error {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(o.file.Fd()), &st); err != nil {
		return err
	}
	return unix.Fallocate(int(o.file.Fd()), unix.FALLOC_FL_COLLAPSE_RANGE, 0, surplus-surplus%max(st.Bsize, 1))
}

// rewrite empties the file and writes its end again, from the beginning of a line.
func (o *Output) rewrite() error {
	in, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", o.file.Fd())) // ours is for writing only
	if err != nil {
		return err
	}
	defer in.Close()
	var end []byte
	const most = 10 // looks for what was written since the one before
	for at, try := int64(-1), 0; try < most; try++ {
		info, err := in.Stat()
		if err != nil {
			return err
		}
		if at < 0 {
			at = max(0, info.Size()-OutputKept)
		}
		if info.Size() <= at {
			break
		}
		more, err := io.ReadAll(io.NewSectionReader(in, at, min(info.Size()-at, OutputKept)))
		if err != nil {
			return err
		}
		at += int64(len(more))
		end = append(end, more...)
		end = end[max(0, len(end)-OutputKept):]
	}
	if _, line, ok := bytes.Cut(end, []byte("\n")); ok {
		end = line
	}
	err = o.file.Truncate(0)
	if err == nil {
		_, err = o.file.Write(end)
	}
	return err
}
