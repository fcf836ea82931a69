package text

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

func TestWrapBreaksLinesAtSpaces(t *testing.T) {
	t.Parallel()
	const width = 40
	for name, c := range map[string]struct{ in, want string }{
		"a short line stays": {"  one two\n", "  one two\n"},
		"a line of just the width stays": {strings.Repeat("x", 19) + " " + strings.Repeat("y", 20) + "\n",
			strings.Repeat("x", 19) + " " + strings.Repeat("y", 20) + "\n"},
		"the rest is indented by two more": {"  hint: restart the agent with more memory, or less\n",
			"  hint: restart the agent with more\n    memory, or less\n"},
		"the rest is below its column": {"Failure    the saved state is not current at all\n",
			"Failure    the saved state is not\n           current at all\n"},
		"a path is not broken": {"the log is in /var/lib/alluxio-mesos/a/very/long/folder/framework.out now\n",
			"the log is in\n  /var/lib/alluxio-mesos/a/very/long/folder/framework.out\n  now\n"},
		"a command is not broken": {"it ends for good: `alluxio-mesos replace SLOT` ends it\n",
			"it ends for good:\n  `alluxio-mesos replace SLOT` ends it\n"},
		"a command without backquotes is not broken": {"something does not serve: see alluxio-mesos explain\n",
			"something does not serve: see\n  alluxio-mesos explain\n"},
		"a flag stays with its command": {"begin with another ID: alluxio-mesos recover --new-id\n",
			"begin with another ID:\n  alluxio-mesos recover --new-id\n"},
		"a flag in a sentence stays with nothing": {"The folder with the site file, conf is --conf-dir, else\n",
			"The folder with the site file, conf is\n  --conf-dir, else\n"},
		"a command that is too long is broken": {"`alluxio-mesos replace alluxio-worker-0 --destroy-volume` helps\n",
			"`alluxio-mesos replace alluxio-worker-0\n  --destroy-volume` helps\n"},
		"two blanks in the text are no column": {strings.Repeat("word ", 6) + " and more words\n",
			"word word word word word word  and more\n  words\n"},
		"other letters count once": {strings.Repeat("ü", 20) + " " + strings.Repeat("ö", 19) + "\n",
			strings.Repeat("ü", 20) + " " + strings.Repeat("ö", 19) + "\n"},
		"text without an end of line": {strings.Repeat("word ", 9) + "end",
			"word word word word word word word word\n  word end"},
	} {
		if got := Wrap(c.in, width); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
	if in := strings.Repeat("word ", 100); Wrap(in, 0) != in || Fill(in, 0) != in {
		t.Error("width 0 changes the text")
	}
	if got := Fill(strings.Repeat("word ", 9)+"end", width); got != "word word word word word word word word\nword end" {
		t.Errorf("Fill: %q", got)
	}
}

// fits says why a text does not fit into so many columns: lines that are longer must be one word.
func fits(t *testing.T, name, text string, width int) {
	t.Helper()
	for i, line := range strings.Split(text, "\n") {
		if n := utf8.RuneCountInString(line); n > width && strings.Contains(strings.TrimLeft(line, " "), " ") {
			t.Errorf("%s: line %d has %d columns of %d: %s", name, i+1, n, width, line)
		}
	}
}

// TestEveryTextFitsTheTerminal writes each status of the stories for terminals of several widths: no
// line is longer, and no word is lost.
func TestEveryTextFitsTheTerminal(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../cluster/testdata/status/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d states, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s cluster.Status
		if err := json.Unmarshal(data, &s); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, write := range []func(width int) string{
			func(width int) string { return Status(&s, width) },
			func(width int) string { return Explain(&s, width) },
			func(width int) string { return ExplainOne(&s, "alluxio-worker-0", width) },
		} {
			want := strings.Fields(write(0))
			slices.Sort(want)
			for _, width := range []int{60, 80, Width, 132, 200} {
				text := write(width)
				fits(t, file, text, width)
				for _, word := range want {
					if !strings.Contains(text, word) && !strings.Contains(text, strings.ToLower(word)) {
						t.Errorf("%s: %q is lost at width %d:\n%s", file, word, width, text)
					}
				}
			}
		}
	}
}

func TestAWideTableIsFoldedBelowItsRows(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"SLOT", "HOST", "PORTS", "NONE", "TASK"},
		{"s-0", "a.example.org", "rpc:1 web:2", "", "s-0.1"}, {"s-1", "", "", "", ""}}
	for width, want := range map[int]string{
		0:  "SLOT  HOST           PORTS        TASK\ns-0   a.example.org  rpc:1 web:2  s-0.1\ns-1\n",
		39: "SLOT  HOST           PORTS        TASK\ns-0   a.example.org  rpc:1 web:2  s-0.1\ns-1\n",
		38: "SLOT  HOST           PORTS\ns-0   a.example.org  rpc:1 web:2\n    task s-0.1\ns-1\n",
		20: "SLOT  HOST\ns-0   a.example.org\n    ports rpc:1 web:2, task s-0.1\ns-1\n",
		2:  "SLOT\ns-0\n    host a.example.org, ports rpc:1 web:2, task s-0.1\ns-1\n",
	} {
		var b strings.Builder
		foldedTable(&b, rows, width)
		if b.String() != want {
			t.Errorf("width %d:\n%s\nwant\n%s", width, b.String(), want)
		}
	}
}
