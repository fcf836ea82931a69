package readme

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
)

// source is the parsed code of one package, without its tests.
type source struct {
	files *token.FileSet
	list  []*ast.File
}

func parse(t *testing.T, dir string) source {
	t.Helper()
	s := source{files: token.NewFileSet()}
	paths, err := filepath.Glob(filepath.Join(clitest.Repository(), dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(s.files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		s.list = append(s.list, file)
	}
	return s
}

func (s source) text(n ast.Node) string {
	var b bytes.Buffer
	_ = printer.Fprint(&b, s.files, n) // into memory
	return b.String()
}

// values are the expressions of the package's constants and variables: by name, those of a map as
// name[key]. Selectors in keys and what stands before a field lose their package: config.Master is
// Master.
func (s source) values() map[string]string {
	values := map[string]string{}
	for _, file := range s.list {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != len(spec.Names) {
				return true
			}
			for i, name := range spec.Names {
				values[name.Name] = s.text(spec.Values[i])
				if literal, ok := spec.Values[i].(*ast.CompositeLit); ok {
					for _, element := range literal.Elts {
						if pair, ok := element.(*ast.KeyValueExpr); ok {
							_, key, _ := strings.Cut("."+s.text(pair.Key), ".")
							values[name.Name+"["+key[strings.LastIndexByte(key, '.')+1:]+"]"] = s.text(pair.Value)
						}
					}
				}
			}
			return true
		})
	}
	return values
}

// evaluator gives the values of constant expressions of numbers and times.
func evaluator(t *testing.T) func(expression string) (int64, bool) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "p.go", "package p\nimport \"time\"\nvar _ time.Duration\n", 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := (&types.Config{Importer: importer.ForCompiler(files, "source", nil)}).Check("p", files, []*ast.File{file},
		nil)
	if err != nil {
		t.Fatal(err)
	}
	return func(expression string) (int64, bool) {
		v, err := types.Eval(files, p, file.End(), expression)
		if err != nil || v.Value == nil {
			return 0, false
		}
		return constant.Int64Val(v.Value)
	}
}

// policy is a row "| what | value | `package.name` |".
var policy = regexp.MustCompile("(?m)^\\| .* \\| ([0-9a-z]+) \\| `(cluster|task)\\.([A-Za-z\\[\\]]+)` \\|$")

func TestThePolicyIsThatOfTheCode(t *testing.T) {
	t.Parallel()
	values := map[string]map[string]string{"cluster": parse(t, "scheduler/cluster").values(),
		"task": parse(t, "executor/task").values()}
	value := evaluator(t)
	rows := policy.FindAllStringSubmatch(page(t, "docs/operations.md"), -1)
	if len(rows) < 15 {
		t.Errorf("%d rows", len(rows))
	}
	for _, row := range rows {
		got, ok := value(values[row[2]][row[3]])
		want, err := strconv.ParseInt(row[1], 10, 64)
		if err != nil {
			d, err := time.ParseDuration(row[1])
			if err != nil {
				t.Errorf("%s: %v", row[0], err)
			}
			want = int64(d)
		}
		if !ok || got != want {
			t.Errorf("%s: the code has %q", row[0], values[row[2]][row[3]])
		}
	}
}

func TestTheStatesAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for name, text := range parse(t, "scheduler/cluster").values() {
		if state, ok := strings.CutPrefix(name, "verdicts["); ok {
			want[strings.TrimSuffix(state, "]")] = regexp.MustCompile(`verdict: (\w+)`).FindStringSubmatch(text)[1]
		}
	}
	got := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`TASK_.*) \\| (\\w+) \\| .*\\|$").FindAllStringSubmatch(
		page(t, "docs/operations.md"), -1) {
		for _, state := range strings.Split(row[1], ", ") {
			got[strings.Trim(state, "`")] = row[2]
		}
	}
	if len(want) < 14 {
		t.Errorf("the code has %d states", len(want))
	}
	for state, verdict := range want {
		if got[state] != verdict {
			t.Errorf("%s is %q in the document and %q in the code", state, got[state], verdict)
		}
		delete(got, state)
	}
	if len(got) > 0 {
		t.Errorf("%v are unknown to the code", got)
	}
}

func TestTheWordsOfExplainAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(clitest.Repository(), "scheduler/cluster/reasons.go"))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, m := range regexp.MustCompile(`RejectReason += "([a-z-]+)"`).FindAllStringSubmatch(
		string(data), -1) {
		want = append(want, m[1])
	}
	_, section, _ := strings.Cut(page(t, "docs/operations.md"), "\n| word | meaning | what helps |\n|---|---|---|\n")
	section, _, _ = strings.Cut(section, "\n\n")
	for _, row := range strings.Split(section, "\n") {
		for _, word := range strings.Split(strings.Split(row, "|")[1], ",") {
			got = append(got, strings.Trim(word, " `"))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("the document has %q, the code %q", got, want)
	}
}

// TestTheMemoryExampleIsWhatExplainSays compares with a transcript of the core, which a test of its own keeps true.
func TestTheMemoryExampleIsWhatExplainSays(t *testing.T) {
	t.Parallel()
	transcript, err := os.ReadFile(filepath.Join(clitest.Repository(),
		"scheduler/cluster/testdata/agent-without-ports.txt"))
	if err != nil {
		t.Fatal(err)
	}
	text := page(t, "docs/operations.md")
	for _, quoted := range []string{
		"2048MB: JVM share 1024MB = heap 532MB + direct 261MB + JVM 199MB + executor 32MB, and ramdisk 1024MB on top",
		"heap 793MB + JVM 199MB + executor 32MB",
	} {
		if !strings.Contains(string(transcript), quoted) || !strings.Contains(text, quoted) {
			t.Errorf("%q is not in both", quoted)
		}
	}
	direct := config.AlluxioRoles().Row(config.Worker).DirectPercent
	if !strings.Contains(text, fmt.Sprintf("- %d %% of the rest is for the JVM", config.JVMOverheadPercent)) ||
		!strings.Contains(text, fmt.Sprintf("- Of the remainder, %d %% is a worker's direct memory", direct)) ||
		!strings.Contains(text, config.ExecutorMem.String()+" and 0.1 cpus") {
		t.Error("the shares are others")
	}
}

func TestThePortsAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	text := page(t, "docs/operations.md")
	for row, version := range map[string]string{"1.x": "1.8.1", "2.x": "2.9.6", "unknown version": ""} {
		dir := t.TempDir()
		site := "alluxio.integration.mesos.alluxio.jar.url=LOCAL\n"
		if version != "" {
			site += config.KeyVersion + "=" + version + "\n"
		}
		if err := os.WriteFile(filepath.Join(dir, config.SiteFile), []byte(site), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := config.Load(config.Options{ConfDir: dir, NoMesosMaster: true})
		if err != nil {
			t.Fatal(err)
		}
		want := "| " + row + " | " + numbers(s.Master.Ports) + " | " + numbers(s.Worker.Ports) + " |"
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("there is no row %s", want)
		}
	}
}

func numbers(ports []config.Port) string {
	var list []string
	for _, p := range ports {
		list = append(list, strconv.Itoa(int(p.Number)))
	}
	return strings.Join(list, ", ")
}
