package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alluxio/alluxio-mesos/integration/testkit/terminal"
	"github.com/alluxio/alluxio-mesos/scheduler/web/text"
)

// fits checks that the lines of text have at most so many columns. A longer line must be one word, such
// as a path, or the command line of a session.
func fits(t *testing.T, name, shown string, width int) {
	t.Helper()
	json := false
	for i, line := range strings.Split(shown, "\n") {
		if strings.HasPrefix(line, "$ ") {
			json = strings.Contains(line, "-o json")
			continue
		}
		if n := utf8.RuneCountInString(line); n > width && !json && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("%s:%d has %d columns of %d: %s", name, i+1, n, width, line)
		}
	}
}

func TestEveryTextFitsItsWidth(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"testdata/help/*", "testdata/sessions/*", "../../scheduler/web/text/testdata/*",
		"../../integration/mesos/bin/*.sh"} { // which have their help as it is
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) < 2 {
			t.Fatalf("%d files in %s, %v", len(found), pattern, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fits(t, file, string(data), text.Width)
	}
}

// TestTextIsAsWideAsTheTerminal runs commands on pseudo-terminals, and without one.
func TestTextIsAsWideAsTheTerminal(t *testing.T) {
	t.Parallel()
	h := newHome(t, "alluxio.integration.mesos.rolle=x")
	for _, command := range []string{"--help", "framework --help", "validate", "status", "recover"} {
		words := map[string]string{}
		for _, width := range []int{80, 120} {
			reader, tty := terminal.Open(t, uint16(width))
			cmd := exec.CommandContext(h.within(), h.Path("bin/alluxio-mesos"), strings.Fields(command)...)
			cmd.Dir, cmd.Stdout, cmd.Stderr = h.Dir, tty, tty
			cmd.Env = append(os.Environ(), "COLUMNS=30") // the terminal itself counts
			shown := readTerminal(reader)
			_ = cmd.Run() // some commands fail
			if err := tty.Close(); err != nil {
				t.Error(err)
			}
			out := <-shown
			fits(t, command, out, width)
			words[strings.Join(strings.Fields(out), " ")] = command
			if longest(out) <= width*2/3 {
				t.Errorf("%s: the longest of %d columns has %d: %s", command, width, longest(out), out)
			}
		}
		if len(words) != 1 {
			t.Errorf("%s says different things on different terminals: %q", command, words)
		}
	}
	for columns, want := range map[string]int{"": text.Width, "60": 60, "x": text.Width} {
		cmd := exec.CommandContext(h.within(), h.Path("bin/alluxio-mesos"), "--help")
		cmd.Env = append(os.Environ(), "COLUMNS="+columns)
		out, err := cmd.Output()
		if n := longest(string(out)); err != nil || n > want || n < want*3/4 {
			t.Errorf("COLUMNS=%s: the longest line has %d columns, %v", columns, n, err)
		}
	}
}

func longest(shown string) (n int) {
	for line := range strings.Lines(shown) {
		n = max(n, utf8.RuneCountInString(strings.TrimRight(line, "\r\n")))
	}
	return n
}

// readTerminal reads what is written to a terminal until it is closed.
func readTerminal(reader io.Reader) <-chan string {
	shown := make(chan string, 1)
	go func() {
		var b bytes.Buffer
		_, _ = io.Copy(&b, reader) // ends with EIO
		shown <- strings.ReplaceAll(b.String(), "\r\n", "\n")
	}()
	return shown
}

// TestLinesOfALogAreNotWrapped runs the framework with its errors in a file, as a supervisor does.
func TestLinesOfALogAreNotWrapped(t *testing.T) {
	t.Parallel()
	h := newHome(t, "alluxio.integration.mesos.master.node.count=2")
	cmd := exec.CommandContext(h.within(), h.Path("bin/alluxio-mesos"), "framework", nobody(t))
	cmd.Env = append(os.Environ(), "COLUMNS=60")
	out, err := cmd.CombinedOutput()
	if err == nil || strings.Count(string(out), "\n") != 2 || longest(string(out)) < 200 {
		t.Errorf("%v: %s", err, out)
	}
}
