//go:build testall

package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/realalluxio"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/testcluster"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

const (
	// killEvery is the time from one moment at which a first start is ended to the next.
	killEvery = 100 * time.Millisecond
	// servedRounds is the number of rounds that end a master which serves. They are the last.
	servedRounds = 4
	// lanes is the number of clusters that run at the same time.
	lanes = 2
)

// TestAFirstStartThatIsEndedAtAnyMomentLosesNothing ends a genuine master at every 100 ms of the
// first start of its journal, from the start of its JVM until it serves, while a client writes. The
// framework starts the next master by itself: it serves, and the client finds every file that was
// acknowledged. Each moment has a cluster of its own on a genuine Mesos.
func TestAFirstStartThatIsEndedAtAnyMomentLosesNothing(t *testing.T) {
	t.Parallel()
	tc := newCluster(t)
	for range lanes {
		tc.AddAgent(realmesos.AgentOptions{Resources: "ports:[19998-19999];cpus:2;mem:1024;disk:1000"})
	}
	var moments, served, equal, files atomic.Int64
	seen := new(sync.Map)
	t.Run("lanes", func(t *testing.T) {
		for n := range lanes {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				l := newLane(tc.In(t), n, seen)
				for served.Load() < servedRounds {
					r := l.round(time.Duration(moments.Add(1)-1) * killEvery)
					files.Add(int64(r.files))
					if r.served {
						served.Add(1)
					}
					if r.equal {
						equal.Add(1)
					}
				}
			})
		}
	})
	t.Logf("%d rounds, of which %d ended a master that served and %d left the same as an earlier one; %d files",
		moments.Load(), served.Load(), equal.Load(), files.Load())
}

// lane is an agent with room for one master, and a client of whichever master runs there.
type lane struct {
	tc      *testcluster.Cluster
	release realalluxio.Release
	ip, dir string // of the agent
	client  *writer
	// seen has what the rounds of all lanes have left.
	seen *sync.Map
}

func newLane(tc *testcluster.Cluster, n int, seen *sync.Map) *lane {
	tc.T.Helper()
	l := &lane{tc: tc, release: tc.Release("2.9.6"), ip: tc.Block.IP(n + 1), seen: seen}
	l.dir = filepath.Join(tc.Dir, fmt.Sprintf("agent%d", n+1))
	l.client = newWriter(tc, l.release, l.ip, fmt.Sprintf("writer%d", n))
	return l
}

// round is one first start that is ended.
type round struct {
	at     time.Duration // since the start of the JVM
	served bool
	files  int // acknowledged before the end
	// equal is true for one that has left the same on disk as an earlier round: what the next master
	// makes of that is known.
	equal bool
}

// round starts a cluster and ends its first master at a moment after the start of its JVM.
func (l *lane) round(at time.Duration) round {
	tc, t := l.tc, l.tc.T
	t.Helper()
	name := fmt.Sprintf("ended-at-%v", at)
	f := tc.NewFramework(name, "alluxio.integration.mesos.alluxio.jar.url=LOCAL", "alluxio.home="+l.release.Dir,
		"alluxio.integration.mesos.executor.path="+binary, "alluxio.integration.mesos.master.host="+l.ip,
		"alluxio.integration.mesos.worker.count=0")
	begun := len(l.client.text())
	if out, err := f.Start(t.Context(), tc.Address()); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
	status, err := f.Status(t.Context())
	tc.Check(err)
	log := func(task string) string { // of its executor
		return glob(tc, filepath.Join(l.dir, "work/slaves/*/frameworks", status.Framework.ID, "executors", task,
			"runs/latest/stderr"))
	}
	executor := tc.Parent(awaitJVM(tc, func() string { return log("alluxio-master-0.1") }))
	<-time.After(at) // the moment of the fault
	tc.Check(syscall.Kill(executor, syscall.SIGTERM))
	tc.Gone(executor)
	r := round{at: at, files: len(paths(l.client.text()[begun:]))}
	data := filepath.Join(tc.Dir, name+"-data")
	_, err = os.Stat(filepath.Join(data, ".journal.alluxio-mesos-first-start"))
	r.served = os.IsNotExist(err)
	// SIGKILL of one that has just served is harmless: the mark goes before the executor takes that in.
	if term := strings.Contains(log("alluxio-master-0.1"), "signal=terminated"); term && !r.served {
		t.Errorf("ended after %v: SIGTERM was sent while the mark of a first start stood", at)
	}
	if r.files == 0 {
		_, r.equal = l.seen.LoadOrStore(left(tc, data), true)
	}
	if !r.equal {
		await(tc, "a master that serves after it", func() bool {
			return strings.Contains(log("alluxio-master-0.[2-9]"), "state=running")
		})
		l.lookAtNext(f, r, begun)
	}
	if out, err := f.Stop(t.Context(), "--teardown", "--yes"); err != nil {
		f.Fatalf("%v: %s", err, out)
	}
	tc.Check(f.Close())
	for _, folder := range []string{"", "-data", "-ufs"} { // a metastore for each is a lot of disk
		tc.Check(os.RemoveAll(filepath.Join(tc.Dir, name+folder)))
	}
	return r
}

// lookAtNext has the client list what it finds at the next master.
func (l *lane) lookAtNext(f *testcluster.Framework, r round, begun int) {
	l.tc.T.Helper()
	status := f.Await("the next master", func(s *cluster.Status) bool {
		return s.Complete && f.Slot(s, "alluxio-master-0").TaskID != "alluxio-master-0.1"
	})
	acknowledged, there := l.client.list(begun)
	for _, path := range acknowledged {
		if !slices.Contains(there, path) {
			l.tc.T.Errorf("ended after %v: %s was acknowledged and is lost; there are %d of %d files", r.at, path,
				len(there), len(acknowledged))
		}
	}
	l.tc.T.Logf("ended after %v: served %v, %d files; then %s and %d files", r.at, r.served, r.files,
		f.Slot(status, "alluxio-master-0").TaskID, len(acknowledged)-r.files)
}

var formatTime = regexp.MustCompile("_format_[0-9]+")

// left is what a master has left on disk: the names of all its files, and the content of those in
// its journal. Alluxio's format puts the time into names. Every master makes the metastore again.
func left(tc *testcluster.Cluster, data string) string {
	tc.T.Helper()
	var left strings.Builder
	tc.Check(fs.WalkDir(os.DirFS(data), ".", func(path string, d fs.DirEntry, err error) error {
		var text []byte
		if err == nil && !d.IsDir() && strings.HasPrefix(path, "journal/") {
			text, err = os.ReadFile(filepath.Join(data, path))
		}
		fmt.Fprintf(&left, "%s %q\n", formatTime.ReplaceAllString(path, "_format_"), text)
		return err
	}))
	return left.String()
}

// awaitJVM waits until the log of an executor tells of its JVM, and returns the process ID of that.
func awaitJVM(tc *testcluster.Cluster, log func() string) (pid int) {
	tc.T.Helper()
	await(tc, "the start of the JVM", func() bool {
		_, after, found := strings.Cut(log(), "started Alluxio pid=")
		n, _ := fmt.Sscan(after, &pid)
		return found && n == 1 && strings.Contains(after, "\n")
	})
	return pid
}

// await looks more often than Cluster.Await.
func await(tc *testcluster.Cluster, what string, done func() bool) {
	tc.T.Helper()
	for limit := time.Now().Add(testcluster.Patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			tc.T.Fatalf("%s did not come", what)
		}
	}
}

// glob is the content of the last file that a pattern matches, or "" when it matches none.
func glob(tc *testcluster.Cluster, pattern string) string {
	tc.T.Helper()
	files, err := filepath.Glob(pattern)
	tc.Check(err)
	if len(files) == 0 {
		return ""
	}
	text, err := os.ReadFile(files[len(files)-1])
	tc.Check(err)
	return string(text)
}
