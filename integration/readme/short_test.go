package readme

import (
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
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
