package main

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/alluxio/alluxio-mesos/scheduler/web/text"
)

// The commands whose standard error is a log.
const frameworkName, executorName = "framework", "executor"

// wrapping is a writer of text for people. Each Write must have whole lines; long ones are wrapped.
type wrapping struct {
	out   io.Writer
	width func() int
}

func (w wrapping) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.out, text.Wrap(string(p), w.width())); err != nil {
		return 0, err
	}
	return len(p), nil
}

// newCLI is a command line with the arguments, the input, the outputs and the environment of a process.
func newCLI(argv []string, stdin *os.File, stdout, stderr io.Writer, env func(string) string) *cli {
	c := &cli{argv: argv, stdin: stdin, rawOut: stdout, rawErr: stderr, env: env}
	c.stdout = wrapping{stdout, func() int { return c.width(stdout) }}
	c.stderr = wrapping{stderr, func() int { return c.width(stderr) }}
	return c
}

// width is the number of columns of text on out: those of its terminal, else $COLUMNS, else
// text.Width. It is 0, for any number, where a line of a log is written.
func (c *cli) width(out io.Writer) int {
	if n := columnsOf(out); n > 0 {
		return n
	}
	if c.logs {
		return 0
	}
	if n, err := strconv.Atoi(c.env("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return text.Width
}

// columnsOf is the number of columns of out if it is a terminal, else 0.
func columnsOf(out io.Writer) int {
	file, ok := out.(*os.File)
	if !ok {
		return 0
	}
	size, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}
