// Package terminal opens pseudo-terminals, for tests of what people see and type.
package terminal

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// EndOfInput is the key Ctrl-D: at the start of a line it ends the input.
const EndOfInput = "\x04"

// Open opens a terminal of so many columns. What a program writes to terminal is read from person,
// and what is written to person is what the program reads. Both are closed when the test ends.
func Open(t *testing.T, columns uint16) (person, terminal *os.File) {
	t.Helper()
	person = open(t, "/dev/ptmx")
	fd := int(person.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
	}
	if err != nil {
		t.Fatal(err)
	}
	return person, open(t, fmt.Sprintf("/dev/pts/%d", number))
}

func open(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // the test may have closed it
	return f
}
