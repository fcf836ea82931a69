//go:build testall

package jobservice

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/alluxioclient"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// text is what the files of users say.
var text = strings.Repeat("a file of a user\n", 1000)

// service is a cluster of the framework with two workers, the job service and a proxy.
type service struct {
	*testcluster.Framework
	tc      *testcluster.Cluster
	release realalluxio.Release
	lines   []string
}

// TestJobsAndAProxyOnGenuineAlluxio runs Alluxio 2.9.6 with the write type that is its default, and
// has the job service do each kind of its jobs.
func TestJobsAndAProxyOnGenuineAlluxio(t *testing.T) {
	t.Parallel()
	tc := testcluster.New(t, binary)
	for _, proxy := range []string{",39999-39999", ""} { // one host for the proxy
		tc.AddAgent(realmesos.AgentOptions{
			Resources: "ports:[19998-20003,29998-30003" + proxy + "];cpus:4;mem:6144;disk:1000"})
	}
	s := &service{tc: tc, release: tc.Release("2.9.6")}
	s.lines = []string{
		"alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home=" + s.release.Dir,
		"alluxio.integration.mesos.job.enabled=auto", "alluxio.integration.mesos.proxy.count=1",
		"alluxio.integration.job.master.java.opts=-XX:TieredStopAtLevel=1",
		"alluxio.integration.job.worker.java.opts=-XX:TieredStopAtLevel=1",
		"alluxio.integration.proxy.java.opts=-XX:TieredStopAtLevel=1",
		"alluxio.user.file.writetype.default=ASYNC_THROUGH",
	}
	s.Framework = tc.NewFramework("jobs", s.lines...)
	s.Serve()
	s.awaitAll()
	for _, part := range []struct {
		name string
		run  func(*service)
	}{
		{"a file that is written with the default write type is persisted", (*service).persistsByDefault},
		{"fs persist puts a file into the under store that is in memory only", (*service).persists},
		{"fs load brings a file of the under store into memory", (*service).loads},
		{"fs setReplication copies a file to the other worker", (*service).replicates},
		{"fs distributedCp copies a folder", (*service).copies},
		{"a new job master begins with an empty journal, and persists what was written meanwhile", (*service).startsEmpty},
		{"the proxy serves a real client of S3, also after kill -9", (*service).servesS3},
		{"the proxy serves REST when its site file asks for it", (*service).servesREST},
	} {
		t.Run(part.name, func(t *testing.T) {
			part.run(&service{Framework: s.In(t), tc: tc.In(t), release: s.release, lines: s.lines})
		})
	}
	if out, err := s.Stop(t.Context(), "--teardown", "--yes"); err != nil {
		s.Fatalf("teardown: %v %s", err, out)
	}
	tc.OnlyTasks(s.Framework, nil)
}

// awaitAll waits until every task serves.
func (s *service) awaitAll() *cluster.Status {
	s.tc.T.Helper()
	want := map[config.Role]int{config.Master: 1, config.Worker: 2, config.JobMaster: 1, config.JobWorker: 2,
		config.Proxy: 1}
	return s.Await("every task", func(now *cluster.Status) bool {
		for role, count := range want {
			if testcluster.Serving(now, role) != count {
				return false
			}
		}
		return now.Rollout == nil
	})
}

// fs runs Alluxio's shell as a user with the default write type of 2.x.
func (s *service) fs(args ...string) string {
	s.tc.T.Helper()
	return s.ShellWith(s.release, map[string]string{"alluxio.user.file.writetype.default": "ASYNC_THROUGH"}, args...)
}

// local is a file outside of Alluxio.
func (s *service) local() string {
	s.tc.T.Helper()
	file := filepath.Join(s.tc.Dir, "local")
	s.tc.Check(os.WriteFile(file, []byte(text), 0o644))
	return file
}

// stored is where the under store has a file.
func (s *service) stored(name string) string { return filepath.Join(s.tc.Dir, "jobs-ufs", name) }

// awaitStored waits until the under store has a file as it was written.
func (s *service) awaitStored(name, want string) {
	s.tc.T.Helper()
	begun := time.Now()
	s.tc.Await(name+" in the under store", func(context.Context) (bool, error) {
		got, err := os.ReadFile(s.stored(name))
		return err == nil && string(got) == want, err
	})
	s.tc.T.Logf("%s is in the under store after %v", name, time.Since(begun).Round(100*time.Millisecond))
}

// awaitSays waits until a command of the shell prints a text.
func (s *service) awaitSays(text string, args ...string) {
	s.tc.T.Helper()
	s.tc.Await(fmt.Sprintf("%q of fs %v", text, args), func(context.Context) (bool, error) {
		out := s.fs(args...)
		return strings.Contains(out, text), errors.New(out)
	})
}

func (s *service) persistsByDefault() {
	s.fs("copyFromLocal", s.local(), "/default")
	s.awaitStored("/default", text)
	s.awaitSays(" PERSISTED ", "ls", "/default")
}

func (s *service) persists() {
	s.ShellWith(s.release, map[string]string{"alluxio.user.file.writetype.default": "MUST_CACHE"}, "copyFromLocal",
		s.local(), "/memory")
	if out := s.fs("ls", "/memory"); !strings.Contains(out, "NOT_PERSISTED") {
		s.tc.T.Fatalf("ls says %s", out)
	}
	s.fs("persist", "/memory")
	s.awaitStored("/memory", text)
	s.awaitSays(" PERSISTED ", "ls", "/memory")
}

func (s *service) loads() {
	s.tc.Check(os.WriteFile(s.stored("/loaded"), []byte(text), 0o644))
	if out := s.fs("ls", "/loaded"); !strings.Contains(out, " 0% ") {
		s.tc.T.Fatalf("ls says %s", out)
	}
	s.fs("load", "/loaded", "--submit")
	s.awaitSays(" 100% ", "ls", "/loaded")
}

func (s *service) replicates() {
	status := s.awaitAll()
	s.fs("setReplication", "--min", "2", "/default")
	var hosts []string
	for _, slot := range status.Slots {
		if slot.Role == config.Worker {
			hosts = append(hosts, slot.Host)
		}
	}
	s.tc.Await("a copy on each worker", func(context.Context) (bool, error) {
		out := s.fs("location", "/default")
		for _, host := range hosts {
			if !strings.Contains(out, host) {
				return false, errors.New(out)
			}
		}
		return true, nil
	})
}

func (s *service) copies() {
	s.fs("mkdir", "/from")
	for _, name := range []string{"/from/a", "/from/b"} {
		s.fs("copyFromLocal", s.local(), name)
		s.awaitStored(name, text)
	}
	s.fs("distributedCp", "/from", "/to")
	for _, name := range []string{"/to/a", "/to/b"} {
		if got := s.fs("cat", name); !strings.Contains(got, text) {
			s.tc.T.Errorf("%s says %.100s", name, got)
		}
	}
}

// startsEmpty kills the job master while a client writes. The journal of the next one is in its own
// sandbox: it knows of no job. Alluxio may forget to persist files that were written meanwhile
// (docs/facts.md); it persists them when it is asked to.
func (s *service) startsEmpty() {
	tc, t := s.tc, s.tc.T
	client := s.StartClient(alluxioclient.Options{Release: s.release, Dir: "meanwhile",
		Lanes: []alluxioclient.Lane{{Name: "meanwhile", WriteType: "ASYNC_THROUGH"}}})
	client.AwaitReads()
	before := s.awaitAll()
	was := s.Slot(before, "alluxio-job-master-0")
	tc.Check(syscall.Kill(s.JVM(was), syscall.SIGKILL))
	killed := time.Now()
	s.Await("the next job master and its job workers", func(now *cluster.Status) bool {
		return !slices.ContainsFunc(now.Slots, func(slot cluster.SlotStatus) bool {
			registers := slot.Role == config.JobMaster || slot.Role == config.JobWorker
			return registers && slot.TaskID == s.Slot(before, slot.Slot).TaskID
		})
	})
	now := s.Slot(s.awaitAll(), was.Slot)
	back := time.Now()
	_, err := os.Stat(filepath.Join(s.Sandbox(now.TaskID), "job-journal"))
	tc.Check(err)
	client.AwaitReadsSince(back)
	if lost := client.End(); len(lost) > 0 {
		t.Errorf("lost are %v", lost)
	}
	var files, forgotten []string
	for _, o := range client.Done() {
		if o.Kind != alluxioclient.Write || o.Error != "" {
			continue
		}
		files = append(files, o.File)
		if _, err := os.Stat(s.stored(o.File)); err == nil {
			continue
		}
		forgotten = append(forgotten, o.File)
		if at := time.UnixMilli(o.Begun); at.Before(killed.Add(-jobTime)) || at.After(back) {
			t.Errorf("%s was written at %v and is not persisted; the job master was away from %v to %v", o.File, at, killed,
				back)
		}
	}
	t.Logf("%d files were written; half a minute later %d of them are not persisted", len(files), len(forgotten))
	if len(forgotten) == 0 {
		return
	}
	s.fs(append([]string{"persist"}, forgotten...)...)
	for _, file := range forgotten {
		_, err := os.Stat(s.stored(file))
		tc.Check(err)
	}
}

// jobTime is more than a job of the job service takes on a busy machine: whatever had begun by then
// may be lost with the job master.
const jobTime = 20 * time.Second
