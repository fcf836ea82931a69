package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/fakemesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/terminal"
)

// question is what a command asks before it ends the cluster of the fake framework.
const question = "Type the name of the framework, alluxio, to go on: "

// onTerminal runs a program of the home on a terminal and types what is given once the program asks
// its question. It returns what the terminal shows, and the exit code.
func (h home) onTerminal(types, path string, args ...string) (string, int) {
	h.t.Helper()
	person, tty := terminal.Open(h.t, 100)
	cmd := exec.CommandContext(h.within(), h.Path(path), args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = h.Dir, tty, tty, tty
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	if err := tty.Close(); err != nil {
		h.t.Error(err)
	}
	var shown strings.Builder
	buffer := make([]byte, 4096)
	for asked := false; ; {
		n, err := person.Read(buffer)
		shown.Write(buffer[:n])
		if err != nil { // EIO: the program has ended
			break
		}
		if !asked && strings.HasSuffix(shown.String(), " to go on: ") {
			asked = true
			answer(h.t, types, person, cmd.Process)
		}
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		h.t.Fatal(err)
	}
	return strings.ReplaceAll(shown.String(), "\r\n", "\n"), cmd.ProcessState.ExitCode()
}

// interrupt stands for the signal of Ctrl-C.
const interrupt = "\x03"

func answer(t *testing.T, types string, person io.Writer, process *os.Process) {
	t.Helper()
	var err error
	if types == interrupt {
		err = process.Signal(syscall.SIGINT)
	} else {
		_, err = io.WriteString(person, types)
	}
	if err != nil {
		t.Error(err)
	}
}

// endings are the commands that end a cluster, what each says without a terminal, the request of its
// dry run, and the one that ends the cluster.
var endings = []struct {
	path               string
	args               []string
	says, dry, request string
}{
	{"integration/mesos/bin/alluxio-mesos-stop.sh", []string{"--teardown"}, "--teardown ends the Alluxio cluster",
		"POST /v1/uninstall?destroyVolumes=false&dryRun=true", "POST /v1/teardown?timeout=5m0s"},
	{"bin/alluxio-mesos", []string{"uninstall"}, "uninstall ends the Alluxio cluster",
		"POST /v1/uninstall?destroyVolumes=false&dryRun=true", "POST /v1/uninstall?destroyVolumes=false"},
	{"bin/alluxio-mesos", []string{"uninstall", "--destroy-volumes"},
		"uninstall --destroy-volumes ends the Alluxio cluster and destroys its volumes",
		"POST /v1/uninstall?destroyVolumes=true&dryRun=true", "POST /v1/uninstall?destroyVolumes=true"},
}

func TestTheRightNameOnATerminalEndsTheCluster(t *testing.T) {
	t.Parallel()
	for _, e := range endings {
		f := newEarlier(t, 2)
		out, code := f.onTerminal("alluxio\n", e.path, e.args...)
		_, after, asked := strings.Cut(out, "Every task of alluxio is ended, then the framework itself.\n"+
			"Under stores stay, and so do journals outside of volumes and folders of tiers on disk. Ramdisks are\n"+
			"  removed.\n"+question)
		if code != 0 || !asked || !strings.HasPrefix(after, "alluxio\nthe cluster is being ended\n") ||
			!strings.Contains(after, "the cluster and its framework have ended\n") {
			t.Errorf("%v: exit code %d, it shows:\n%s", e.args, code, out)
		}
		requests := f.requested()
		if len(requests) < 3 || requests[0] != "GET /v1/status" || requests[1] != e.dry ||
			!slices.Contains(requests[2:], e.request) {
			t.Errorf("%v: it sends %q", e.args, requests)
		}
	}
}

func TestAnotherAnswerOnATerminalDoesNothing(t *testing.T) {
	t.Parallel()
	for name, types := range map[string]string{"another name": "alluxi\n", "another case": "Alluxio\n", "nothing": "\n",
		"yes": "yes\n", "the end of the input": terminal.EndOfInput,
		"the name without a newline": "alluxio" + terminal.EndOfInput + terminal.EndOfInput, "Ctrl-C": interrupt} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, e := range endings {
				f := newEarlier(t, 2)
				before := f.files()
				out, code := f.onTerminal(types, e.path, e.args...)
				want := "\nalluxio-mesos: the answer is not the name of the framework; nothing was done\n"
				if types == interrupt {
					want = "\nalluxio-mesos: interrupted; nothing was done\n"
				}
				if code != 1 || !strings.Contains(out, question) || !strings.HasSuffix(out, want) {
					t.Errorf("%v: exit code %d, it shows:\n%s", e.args, code, out)
				}
				if requests := f.requested(); !slices.Equal(requests, []string{"GET /v1/status", e.dry}) {
					t.Errorf("%v: it sends %q", e.args, requests)
				}
				if after := f.files(); after != before {
					t.Errorf("%v: the home has\n%s\nand had\n%s", e.args, after, before)
				}
			}
		})
	}
}

// files are the files of the home, each with its size and the time of its last change.
func (h home) files() string {
	h.t.Helper()
	var list strings.Builder
	err := filepath.Walk(h.Dir, func(path string, info os.FileInfo, err error) error {
		if err == nil {
			fmt.Fprintln(&list, path, info.Size(), info.ModTime())
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return list.String()
}

// A name on a pipe is no confirmation: a script says --yes.
func TestWithoutATerminalNothingEndsUnlessYesIsGiven(t *testing.T) {
	t.Parallel()
	for _, e := range endings {
		f := newEarlier(t, 2)
		before := f.files()
		cmd := exec.CommandContext(f.within(), f.Path(e.path), e.args...)
		cmd.Dir, cmd.Stdin, cmd.Env = f.Dir, strings.NewReader("alluxio\n"), append(os.Environ(), "COLUMNS=1000")
		out, _ := cmd.CombinedOutput()
		want := "alluxio-mesos: " + e.says + "; standard input is no terminal on which to confirm that, so nothing " +
			"was done: add --yes to go on without a question\n"
		if code := cmd.ProcessState.ExitCode(); code != 2 || string(out) != want {
			t.Errorf("%v: exit code %d: %s", e.args, code, out)
		}
		if requests, after := f.requested(), f.files(); len(requests) > 0 || after != before {
			t.Errorf("%v: it sends %q; the home has\n%s\nand had\n%s", e.args, requests, after, before)
		}
		cmd = exec.CommandContext(f.within(), f.Path(e.path), append(e.args, "--yes")...)
		cmd.Dir = f.Dir
		if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "Type the name") ||
			!strings.Contains(string(out), "the cluster and its framework have ended\n") {
			t.Errorf("%v --yes: %v: %s", e.args, err, out)
		}
		if requests := f.requested(); slices.Contains(requests, e.dry) || !slices.Contains(requests, e.request) {
			t.Errorf("%v --yes: it sends %q", e.args, requests)
		}
	}
}

func TestADryRunAndYesAskNothingOnATerminal(t *testing.T) {
	t.Parallel()
	f := newEarlier(t, 2)
	if out, code := f.onTerminal("", "bin/alluxio-mesos", "uninstall", "--dry-run"); code != 0 ||
		out != "Nothing is done; without --dry-run:\nEvery task of alluxio is ended, then the framework itself.\n" {
		t.Errorf("--dry-run: exit code %d: %s", code, out)
	}
	if out, code := f.onTerminal("", "bin/alluxio-mesos", "uninstall", "--yes"); code != 0 ||
		!strings.HasPrefix(out, "Every task of alluxio is ended, then the framework itself.\nthe cluster is being ended\n") {
		t.Errorf("--yes: exit code %d: %s", code, out)
	}
}

func TestAnUninstallOfARemoteFrameworkIsConfirmedToo(t *testing.T) {
	t.Parallel()
	f := newEarlier(t, 0)
	h, remote := newHome(t), []string{"uninstall", "--api", f.home.process().API}
	_, err := h.CLI(h.within(), remote...)
	h.fails(err, 2, "uninstall ends the Alluxio cluster; standard input is no terminal on which to confirm that, so "+
		"nothing was done: add --yes to go on without a question")
	if requests := f.requested(); len(requests) > 0 {
		t.Errorf("it sends %q", requests)
	}
	if out, code := h.onTerminal("other\n", "bin/alluxio-mesos", remote...); code != 1 ||
		!strings.HasSuffix(out, "the answer is not the name of the framework; nothing was done\n") || f.teardown.Load() {
		t.Errorf("exit code %d: %s", code, out)
	}
	if out, code := h.onTerminal("alluxio\n", "bin/alluxio-mesos", remote...); code != 0 ||
		!strings.HasSuffix(out, question+"alluxio\nthe cluster is being ended\n") || !f.teardown.Load() {
		t.Errorf("exit code %d: %s", code, out)
	}
	if out, err := h.CLI(h.within(), append(remote, "--yes")...); err != nil ||
		out != "Every task of alluxio is ended, then the framework itself.\n" {
		t.Errorf("--yes: %v: %s", err, out)
	}
}

// An answer without a name must not make an empty line a confirmation.
func TestAFrameworkWithoutANameIsNotConfirmedByAnEmptyLine(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	posts := 0
	api := serveAt(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Query().Get("dryRun") != "true" {
			posts++
		}
		_, _ = io.WriteString(w, `{"schemaVersion": 1, "mesos": {}, "framework": {}, "dryRun": true}`)
	})
	out, code := h.onTerminal("\n", "bin/alluxio-mesos", "uninstall", "--api", api)
	if code != 1 || !strings.HasSuffix(out, "nothing was done\n") || posts > 0 {
		t.Errorf("exit code %d, %d requests: %s", code, posts, out)
	}
}

// The name is that of the framework that runs, also if the site file has another one by now. Start and
// stop ask nothing.
func TestARunningFrameworkIsTornDownByItsOwnName(t *testing.T) {
	t.Parallel()
	m := newMesos(t, fakemesos.Options{Agents: 1})
	h := newHome(t, "alluxio.integration.mesos.framework.name=first")
	h.start("-w", m.Addr())
	const stop = "integration/mesos/bin/alluxio-mesos-stop.sh"
	if out, code := h.onTerminal("", stop); code != 0 || !strings.HasPrefix(out, "the framework has ended (process ") {
		t.Errorf("stop: exit code %d: %s", code, out)
	}
	h.start("-w", m.Addr())
	err := h.WriteSite("alluxio.integration.mesos.alluxio.jar.url=LOCAL",
		"alluxio.integration.mesos.framework.name=second")
	if err != nil {
		t.Fatal(err)
	}
	out, code := h.onTerminal("second\n", stop, "--teardown")
	if code != 1 || !strings.Contains(out, "Every task of first is ended") ||
		!strings.HasSuffix(out, "nothing was done\n") || len(taskIDs(m)) != 2 {
		t.Errorf("tasks %v, exit code %d: %s", taskIDs(m), code, out)
	}
	if s, err := h.Status(h.within()); err != nil || s.Framework.Teardown {
		t.Errorf("%v %+v", err, s)
	}
	out, code = h.onTerminal("first\n", stop, "--teardown")
	if code != 0 || !strings.Contains(out, "the cluster and its framework have ended\n") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if left := taskIDs(m); len(left) != 0 {
		t.Errorf("tasks %v are left", left)
	}
}
