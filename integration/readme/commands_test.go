package readme

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
)

func TestEveryCommandIsInExactlyOneTable(t *testing.T) {
	t.Parallel()
	entries := map[string]int{}
	for _, c := range slices.Concat(targets, goTests, services) {
		entries[c]++
	}
	for _, s := range steps {
		entries[s.command]++
	}
	for c, n := range entries {
		if n != 1 {
			t.Errorf("%q is in the tables %d times", c, n)
		}
	}
	written := map[string]bool{}
	for _, d := range documents(t) {
		for _, block := range blocks(d.text, "sh") {
			for _, c := range commands(block) {
				if written[c] = true; entries[c] == 0 {
					t.Errorf("%s: %q is in no table: say in tables_test.go how it is checked", d.name, c)
				}
			}
		}
		if n := strings.Count(d.text, "```bash") + strings.Count(d.text, "```shell") + strings.Count(d.text,
			"```console"); n > 0 {
			t.Errorf("%s has commands that are not in ```sh blocks", d.name)
		}
	}
	for c := range entries {
		if !written[c] {
			t.Errorf("%q is in a table and in no document", c)
		}
	}
}

func TestEveryPlaceholderIsInADocument(t *testing.T) {
	t.Parallel()
	all := ""
	for _, s := range steps {
		all += s.command + "\n"
	}
	for _, s := range substitutes {
		if !strings.Contains(all, s.placeholder) {
			t.Errorf("no command has %q", s.placeholder)
		}
	}
}

func TestTheCommandsRunOnGenuineMesosAndAlluxio(t *testing.T) {
	t.Parallel()
	e := newEnvironment(t)
	for _, s := range steps {
		e.Logf("$ %s", s.command)
		e.do(s)
	}
}

// ours are the files of this repository in a line of make.
var ours = regexp.MustCompile(`(?m)(?:^|[ '@])(\.?/?(?:scripts|integration|cmd)/[\w./-]+)`)

func TestMakeHasEveryTarget(t *testing.T) {
	t.Parallel()
	list := slices.Clone(targets)
	for _, d := range documents(t) {
		for _, found := range regexp.MustCompile("`(make [a-z-]+(?: [A-Z]+=[^` ]*)*)`").FindAllStringSubmatch(d.text, -1) {
			list = append(list, found[1])
		}
	}
	slices.Sort(list)
	for _, c := range slices.Compact(list) {
		out, err := inRepository(append([]string{"make", "-n"}, strings.Fields(c)[1:]...)...)
		if err != nil {
			t.Errorf("%s: %v\n%s", c, err, out)
		}
		for _, file := range ours.FindAllStringSubmatch(out, -1) {
			if _, err := os.Stat(filepath.Join(clitest.Repository(), strings.TrimSuffix(file[1], "..."))); err != nil {
				t.Errorf("%s runs what is not there: %v", c, err)
			}
		}
	}
}

func inRepository(argv ...string) (string, error) {
	c := exec.Command(argv[0], argv[1:]...)
	c.Dir = clitest.Repository()
	// As from a shell: a make that runs this test would have a make below it speak of folders.
	c.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "MAKE") || strings.HasPrefix(v, "MFLAGS")
	})
	out, err := c.CombinedOutput()
	return string(out), err
}

func TestGoTestHasEveryTestAndFlag(t *testing.T) {
	t.Parallel()
	list := slices.Clone(goTests)
	makefile, err := inRepository("make", "-n", "docs")
	if err != nil {
		t.Fatal(err)
	}
	list = append(list, strings.ReplaceAll(strings.TrimSpace(makefile), "'", ""))
	for _, c := range list {
		var packages, flags []string
		pattern := ""
		words := strings.Fields(c)[2:]
		for i := 0; i < len(words); i++ {
			switch {
			case words[i] == "-run":
				i++
				pattern = strings.Trim(words[i], "'")
			case strings.HasPrefix(words[i], "-"):
				flags = append(flags, words[i])
			default:
				packages = append(packages, words[i])
			}
		}
		for _, p := range packages {
			if out, err := inRepository("go", "test", p, "-list", pattern); err != nil || !strings.HasPrefix(out, "Test") {
				t.Errorf("%s: no test: %v %s", c, err, out)
			}
			if out, err := inRepository(append([]string{"go", "test", p, "-run", "^$"}, flags...)...); err != nil {
				t.Errorf("%s: %v %s", c, err, out)
			}
		}
	}
}

// unitName is the unit of operations.md.
var unitName = regexp.MustCompile("`/etc/systemd/system/([a-z-]+)\\.service`")

func TestTheUnitIsOneThatSystemdTakes(t *testing.T) {
	t.Parallel()
	text := page(t, "docs/operations.md")
	name, units := unitName.FindStringSubmatch(text), blocks(text, "ini")
	if name == nil || len(units) != 1 {
		t.Fatalf("name %q, %d units", name, len(units))
	}
	for _, c := range services {
		if c != "systemctl daemon-reload" && !strings.HasSuffix(c, " "+name[1]) {
			t.Errorf("%q does not name the unit %s", c, name[1])
		}
	}
	line := regexp.MustCompile(`^(\[(Unit|Service|Install)\]|[A-Z][A-Za-z]+=\S.*|)$`)
	for l := range strings.SplitSeq(units[0], "\n") {
		if !line.MatchString(l) {
			t.Errorf("%q is no line of a unit", l)
		}
	}
	if !strings.Contains(units[0], "ExecStart=/opt/alluxio-mesos/"+foreground+"\n") {
		t.Error("the unit does not run the command that is tested")
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		return // the lines were parsed above
	}
	file := filepath.Join(t.TempDir(), name[1]+".service")
	program, err := os.Executable() // any program will do
	if err != nil {
		t.Fatal(err)
	}
	unit := strings.ReplaceAll(units[0], "/opt/alluxio-mesos/bin/alluxio-mesos", program)
	if err := os.WriteFile(file, []byte(unit), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, "verify", "--man=no", file).CombinedOutput(); err != nil ||
		strings.Contains(string(out), name[1]) {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

func TestTheMarathonAppRunsTheTestedCommand(t *testing.T) {
	t.Parallel()
	apps := blocks(page(t, "docs/operations.md"), "json")
	want := fmt.Sprintf("cd /opt/alluxio-mesos && exec %s", foreground)
	for _, text := range apps {
		var app struct{ Cmd string }
		if err := json.Unmarshal([]byte(text), &app); err != nil || app.Cmd != want {
			t.Errorf("the app runs %q, %v", app.Cmd, err)
		}
	}
	if len(apps) != 1 {
		t.Errorf("%d apps", len(apps))
	}
}
