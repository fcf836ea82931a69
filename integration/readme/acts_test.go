package readme

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// addToSite makes the README's site file fit for a small machine that others use as well.
func (w *world) addToSite() {
	f, err := os.OpenFile(w.path("home/conf/alluxio-site.properties"), os.O_APPEND|os.O_WRONLY, 0)
	w.check(err)
	_, err = io.WriteString(f, strings.Join([]string{
		"alluxio.integration.mesos.bind=agent",
		"alluxio.integration.mesos.data.dir=" + w.path("data"),
		"alluxio.integration.mesos.cache.dir=" + w.path("cache"),
		"alluxio.integration.master.resource.mem=448MB",
		"alluxio.integration.worker.resource.mem=448MB",
		"alluxio.master.worker.connect.wait.time=1sec",
		"",
	}, "\n"))
	w.check(err)
	w.check(f.Close())
}

func (w *world) completes() {
	script, err := os.ReadFile(w.path("completion/alluxio-mesos"))
	if err != nil || !strings.Contains(string(script), "complete -o default") {
		w.Fatalf("no completion: %v", err)
	}
}

// taskIDs are the tasks of the framework by slot.
func (w *world) taskIDs() map[string]string {
	w.Helper()
	status := w.status(home)
	if status == nil {
		w.Fatalf("no status: %s", w.out)
	}
	ids := map[string]string{}
	for _, slot := range status.Slots {
		ids[slot.Slot] = slot.TaskID
	}
	return ids
}

func (w *world) noteTasks() {
	if w.tasks = w.taskIDs(); len(w.tasks) != 2 {
		w.Fatalf("tasks %v", w.tasks)
	}
}

// sameTasks says that nothing was relaunched.
func (w *world) sameTasks() {
	w.Helper()
	w.await("every task confirmed", func() bool { s := w.status(home); return s != nil && s.Complete })
	if ids := w.taskIDs(); !maps.Equal(ids, w.tasks) {
		w.Fatalf("tasks %v, were %v", ids, w.tasks)
	}
}

func (w *world) isOneOfThem() {
	p, err := store.ReadProcess(w.path("home/mesos-state"))
	w.check(err)
	if !slices.Contains(strings.Fields(w.out), strconv.Itoa(p.PID)) {
		w.Fatalf("process %d is not in %q", p.PID, w.out)
	}
}

// sandboxIsServed proves the security note: an agent without authentication serves a task's site file.
func (w *world) sandboxIsServed() {
	w.Helper()
	state, err := w.master.State(w.Context())
	w.check(err)
	status := w.status(home)
	path := filepath.Join(w.agent.Sandbox(status.Slots[0].AgentID, status.Framework.ID, status.Slots[0].TaskID),
		"conf/alluxio-site.properties")
	resp, err := http.Get("http://" + w.agent.Addr() + "/files/read?offset=0&length=100&path=" + url.QueryEscape(path))
	w.check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	w.check(err)
	if len(state.Frameworks) != 1 || !strings.Contains(string(body), "Written by alluxio-mesos") {
		w.Fatalf("the agent answers %s %s; the note in operations.md is to be changed", resp.Status, body)
	}
}

func (w *world) stop() {
	if code := w.run(home, stopLine); code != 0 {
		w.Fatalf("stop: %d, %s", code, w.out)
	}
}

// nothingRuns says that a teardown ended everything and kept the journal.
func (w *world) nothingRuns() {
	state, err := w.master.State(w.Context())
	w.check(err)
	if len(state.Frameworks) != 0 {
		w.Fatalf("Mesos has %+v", state.Frameworks)
	}
	if entries, err := os.ReadDir(w.path("data/journal")); err != nil || len(entries) == 0 {
		w.Fatalf("the journal is gone: %v", err)
	}
}

// startIdle starts a framework that no agent fits.
func (w *world) startIdle() {
	w.Helper()
	for _, name := range []string{"bin", "integration"} {
		if err := os.Symlink(w.path("home/"+name), w.path("idle/"+name)); err != nil && !errors.Is(err, fs.ErrExist) {
			w.Fatal(err)
		}
	}
	site := "alluxio.integration.mesos.alluxio.jar.url=LOCAL\nalluxio.integration.mesos.framework.name=idle\n" +
		"alluxio.integration.master.resource.cpu=64\n"
	w.check(os.WriteFile(w.path("idle/conf/alluxio-site.properties"), []byte(site), 0o600))
	if code := w.startIdleAgain(); code != 0 || !strings.Contains(w.out, "subscribed to Mesos") {
		w.Fatalf("start: %d, %s", code, w.out)
	}
	w.idleID = w.status(idle).Framework.ID
}

func (w *world) stopIdle() {
	if code := w.run(idle, w.path("home/"+stopLine)+" --conf-dir conf"); code != 0 {
		w.Fatalf("stop: %d, %s", code, w.out)
	}
}

// reportIdleJournal writes into the state, which nobody holds, what it has when a master has
// reported that it cannot serve from its journal.
func (w *world) reportIdleJournal() {
	db, err := store.Open(w.path("idle/mesos-state"))
	w.check(err)
	record, err := db.Load(w.Context())
	w.check(err)
	var row map[string]any
	w.check(json.Unmarshal(record["framework"], &row))
	row["journalFormat"] = map[string]string{"identity": "hdfs://namenode/journal", "folder": "hdfs://namenode/journal"}
	data, err := json.Marshal(row)
	w.check(err)
	w.check(db.Save(w.Context(), cluster.Changes{"framework": data}))
	w.check(db.Close())
}

func (w *world) loseIdleState() { w.check(os.RemoveAll(w.path("idle/mesos-state"))) }

// sameIdle says that the lost framework ID is used again.
func (w *world) sameIdle() {
	before := w.idleID
	w.startIdle()
	if w.idleID != before {
		w.Fatalf("framework ID %s, was %s", w.idleID, before)
	}
}

func (w *world) startIdleAgain() int {
	return w.run(idle, w.path("home/integration/mesos/bin/alluxio-mesos-start.sh")+" --conf-dir conf "+w.master.Addr())
}

// idleEnds waits until its process is gone.
func (w *world) idleEnds() {
	w.await("the end of the framework", func() bool {
		p, err := store.ReadProcess(w.path("idle/mesos-state"))
		return err == nil && !p.Alive()
	})
}

// changeSetting edits the site file in a way that no task sees.
func (w *world) changeSetting() {
	f, err := os.OpenFile(w.path("home/conf/alluxio-site.properties"), os.O_APPEND|os.O_WRONLY, 0)
	w.check(err)
	_, err = io.WriteString(f,
		"alluxio.integration.mesos.update.parallel=2\nalluxio.integration.mesos.failover.timeout=7d\n")
	w.check(err)
	w.check(f.Close())
}

// settingIsTaken waits until the framework has said which of it counts now and which at the next
// start, and that no task was replaced.
func (w *world) settingIsTaken() {
	w.await("the new settings", func() bool {
		log := w.log(home)
		return strings.Contains(log, "new settings") && strings.Contains(log, "these take effect at the next start")
	})
	w.sameTasks()
}

// removedForGood says what a framework that Mesos has removed says, now and when it is started again.
func (w *world) removedForGood() {
	w.idleEnds()
	const said = "Framework has been removed"
	if !strings.Contains(w.log(idle), said) {
		w.Fatalf("%q is not in %s", said, w.log(idle))
	}
	if code := w.startIdleAgain(); code != 3 || !strings.Contains(w.out, said) {
		w.Fatalf("start: %d, %s", code, w.out)
	}
}
