package alluxioclient

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

// output is what a client printed: two lanes, and a line that has not been written to its end.
const output = `WARNING: a word of the JVM
{"lane":"a","file":"/a-0","kind":"write","begun":1000,"took":100,"error":""}
{"lane":"b","file":"/b-0","kind":"write","begun":1000,"took":150,"error":""}
{"lane":"a","file":"/a-1","kind":"write","begun":1500,"took":10,"error":"java.io.IOException: \"io\""}
{"lane":"a","file":"/a-0","kind":"read 0","begun":1100,"took":900,"error":""}
{"lane":"a","file":"/a-0","kind":"read 1000","begun":2100,"took":5,"error":""}
{"lane":"a","file":"/a-2","kind":"wri`

func read(t *testing.T) []Operation {
	t.Helper()
	file := filepath.Join(t.TempDir(), "output")
	if err := os.WriteFile(file, []byte(output), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := operations(file)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAReportCountsTheOperationsOfItsLaneAndTime(t *testing.T) {
	t.Parallel()
	all := read(t)
	second := func(s float64) time.Time { return time.UnixMilli(int64(s * 1000)) }
	for name, test := range map[string]struct {
		lane     string
		from, to float64
		want     Report
	}{
		"the gap between two successes, an error in between": {"a", 1, 2.2, Report{Operations: 4, Failed: 1,
			Gap: 900 * time.Millisecond, Slowest: 900 * time.Millisecond,
			Errors: []string{`write /a-1: java.io.IOException: "io"`}}},
		"the gap behind the last": {"a", 1.9, 9.105, Report{Operations: 2,
			Gap: 7 * time.Second, Slowest: 900 * time.Millisecond}},
		"one that succeeds after the end": {"a", 1.2, 1.6, Report{Operations: 2, Failed: 1,
			Gap: 400 * time.Millisecond, Slowest: 900 * time.Millisecond,
			Errors: []string{`write /a-1: java.io.IOException: "io"`}}},
		"the gap before the first": {"b", 0, 1.2, Report{Operations: 1,
			Gap: 1150 * time.Millisecond, Slowest: 150 * time.Millisecond}},
		"nothing succeeds": {"b", 2, 5, Report{Gap: 3 * time.Second}},
	} {
		if got := Summarize(all, test.lane, second(test.from), second(test.to)); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestOnlyFilesWhoseWriteSucceededCanBeLost(t *testing.T) {
	t.Parallel()
	if got := acknowledged(read(t)); !reflect.DeepEqual(got, []string{"/a-0", "/b-0"}) {
		t.Errorf("acknowledged are %v", got)
	}
}
