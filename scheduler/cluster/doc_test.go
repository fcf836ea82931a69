package cluster

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mapped reads the names in the map of files in a package comment.
func mapped(comment string) (names []string) {
	for _, m := range regexp.MustCompile(`(?m)^//\t([a-z0-9_]+\.go) +\S.*$`).FindAllStringSubmatch(comment, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return names
}

// TestThePackageCommentMapsEveryFile compares the map in doc.go with the files of the package, without
// tests. A new file needs a line there that says what it holds.
func TestThePackageCommentMapsEveryFile(t *testing.T) {
	t.Parallel()
	comment, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return f == "doc.go" || strings.HasSuffix(f, "_test.go") })
	names := mapped(string(comment))
	for _, f := range files {
		if !slices.Contains(names, f) {
			t.Errorf("the map in doc.go does not have %s: add a line that says what it holds", f)
		}
	}
	for i, name := range names {
		if !slices.Contains(files, name) {
			t.Errorf("the map in doc.go has %s, which does not exist", name)
		}
		if i > 0 && names[i-1] == name {
			t.Errorf("the map in doc.go has %s twice", name)
		}
	}
}

func TestAMapOfFilesIsReadFromAComment(t *testing.T) {
	t.Parallel()
	got := mapped("// Package x.\n//\n//\tb.go   holds b\n//\ta_c2.go holds a\n// See d.go too.\n//\te.go\n")
	if !slices.Equal(got, []string{"a_c2.go", "b.go"}) {
		t.Errorf("got %q", got)
	}
}
