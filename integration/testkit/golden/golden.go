// Package golden compares what a test sees with files that a person has read: goldens. The flag -update, of every test
// binary that uses this package, rewrites them with what the code does now.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files of these tests with what the code does now")

// Update is true when goldens are to be rewritten.
func Update() bool { return *update }

// Compare reports a difference between got and the content of file, or with -update writes got to
// it. A file that does not exist is a difference.
func Compare(t testing.TB, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("there is no golden; `go test -update` writes it, read it then: %v", err)
		return
	}
	if got != string(want) {
		t.Errorf("%s differs from the line %d on; `go test -update` rewrites it. Now it is:\n%s", file,
			difference(got, string(want)), got)
	}
}

// difference is the number of the first line in which two texts differ.
func difference(a, b string) int {
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return i + 1
		}
	}
	return min(len(left), len(right)) + 1
}

// Replay runs a parallel test for each file that matches pattern, which compares the file with what
// replay writes for its text. It returns how many files there are; none is a failure.
func Replay(t *testing.T, pattern string, replay func(t *testing.T, text string) string) int {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no file matches %s: %v", pattern, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			Compare(t, file, replay(t, string(text)))
		})
	}
	return len(files)
}

// Complete reports every file that matches pattern and is none of used: nothing shows any more
// what it says. With -update it removes them.
func Complete(t testing.TB, pattern string, used []string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if slices.Contains(used, file) {
			continue
		}
		if !*update {
			t.Errorf("no test writes %s; remove it, or run `go test -update`", file)
		} else if err := os.Remove(file); err != nil {
			t.Error(err)
		}
	}
}
