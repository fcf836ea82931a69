package store

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/config"
)

func TestTheTokenIsMadeAtTheFirstStartAndKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if p, err := ReadProcess(folder); err != nil || p != (Process{}) {
		t.Fatalf("without a file: got %v, %v", p, err)
	}
	first, err := NewProcess(folder, "127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Write(folder); err != nil {
		t.Fatal(err)
	}
	assertMode(t, filepath.Join(folder, ProcessFile), 0o600)
	second, err := NewProcess(folder, "127.0.0.1:2")
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Write(folder); err != nil {
		t.Fatal(err)
	}
	got, err := ReadProcess(folder)
	if err != nil {
		t.Fatal(err)
	}
	if got.API != "127.0.0.1:2" || got.PID != os.Getpid() || !got.Alive() {
		t.Errorf("got %+v", got)
	}
	if len(got.Token.Reveal()) < 26 || got.Token != first.Token {
		t.Error("the token is short or has changed")
	}
	if text := fmt.Sprintf("%v %+v %#v", got, got, got); strings.Contains(text, got.Token.Reveal()) {
		t.Error("printing a Process shows its token")
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

func TestTwoConfigurationsHaveDifferentTokens(t *testing.T) {
	t.Parallel()
	a, err := NewProcess(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewProcess(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if a.Token == b.Token {
		t.Error("they have the same")
	}
}

func TestABrokenProcessFileIsNamedAndReplacedByTheNextStart(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, ProcessFile)
	if err := os.WriteFile(path, []byte(`{"pid":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadProcess(folder); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error with the path", err)
	}
	p, err := NewProcess(folder, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Write(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadProcess(folder); err != nil {
		t.Error(err)
	}
}

func TestAProcessIsKnownByPidStartTimeAndBoot(t *testing.T) {
	t.Parallel()
	p, err := Identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(*Process)
		want   bool
	}{
		"this process lives":                     {func(*Process) {}, true},
		"another start time is another process":  {func(p *Process) { p.StartTime++ }, false},
		"another boot is another process":        {func(p *Process) { p.Boot = "x" }, false},
		"no process lives":                       {func(p *Process) { *p = Process{} }, false},
		"a pid that was never there is no one's": {func(p *Process) { p.PID = 1 << 30 }, false},
	} {
		q := p
		tt.change(&q)
		if q.Alive() != tt.want {
			t.Errorf("%s: Alive is %v", name, !tt.want)
		}
		if !tt.want {
			if err := q.Signal(syscall.SIGTERM); !errors.Is(err, ErrNotRunning) {
				t.Errorf("%s: Signal returned %v, want ErrNotRunning", name, err)
			}
		}
	}
}

func TestAProcessWithSpacesAndParenthesesInItsNameIsRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a) R 1 (b")
	if err := os.Symlink("/bin/sleep", path); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	p, err := Identify(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Alive() {
		t.Error("it is said to be dead")
	}
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if p.Alive() {
		t.Error("it is said to live")
	}
	if err := p.Signal(syscall.SIGKILL); !errors.Is(err, ErrNotRunning) {
		t.Errorf("got %v, want ErrNotRunning", err)
	}
}

func TestInstancesWithAPasswordOfZooKeeperShareTheirToken(t *testing.T) {
	t.Parallel()
	shared := func(address string) string {
		z, err := config.ParseZooKeeper(address)
		if err != nil {
			t.Fatal(err)
		}
		return SharedToken(z).Reveal()
	}
	token := shared("zk://u:hunter2@a,b/path")
	if len(token) != 64 || token != shared("zk://u:hunter2@b:2181/path") {
		t.Errorf("the token is %q", token)
	}
	for _, other := range []string{"zk://u:hunter3@a,b/path", "zk://u:hunter2@a,b/other", "zk://v:hunter2@a,b/path"} {
		if shared(other) == token {
			t.Errorf("%s has the same", other)
		}
	}
	if shared("zk://a,b/path") != "" {
		t.Error("without a password everybody could know it")
	}
}

func TestTheURLOfTheAPISaysWhetherItSpeaksTLS(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	p := Process{API: "127.0.0.1:1", Certificate: "/etc/cert.pem"}
	if err := p.Write(folder); err != nil {
		t.Fatal(err)
	}
	got, err := ReadProcess(folder)
	if err != nil || got.URL() != "https://127.0.0.1:1" || got.Certificate != p.Certificate {
		t.Errorf("%+v, %v", got, err)
	}
	if plain := (Process{API: "127.0.0.1:1"}).URL(); plain != "http://127.0.0.1:1" {
		t.Error(plain)
	}
}
