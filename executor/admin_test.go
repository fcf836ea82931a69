package executor

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

const running = mesos.TASK_RUNNING

func quoted(s string) string {
	data, _ := json.Marshal(s)
	return string(data)
}

// TestFilesThatOnlyAWorkerHasArePersisted by name, whatever they are called, and once only however often
// the request comes.
func TestFilesThatOnlyAWorkerHasArePersisted(t *testing.T) {
	t.Parallel()
	names := []string{`/"'$(reboot);` + "`", "/-t", "/plain", "/with\nnewline", "/with space", "/ünïcödé 文件"}
	var files []string
	for _, n := range names {
		files = append(files, blockFile(n, "TO_BE_PERSISTED"))
	}
	d := newDesk(t, append(files, blockFile("/done", "PERSISTED"), blockFile("/must", "NOT_PERSISTED"),
		blockFile("/pattern*", "TO_BE_PERSISTED"))...)
	if fmt.Sprint(d.report.Admin) != "[find persist decommission backup]" {
		t.Errorf("the report has %v", d.report.Admin)
	}
	request := launch.AdminRequest{ID: "1", Operation: launch.AdminPersist}
	answer := d.do(request)
	f := answer.Files
	if answer.State != launch.AdminDone || !f.Complete || f.Listed != 9 || f.Found.Files != 7 || f.Persisted.Files != 6 ||
		f.Persisted.Bytes != 42 || f.Failed.Files != 1 || f.Failed.Names[0] != "/pattern*" || f.Unpersisted.Files != 1 ||
		f.Unpersisted.Names[0] != "/must" || f.Empty() {
		t.Errorf("%+v: %+v", answer, f)
	}
	if again := d.send(request); again.State != launch.AdminDone || again.Files.Persisted.Files != 6 {
		t.Errorf("again %+v", again)
	}
	runs := d.commands()
	if len(runs) != 1 {
		t.Fatalf("the command was run %d times", len(runs))
	}
	if want := fmt.Sprintf("%q", names); !strings.HasSuffix(runs[0][2], want[1:]) {
		t.Errorf("the command has %s", runs[0][2])
	}
	if !strings.Contains(runs[0][0], "-Xmx") || !strings.Contains(runs[0][1], "LC_ALL=C.UTF-8") ||
		strings.Contains(runs[0][1], "token") {
		t.Errorf("the command has %s in %s", runs[0][0], runs[0][1])
	}

	request = launch.AdminRequest{ID: "2", Operation: launch.AdminPersist, PersistAll: true}
	if f := d.do(request).Files; f.Found.Files != 8 || f.Unpersisted.Files != 0 {
		t.Errorf("all: %+v", f)
	}
	request = launch.AdminRequest{ID: "3", Operation: launch.AdminFind}
	if f := d.do(request).Files; f.Found.Files != 7 || f.Persisted.Files != 0 || len(d.commands()) != 3 {
		t.Errorf("find: %+v", f)
	}
}

// While the job service goes on, `fs persist` would make it begin again what it has begun.
func TestFilesThatTheJobServicePersistsAreLeftToIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, blockFile("/a", "TO_BE_PERSISTED"), blockFile("/b", "TO_BE_PERSISTED"), blockFile("/c", "LOST"))
	d.worker.mu.Lock()
	d.worker.persist = true
	d.worker.mu.Unlock()
	answer := d.do(launch.AdminRequest{ID: "1", Operation: launch.AdminPersist, StuckAfter: time.Hour})
	if f := answer.Files; answer.State != launch.AdminDone || f.Found.Files != 3 || f.Persisted.Files != 3 {
		t.Errorf("%+v: %+v", answer, f)
	}
	if runs := d.commands(); len(runs) != 1 || !strings.HasSuffix(runs[0][2], `"/c"]`) {
		t.Errorf("commands %v", runs) // the job service never takes a file that was lost
	}
}

// Files may be deleted, and commands fail, while others are persisted.
func TestOneFileDoesNotKeepOthersFromBeingPersisted(t *testing.T) {
	t.Parallel()
	var files []string
	for i := range 10 {
		files = append(files, blockFile(fmt.Sprint("/", i), "TO_BE_PERSISTED"))
	}
	d := newDesk(t, files...)
	d.put("gone", "/0\x00/7\x00")
	d.put("failing", "/4\x00")
	d.put("broken", "/5\x00")
	answer := d.do(launch.AdminRequest{ID: "1", Operation: launch.AdminPersist})
	f := answer.Files
	if answer.State != launch.AdminDone || f.Found.Files != 10 || f.Persisted.Files != 6 || f.Failed.Files != 2 ||
		fmt.Sprint(f.Failed.Names) != "[/4 /5]" {
		t.Errorf("%+v: %+v", answer, f)
	}
}

// A client completes a file a moment after its blocks are there, or never.
func TestAFileThatNoClientCompletesIsAbandoned(t *testing.T) {
	t.Parallel()
	d := newDesk(t, strings.Replace(blockFile("/open", "NOT_PERSISTED"), `"7B"`, `"0B"`, 1))
	answer := d.do(launch.AdminRequest{ID: "1", Operation: launch.AdminFind, Within: abandonedAfter})
	if f := answer.Files; answer.State != launch.AdminDone || f.Open.Files != 1 || f.Empty() {
		t.Errorf("no time to wait: %+v: %+v", answer, f)
	}
	answer = d.do(launch.AdminRequest{ID: "2", Operation: launch.AdminFind})
	if f := answer.Files; answer.State != launch.AdminDone || f.Abandoned.Files != 1 || !f.Empty() || f.Listed != 1 {
		t.Errorf("%+v: %+v", answer, f)
	}
}

// What is not known is never taken for nothing.
func TestAListThatIsNotWholeIsNoEmptyOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t, blockFile("/a", "PERSISTED"))
	d.worker.mu.Lock()
	d.worker.down = true
	d.worker.mu.Unlock()
	answer := d.do(launch.AdminRequest{ID: "1", Operation: launch.AdminFind})
	if answer.State != launch.AdminFailed || answer.Files.Empty() || !strings.Contains(answer.Message, "HTTP status 500") {
		t.Errorf("the worker does not answer: %+v", answer)
	}
	d.put("workers", "\x00")
	answer = d.do(launch.AdminRequest{ID: "2", Operation: launch.AdminFind})
	if answer.State != launch.AdminFailed || answer.Files.Empty() ||
		!strings.Contains(answer.Message, "no Alluxio master leads") {
		t.Errorf("nobody leads: %+v", answer)
	}
}

// What clients wrote to a worker until they learned that it leaves has no location at the master. The
// job service reads it all the same.
func TestFilesOfAWorkerThatIsNotListedArePersisted(t *testing.T) {
	t.Parallel()
	elsewhere := blockFile("/elsewhere", "TO_BE_PERSISTED")
	only := strings.Replace(blockFile("/only", "TO_BE_PERSISTED"), `Percentage":100`, `Percentage":0`, 1)
	d := newDesk(t, elsewhere, only)
	d.lists()
	answer := d.do(launch.AdminRequest{ID: "1", Operation: launch.AdminFind})
	if f := answer.Files; answer.State != launch.AdminDone || f.Copied.Files != 1 || f.Found.Files != 1 {
		t.Errorf("find: %+v: %+v", answer, f)
	}
	answer = d.do(launch.AdminRequest{ID: "2", Operation: launch.AdminPersist})
	if f := answer.Files; answer.State != launch.AdminDone || f.Persisted.Files != 1 || f.Copied.Files != 1 {
		t.Errorf("persist: %+v: %+v", answer, f)
	}
}

func TestAWorkerIsDecommissionedAndWaitedFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.worker.operations = []int64{2, 1, 0}
	name := fmt.Sprintf("%s:%d", d.worker.address.Host, d.worker.address.Web)
	d.put("decommissionWorker", "Set worker "+name+" decommissioned on master\n")
	d.put("decommissionWorker.workers", "")
	request := launch.AdminRequest{ID: "1", Operation: launch.AdminDecommission, IdleFor: time.Millisecond,
		ClientRefresh: time.Millisecond}
	answer := d.do(request)
	if r := answer.Decommission; answer.State != launch.AdminDone || !r.Decommissioned || !r.Idle {
		t.Errorf("%+v: %+v", answer, r)
	}
	if runs := d.commands(); len(runs) != 1 || strings.Contains(runs[0][2], `"-d"`) ||
		!strings.Contains(runs[0][2], `"decommissionWorker" "--addresses" "`+name+`"`) {
		t.Errorf("commands %v", runs)
	}

	// Another executor is asked later: Alluxio's command does not know the worker then.
	d.put("report", "Worker Name      Type\n"+d.worker.address.Host+"   capacity\n")
	request.ID = "2"
	if answer = d.do(request); answer.State != launch.AdminDone || !answer.Decommission.Idle || len(d.commands()) != 2 {
		t.Errorf("again: %+v", answer)
	}
	d.put("report", "Worker Name      Type\n")
	request.ID = "3"
	if answer = d.do(request); answer.State != launch.AdminFailed || answer.Decommission.Decommissioned {
		t.Errorf("of a worker that is lost: %+v", answer)
	}
}

func TestADecommissionThatDoesNotHoldFails(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.worker.operations = []int64{0}
	decommission := func(id, says string) {
		t.Helper()
		answer := d.do(launch.AdminRequest{ID: id, Operation: launch.AdminDecommission, IdleFor: time.Millisecond})
		if answer.State != launch.AdminFailed || answer.Decommission.Decommissioned ||
			!strings.Contains(answer.Message, says) {
			t.Errorf("%+v: %+v", answer, answer.Decommission)
		}
	}
	d.put("decommissionWorker", "ERROR Failed to decommission worker\n")
	decommission("1", "Failed to decommission worker")
	d.put("decommissionWorker", fmt.Sprintf("Set worker %s:%d decommissioned on master\n", d.worker.address.Host,
		d.worker.address.Web))
	decommission("2", "it has started again") // the master goes on to list it
	other := d.worker.address
	other.Web++
	d.lists(other, d.worker.address)
	runs := len(d.commands())
	decommission("3", "2 workers are on this host")
	if len(d.commands()) != runs {
		t.Error("the command was run for another worker, perhaps")
	}
}

// A command that hangs is killed with all of its process group at its deadline.
func TestACommandIsKilledAtItsDeadline(t *testing.T) {
	t.Parallel()
	d := newDesk(t, blockFile("/a", "LOST"))
	d.put("hang", "")
	answer := d.do(launch.AdminRequest{ID: "1", Operation: launch.AdminPersist, Within: 2 * time.Second})
	if answer.State != launch.AdminFailed || !strings.Contains(answer.Message, "did not end within 2s") ||
		answer.Files.Persisted.Files != 0 {
		t.Errorf("%+v: %+v", answer, answer.Files)
	}
	d.childEnds()
}

// childEnds waits until nothing of the command that hung is left.
func (d *desk) childEnds() {
	d.t.Helper()
	if data, err := os.ReadFile(filepath.Join(d.folder, "child")); err == nil { // else it was killed before
		pid, err := strconv.Atoi(string(data))
		check(d.t, err)
		eventually(d.t, "the end of the command's child", func() bool { return syscall.Kill(pid, 0) != nil })
	}
}

// A task that is killed takes the command that runs for a request with it.
func TestACommandEndsWithItsTask(t *testing.T) {
	t.Parallel()
	d := newDesk(t, blockFile("/a", "TO_BE_PERSISTED"))
	d.put("hang", "")
	d.send(launch.AdminRequest{ID: "1", Operation: launch.AdminPersist})
	eventually(t, "the command", func() bool { return isFile(filepath.Join(d.folder, "child")) })
	if busy := d.send(launch.AdminRequest{ID: "2", Operation: launch.AdminPersist}); busy.State != launch.AdminBusy {
		t.Errorf("another request: %+v", busy)
	}
	d.stream.Kill("m.1", 0)
	if answer := d.answer(); answer.ID != "1" || answer.State != launch.AdminFailed ||
		!strings.Contains(answer.Message, "the task ends") {
		t.Errorf("%+v", answer)
	}
	d.agent.Update(mesos.TASK_KILLED)
	d.end()
	d.childEnds()
}

func TestRequestsThatCannotRunAreRejected(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if a := d.send(launch.AdminRequest{ID: "1", Operation: "format"}); a.State != launch.AdminRejected {
		t.Errorf("an unknown operation: %+v", a)
	}
	r := newRig(t)
	worker := &desk{rig: r, worker: d.worker}
	leader := d.worker.address.Web // of no master: the worker never serves
	r.launch("w.1", r.worker(leader))
	r.agent.Update(mesos.TASK_STARTING)
	if a := worker.send(launch.AdminRequest{ID: "1", Operation: launch.AdminFind}); a.State != launch.AdminBusy {
		t.Errorf("a task that does not serve yet: %+v", a)
	}
}
