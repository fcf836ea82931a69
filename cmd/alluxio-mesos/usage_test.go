package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// TestAWrongCommandLineIsNamedWithAHint compares the whole message.
func TestAWrongCommandLineIsNamedWithAHint(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	nowhere := h.Path("nowhere")
	file := h.Path("conf/alluxio-site.properties")
	for command, want := range map[string]string{
		"recover --new-framework-id --framework-id x": "--new-framework-id and --framework-id exclude each other: give one " +
			"of them; see alluxio-mesos recover --help",
		"recover --kill-unknown-tasks --new-framework-id": "--new-framework-id and --kill-unknown-tasks exclude each " +
			"other: give one of them; " +
			"see alluxio-mesos recover --help",
		"stop --teardown --cancel-teardown": "--teardown and --cancel-teardown exclude each other: give one of them; see " +
			"alluxio-mesos stop --help",
		"replace":     "SLOT is missing; usage: alluxio-mesos replace SLOT",
		"replace a b": `"b" is one argument too many; usage: alluxio-mesos replace SLOT`,
		"framework": "MESOS_MASTER is missing; usage: alluxio-mesos framework MESOS_MASTER " +
			"[ALLUXIO_MASTER_HOSTNAME]",
		"status x":          `"x" is one argument too many; usage: alluxio-mesos status`,
		"completion bash x": `"x" is one argument too many; usage: alluxio-mesos completion bash`,
		"statsu":            `there is no command "statsu"; did you mean status? See alluxio-mesos --help`,
		"statsu -o json":    `there is no command "statsu"; did you mean status? See alluxio-mesos --help`,
		"help statsu":       `there is no command "statsu"; did you mean status? See alluxio-mesos --help`,
		"nothing":           `there is no command "nothing"; see alluxio-mesos --help`,
		"status --nope":     "unknown flag: --nope; see alluxio-mesos status --help",
		"status -x":         "unknown flag: -x; see alluxio-mesos status --help",
		"status -o":         "flag needs an argument: -o; see alluxio-mesos status --help",
		"version -o yaml": "-o yaml is unknown; use -o json, or leave -o out for text; see alluxio-mesos " +
			"version --help",
		"status --conf-dir " + file: "--conf-dir " + file +
			": it is no folder; name the folder that has alluxio-site.properties",
		"status --conf-dir " + nowhere: "--conf-dir " + nowhere +
			": no such file or directory; name the folder that has alluxio-site.properties",
		"recover --kill-unknown-tasks --conf-dir " + nowhere + "/conf": "--conf-dir " + nowhere +
			"/conf: no such file or directory; name the folder that has alluxio-site.properties",
		"uninstall --timeout -5s":      "--timeout -5s is not a positive time; write for example --timeout 5m",
		"stop --teardown --timeout 0s": "--timeout 0s is not a positive time; write for example --timeout 5m",
		"status --token-file " + nowhere: "--token-file is for --api: on this host the token is found by itself; leave it " +
			"out, " +
			"or name the API with --api https://host:port",
	} {
		cmd := exec.CommandContext(h.within(), h.Path("bin/alluxio-mesos"), strings.Fields(command)...)
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != 2 || string(out) != "alluxio-mesos: "+want+"\n" {
			t.Errorf("%s: exit code %d, got %q", command, code, out)
		}
	}
	if _, err := os.Stat(nowhere); !os.IsNotExist(err) {
		t.Errorf("a command with a wrong folder made %s: %v", nowhere, err)
	}
}

func TestTheVersionIsAFlagAndJSONToo(t *testing.T) {
	t.Parallel()
	line, err := exec.Command(binary, "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	if flag, err := exec.Command(binary, "--version").Output(); err != nil || string(flag) != string(line) {
		t.Errorf("--version: %v: %s", err, flag)
	}
	out, err := exec.Command(binary, "version", "-o", "json").Output()
	var info programInfo
	if err != nil || json.Unmarshal(out, &info) != nil ||
		!strings.HasPrefix(string(line), "alluxio-mesos "+info.Version+" ("+info.Platform) {
		t.Errorf("-o json: %v: %s, not as in %s", err, out, line)
	}
}

// TestBinaryLinksNoTextTemplate guards the size: a program that can call methods by name keeps all
// methods of all packages.
func TestBinaryLinksNoTextTemplate(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(program, []byte("github.com/spf13/cobra.(*Command).")) {
		t.Fatal("the binary does not name its functions: this test cannot fail")
	}
	if bytes.Contains(program, []byte("text/template.(*state).")) {
		t.Error("the binary links text/template; cobra's SetVersionTemplate, SetHelpTemplate and SetUsageTemplate do that")
	}
}

func TestAnAPIThatDoesNotAnswerIsNamedOnce(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	api := nobody(t)
	_, err := h.CLI(h.within(), "status", "--api", api)
	if out := h.fails(err, 1); out != "alluxio-mesos: http://"+api+" does not answer: connection refused\n" {
		t.Errorf("got %q", out)
	}
}

// TestAnotherServerIsNoAPI asks web servers that are none of ours: a page, JSON of another program,
// and refusals.
func TestAnotherServerIsNoAPI(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for name, tt := range map[string]struct {
		code       int
		body, want string
	}{
		"a page":        {200, "<html><body>hello</body></html>", " with no JSON"},
		"another JSON":  {200, `{"status": "green"}`, "has no status of Mesos"},
		"a list":        {200, `[1, 2]`, "has no status of Mesos"},
		"not found":     {404, "nothing here", ` with "404 Not Found"`},
		"not permitted": {405, "", ` with "405 Method Not Allowed"`},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.code)
			_, _ = w.Write([]byte(tt.body))
		}))
		t.Cleanup(server.Close)
		for _, command := range []string{"status", "status -o json", "explain", "explain x -o json"} {
			args := append(strings.Fields(command), "--api", strings.TrimPrefix(server.URL, "http://"))
			_, err := h.CLI(h.within(), args...)
			out := h.fails(err, 1, server.URL+" is no API of alluxio-mesos: ", tt.want, "; check --api")
			if strings.Contains(out, "<html>") || strings.Count(out, "\n") != 1 {
				t.Errorf("%s, %s: %q", name, command, out)
			}
		}
	}
}

func TestAnAnswerOfAnotherSchemaIsRefusedWithBothVersions(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"schemaVersion": 7, "mesos": {"state": "subscribed"}}`))
	}))
	t.Cleanup(server.Close)
	for _, command := range []string{"status -o json", "explain -o json"} {
		args := append(strings.Fields(command), "--api", strings.TrimPrefix(server.URL, "http://"))
		_, err := h.CLI(h.within(), args...)
		h.fails(err, 1, " answers with schema version 7, and this alluxio-mesos (", fmt.Sprintf(" reads %d; use the "+
			"alluxio-mesos of the framework's own version\n", cluster.SchemaVersion))
	}
}

func TestRecoverBesideAFrameworkThatRunsSaysHowToStopIt(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.start(nobody(t))
	_, err := h.CLI(h.within(), "recover", "--kill-unknown-tasks")
	h.fails(err, 1,
		fmt.Sprintf("in use by another framework: process %d; stop it first (alluxio-mesos-stop.sh)\n", h.process().PID))
}
