package install

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

// TestMain lets the test binary be another executor: with childEnv set it gets an archive, says so,
// and holds it until its standard input ends.
func TestMain(m *testing.M) {
	url, ok := os.LookupEnv(childEnv)
	if !ok {
		os.Exit(m.Run())
	}
	c, err := Open(os.Getenv("TEST_CACHE"), 0)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("opened", c.dir)
	e, err := c.Get(context.Background(), config.Archive{URL: url}, func(p Progress) {
		if p.Done > 0 && os.Getenv("TEST_SAY_PROGRESS") != "" {
			fmt.Println("progress")
		}
	})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("got", e.Dir)
	_, _ = io.Copy(io.Discard, os.Stdin)
	e.Release()
}

const childEnv = "TEST_GET_URL"

// child is another process of the test binary.
type child struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
}

// startChild starts one. A uid above 0 needs root.
func startChild(t *testing.T, url, cache string, uid uint32, env ...string) *child {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), append(env, childEnv+"="+url, "TEST_CACHE="+cache)...)
	cmd.Stderr = os.Stderr
	if uid > 0 {
		cmd.Path = forAll(t, binary)
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: cmd, in: in, lines: bufio.NewScanner(out)}
	t.Cleanup(c.kill)
	return c
}

// forAll copies the test binary to where every user may run it. Another process copies: what this
// one has open for writing, a child that another test forks at that moment has open too, and until
// that child executes its own program the copy is "text file busy".
func forAll(t *testing.T, binary string) string {
	t.Helper()
	file := filepath.Join(publicDir(t), "install.test")
	if out, err := exec.Command("install", "-m", "0755", binary, file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return file
}

// publicDir is a temporary folder that every user can enter.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "alluxio-mesos-test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// expect reads lines until one starts with word, and returns the rest of it.
func (c *child) expect(t *testing.T, word string) string {
	t.Helper()
	var seen []string
	for c.lines.Scan() {
		first, rest, _ := strings.Cut(c.lines.Text(), " ")
		if first == word {
			return rest
		}
		seen = append(seen, c.lines.Text())
	}
	t.Fatalf("the other process ended without %q: %q", word, seen)
	return ""
}

// end lets the child release what it holds and waits for it.
func (c *child) end() error {
	c.in.Close()
	return c.cmd.Wait()
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}
