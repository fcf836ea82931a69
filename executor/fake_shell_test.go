package executor

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/executor/launch"
)

// fakeShell is a command of Alluxio's shells. It adds a record of itself to the folder, and does what
// the files there ask for: hang, or print a file with its name.
func fakeShell(folder string, options, args []string) int {
	record := fmt.Sprintf("%q\n%q\n%q\n", options, os.Environ(), args)
	file, err := os.OpenFile(filepath.Join(folder, "record"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 99
	}
	if _, err := file.WriteString(record); err != nil {
		return 98
	}
	if isFile(filepath.Join(folder, "hang")) {
		child := exec.Command("sleep", "3600") // of the same process group
		if child.Start() != nil || os.WriteFile(filepath.Join(folder, "child"),
			[]byte(strconv.Itoa(child.Process.Pid)), 0o600) != nil {
			return 97
		}
		_ = child.Wait()
		return 96
	}
	if output, err := os.ReadFile(filepath.Join(folder, args[0])); err == nil {
		fmt.Print(string(output))
		if then, err := os.ReadFile(filepath.Join(folder, args[0]+".workers")); err == nil {
			_ = os.WriteFile(filepath.Join(folder, "workers"), then, 0o600)
		}
		if strings.HasPrefix(string(output), "Set worker") { // it goes on to wait
			time.Sleep(time.Hour)
		}
		return 3
	}
	if args[0] == "persist" {
		return fakePersist(folder, args[5:])
	}
	if args[0] == "backup" {
		return fakeBackup(folder, args[1])
	}
	fmt.Println(args[0], "is an unknown command.")
	return 255
}

// fakeBackup copies the file metadata to a backup, as the next one of a day.
func fakeBackup(folder, dir string) int {
	data, err := os.ReadFile(filepath.Join(folder, "metadata"))
	if err != nil {
		fmt.Println("Backup state: Failed")
		return 255
	}
	made, _ := filepath.Glob(filepath.Join(dir, "*.gz"))
	name := fmt.Sprintf("alluxio-backup-2026-12-1-%d.gz", 1790000000000+len(made))
	for isFile(filepath.Join(dir, name)) {
		name = strings.Replace(name, "-1790", "-1791", 1)
	}
	if os.WriteFile(filepath.Join(dir, name), data, 0o600) != nil {
		return 95
	}
	fmt.Printf("Backup Host        : 10.0.0.1\nBackup URI         : file://%s/%s\nBackup Entry Count : 3\n", dir, name)
	return 0
}

// fakePersist persists all files but those that the files gone and failing have.
func fakePersist(folder string, files []string) int {
	named := func(file, name string) bool {
		data, _ := os.ReadFile(filepath.Join(folder, file))
		return strings.Contains("\x00"+string(data), "\x00"+name+"\x00")
	}
	for _, f := range files {
		if named("gone", f) {
			fmt.Printf("Path \"%s\" does not exist.\n", f)
			return 255
		}
		if named("broken", f) {
			fmt.Println("something happened")
			return 255
		}
	}
	fmt.Printf("Found %d files to persist.\n", len(files))
	for i, f := range files {
		if named("failing", f) {
			fmt.Println("Failed to persist file", f)
		} else {
			fmt.Printf("(%d/%d) Successfully persisted file: %s\n", i+1, len(files), f)
		}
	}
	return 0
}

// fakeWorkerWeb is the web port of a worker.
type fakeWorkerWeb struct {
	address launch.Address

	mu         sync.Mutex
	files      []string // JSON objects, without their ID
	persist    bool     // the job service persists one file with each list
	operations []int64  // of each question; the last one stays
	down       bool
}

func newFakeWorkerWeb(t *testing.T, files ...string) *fakeWorkerWeb {
	w := &fakeWorkerWeb{files: files}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	check(t, err)
	port, err := strconv.ParseUint(at.Port(), 10, 16)
	check(t, err)
	w.address = launch.Address{Host: at.Hostname(), Web: uint16(port)}
	return w
}

func (w *fakeWorkerWeb) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		http.Error(out, "down", http.StatusInternalServerError)
		return
	}
	switch r.URL.Path {
	case "/api/v1/worker/operations":
		fmt.Fprintf(out, `{"operationCount":%d,"rpcQueueLength":0}`, w.operations[0])
		if len(w.operations) > 1 {
			w.operations = w.operations[1:]
		}
	case "/api/v1/worker/webui_blockinfo":
		offset, _ := strconv.Atoi(r.FormValue("offset"))
		limit, _ := strconv.Atoi(r.FormValue("limit"))
		var page []string
		for i := offset; i < min(offset+limit, len(w.files)); i++ {
			page = append(page, fmt.Sprintf(`{"id":%d,%s}`, (i+1)<<24, w.files[i]))
		}
		fmt.Fprintf(out, `{"fatalError":"","fileInfos":[%s],"ntotalFile":%d}`, strings.Join(page, ","), len(w.files))
		w.persistOne()
	default:
		http.NotFound(out, r)
	}
}

func (w *fakeWorkerWeb) persistOne() {
	const waits = `"TO_BE_PERSISTED"`
	i := slices.IndexFunc(w.files, func(f string) bool { return strings.Contains(f, waits) })
	if w.persist && i >= 0 {
		w.files[i] = strings.Replace(w.files[i], waits, `"PERSISTED"`, 1)
	}
}

// blockFile is a file of 7 bytes on a worker, as JSON.
func blockFile(path, state string) string {
	return fmt.Sprintf(`"absolutePath":%s,"persistenceState":%q,"size":"7B","inAlluxioPercentage":100,`+
		`"blocksOnTier":{"MEM":[{"blockLength":7}]}`, quoted(path), state)
}

// desk is a running master whose executor is sent requests.
type desk struct {
	*rig
	folder string // of the fake shell
	worker *fakeWorkerWeb
	report launch.Report
}

func newDesk(t *testing.T, files ...string) *desk {
	t.Helper()
	d := &desk{rig: newRig(t), worker: newFakeWorkerWeb(t, files...)}
	d.folder = filepath.Join(d.dir, "shell")
	check(t, os.Mkdir(d.folder, 0o755))
	d.lists(d.worker.address)
	d.launch("m.1", d.master("-Dfake.shell="+d.folder))
	d.report = launch.DecodeReport(d.agent.Update(running).Data)
	return d
}

// lists makes the master list these workers.
func (d *desk) lists(workers ...launch.Address) {
	d.t.Helper()
	d.put("workers", workersText(workers...))
}

func workersText(workers ...launch.Address) string {
	var all []string
	for _, w := range workers {
		all = append(all, fmt.Sprintf(`{"address":{"host":%q,"webPort":%d}}`, w.Host, w.Web))
	}
	return strings.Join(all, ",")
}

func (d *desk) put(file, content string) {
	d.t.Helper()
	check(d.t, os.WriteFile(filepath.Join(d.folder, file), []byte(content), 0o600))
}

// send sends a request, whose ID it returns with its first answer.
func (d *desk) send(r launch.AdminRequest) launch.AdminAnswer {
	d.t.Helper()
	if r.Worker.Host == "" && r.Operation != launch.AdminBackup {
		r.Worker = d.worker.address
	}
	if r.Within == 0 {
		r.Within = time.Hour
	}
	if r.StuckAfter == 0 {
		r.StuckAfter = time.Nanosecond
	}
	d.stream.Message(r.Encode())
	return d.answer()
}

func (d *desk) answer() launch.AdminAnswer {
	d.t.Helper()
	a, err := launch.DecodeAdminAnswer(d.agent.Message())
	check(d.t, err)
	return a
}

// do sends a request and waits for its end.
func (d *desk) do(r launch.AdminRequest) launch.AdminAnswer {
	d.t.Helper()
	a := d.send(r)
	if a.State != launch.AdminRunning || a.ID != r.ID {
		d.t.Fatalf("%+v", a)
	}
	if a = d.answer(); !a.State.Final() || a.ID != r.ID {
		d.t.Fatalf("%+v", a)
	}
	return a
}

// commands are those that the fake shell was run with: options, environment, arguments, each quoted.
func (d *desk) commands() (runs [][3]string) {
	d.t.Helper()
	data, err := os.ReadFile(filepath.Join(d.folder, "record"))
	if os.IsNotExist(err) {
		return nil
	}
	check(d.t, err)
	for run := range slices.Chunk(strings.Split(strings.TrimSpace(string(data)), "\n"), 3) {
		runs = append(runs, [3]string(run))
	}
	return runs
}
