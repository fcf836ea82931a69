package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder is a test that keeps what it reports.
type recorder struct {
	testing.TB
	reported []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.reported = append(r.reported, fmt.Sprintf(format, args...))
}

func TestDifferencesMissingAndUnusedGoldensAreReported(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "one.txt")
	if err := os.WriteFile(file, []byte("a\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what  string
		check func(testing.TB)
		want  string
	}{
		{"the same", func(tb testing.TB) { Compare(tb, file, "a\nb\n") }, ""},
		{"another second line", func(tb testing.TB) { Compare(tb, file, "a\nc\n") }, "differs from the line 2 on"},
		{"a shorter text", func(tb testing.TB) { Compare(tb, file, "a") }, "differs from the line 2 on"},
		{"a missing file", func(tb testing.TB) { Compare(tb, file+"x", "a") }, "there is no golden"},
		{"a used file", func(tb testing.TB) { Complete(tb, folder+"/*.txt", []string{file}) }, ""},
		{"an unused file", func(tb testing.TB) { Complete(tb, folder+"/*.txt", nil) }, "no test writes " + file},
	} {
		seen := &recorder{TB: t}
		c.check(seen)
		got := strings.Join(seen.reported, "\n")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: reported %q, want %q", c.what, got, c.want)
		}
	}
}
