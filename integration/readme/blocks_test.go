package readme

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
)

// document is README.md, CONTRIBUTING.md or a file of docs/.
type document struct{ name, text string }

// documents reads all of them, the README first.
func documents(t *testing.T) []document {
	t.Helper()
	root := clitest.Repository()
	more, err := filepath.Glob(filepath.Join(root, "docs/*.md"))
	if err != nil || len(more) == 0 {
		t.Fatalf("docs has %d pages, %v", len(more), err)
	}
	var list []document
	for _, path := range append([]string{filepath.Join(root, "README.md"), filepath.Join(root, "CONTRIBUTING.md")},
		more...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, document{name, string(text)})
	}
	return list
}

// page is one document by name.
func page(t *testing.T, name string) string {
	t.Helper()
	for _, d := range documents(t) {
		if d.name == name {
			return d.text
		}
	}
	t.Fatalf("there is no %s", name)
	return ""
}

// blocks are the contents of the fenced blocks of a language.
func blocks(text, language string) (list []string) {
	for _, part := range strings.Split(text, "\n```"+language+"\n")[1:] {
		body, _, _ := strings.Cut(part, "\n```")
		list = append(list, body)
	}
	return list
}

var (
	comment = regexp.MustCompile(`\s+# .*$`)
	heredoc = regexp.MustCompile(`<<(\w+)$`)
)

// commands are the commands of a block, without comments; a here-document belongs to its command.
func commands(block string) (list []string) {
	lines := strings.Split(block, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(comment.ReplaceAllString(lines[i], ""))
		if line == "" {
			continue
		}
		if end := heredoc.FindStringSubmatch(line); end != nil {
			for i++; i < len(lines); i++ {
				line += "\n" + lines[i]
				if lines[i] == end[1] {
					break
				}
			}
		}
		list = append(list, line)
	}
	return list
}

func TestCommandsAreFoundInBlocks(t *testing.T) {
	t.Parallel()
	text := "x\n```sh\nmake a    # why\n\ncat > f <<END\nk=# v\nEND\nb 'c'\n```\n```json\n{}\n```\n```sh\nd\n```\n"
	var got []string
	for _, block := range blocks(text, "sh") {
		got = append(got, commands(block)...)
	}
	if want := "make a|cat > f <<END\nk=# v\nEND|b 'c'|d"; strings.Join(got, "|") != want {
		t.Errorf("got %q", got)
	}
}
