package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

func TestProblemsAreAllPrintedBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	h := newHome(t, "alluxio.integration.worker.resource.mem=lots", "alluxio.integration.mesos.rolle=x")
	site := h.Path("conf/alluxio-site.properties")
	words := []string{site + ":2: ", `"lots"`, site + ":3: ", "alluxio.integration.mesos.role?", "2 problems"}
	_, err := h.Start(h.within(), nobody(t))
	h.fails(err, 2, words...)
	if _, err := os.Stat(h.Path("mesos-state")); !os.IsNotExist(err) {
		t.Errorf("the state folder was made: %v", err)
	}
	_, err = h.CLI(h.within(), "validate")
	h.fails(err, 2, words...)
	_, err = h.CLI(h.within(), "framework", nobody(t))
	h.fails(err, 2, words...)
}

func TestAConfigurationThatDoesNotFitIntoATaskIsRefusedBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 260<<10) // which cannot be compressed
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	h := newHome(t, "alluxio.some.property="+base64.StdEncoding.EncodeToString(noise))
	words := []string{"too large to travel with a task", "100KB always fit", "of at most 262144",
		"shorten the site file"}
	_, err := h.CLI(h.within(), "validate")
	h.fails(err, 2, words...)
	words = append(words, "nothing was started")
	_, err = h.Start(h.within(), nobody(t))
	h.fails(err, 2, words...)
	_, err = h.CLI(h.within(), "framework", nobody(t))
	h.fails(err, 2, words...)
	if _, err := os.Stat(h.Path("mesos-state")); !os.IsNotExist(err) {
		t.Errorf("the state folder was made: %v", err)
	}
}

func TestASiteFileOf100KBIsValidAlsoBelowALongPath(t *testing.T) {
	t.Parallel()
	var lines []string
	for size := 0; size < 99_000; size += len(lines[len(lines)-1]) + 1 { // the harness writes some lines more
		lines = append(lines, fmt.Sprintf("my.property.%d=x", len(lines)))
	}
	h := newHome(t, lines...)
	folder := h.Path(strings.Repeat("a-long-name/", 200))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	site, err := os.ReadFile(h.Path("conf/alluxio-site.properties"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "alluxio-site.properties"), site, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := h.CLI(h.within(), "validate", "--conf-dir", folder); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestWrongCommandLinesAreUsageErrors(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for _, args := range [][]string{{"nothing"}, {"status", "x"}, {"status", "--nope"}, {"status", "-o", "xml"},
		{"framework"}, {"framework", "a", "b", "c"}} {
		_, err := h.CLI(h.within(), args...)
		h.fails(err, 2, "alluxio-mesos: ")
	}
	for _, args := range [][]string{{}, {"--nope", "a:5050"}, {"a:5050", "b", "c"}} {
		_, err := h.Start(h.within(), args...)
		h.fails(err, 2)
	}
	_, err := h.Start(h.within(), "zk://a:2181")
	h.fails(err, 2, "zk://host:port,host:port/path")
	for _, flag := range []string{"-h", "--help"} {
		if out := h.start(flag); !strings.Contains(out, "MESOS_MASTER [ALLUXIO_MASTER_HOSTNAME]") {
			t.Errorf("%s: %s", flag, out)
		}
	}
}

func TestAStateFolderGivenAsAFlagIsFoundWithTheSameFlag(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	flag := "--property=alluxio.integration.mesos.state.dir=" + h.Path("elsewhere")
	h.start(flag, nobody(t))
	p, err := store.ReadProcess(h.Path("elsewhere"))
	if err != nil || !p.Alive() {
		t.Fatalf("%v, alive %v", err, p.Alive())
	}
	if _, err := h.CLI(h.within(), "status", flag); err != nil {
		t.Error(err)
	}
	if _, err := h.Stop(h.within(), flag); err != nil || p.Alive() {
		t.Errorf("%v, alive %v", err, p.Alive())
	}
}

func TestTheConfigurationIsFoundAsPromised(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	elsewhere := t.TempDir()
	for _, folder := range []string{"conf", "other", "logs"} {
		if err := os.MkdirAll(filepath.Join(elsewhere, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for folder, name := range map[string]string{"conf": "from-home", "other": "from-conf-dir"} {
		line := "alluxio.integration.mesos.alluxio.jar.url=LOCAL\nalluxio.integration.mesos.framework.name=" + name + "\n"
		if err := os.WriteFile(filepath.Join(elsewhere, folder, "alluxio-site.properties"), []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	alluxioHome, confDir := "ALLUXIO_HOME="+elsewhere, "ALLUXIO_CONF_DIR="+filepath.Join(elsewhere, "other")
	for want, env := range map[string][]string{`"alluxio"`: nil, `"from-home"`: {alluxioHome},
		`"from-conf-dir"`: {alluxioHome, confDir}} {
		for _, path := range []string{h.Path("bin/alluxio-mesos"), "bin/alluxio-mesos"} {
			cmd := exec.Command(path, "validate", "--property", "alluxio.integration.mesos.worker.count=3")
			cmd.Env, cmd.Dir = append([]string{"PATH=" + os.Getenv("PATH")}, env...), h.Dir
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "Framework "+want) ||
				!strings.Contains(string(out), "alluxio-worker: 3 tasks") {
				t.Errorf("%s with %v: %v: %s", path, env, err, out)
			}
		}
	}
}

func TestValidateShowsWhatIsAskedOfMesos(t *testing.T) {
	t.Parallel()
	h := newHome(t, "alluxio.integration.mesos.alluxio.version=1.8.1", "alluxio.integration.worker.resource.cpu=0.5",
		"alluxio.worker.memory.size=512MB",
		`alluxio.integration.worker.constraints=[["rack","UNLIKE","gpu.*"],["@zone","MAX_PER","2"]]`)
	out, err := h.CLI(h.within(), "validate", nobody(t), "a.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"alluxio-master: 1 task on a.example; each cpus 1, memory 1GB, ports 19998 (alluxio.master.port)",
		"alluxio-worker: one task on every host that fits where rack:UNLIKE:gpu.* and @zone:MAX_PER:2; each cpus 0.5, " +
			"memory 1536MB (1GB for the JVM, 512MB for the ramdisk)",
		"--resources='ports:[19998-19999,29998-30000]'",
		"Mesos was not asked whether its agents offer this",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in:\n%s", want, out)
		}
	}
	if _, err := os.Stat(h.Path("mesos-state")); !os.IsNotExist(err) {
		t.Errorf("validate has made the state folder: %v", err)
	}
}

func TestValidateShowsTheSumsOfSeveralFolders(t *testing.T) {
	t.Parallel()
	h := newHome(t, "alluxio.worker.tieredstore.levels=2", "alluxio.worker.tieredstore.level1.alias=SSD",
		"alluxio.worker.tieredstore.level0.dirs.path=/ram1,/ram2", "alluxio.worker.tieredstore.level0.dirs.quota=2GB,1GB",
		"alluxio.worker.tieredstore.level1.dirs.path=/ssd1,/ssd2", "alluxio.worker.tieredstore.level1.dirs.quota=100GB")
	out, err := h.CLI(h.within(), "validate", nobody(t))
	want := "memory 4GB (1GB for the JVM, 3GB for tiers: 2GB of level 0 + 1GB of level 0), " +
		"disk 200GB (2 x 100GB of level 1)"
	if err != nil || !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
		t.Errorf("%v: %q is not in:\n%s", err, want, out)
	}
}

func TestTheFrameworkCommandTakesItsTitleAndEndsOnSIGTERM(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	cmd := exec.Command(h.Path("bin/alluxio-mesos"), "framework", nobody(t))
	cmd.Dir = h.Dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	err := clitest.Await(h.within(), "its start", func(context.Context) (bool, error) {
		p, err := store.ReadProcess(h.Path("mesos-state"))
		return p.PID == cmd.Process.Pid && p.Alive(), err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(named(t, "^AlluxioFramework "), cmd.Process.Pid) {
		t.Error("argv[0] is not AlluxioFramework")
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}

func TestVersionAndCompletionNeedNoConfiguration(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{"version": "alluxio-mesos ", "completion bash": "bash completion"} {
		out, err := exec.Command(binary, strings.Fields(command)...).Output()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v: %.100s", command, err, out)
		}
	}
	out, err := exec.Command(binary, "--help").Output()
	if err != nil || strings.Contains(string(out), "executor") || strings.Contains(string(out), "script-dir") {
		t.Errorf("help shows what is hidden: %v: %s", err, out)
	}
}

func TestTheExecutorOutsideOfMesosSaysSo(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(binary, "executor").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "MESOS_") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestStatusAsJSONIsJSON keeps -o json what it says.
func TestStatusAsJSONIsJSON(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.start(nobody(t))
	out, err := h.CLI(h.within(), "status", "-o", "json")
	if err != nil || !json.Valid([]byte(out)) {
		t.Errorf("%v: %s", err, out)
	}
}
