package faults

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
)

// fault is a row of the table: what fails, until when the clock runs that starts with the fault,
// and the time that is promised.
type fault struct{ what, until, bound string }

// rows are all faults, in the order of the table.
var rows = []*fault{
	frameworkIdle, frameworkLaunching, frameworkLeader,
	jvmOfMaster, jvmOfWorker, jvmHangs, executorDies, executorHangs, executorOfMasterHangs,
	agentOfHungExecutor,
	leaderByZooKeeper, leaderByJournal, leaderReturns, memberOnVolume, agentOfMember,
	agentReturns, agentMissesAnEnd, agentLost, maintenance,
	mesosLeader, mesosHangs, mesosSilent, mesosAway,
	zooKeeperSession, zooKeeperAway, zooKeeperOfState,
	diskFull,
	credentialsGone, credentialsWrong, credentialsRight,
}

// measured are the times of this run.
var measured = struct {
	sync.Mutex
	times map[*fault][]time.Duration
}{times: map[*fault][]time.Duration{}}

var (
	tableFile = flag.String("table", "", "write the table of the measured times to this file")
	update    = flag.Bool("update", false, "put the measured times into docs/reliability.md")
)

// binary is the alluxio-mesos under test.
var binary string

func TestMain(m *testing.M) {
	flag.Parse()
	code := testcluster.Main(m, &binary)
	var err error
	if *tableFile != "" {
		err = os.WriteFile(*tableFile, []byte(table(nil)+"\n"+changeTable(nil)), 0o644)
	}
	if *update && err == nil && code == 0 {
		err = updatePage()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// measure lets a fault happen and takes the time until recovered returns.
func measure(t *testing.T, row *fault, happen, recovered func()) {
	t.Helper()
	begun := time.Now()
	happen()
	recovered()
	took := time.Since(begun)
	t.Logf("%s: %s %s", row.what, took.Round(10*time.Millisecond), row.until)
	measured.Lock()
	defer measured.Unlock()
	measured.times[row] = append(measured.times[row], took)
}

// summary is the median of times, and how far they lie apart when there are several.
func summary(times []time.Duration) string {
	slices.Sort(times)
	text := fmt.Sprintf("%.1f s", times[len(times)/2].Seconds())
	if len(times) > 1 {
		text += fmt.Sprintf(" (%.1f..%.1f)", times[0].Seconds(), times[len(times)-1].Seconds())
	}
	return text
}

const head = "| what fails | until | bound | measured |\n|---|---|---|---|\n"

// table has a line for each row; those that this run did not measure keep what was measured before, or are left out.
func table(before map[string]string) string {
	measured.Lock()
	defer measured.Unlock()
	var text bytes.Buffer
	text.WriteString(head)
	for _, row := range rows {
		took := before[row.what]
		if times := measured.times[row]; len(times) > 0 {
			took = summary(times)
		}
		if took != "" {
			fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", row.what, row.until, row.bound, took)
		}
	}
	return text.String()
}

// page is docs/reliability.md, cut where the table with a head begins and ends.
func page(head string) (path, before, table, after string, err error) {
	path = filepath.Join(clitest.Repository(), "docs/reliability.md")
	data, err := os.ReadFile(path)
	before, rest, found := strings.Cut(string(data), head)
	if err == nil && !found {
		err = fmt.Errorf("%s has no line %q", path, head)
	}
	end := strings.Index(rest, "\n\n")
	if err != nil || end < 0 {
		return path, "", "", "", err
	}
	return path, before, rest[:end+1], rest[end+1:], nil
}

// cells are what the page says: what fails, then the other columns.
func cells(table string) map[string][]string {
	lines := map[string][]string{}
	for line := range strings.Lines(table) {
		columns := strings.Split(strings.Trim(line, "| \n"), " | ")
		lines[columns[0]] = columns[1:]
	}
	return lines
}

func updatePage() error {
	path, before, old, after, err := page(head)
	if err != nil {
		return err
	}
	known := map[string]string{}
	for what, columns := range cells(old) {
		known[what] = columns[len(columns)-1]
	}
	if err := os.WriteFile(path, []byte(before+table(known)+after), 0o644); err != nil {
		return err
	}
	path, before, old, after, err = page(changeHead)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(before+changeTable(changeCells(old))+after), 0o644)
}

func TestThePageHasEveryFaultWithItsMeasuredTime(t *testing.T) {
	t.Parallel()
	if *update { // it is written when the faults are over
		return
	}
	_, _, text, _, err := page(head)
	if err != nil {
		t.Fatal(err)
	}
	lines := cells(text)
	for _, row := range rows {
		if got := lines[row.what]; len(got) != 3 || got[0] != row.until || got[1] != row.bound || got[2] == "" {
			t.Errorf("docs/reliability.md does not say %q, %q, %q, but %q; UPDATE=1 make faults writes it", row.what, row.until,
				row.bound, got)
		}
		delete(lines, row.what)
	}
	for what := range lines {
		t.Errorf("docs/reliability.md has %q, which is no fault of this package", what)
	}
}
