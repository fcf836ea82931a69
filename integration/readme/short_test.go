package readme

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
)

// TestReadmeIsShort keeps the README at one page: the table of properties is in docs/configuration.md.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	text := page(t, "README.md")
	const mostLines, mostColumns = 120, 120
	if n := strings.Count(text, "\n"); n > mostLines {
		t.Errorf("README.md has %d lines, and at most %d are allowed", n, mostLines)
	}
	for i, line := range strings.Split(text, "\n") {
		if n := len([]rune(line)); n > mostColumns {
			t.Errorf("README.md:%d has %d columns, and at most %d are allowed", i+1, n, mostColumns)
		}
	}
	for _, k := range config.Keys {
		if strings.Contains(text, "| `"+k.Name+"`") {
			t.Errorf("README.md has a row for %s, which belongs into docs/configuration.md", k.Name)
		}
	}
}

// bare is the name of a Go file without its folder.
var bare = regexp.MustCompile("`([a-z0-9_]+\\.go)`")

func TestEveryGoFileThatADocumentNamesIsThere(t *testing.T) {
	t.Parallel()
	there := map[string]bool{}
	err := filepath.WalkDir(clitest.Repository(), func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			there[entry.Name()] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range documents(t) {
		if d.name == "docs/decisions.md" { // history
			continue
		}
		for _, m := range bare.FindAllStringSubmatch(d.text, -1) {
			if !there[m[1]] {
				t.Errorf("%s: there is no file %s", d.name, m[1])
			}
		}
	}
}
