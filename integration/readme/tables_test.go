package readme

// The tables: every command of the documents is in one of them, once.

// targets of make are looked up with make -n; the scripts and programs of this repository that they run must be there.
var targets = []string{
	"make demo", "make test", "make build", "make release", "make help", "make test-all", "make lint", "make race",
	"make fuzz FUZZTIME=10s",
	"make simulate SEEDS=1000 FIRST=20000", "make bench", "make docs", "make faults", "make faults ROUNDS=3",
	"make prerequisites", "make check",
}

// goTests rewrite files of this repository, or play long, so they are not run: their tests and
// flags must be there.
var goTests = []string{
	"go test ./scheduler/cluster -run 'TestSimulateHardFaults$' -seed=735 -v",
	"go test ./scheduler/cluster -run TestTranscripts -update",
	"go test ./executor/task -run TestTranscripts -update",
	"go test ./executor/admin -run TestTranscripts -update",
	"go test ./executor/alluxio -run TestEveryVersionIsRunAsItsFileOfTestdataShows -update",
}

// services need the systemd of a host of their own: they must name the unit that the document has,
// which is verified itself.
var services = []string{
	"systemctl daemon-reload", "systemctl enable --now alluxio-mesos", "systemctl reload alluxio-mesos",
	"systemctl status alluxio-mesos", "journalctl -u alluxio-mesos",
}

// foreground is what the unit and the Marathon app run.
const foreground = "bin/alluxio-mesos framework mesos-master:5050"

const (
	apiLine   = `API=$(sed -n 's/.*"api":"\([^"]*\)".*/\1/p' mesos-state/process.json)`
	tokenLine = `TOKEN=$(sed -n 's/.*"token":"\([^"]*\)".*/\1/p' mesos-state/process.json)`
	stopLine  = "integration/mesos/bin/alluxio-mesos-stop.sh"
	startLine = "integration/mesos/bin/alluxio-mesos-start.sh mesos-master:5050"
)

// step is a command that is run.
type step struct {
	command string
	// with are commands of the same block that it needs, in front of it in one shell.
	with []string
	// in is the folder: that of the operator unless it says otherwise.
	in folder
	// before and after do what no command of the documents does.
	before, after func(*environment)
	// types is what its operator types on a terminal; "" for a command without one.
	types string
	// want is in the output.
	want string
	// terminate waits until the command's framework is subscribed, then sends it SIGTERM.
	terminate bool
}

// folder is where a step runs.
type folder int

const (
	home       folder = iota // what the documents call /opt/alluxio-mesos
	repository               // the source
	idle                     // the home of a framework that no agent fits
)

// steps are an operator's life in order: installing, a first start, a look around, backup and upgrade, and the ends.
var steps = []step{
	{command: "mkdir -p /opt/alluxio-mesos/bin /opt/alluxio-mesos/conf /opt/alluxio-mesos/integration", in: repository},
	{command: "install -m 755 dist/alluxio-mesos-linux-amd64 /opt/alluxio-mesos/bin/alluxio-mesos", in: repository},
	{command: "cp -R integration/mesos /opt/alluxio-mesos/integration/", in: repository},
	{command: "/opt/alluxio-mesos/bin/alluxio-mesos completion bash > /etc/bash_completion.d/alluxio-mesos",
		after: (*environment).completes},
	{command: "cd /opt/alluxio-mesos"},
	{command: "mkdir -p conf"},
	{command: siteCommand, after: (*environment).addToSite},
	{command: "bin/alluxio-mesos version", want: "alluxio-mesos "},
	{command: "bin/alluxio-mesos validate mesos-master:5050", want: "is valid. Framework"},
	{command: "integration/mesos/bin/alluxio-mesos-start.sh -w mesos-master:5050", want: "the cluster serves"},
	{command: "bin/alluxio-mesos status", want: "1 master serving, 1 worker serving; complete"},
	{command: "bin/alluxio-mesos explain", want: "Everything that should run serves."},
	{command: "bin/alluxio-mesos status -o json", want: `"complete": true`, after: (*environment).noteTasks},
	{command: "bin/alluxio-mesos replace alluxio-worker-0 --dry-run", want: "alluxio-worker-0 starts again"},
	{command: "bin/alluxio-mesos uninstall --destroy-volumes --dry-run",
		want: "Nothing is done; without --dry-run:\nEvery task"},
	{command: "tail -n 50 logs/framework.out", want: "subscribed to Mesos"},
	{command: "pgrep -f AlluxioFramework", after: (*environment).isOneOfThem},
	{command: "curl -s http://mesos-master:5050/slaves", want: `"ports":"[19998-19999, 29998-30000]"`},
	{command: apiLine, after: (*environment).sandboxIsServed},
	{command: tokenLine},
	{command: `curl -s "http://$API/healthz"`, with: []string{apiLine}, want: `"status": "ok"`},
	{command: `curl -s "http://$API/v1/explain?format=text"`, with: []string{apiLine},
		want: "Everything that should run serves."},
	{command: `kill -HUP "$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' mesos-state/process.json)"`,
		before: (*environment).changeSetting, after: (*environment).settingIsTaken},
	{command: stopLine, want: "its Alluxio processes keep running"},
	{command: "cp -a mesos-state mesos-state.backup"},
	{command: foreground, terminate: true, after: (*environment).sameTasks},
	{command: startLine, want: "subscribed to Mesos", after: (*environment).sameTasks},
	{command: "integration/mesos/bin/alluxio-mesos-start.sh --lose-journal mesos-master:5050", before: (*environment).stop,
		want: "subscribed to Mesos", after: (*environment).sameTasks},
	{command: "integration/mesos/bin/alluxio-mesos-stop.sh --teardown", types: "alluxio\n",
		want: "the cluster and its framework have ended", after: (*environment).nothingRuns},
	{command: `echo "Authorization: Bearer $TOKEN" | curl -s -X POST -H @- "http://$API/v1/teardown"`,
		with: []string{apiLine, tokenLine}, in: idle,
		before: (*environment).startIdle, want: "the cluster is being ended", after: (*environment).idleEnds},
	{command: "curl -d frameworkId=FRAMEWORK_ID http://mesos-master:5050/master/teardown", in: idle,
		before: (*environment).startIdle, after: (*environment).removedForGood},
	{command: "bin/alluxio-mesos recover --new-framework-id", in: idle, want: "the next start gets a new one",
		after: (*environment).startIdle},
	{command: "bin/alluxio-mesos recover --kill-unknown-tasks", in: idle, before: (*environment).stopIdle,
		want: "does not know, once"},
	{command: "bin/alluxio-mesos recover --format-journal", in: idle, before: (*environment).reportIdleJournal,
		want: "formats the journal hdfs://namenode/journal, once"},
	{command: "bin/alluxio-mesos recover --framework-id FRAMEWORK_ID --kill-unknown-tasks", in: idle,
		before: (*environment).loseIdleState,
		want:   "takes over framework ID", after: (*environment).sameIdle},
}

// siteCommand writes the README's site file.
const siteCommand = `cat > conf/alluxio-site.properties <<END
alluxio.integration.mesos.alluxio.jar.url=https://mirror.example.org/alluxio-2.9.6-bin.tar.gz
alluxio.integration.mesos.alluxio.jar.sha256=...
alluxio.master.mount.table.root.ufs=hdfs://namenode/alluxio
alluxio.worker.ramdisk.size=16GB
END`

// substitutes are the placeholders of the documents, and what stands for them here.
var substitutes = []struct {
	placeholder string
	stands      func(*environment) string
}{
	{"mesos-master:5050", func(e *environment) string { return e.master.Addr() }},
	{"https://mirror.example.org", func(e *environment) string { return e.mirror }},
	{"jar.sha256=...", func(e *environment) string { return "jar.sha256=" + e.release.SHA256 }},
	{"hdfs://namenode/alluxio", func(e *environment) string { return e.path("under-store") }},
	{"ramdisk.size=16GB", func(*environment) string { return "ramdisk.size=64MB" }},
	{"dist/alluxio-mesos-linux-amd64", func(e *environment) string { return e.binary }},
	{"/opt/alluxio-mesos", func(e *environment) string { return e.path("home") }},
	{"/etc/bash_completion.d", func(e *environment) string { return e.path("completion") }},
	{"FRAMEWORK_ID", func(e *environment) string { return e.idleID }},
}
