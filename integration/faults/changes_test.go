package faults

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/alluxioclient"
)

// change is a row of the table of planned changes: what is changed while a client works, how its
// files are written, and what may become of its operations and files.
type change struct {
	what, written string
	failed, lost  int // at most this many; counted: any number
}

// counted is the bound of a number that is printed only.
const counted = -1

const (
	rolling     = "rolling change of three workers"
	maintained  = "maintenance of one of three workers' hosts, a fourth is free"
	scaled      = "three workers become one"
	rollMasters = "rolling change of three masters with the embedded journal"

	through  = "CACHE_THROUGH"
	through2 = "CACHE_THROUGH, durable=2"
	async    = "ASYNC_THROUGH"
	async2   = "ASYNC_THROUGH, durable=2"
	waiting  = "ASYNC_THROUGH, not persisted when it begins"
	memory   = "MUST_CACHE"
)

// The rows of planned changes, on Alluxio 2.9.6 and 1.8.1. Their tests are in changes_long_test.go.
var (
	rollThrough   = &change{rolling + ", 2.9.6", through, 0, 0}
	rollThrough2  = &change{rolling + ", 2.9.6", through2, 0, 0}
	rollAsync     = &change{rolling + ", 2.9.6", async, 0, 0}
	rollAsync2    = &change{rolling + ", 2.9.6", async2, 0, 0}
	rollWaiting   = &change{rolling + ", 2.9.6", waiting, 0, 0}
	moveThrough   = &change{maintained + ", 2.9.6", through, 0, 0}
	moveAsync     = &change{maintained + ", 2.9.6", async, 0, 0}
	moveAsync2    = &change{maintained + ", 2.9.6", async2, 0, 0}
	moveWaiting   = &change{maintained + ", 2.9.6", waiting, 0, 0}
	scaleThrough  = &change{scaled + ", 2.9.6", through, 0, 0}
	scaleAsync    = &change{scaled + ", 2.9.6", async, 0, 0}
	scaleWaiting  = &change{scaled + ", 2.9.6", waiting, 0, 0}
	scaleMemory   = &change{scaled + ", 2.9.6", memory, 0, 0}
	mastersRolled = &change{rollMasters + ", 2.9.6", through, 0, 0}

	rollThrough18  = &change{rolling + ", 1.8.1", through, counted, 0}
	rollMemory18   = &change{rolling + ", 1.8.1", memory, counted, counted}
	scaleThrough18 = &change{scaled + ", 1.8.1", through, counted, 0}
	scaleMemory18  = &change{scaled + ", 1.8.1", memory, counted, counted}
)

// changes are all rows, in the order of the table.
var changes = []*change{
	rollThrough, rollThrough2, rollAsync, rollAsync2, rollWaiting,
	moveThrough, moveAsync, moveAsync2, moveWaiting,
	scaleThrough, scaleAsync, scaleWaiting, scaleMemory,
	mastersRolled,
	rollThrough18, rollMemory18, scaleThrough18, scaleMemory18,
}

// count is what a row has measured: the worst of all rounds.
type count struct {
	operations, failed, files, lost int
	gap                             time.Duration
}

// countedChanges are the measurements of this run.
var countedChanges = struct {
	sync.Mutex
	worst map[*change]count
}{worst: map[*change]count{}}

// broken are the bounds that a client's report breaks.
func (c *change) broken(report alluxioclient.Report, files int, lost map[string]string) (why []string) {
	if report.Operations == report.Failed || files == 0 {
		why = append(why, fmt.Sprintf("%d of %d operations failed on %d files, which is no measurement", report.Failed,
			report.Operations, files))
	}
	if c.failed != counted && report.Failed > c.failed {
		why = append(why, fmt.Sprintf("%d operations failed, the bound is %d", report.Failed, c.failed))
	}
	if c.lost != counted && len(lost) > c.lost {
		why = append(why, fmt.Sprintf("lost are %v, the bound is %d", lost, c.lost))
	}
	return why
}

const changeHead = "| planned change | files | bound | operations failed | files lost | longest gap |\n" +
	"|---|---|---|---|---|---|\n"

// bound is what the row promises.
func (c *change) bound() string {
	var bounds []string
	if c.failed != counted {
		bounds = append(bounds, fmt.Sprintf("%d failed", c.failed))
	}
	if c.lost != counted {
		bounds = append(bounds, fmt.Sprintf("%d lost", c.lost))
	}
	if len(bounds) == 0 {
		return "none, only counted"
	}
	return strings.Join(bounds, ", ")
}

// changeTable has a line for each row; those that this run did not measure keep what was measured before, or are left
// out.
func changeTable(before map[string]string) string {
	countedChanges.Lock()
	defer countedChanges.Unlock()
	var text bytes.Buffer
	text.WriteString(changeHead)
	for _, row := range changes {
		met := before[row.what+row.written]
		if n, measured := countedChanges.worst[row]; measured {
			met = fmt.Sprintf("%d of %d | %d of %d | %.1f s", n.failed, n.operations, n.lost, n.files, n.gap.Seconds())
		}
		if met != "" {
			fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", row.what, row.written, row.bound(), met)
		}
	}
	return text.String()
}

// changeCells are the last three columns of each row of the page.
func changeCells(table string) map[string]string {
	lines := map[string]string{}
	for line := range strings.Lines(table) {
		columns := strings.SplitN(strings.Trim(line, "| \n"), " | ", 4)
		if len(columns) == 4 {
			lines[columns[0]+columns[1]] = columns[3]
		}
	}
	return lines
}

func TestThePageHasEveryPlannedChangeWithItsCounts(t *testing.T) {
	t.Parallel()
	if *update { // it is written when the changes are over
		return
	}
	_, _, text, _, err := page(changeHead)
	if err != nil {
		t.Fatal(err)
	}
	met := changeCells(text)
	for _, row := range changes {
		line := fmt.Sprintf("| %s | %s | %s | %s |\n", row.what, row.written, row.bound(), met[row.what+row.written])
		if met[row.what+row.written] == "" || !strings.Contains(text, line) {
			t.Errorf("docs/reliability.md does not say %q; UPDATE=1 make faults writes it", line)
		}
	}
	if n := strings.Count(text, "\n"); n != len(changes) {
		t.Errorf("the table of planned changes has %d lines, want %d", n, len(changes))
	}
}

func TestAChangeThatBreaksABoundOfItsRowIsNamed(t *testing.T) {
	t.Parallel()
	lost := map[string]string{"/a": "gone"}
	for _, test := range []struct {
		row    change
		report alluxioclient.Report
		lost   map[string]string
		want   int
	}{
		{change{}, alluxioclient.Report{Operations: 2}, nil, 0},
		{change{}, alluxioclient.Report{Operations: 2, Failed: 1}, nil, 1},
		{change{}, alluxioclient.Report{Operations: 2, Failed: 1}, lost, 2},
		{change{failed: counted, lost: counted}, alluxioclient.Report{Operations: 2, Failed: 1}, lost, 0},
		{change{failed: counted, lost: counted}, alluxioclient.Report{Operations: 2, Failed: 2}, lost, 1},
	} {
		if got := test.row.broken(test.report, 1, test.lost); len(got) != test.want {
			t.Errorf("%+v, %v, %v: %q", test.row, test.report, test.lost, got)
		}
	}
}
