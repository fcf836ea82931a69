package bench

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
)

// TestWorseRowsOfAComparisonAreNamed feeds scripts/bench/worse.awk with what benchstat writes.
func TestWorseRowsOfAComparisonAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ unit, change, want string }{
		{"sec/op", "+10.50%", "worse: Match, sec/op +10.50%\n"},
		{"sec/op", "+9.50%", ""},
		{"sec/op", "-40.00%", ""},
		{"sec/op", "~", ""},
		{"B/op", "+2.50%", "worse: Match, B/op +2.50%\n"},
		{"B/op", "+1.00%", ""},
		{"allocs/op", "+0.10%", "worse: Match, allocs/op +0.10%\n"},
		{"allocs/op", "-1.00%", ""},
		{"offers/s", "-12.00%", "worse: Match, offers/s -12.00%\n"},
		{"offers/s", "+50.00%", ""},
		{"rss-MB", "+12.00%", "worse: Match, rss-MB +12.00%\n"},
		{"tar-s", "+12.00%", ""},
	} {
		csv := "pkg: p\n,old,,new,,,\n," + c.unit + ",CI," + c.unit + ",CI,vs base,P\n" +
			"Match,1,1%,2,1%," + c.change + ",p=0.001 n=10\ngeomean,1,,2,,+100.00%,\n"
		awk := exec.Command("awk", "-f", filepath.Join(clitest.Repository(), "scripts/bench/worse.awk"))
		awk.Stdin = strings.NewReader(csv)
		out, err := awk.Output()
		if string(out) != c.want || (err != nil) != (c.want != "") {
			t.Errorf("%s %s: %q, %v; want %q", c.unit, c.change, out, err, c.want)
		}
	}
}
