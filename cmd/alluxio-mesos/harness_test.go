package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// binary is the built program.
var binary string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "alluxio-mesos-")
	if err == nil {
		err = os.Setenv("COLUMNS", "1000") // of what tests run: one message is one line
	}
	if err == nil {
		binary, err = clitest.BuildBinary(context.Background(), folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// home is one configuration in a folder of its own; what it starts ends with the test.
type home struct {
	*clitest.Home
	t *testing.T
}

func newHome(t *testing.T, site ...string) home {
	t.Helper()
	h, err := clitest.NewHome(t.TempDir(), binary)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := h.WriteSite(append([]string{"alluxio.integration.mesos.alluxio.jar.url=LOCAL"}, site...)...); err != nil {
		t.Fatal(err)
	}
	return home{h, t}
}

// within bounds everything that a test asks of a script.
func (h home) within() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	h.t.Cleanup(cancel)
	return ctx
}

// start runs the start script, which must succeed.
func (h home) start(args ...string) string {
	h.t.Helper()
	out, err := h.Start(h.within(), args...)
	if err != nil {
		h.t.Fatalf("start: %v\n%s", err, h.Log())
	}
	return out
}

// fails checks that a script has ended with code and said all of words, and returns what it said.
func (h home) fails(err error, code int, words ...string) string {
	h.t.Helper()
	var exit *clitest.ExitError
	if !errors.As(err, &exit) {
		h.t.Fatalf("got %v, want exit code %d", err, code)
	}
	if exit.Code != code {
		h.t.Errorf("exit code %d, want %d: %s", exit.Code, code, exit.Output)
	}
	for _, word := range words {
		if !strings.Contains(exit.Output, word) {
			h.t.Errorf("%q is not in: %s", word, exit.Output)
		}
	}
	return exit.Output
}

// process is who runs the configuration.
func (h home) process() store.Process {
	h.t.Helper()
	p, err := store.ReadProcess(h.Path("mesos-state"))
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// nobody is the address of a Mesos master where nothing listens.
func nobody(t *testing.T) string {
	t.Helper()
	ip, err := loopback.IP()
	if err != nil {
		t.Fatal(err)
	}
	return ip + ":5050"
}

// named are the pids of all processes that `pgrep -f name` finds.
func named(t *testing.T, name string) []int {
	t.Helper()
	out, err := exec.Command("pgrep", "-f", name).Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var pids []int
	for field := range strings.FieldsSeq(string(out)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}
