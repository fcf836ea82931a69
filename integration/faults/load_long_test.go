//go:build faults

package faults

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/alluxioclient"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// lane is how a client writes, and the row that counts it.
type lane struct {
	row  *change
	lane alluxioclient.Lane
}

// unpersisted are files that exist when a change begins, in workers only.
const unpersisted = 40

// refreshKey is the property of how often clients ask for the workers, refresh its value in these tests: with
// the default of 2 minutes each worker would leave for as long.
const refreshKey, refresh = "alluxio.user.worker.list.refresh.interval", "5s"

// room is what workers need for the files of all lanes: a block is reserved for each that is being written.
const room = "alluxio.worker.memory.size=512MB"

// lanes name the lanes of a client after its write types; their rows are in the order of the arguments.
func lanes(client string, rows ...*change) (list []lane) {
	for _, row := range rows {
		writeType, option, _ := strings.Cut(row.written, ", ")
		l := alluxioclient.Lane{Name: client + "-" + strings.ToLower(writeType), WriteType: writeType, Durable: 1}
		switch {
		case option == "durable=2":
			l.Name, l.Durable = l.Name+"-2", 2
		case option != "": // files that are not persisted when the change begins
			l.Name, l.PersistAfter, l.Every, l.Files = l.Name+"-waiting", time.Hour, 100*time.Millisecond, unpersisted
		case row.written == memory:
			l.Every, l.Files = 100*time.Millisecond, unpersisted
		}
		list = append(list, lane{row, l})
	}
	return list
}

// underLoad changes a cluster while a client works, and counts what the client has met until the
// first file written after the change has been read for the last time.
func underLoad(f *testcluster.Framework, r realalluxio.Release, name string, happen func(), list ...lane) {
	t := f.Cluster.T
	t.Helper()
	var all []alluxioclient.Lane
	for _, l := range list {
		all = append(all, l.lane)
	}
	client := f.StartClient(alluxioclient.Options{Release: r, Dir: name, Lanes: all,
		Properties: map[string]string{refreshKey: refresh}})
	client.AwaitReads()
	from := time.Now()
	for _, l := range list {
		if before := alluxioclient.Summarize(client.Done(), l.lane.Name, time.Time{}, from); before.Failed > 0 {
			t.Errorf("before the change, %d operations on files with %s failed: %v", before.Failed, l.row.written, before.Errors)
		}
	}
	happen()
	changed := time.Now()
	t.Logf("the change took %v", changed.Sub(from).Round(time.Second))
	client.AwaitReadsSince(changed)
	to := time.Now()
	lost := client.End()
	done := client.Done()
	for _, l := range list {
		mine, files := map[string]string{}, 0
		for _, o := range done {
			if o.Lane == l.lane.Name && o.Kind == alluxioclient.Write && o.Error == "" {
				files++
				if why, is := lost[o.File]; is {
					mine[o.File] = why
				}
			}
		}
		l.row.judge(t, alluxioclient.Summarize(done, l.lane.Name, from, to), files, mine)
	}
}

// judge notes what a client has met during a change, and fails the test when that breaks the row's bounds.
func (c *change) judge(t *testing.T, report alluxioclient.Report, files int, lost map[string]string) {
	t.Helper()
	t.Logf("%s: %s: %v; %d of %d files are lost", c.what, c.written, report, len(lost), files)
	for _, err := range report.Errors {
		t.Logf("failed: %s", err)
	}
	for _, why := range c.broken(report, files, lost) {
		t.Errorf("%s: %s: %s", c.what, c.written, why)
	}
	countedChanges.Lock()
	defer countedChanges.Unlock()
	worst := countedChanges.worst[c]
	countedChanges.worst[c] = count{operations: max(worst.operations, report.Operations), files: max(worst.files, files),
		failed: max(worst.failed, report.Failed), lost: max(worst.lost, len(lost)), gap: max(worst.gap, report.Gap)}
}

// site is the site file of a cluster that changes under load.
type site struct {
	f     *testcluster.Framework
	lines []string
}

// set changes properties, and has the framework read them.
func (s *site) set(lines ...string) {
	tc := s.f.Cluster
	tc.T.Helper()
	s.lines = append(s.lines, lines...)
	tc.Check(s.f.WriteSite(append(tc.Site(s.f.Name), s.lines...)...))
	tc.Check(syscall.Kill(s.f.PID(), syscall.SIGHUP))
}

// roll changes a property of a role, and waits until each of its tasks has been replaced.
func (s *site) roll(role config.Role, line string) {
	s.f.Cluster.T.Helper()
	before := testcluster.TaskIDs(status(s.f))
	s.set(line)
	s.f.Await("the rolling change", func(now *cluster.Status) bool {
		for _, slot := range now.Slots {
			if slot.Role == role && slot.TaskID == before[slot.Slot] {
				return false
			}
		}
		return now.Complete && now.Rollout == nil
	})
}

// scale changes the number of workers, and waits until they are as many.
func (s *site) scale(count string, want int) {
	s.f.Cluster.T.Helper()
	s.set("alluxio.integration.mesos.worker.count=" + count)
	s.f.Await("another number of workers", func(now *cluster.Status) bool {
		return now.Complete && now.Rollout == nil && testcluster.Serving(now, config.Worker) == want
	})
}
