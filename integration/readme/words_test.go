package readme

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
)

// literals are all string literals of the programs, without tests, one to a line; those that a +
// joins are one.
func literals(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, dir := range []string{"cmd", "config", "scheduler", "executor"} {
		err := filepath.WalkDir(filepath.Join(clitest.Repository(), dir), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files := token.NewFileSet()
			var s scanner.Scanner
			s.Init(files.AddFile(path, -1, len(text)), text, nil, 0)
			var before, last token.Token
			for {
				_, kind, literal := s.Scan()
				if kind == token.EOF {
					return nil
				}
				if value, err := strconv.Unquote(literal); kind == token.STRING && err == nil {
					if before != token.STRING || last != token.ADD {
						value = "\n" + value
					}
					all.WriteString(value)
				}
				before, last = last, kind
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

var quoted = regexp.MustCompile("`([^`]+)`")

// TestEveryMessageIsOneOfThePrograms looks up what is quoted in the first column of the tables of
// messages, and in the last of the table of what dies; "..." stands for what a message fills in.
// What Mesos says is in the program too: it recognises it.
func TestEveryMessageIsOneOfThePrograms(t *testing.T) {
	t.Parallel()
	var messages []string
	for _, section := range strings.Split(page(t, "docs/troubleshooting.md"),
		"\n| message | why, and what helps |\n|---|---|\n")[1:] {
		section, _, _ = strings.Cut(section, "\n\n")
		for row := range strings.SplitSeq(strings.TrimSpace(section), "\n") {
			messages = append(messages, strings.Split(row, " | ")[0])
		}
	}
	_, section, _ := strings.Cut(page(t, "docs/operations.md"),
		"\n| what dies | Alluxio | the framework | where you see it |\n|---|---|---|---|\n")
	section, _, _ = strings.Cut(section, "\n\n")
	for row := range strings.SplitSeq(section, "\n") {
		cells := strings.Split(strings.TrimSuffix(row, "|"), "|")
		messages = append(messages, cells[len(cells)-1])
	}
	if len(messages) < 40 {
		t.Errorf("%d messages", len(messages))
	}
	all := literals(t)
	for name := range parse(t, "scheduler/cluster").values() {
		// the states of Mesos are names in the code, and words in what it says
		if state, ok := strings.CutPrefix(name, "verdicts["); ok {
			all += strings.TrimSuffix(state, "]") + "\n"
		}
	}
	for _, message := range messages {
		for _, m := range quoted.FindAllStringSubmatch(message, -1) {
			for part := range strings.SplitSeq(m[1], "...") {
				if part = strings.TrimSpace(part); !strings.Contains(all,
					strings.TrimSuffix(part, " host-3, which holds its journal")) {
					t.Errorf("nothing says %q", part)
				}
			}
		}
	}
}

// property is a name under the framework's prefix, with {a,b} for several.
var property = regexp.MustCompile(`alluxio\.integration\.[a-z0-9.{},]*[a-z0-9}]`)

func TestEveryPropertyIsOneOfTheTable(t *testing.T) {
	t.Parallel()
	for _, d := range documents(t) {
		for _, name := range property.FindAllString(d.text, -1) {
			names := []string{name}
			if before, rest, found := strings.Cut(name, "{"); found {
				choices, after, _ := strings.Cut(rest, "}")
				names = nil
				for choice := range strings.SplitSeq(choices, ",") {
					names = append(names, before+choice+after)
				}
			}
			for _, n := range names {
				if config.FindKey(n) == nil {
					t.Errorf("%s: there is no property %s", d.name, n)
				}
			}
		}
	}
}

var (
	link = regexp.MustCompile(`\]\(([^)]+)\)`)
	path = regexp.MustCompile("`((?:cmd|config|scheduler|executor|integration|scripts|docs)/[A-Za-z0-9_./*-]+|" +
		"[A-Z]+\\.md)`")
	heading     = regexp.MustCompile(`(?m)^#+ (.*)$`)
	punctuation = regexp.MustCompile(`[^\w\s-]`)
)

// anchors are the names that GitHub gives to the headings of a page.
func anchors(text string) (list []string) {
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		list = append(list, strings.ReplaceAll(punctuation.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return list
}

func TestAnchorsAreThoseOfGitHub(t *testing.T) {
	t.Parallel()
	got := anchors("# A page\ntext\n## Start, stop\n### The `x` of y\n")
	if want := []string{"a-page", "start-stop", "the-x-of-y"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestEveryLinkAndPathLeadsSomewhere(t *testing.T) {
	t.Parallel()
	root := clitest.Repository()
	for _, d := range documents(t) {
		var files []string
		for _, m := range link.FindAllStringSubmatch(d.text, -1) {
			file, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(m[1], "://") {
				continue
			}
			name := d.name
			if file != "" {
				name = filepath.Join(filepath.Dir(d.name), file)
			}
			files = append(files, filepath.Join(root, name))
			if anchor != "" && !slices.Contains(anchors(page(t, name)), anchor) {
				t.Errorf("%s: %s has no heading #%s", d.name, name, anchor)
			}
		}
		for _, m := range path.FindAllStringSubmatch(d.text, -1) {
			files = append(files, filepath.Join(root, m[1]))
		}
		for _, file := range files {
			if found, err := filepath.Glob(file); err != nil || len(found) == 0 {
				t.Errorf("%s: there is no %s", d.name, file)
			}
		}
	}
}

// test is the name of a test or of a fuzz target in a document.
var test = regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)`")

func TestEveryTestThatADocumentNamesIsThere(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, dir := range []string{"cmd", "config", "scheduler", "executor", "integration"} {
		err := filepath.WalkDir(filepath.Join(clitest.Repository(), dir), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			all.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range documents(t) {
		for _, m := range test.FindAllStringSubmatch(d.text, -1) {
			if !strings.Contains(all.String(), "func "+m[1]+"(") {
				t.Errorf("%s: there is no %s", d.name, m[1])
			}
		}
	}
}
