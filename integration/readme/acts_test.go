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
func (e *environment) addToSite() {
	f, err := os.OpenFile(e.path("home/conf/alluxio-site.properties"), os.O_APPEND|os.O_WRONLY, 0)
	e.check(err)
	_, err = io.WriteString(f, strings.Join([]string{
		"alluxio.integration.mesos.bind=agent",
		"alluxio.integration.mesos.job.enabled=false", // two more JVMs
		"alluxio.integration.mesos.data.dir=" + e.path("data"),
		"alluxio.integration.mesos.cache.dir=" + e.path("cache"),
		"alluxio.integration.master.resource.mem=448MB",
		"alluxio.integration.worker.resource.mem=448MB",
		"alluxio.master.worker.connect.wait.time=1sec",
		"",
	}, "\n"))
	e.check(err)
	e.check(f.Close())
}

func (e *environment) completes() {
	script, err := os.ReadFile(e.path("completion/alluxio-mesos"))
	if err != nil || !strings.Contains(string(script), "complete -o default") {
		e.Fatalf("no completion: %v", err)
	}
}

// taskIDs are the tasks of the framework by slot.
func (e *environment) taskIDs() map[string]string {
	e.Helper()
	status := e.status(home)
	if status == nil {
		e.Fatalf("no status: %s", e.out)
	}
	ids := map[string]string{}
	for _, slot := range status.Slots {
		ids[slot.Slot] = slot.TaskID
	}
	return ids
}

func (e *environment) noteTasks() {
	if e.tasks = e.taskIDs(); len(e.tasks) != 2 {
		e.Fatalf("tasks %v", e.tasks)
	}
}

// sameTasks says that nothing was relaunched.
func (e *environment) sameTasks() {
	e.Helper()
	e.await("every task confirmed", func() bool { s := e.status(home); return s != nil && s.Complete })
	if ids := e.taskIDs(); !maps.Equal(ids, e.tasks) {
		e.Fatalf("tasks %v, were %v", ids, e.tasks)
	}
}

func (e *environment) isOneOfThem() {
	p, err := store.ReadProcess(e.path("home/mesos-state"))
	e.check(err)
	if !slices.Contains(strings.Fields(e.out), strconv.Itoa(p.PID)) {
		e.Fatalf("process %d is not in %q", p.PID, e.out)
	}
}

// sandboxIsServed proves the security note: an agent without authentication serves a task's site file.
func (e *environment) sandboxIsServed() {
	e.Helper()
	state, err := e.master.State(e.Context())
	e.check(err)
	status := e.status(home)
	path := filepath.Join(e.agent.Sandbox(status.Slots[0].AgentID, status.Framework.ID, status.Slots[0].TaskID),
		"conf/alluxio-site.properties")
	resp, err := http.Get("http://" + e.agent.Addr() + "/files/read?offset=0&length=100&path=" + url.QueryEscape(path))
	e.check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	e.check(err)
	if len(state.Frameworks) != 1 || !strings.Contains(string(body), "Written by alluxio-mesos") {
		e.Fatalf("the agent answers %s %s; the note in operations.md is to be changed", resp.Status, body)
	}
}

func (e *environment) stop() {
	if code := e.run(home, stopLine); code != 0 {
		e.Fatalf("stop: %d, %s", code, e.out)
	}
}

// nothingRuns says that a teardown ended everything and kept the journal.
func (e *environment) nothingRuns() {
	state, err := e.master.State(e.Context())
	e.check(err)
	if len(state.Frameworks) != 0 {
		e.Fatalf("Mesos has %+v", state.Frameworks)
	}
	if entries, err := os.ReadDir(e.path("data/journal")); err != nil || len(entries) == 0 {
		e.Fatalf("the journal is gone: %v", err)
	}
}

// startIdle starts a framework that no agent fits.
func (e *environment) startIdle() {
	e.Helper()
	for _, name := range []string{"bin", "integration"} {
		if err := os.Symlink(e.path("home/"+name), e.path("idle/"+name)); err != nil && !errors.Is(err, fs.ErrExist) {
			e.Fatal(err)
		}
	}
	site := "alluxio.integration.mesos.alluxio.jar.url=LOCAL\nalluxio.integration.mesos.framework.name=idle\n" +
		"alluxio.integration.master.resource.cpu=64\n"
	e.check(os.WriteFile(e.path("idle/conf/alluxio-site.properties"), []byte(site), 0o600))
	if code := e.startIdleAgain(); code != 0 || !strings.Contains(e.out, "subscribed to Mesos") {
		e.Fatalf("start: %d, %s", code, e.out)
	}
	e.idleID = e.status(idle).Framework.ID
}

func (e *environment) stopIdle() {
	if code := e.run(idle, e.path("home/"+stopLine)+" --conf-dir conf"); code != 0 {
		e.Fatalf("stop: %d, %s", code, e.out)
	}
}

// reportIdleJournal writes into the state, which nobody holds, what it has when a master has
// reported that it cannot serve from its journal.
func (e *environment) reportIdleJournal() {
	db, err := store.Open(e.path("idle/mesos-state"))
	e.check(err)
	record, err := db.Load(e.Context())
	e.check(err)
	var row map[string]any
	e.check(json.Unmarshal(record["framework"], &row))
	row["journalFormat"] = map[string]string{"identity": "hdfs://namenode/journal", "folder": "hdfs://namenode/journal"}
	data, err := json.Marshal(row)
	e.check(err)
	e.check(db.Save(e.Context(), cluster.Changes{"framework": data}))
	e.check(db.Close())
}

func (e *environment) loseIdleState() { e.check(os.RemoveAll(e.path("idle/mesos-state"))) }

// sameIdle says that the lost framework ID is used again.
func (e *environment) sameIdle() {
	before := e.idleID
	e.startIdle()
	if e.idleID != before {
		e.Fatalf("framework ID %s, was %s", e.idleID, before)
	}
}

func (e *environment) startIdleAgain() int {
	return e.run(idle, e.path("home/integration/mesos/bin/alluxio-mesos-start.sh")+" --conf-dir conf "+e.master.Addr())
}

// idleEnds waits until its process is gone.
func (e *environment) idleEnds() {
	e.await("the end of the framework", func() bool {
		p, err := store.ReadProcess(e.path("idle/mesos-state"))
		return err == nil && !p.Alive()
	})
}

// changeSetting edits the site file in a way that no task sees.
func (e *environment) changeSetting() {
	f, err := os.OpenFile(e.path("home/conf/alluxio-site.properties"), os.O_APPEND|os.O_WRONLY, 0)
	e.check(err)
	_, err = io.WriteString(f,
		"alluxio.integration.mesos.update.parallel=2\nalluxio.integration.mesos.failover.timeout=7d\n")
	e.check(err)
	e.check(f.Close())
}

// settingIsTaken waits until the framework has said which of it counts now and which at the next
// start, and that no task was replaced.
func (e *environment) settingIsTaken() {
	e.await("the new settings", func() bool {
		log := e.log(home)
		return strings.Contains(log, "new settings") && strings.Contains(log, "these take effect at the next start")
	})
	e.sameTasks()
}

// removedForGood says what a framework that Mesos has removed says, now and when it is started again.
func (e *environment) removedForGood() {
	e.idleEnds()
	const said = "Framework has been removed"
	if !strings.Contains(e.log(idle), said) {
		e.Fatalf("%q is not in %s", said, e.log(idle))
	}
	if code := e.startIdleAgain(); code != 3 || !strings.Contains(e.out, said) {
		e.Fatalf("start: %d, %s", code, e.out)
	}
}
