package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/golden"
	"github.com/alluxio/alluxio-mesos/scheduler/web/text"
)

// session is what an operator types in one home and what is printed. It becomes a golden in which
// everything that differs from run to run has a name in capital letters.
type session struct {
	home
	shown strings.Builder
	names []string // what becomes of texts that differ, in pairs
}

func newSession(t *testing.T, site ...string) *session {
	t.Helper()
	s := &session{home: newHome(t, site...)}
	s.names = []string{s.Dir, "HOME"}
	return s
}

// run runs a command line, whose first word is a program of the home or a script, and shows what
// it prints, errors too, and its exit code unless that is 0.
func (s *session) run(line string) {
	s.t.Helper()
	words := strings.Fields(line)
	program, args := words[0], words[1:]
	var out string
	var err error
	if program == "alluxio-mesos-start.sh" { // what it leaves behind must end with the test
		out, err = s.Start(s.within(), args...)
	} else {
		out, err = s.both(program, args)
	}
	fmt.Fprintf(&s.shown, "$ %s\n%s", line, out)
	var exit *clitest.ExitError
	var code *exec.ExitError
	switch {
	case errors.As(err, &exit):
		fmt.Fprintf(&s.shown, "(exit %d)\n", exit.Code)
	case errors.As(err, &code):
		fmt.Fprintf(&s.shown, "(exit %d)\n", code.ExitCode())
	case err != nil:
		s.t.Fatal(err)
	}
	s.shown.WriteString("\n")
}

// both returns what a program prints to either output.
func (s *session) both(program string, args []string) (string, error) {
	folder := "bin"
	if strings.HasSuffix(program, ".sh") {
		folder = "integration/mesos/bin"
	}
	cmd := exec.CommandContext(s.within(), s.Path(filepath.Join(folder, program)), args...)
	cmd.Dir = s.Dir
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "ALLUXIO_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// varying is what differs from run to run, wherever it stands, and its name.
var varying = []struct {
	is *regexp.Regexp
	by string
}{
	{regexp.MustCompile(`\bprocess \d+`), "process PID"},
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), "http://API"},
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-(\d{4}|S\d+)`), "ID"},
	// Of the lines of progress the last one says the same in every run.
	{regexp.MustCompile(`(\[ *\d+s\] .*\n)*\[ *\d+s\]`), "[TIME]"},
	{regexp.MustCompile(`\d+ offers?, last \d+[hms]+ ago`), "N offers, last TIME ago"},
	{regexp.MustCompile(`\(\w+/\w+, go[0-9.]+\)`), "(OS/ARCH, GO)"},
	{regexp.MustCompile(`alluxio-mesos \S+ \(OS`), "alluxio-mesos VERSION (OS"},
	{regexp.MustCompile(`"version": ".*",\n  "platform": ".*",\n  "go": ".*"`),
		"\"version\": \"VERSION\",\n  \"platform\": \"OS/ARCH\",\n  \"go\": \"GO\""},
}

// wrapSession wraps what the commands of a session have printed for people, as they do it themselves.
func wrapSession(shown string) string {
	var b strings.Builder
	json := false
	for line := range strings.Lines(shown) {
		if command, is := strings.CutPrefix(line, "$ "); is {
			json = strings.Contains(command, "-o json")
		} else if !json {
			line = text.Wrap(line, text.Width)
		}
		b.WriteString(line)
	}
	return b.String()
}

// compare compares the session with testdata/sessions/NAME.txt.
func (s *session) compare(name string) {
	s.t.Helper()
	shown := strings.NewReplacer(s.names...).Replace(s.shown.String())
	for _, v := range varying {
		shown = v.is.ReplaceAllString(shown, v.by)
	}
	golden.Compare(s.t, filepath.Join("testdata/sessions", name+".txt"), wrapSession(shown))
}

func TestSessionWithWrongCommandLines(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	for _, line := range []string{
		"alluxio-mesos statsu", "alluxio-mesos --version", "alluxio-mesos --nope",
		"alluxio-mesos version", "alluxio-mesos version -o json",
		"alluxio-mesos status x", "alluxio-mesos status -o xml", "alluxio-mesos status --conf-dir /nonexistent",
		"alluxio-mesos explain a b",
		"alluxio-mesos replace", "alluxio-mesos replace a b", "alluxio-mesos uninstall --timeout soon",
		"alluxio-mesos recover", "alluxio-mesos recover --new-framework-id --framework-id x",
		"alluxio-mesos recover --new-framework-id --kill-unknown-tasks",
		"alluxio-mesos validate a b c", "alluxio-mesos framework", "alluxio-mesos executor",
		"alluxio-mesos status --api ftp://a",
		"alluxio-mesos status --api https://127.0.0.1:1 --token-file /nonexistent",
		"alluxio-mesos-start.sh", "alluxio-mesos-start.sh --nope a:5050", "alluxio-mesos-start.sh a:5050 b c",
		"alluxio-mesos-start.sh zk://a:2181",
		"alluxio-mesos-stop.sh x", "alluxio-mesos-stop.sh --teardown --cancel-teardown",
		"alluxio-mesos-stop.sh --api https://127.0.0.1:1", "alluxio-mesos-stop.sh --help",
	} {
		s.run(line)
	}
	s.compare("wrong-command-lines")
}

func TestSessionWithoutAFramework(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	for _, line := range []string{
		"alluxio-mesos status", "alluxio-mesos explain", "alluxio-mesos explain alluxio-worker-0",
		"alluxio-mesos replace alluxio-worker-0", "alluxio-mesos uninstall", "alluxio-mesos uninstall --dry-run",
		"alluxio-mesos uninstall --destroy-volumes", "alluxio-mesos uninstall --yes",
		"alluxio-mesos-stop.sh", "alluxio-mesos-stop.sh --teardown", "alluxio-mesos-stop.sh --teardown --yes",
		"alluxio-mesos-stop.sh --cancel-teardown",
		"alluxio-mesos recover --new-framework-id", "alluxio-mesos recover --framework-id 4711",
		"alluxio-mesos recover --kill-unknown-tasks", "alluxio-mesos recover --format-journal",
	} {
		s.run(line)
	}
	s.compare("without-a-framework")
}

func TestSessionOfValidate(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	for _, site := range [][]string{
		{"alluxio.integration.mesos.alluxio.version=1.8.1"},
		{"alluxio.integration.mesos.alluxio.version=2.9.6", "alluxio.integration.mesos.worker.count=3",
			"alluxio.worker.tieredstore.levels=2", "alluxio.worker.tieredstore.level1.alias=SSD",
			"alluxio.worker.tieredstore.level1.dirs.path=/mnt/ssd", "alluxio.worker.tieredstore.level1.dirs.quota=10GB",
			`alluxio.integration.worker.constraints=[["rack","UNLIKE","gpu.*"],["@zone","MAX_PER","2"]]`,
			"alluxio.worker.web.port=0"},
		{"alluxio.integration.mesos.alluxio.version=2.9.6", "alluxio.integration.mesos.master.node.count=3",
			"alluxio.master.journal.type=EMBEDDED", "alluxio.integration.master.volume.size=1GB",
			"alluxio.integration.worker.volume.size=10GB", "alluxio.integration.mesos.role=alluxio"},
		{"alluxio.integration.worker.resource.mem=lots", "alluxio.integration.mesos.rolle=x", "alluxio.master.port=70000",
			"alluxio.integration.mesos.master.node.count=2"},
	} {
		if err := s.WriteSite(append([]string{"alluxio.integration.mesos.alluxio.jar.url=LOCAL"}, site...)...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&s.shown, "# with these lines in conf/alluxio-site.properties:\n#   %s\n",
			strings.Join(site, "\n#   "))
		s.run("alluxio-mesos validate mesos-master:5050")
	}
	s.compare("validate")
}

// aloneMaster is what a Mesos master says that is the only one.
var aloneMaster = map[string]string{"/flags": `{"flags": {}}`}

// await waits until the status says what it is asked for.
func (s *session) await(what string, done func(string) bool) {
	s.t.Helper()
	err := clitest.Await(s.within(), what, func(ctx context.Context) (bool, error) {
		out, err := s.CLI(ctx, "status")
		return done(out), err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestSessionOfALife(t *testing.T) {
	t.Parallel()
	m := newMesos(t, fakemesos.Options{Agents: 1, Operator: aloneMaster})
	s := newSession(t, "alluxio.integration.mesos.worker.count=1")
	s.names = append(s.names, m.Addr(), "MESOS")
	s.run("alluxio-mesos-start.sh " + m.Addr())
	s.await("it serves", func(out string) bool { return strings.Contains(out, "1 worker serving; complete") })
	for _, line := range []string{
		"alluxio-mesos-start.sh " + m.Addr(), "alluxio-mesos explain",
		"alluxio-mesos explain alluxio-worker-0", "alluxio-mesos explain nobody",
		"alluxio-mesos replace alluxio-worker-7", "alluxio-mesos replace alluxio-worker-0 --dry-run",
		"alluxio-mesos replace alluxio-master-0 --dry-run", "alluxio-mesos replace alluxio-worker-0 --destroy-volume",
		"alluxio-mesos uninstall --dry-run", "alluxio-mesos uninstall --destroy-volumes --dry-run",
		"alluxio-mesos-stop.sh --cancel-teardown", "alluxio-mesos recover --new-framework-id",
		"alluxio-mesos-stop.sh", "alluxio-mesos-stop.sh", "alluxio-mesos status",
		"alluxio-mesos recover --kill-unknown-tasks", "alluxio-mesos recover --framework-id 4711",
		"alluxio-mesos recover --format-journal",
		"alluxio-mesos-start.sh " + m.Addr(), "alluxio-mesos-stop.sh", "alluxio-mesos recover --new-framework-id",
	} {
		s.run(line)
	}
	s.compare("life")
}

func TestSessionOfATeardownThatMesosDoesNotHear(t *testing.T) {
	t.Parallel()
	s := newSession(t, "alluxio.integration.mesos.worker.count=1")
	address := nobody(t)
	s.names = append(s.names, address, "MESOS")
	for _, line := range []string{
		"alluxio-mesos-start.sh " + address, "alluxio-mesos-stop.sh --teardown --timeout 5s",
		"alluxio-mesos-stop.sh --teardown --timeout 5s --yes",
		"alluxio-mesos-stop.sh --cancel-teardown", "alluxio-mesos-stop.sh",
	} {
		s.run(line)
	}
	s.compare("teardown-while-mesos-is-away")
}

func TestSessionOfAStartThatWaits(t *testing.T) {
	t.Parallel()
	m := newMesos(t, fakemesos.Options{Agents: 1, Operator: aloneMaster,
		Statuses: func(*mesos.TaskInfo) []mesos.TaskStatus { return nil }})
	s := newSession(t, "alluxio.integration.mesos.worker.count=1", "alluxio.integration.mesos.start.timeout=15s")
	s.names = append(s.names, m.Addr(), "MESOS")
	s.run("alluxio-mesos-start.sh -w " + m.Addr())
	s.compare("start-that-waits")
}
