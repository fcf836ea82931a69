//go:build testall

package jobservice

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// Before a worker goes for good, its master's executor persists what only it has, whatever the files
// are called, then takes it out of new I/O, and finds that nothing is left.
func TestAWorkerIsEmptiedAndDecommissioned(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	leaves, stays := d.block.IP(2), d.block.IP(3)
	worker := d.worker(leaves)
	d.worker(stays)
	names := []string{"/plain", "/with space", "/with\nnewline", "/with \"quotes' $(and) `more`;", "/ünïcödé 文件"}
	d.client(onlyTo(leaves, "ASYNC_THROUGH"), append([]string{"write"}, names...)...)
	d.client(onlyTo(leaves, "MUST_CACHE"), "write", "/must")
	d.client(onlyTo(leaves, "CACHE_THROUGH"), "write", "/through")
	ends := filepath.Join(d.dir, "ends")
	block := onlyTo(leaves, "MUST_CACHE")
	block["alluxio.user.block.size.bytes.default"] = "1KB"
	open := d.startClient(block, "open", "/open", ends)
	d.eventually("a file is open", func() error {
		if !strings.Contains(open.Tail(1000), "open\n") {
			return errors.New(open.Tail(1000))
		}
		return nil
	})
	if f := d.find(stays); !f.Empty() || f.Listed != 0 {
		t.Errorf("the other worker has %+v", f)
	}
	// A worker does not list the blocks of a file before it is closed.
	if f := d.find(leaves); !f.Complete || f.Listed != len(names)+2 || f.Found.Files != len(names) ||
		f.Unpersisted.Files != 1 || f.Open.Files != 0 {
		t.Errorf("the worker has %+v", f)
	}
	check(t, os.WriteFile(ends, nil, 0o644))
	_, err := open.Wait(t.Context())
	check(t, err)

	jobMaster := d.start(config.JobMaster, d.block.IP(1))
	d.await(jobMaster)
	d.await(d.start(config.JobWorker, leaves), d.start(config.JobWorker, stays))
	persist := d.do(launch.AdminPersist, leaves, nil)
	if f := persist.Files; persist.State != launch.AdminDone || !f.Complete || f.Failed.Files != 0 ||
		f.Persisted.Files != f.Found.Files || f.Unpersisted.Files != 2 {
		t.Errorf("%+v: %+v", persist, f)
	}
	for _, name := range names {
		if !d.isPersisted(name) {
			t.Errorf("%q is not in the under store", name)
		}
	}
	persist = d.do(launch.AdminPersist, leaves, func(r *launch.AdminRequest) { r.PersistAll = true })
	if f := persist.Files; f.Found.Files != 2 || f.Persisted.Files != 2 || !d.isPersisted("/must") {
		t.Errorf("%+v: %+v", persist, f)
	}
	if f := d.find(leaves); !f.Empty() {
		t.Errorf("it still has %+v", f)
	}
	for range 2 { // the second by what the master lists
		answer := d.do(launch.AdminDecommission, leaves, func(r *launch.AdminRequest) {
			r.ClientRefresh, r.IdleFor = time.Second, 2*time.Second
		})
		if answer.State != launch.AdminDone || !answer.Decommission.Decommissioned || !answer.Decommission.Idle {
			t.Fatalf("%+v: %+v", answer, answer.Decommission)
		}
	}
	if f := d.find(leaves); !f.Empty() {
		t.Errorf("it still has %+v", f)
	}
	d.kill(worker)
	d.allAreRead(append(names[:2:2], names[3:]...), "/must", "/through")
}

// allAreRead has a client read files.
func (d *desk) allAreRead(names []string, more ...string) (lost int) {
	d.t.Helper()
	names = append(names, more...)
	list := filepath.Join(d.dir, "list")
	check(d.t, os.WriteFile(list, []byte(strings.Join(names, "\n")), 0o644))
	out := d.client(nil, "read", list)
	if ok := len(lines(out, "ok")); ok != len(names) {
		for _, f := range lines(out, "failed") {
			d.t.Errorf("lost: %s", f)
		}
		d.t.Errorf("of %d files %d were read", len(names), ok)
	}
	return len(names) - len(lines(out, "ok"))
}

// While a client writes all the time, files come to a worker between the last pass and the moment when
// all clients have learned that it leaves. The master has no location of theirs: one pass more persists
// them, since job workers ask the worker beside them all the same. With a second copy none is at risk.
func TestNothingIsLostThatIsWrittenWhileAWorkerLeaves(t *testing.T) {
	t.Parallel()
	for _, durable := range []int{1, 2} {
		t.Run(fmt.Sprint(durable, " copies"), func(t *testing.T) {
			t.Parallel()
			// A short interval of clients does not reach the job workers.
			d := newDesk(t, "alluxio.user.worker.list.refresh.interval", "5s")
			leaves := d.block.IP(2)
			worker := d.worker(leaves)
			d.worker(d.block.IP(3))
			d.worker(d.block.IP(4))
			d.await(d.start(config.JobMaster, d.block.IP(1)))
			for i := range 3 {
				d.await(d.start(config.JobWorker, d.block.IP(2+i)))
			}
			ends := filepath.Join(d.dir, "ends")
			writer := d.startClient(map[string]string{"alluxio.user.file.writetype.default": "ASYNC_THROUGH",
				"alluxio.user.file.replication.durable":     fmt.Sprint(durable),
				"alluxio.user.worker.list.refresh.interval": "5s"}, "stream", "/f", ends)
			d.eventually("files are written", func() error {
				if len(lines(output(t, writer), "ok")) < 100 {
					return errors.New(writer.Tail(500))
				}
				return nil
			})
			d.do(launch.AdminPersist, leaves, nil)
			answer := d.do(launch.AdminDecommission, leaves, func(r *launch.AdminRequest) {
				r.ClientRefresh, r.IdleFor = 5*time.Second, 2*time.Second
			})
			if answer.State != launch.AdminDone {
				t.Fatalf("%+v", answer)
			}
			f := d.find(leaves)
			t.Logf("%d files are only there, %d on other workers, too", f.Found.Files, f.Copied.Files)
			if durable > 1 && !f.Empty() {
				t.Errorf("files have no second copy: %+v", f)
			}
			d.do(launch.AdminPersist, leaves, nil)
			if f := d.find(leaves); !f.Empty() {
				t.Errorf("files are only on the worker that has left: %+v", f)
			}
			d.kill(worker)
			check(t, os.WriteFile(ends, nil, 0o644))
			_, err := writer.Wait(t.Context())
			check(t, err)
			out := output(t, writer)
			t.Logf("%d files were written; failed: %s", len(lines(out, "ok")), ranges(lines(out, "failed")))
			d.allAreRead(lines(out, "ok"))
		})
	}
}

// ranges are the numbers of the files of a stream that failed.
func ranges(failed []string) string {
	text, last := "none", -2
	for i, f := range failed {
		name, _, _ := strings.Cut(strings.TrimPrefix(f, "/f"), " ")
		number, _ := strconv.Atoi(name)
		switch {
		case i == 0:
			text = name
		case number != last+1:
			text += fmt.Sprintf("-%d, %d", last, number)
		}
		last = number
	}
	if len(failed) > 0 {
		text += fmt.Sprintf("-%d: %s", last, failed[0])
	}
	return text
}

// No command undoes a decommission: enableWorker is for workers that may not register again. A worker
// that starts again with its blocks is back, also for files that Alluxio has given up meanwhile.
func TestAWorkerThatHasLeftComesBackByARestart(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "alluxio.master.lost.worker.file.detection.interval", "2s")
	host := d.block.IP(2)
	worker := d.worker(host)
	d.client(onlyTo(host, "ASYNC_THROUGH"), "write", "/given-up")
	decommission := func() {
		answer := d.do(launch.AdminDecommission, host, func(r *launch.AdminRequest) { r.IdleFor = time.Millisecond })
		if answer.State != launch.AdminDone || !answer.Decommission.Decommissioned {
			t.Fatalf("%+v", answer)
		}
	}
	decommission()
	d.eventually("Alluxio gives the file up", func() error {
		if listed := d.shell("ls", "/given-up"); !strings.Contains(listed, " LOST ") {
			return errors.New(listed)
		}
		return nil
	})
	t.Log(d.adminShell("enableWorker", "--addresses", host+":30000"))
	decommission() // it still is
	check(t, worker.process.Signal(syscall.SIGTERM))
	_, err := worker.process.Wait(t.Context())
	check(t, err)
	d.worker(host)
	if f := d.find(host); f.Found.Files != 1 {
		t.Errorf("%+v", f)
	}
	d.await(d.start(config.JobMaster, d.block.IP(1)))
	d.await(d.start(config.JobWorker, host))
	if answer := d.do(launch.AdminPersist, host, nil); answer.Files.Persisted.Files != 1 || !d.isPersisted("/given-up") {
		t.Errorf("%+v: %+v", answer, answer.Files)
	}
}

// A worker may have blocks of very many files; docs/facts.md has the time for 100,000. All are listed,
// and what is at risk among them is persisted by commands that name several hundred files each.
func TestManyFilesAreListed(t *testing.T) {
	t.Parallel()
	const persisted, atRisk = 10_000, 1000
	d := newDesk(t)
	host := d.block.IP(2)
	d.worker(host)
	began := time.Now()
	d.many(host, "CACHE_THROUGH", persisted)
	d.many(host, "MUST_CACHE", atRisk)
	t.Logf("%v: the files were written", time.Since(began).Round(time.Second))
	if f := d.find(host); !f.Complete || f.Listed != persisted+atRisk || f.Unpersisted.Files != atRisk {
		t.Errorf("%+v", f)
	}
	d.await(d.start(config.JobMaster, d.block.IP(1)))
	d.await(d.start(config.JobWorker, host))
	answer := d.do(launch.AdminPersist, host, func(r *launch.AdminRequest) { r.PersistAll, r.Within = true, time.Hour })
	if f := answer.Files; answer.State != launch.AdminDone || f.Persisted.Files != atRisk {
		t.Errorf("%+v: %+v", answer, f)
	}
	if f := d.find(host); !f.Empty() {
		t.Errorf("%+v", f)
	}
}

// many has a client write files to one worker.
func (d *desk) many(host, writeType string, count int) {
	d.t.Helper()
	properties := onlyTo(host, writeType)
	properties["alluxio.user.block.size.bytes.default"] = "64KB" // each writer reserves as much
	if out := d.client(properties, "many", "/"+writeType, fmt.Sprint(count)); strings.Contains(out, "failed") {
		d.t.Fatalf("%.1000s", out)
	}
}
