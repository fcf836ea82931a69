package alluxio

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/executor/launch"
)

func TestWhichFilesAreAtRisk(t *testing.T) {
	t.Parallel()
	file := func(state string, everywhere, open bool) BlockFile {
		return BlockFile{Path: "/f", State: state, Everywhere: everywhere, Open: open, Bytes: 7}
	}
	for _, c := range []struct {
		sentence           string
		file               BlockFile
		listed, persistAll bool
		count              func(*launch.FilesResult) *launch.FileCount
		persist            bool
	}{
		{"the under store has it", file("PERSISTED", true, false), true, true, nil, false},
		{"the under store has it, its blocks have no location", file("PERSISTED", false, false), false, true, nil, false},
		{"the job service has not persisted it yet", file("TO_BE_PERSISTED", true, false), true, false, found, true},
		{"another block of it is away", file("TO_BE_PERSISTED", false, false), true, false, found, true},
		{"it was written with MUST_CACHE", file("NOT_PERSISTED", true, false), true, false, unpersisted, false},
		{"it was written with MUST_CACHE, and all are wanted", file("NOT_PERSISTED", true, false), true, true, found, true},
		{"a client writes it", file("NOT_PERSISTED", true, true), true, true, open, false},
		{"a client writes it, and the worker is decommissioned", file("NOT_PERSISTED", true, true), false, true, open, false},
		{"a client has given it up", BlockFile{ID: 2, Path: "/f", State: "NOT_PERSISTED", Everywhere: true, Open: true,
			Bytes: 7}, true, true, abandoned, false},
		{"its blocks were away for a while", file("LOST", true, false), true, false, found, true},
		{"a block of it is lost", file("LOST", false, false), true, true, lost, false},
		{"the worker is decommissioned, and Alluxio has given the file up", file("LOST", false, false), false, false, found,
			true},
		{"the worker is decommissioned, and has the only copy", file("TO_BE_PERSISTED", false, false), false, false, found,
			true},
		{"the worker is decommissioned, and others have all of it", file("TO_BE_PERSISTED", true, false), false, false,
			copied, false},
		{"the worker is decommissioned, and others have all of it, which no under store gets",
			file("NOT_PERSISTED", true, false), false, true, copied, false},
		{"its state is one that is not known", file("SOON", true, false), true, false, unpersisted, false},
	} {
		got, want := launch.FilesResult{}, launch.FilesResult{Listed: 1}
		if c.count != nil {
			c.count(&want).Add("/f", 7)
		}
		counting := Counting{Listed: c.listed, PersistAll: c.persistAll, Open: map[int64]bool{2: true}}
		if persist := counting.Count(&got, &c.file); persist != c.persist || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %+v", c.sentence, persist, got)
		}
	}
}

func found(r *launch.FilesResult) *launch.FileCount       { return &r.Found }
func unpersisted(r *launch.FilesResult) *launch.FileCount { return &r.Unpersisted }
func open(r *launch.FilesResult) *launch.FileCount        { return &r.Open }
func abandoned(r *launch.FilesResult) *launch.FileCount   { return &r.Abandoned }
func lost(r *launch.FilesResult) *launch.FileCount        { return &r.Lost }
func copied(r *launch.FilesResult) *launch.FileCount      { return &r.Copied }

func TestWhichVersionsHaveWhichAdministrationCommands(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"1.8.0": "[]", "1.8.1": "[backup]", "2.2.0": "[backup]", "2.3.0": "[find persist backup]",
		"2.9.3": "[find persist backup]", "2.9.4": "[find persist decommission backup]",
		"2.9.6": "[find persist decommission backup]", "unreadable": "[]", "": "[]",
	} {
		if got := fmt.Sprint(AdminOperations(version)); got != want {
			t.Errorf("%q: %s", version, got)
		}
	}
}

// A command's JVM gets neither the memory of the master nor what binds a port of it.
func TestACommandHasOnlyThePropertiesOfTheMastersOptions(t *testing.T) {
	t.Parallel()
	spec := specOf(config.Master, "2.9.6")
	spec.JavaOpts = []string{"-Xmx8g", "-Djava.security.krb5.conf=/etc/krb5.conf", "-XX:+UseG1GC",
		"-Dcom.sun.management.jmxremote.port=5000", "-agentlib:jdwp=transport=dt_socket,address=5001"}
	layout, err := Identify([]string{releases["2.9.6"].jar})
	if err != nil {
		t.Fatal(err)
	}
	run, err := Prepare(spec, environment(layout, "17.0.15"))
	if err != nil {
		t.Fatal(err)
	}
	for _, argv := range [][]string{run.Admin.PersistCommand([]string{"/f"}, time.Minute),
		run.Admin.DecommissionCommand(launch.Address{Host: "h", Web: 1}), run.Admin.DecommissionedCommand()} {
		line := strings.Join(argv, " ")
		if !strings.Contains(line, " -Djava.security.krb5.conf=/etc/krb5.conf ") || !strings.Contains(line, " -Xmx64m ") ||
			strings.Contains(line, "8g") || strings.Contains(line, "500") || strings.Contains(line, "s3-secret") {
			t.Error(line)
		}
		if !strings.Contains(line, layout.ServerJar) { // an install without a client jar
			t.Error(line)
		}
	}
}

func TestWhatTheLeaderSaysAboutAWorker(t *testing.T) {
	t.Parallel()
	worker := launch.Address{Host: "b", Web: 30000}
	list := func(started int, workers ...string) Answer {
		var all []string
		for _, w := range workers {
			host, port, _ := strings.Cut(w, ":")
			all = append(all, fmt.Sprintf(`{"address":{"host":%q,"webPort":%s}}`, host, port))
		}
		return Answer{Status: 200, Body: fmt.Appendf(nil, `{"startTimeMs":%d,"workers":[%s]}`, started,
			strings.Join(all, ","))}
	}
	admin := Admin{MasterURLs: []string{"http://m:1/", "http://n:1/"}}
	for _, c := range []struct {
		sentence string
		answers  []Answer
		want     Leader
	}{
		{"it has it", []Answer{list(5, "a:30000", "B:30000"), {Err: "refused"}},
			Leader{Known: true, Started: 5, Listed: true, SameHost: 1}},
		{"it does not have it", []Answer{{Status: 500}, list(5, "a:30000")}, Leader{Known: true, Started: 5}},
		{"it has no worker at all", []Answer{list(5)}, Leader{Known: true, Started: 5}},
		{"two are on the host", []Answer{list(5, "b:30001", "b:30000")},
			Leader{Known: true, Started: 5, Listed: true, SameHost: 2}},
		{"another is on the host", []Answer{list(5, "b:30001")}, Leader{Known: true, Started: 5, SameHost: 1}},
		{"two say that they lead", []Answer{list(5), list(6)}, Leader{Why: "two Alluxio masters say that they lead"}},
		{"nobody leads", []Answer{{Err: "refused"}, {Status: 404, Body: []byte("{}")}},
			Leader{Why: "no Alluxio master leads at http://m:1/, http://n:1/: refused"}},
		{"something else answers", []Answer{{Status: 200, Body: []byte("{}")}},
			Leader{Why: "no Alluxio master leads at http://m:1/, http://n:1/"}},
	} {
		got := admin.JudgeLeader(c.answers, worker)
		if got.Known {
			got.Why = ""
		}
		if got != c.want {
			t.Errorf("%s: %+v", c.sentence, got)
		}
	}
}

// The outputs are those of 2.9.6.
func TestWhatPersistHasDone(t *testing.T) {
	t.Parallel()
	files := []string{"/a", "/b c", "/d\n\"e\"ü"}
	for _, c := range []struct {
		sentence string
		code     int
		output   string
		want     PersistOutcome
	}{
		{"all were persisted", 0, "Found 2 files to persist.\n(1/2) Successfully persisted file: /a\n",
			PersistOutcome{Began: true}},
		{"all were persisted before", 0, "Found 0 files to persist.\n", PersistOutcome{Began: true}},
		{"two failed", 0, "Found 3 files to persist.\nTimed out waiting for file to be persisted: /b c\n" +
			"Failed to persist file /d\n\"e\"ü\n", PersistOutcome{Began: true, Failed: files[1:]}},
		{"one is gone", 255, "Path \"/b c\" does not exist.\n", PersistOutcome{Gone: files[1:2]}},
		{"no master answered", 255, "Failed to connect to remote block master\n", PersistOutcome{}},
		{"it was killed", 137, "Found 3 files to persist.\n", PersistOutcome{}},
		{"it printed nothing", 0, "", PersistOutcome{}},
	} {
		if got := JudgePersist(files, c.code, c.output); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v", c.sentence, got)
		}
	}
}

func TestALargeFileIsNotStuckWhileItMayBeCopied(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size config.Bytes
		idle time.Duration
		want bool
	}{{1, 59 * time.Second, false}, {1, time.Minute, true}, {100 * config.GB, time.Hour, false},
		{100 * config.GB, 3 * time.Hour, true}, {5 << 50, 24 * time.Hour, false}} {
		if got := IsStuck(c.size, c.idle, time.Minute); got != c.want {
			t.Errorf("%v after %v: %v", c.size, c.idle, got)
		}
	}
}

func TestBatchesFitIntoACommandLine(t *testing.T) {
	t.Parallel()
	short, long := slices.Repeat([]string{"/a"}, 2000), slices.Repeat([]string{"/" + strings.Repeat("x", 100<<10)}, 20)
	for sentence, c := range map[string]struct {
		files []string
		want  int
	}{
		"short": {short, batchFiles}, "few": {short[:3], 3}, "long": {long, 2}, "none": {nil, 0},
		"one that is longer than a batch": {[]string{strings.Repeat("/x", 1<<20)}, 1},
	} {
		if got := Batch(c.files); got != c.want {
			t.Errorf("%s: %d", sentence, got)
		}
	}
	for name, want := range map[string]bool{"/a b": true, "/ü\n'\"$(x);`": true, "/a*": false, "/a?b": false,
		"/a\x00": false, "": false, "-t": false, "/" + strings.Repeat("x", 128<<10): false} {
		if Nameable(name) != want {
			t.Errorf("%.20q", name)
		}
	}
}

func TestWhatDecommissionWorkerHasDone(t *testing.T) {
	t.Parallel()
	worker := launch.Address{Host: "b", Web: 30000}
	const set = "Decommissioning worker b:30000\nSet worker b:30000 decommissioned on master\n"
	for _, c := range []struct {
		code        int
		output, why string
	}{
		{0, set, ""}, {3, set, ""}, {10, set, ""}, {137, set, ""},
		{0, "Set worker b:30001 decommissioned on master\n", "exit code 0"},
		{1, "Failed to decommission worker b:30000\n", "did not decommission"},
		{2, "Cannot get available worker list", "no Alluxio master leads"},
		{255, "Worker b is not known by the master.", "exit code 255"},
	} {
		if why := JudgeDecommission(c.code, c.output, worker); !strings.Contains(why, c.why) || (why == "") != (c.why == "") {
			t.Errorf("%d, %q: %q", c.code, c.output, why)
		}
	}
}

func TestHowManyOperationsAWorkerHas(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int64{`{"operationCount":0,"rpcQueueLength":0}`: 0,
		`{"operationCount":2,"rpcQueueLength":3}`: 5, `{}`: -1, `[]`: -1, ``: -1} {
		if count, err := Operations(Answer{Status: 200, Body: []byte(body)}); (err != nil) != (want < 0) ||
			err == nil && count != want {
			t.Errorf("%s: %d, %v", body, count, err)
		}
	}
	if _, err := Operations(Answer{Status: 404}); err == nil {
		t.Error("a worker without the question is idle")
	}
	if _, err := Operations(Answer{Err: "refused"}); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Error(err)
	}
}
