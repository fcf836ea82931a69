package leaderelection

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// instanceEnv makes the test binary an instance that stands for election at the address that it
// holds, and writes while it leads.
const (
	instanceEnv = "ALLUXIO_MESOS_TEST_INSTANCE"
	nameEnv     = "ALLUXIO_MESOS_TEST_NAME"
)

// sessionTimeout is the sessions' of tests that wait for their end; a busy machine must still keep it.
const sessionTimeout = 4 * time.Second

func TestMain(m *testing.M) {
	if address := os.Getenv(instanceEnv); address != "" {
		if err := instance(context.Background(), address, os.Getenv(nameEnv)); err != nil {
			fmt.Println("ended:", err)
		}
		return
	}
	os.Exit(m.Run())
}

// instance does with election and store what the framework does.
func instance(ctx context.Context, address, name string) error {
	o, err := options(address, name, sessionTimeout)
	if err != nil {
		return err
	}
	c, err := Join(o)
	if err != nil {
		return err
	}
	fmt.Println("standing")
	if err := c.Campaign(ctx); err != nil {
		return err
	}
	s, err := store.OpenZooKeeper(ctx, store.ZooKeeperOptions{Options: o.Options, Holder: c.Holder()})
	if err != nil {
		return err
	}
	if _, err := s.Load(ctx); err != nil {
		return err
	}
	for n := 1; ; n++ {
		// The worst case: it does not look at Lost before it writes.
		if err := s.Save(ctx, cluster.Changes{"framework": []byte(name), "slot/a-0": fmt.Append(nil, n)}); err != nil {
			if errors.Is(err, store.ErrFenced) {
				<-c.Lost() // must come too
			}
			return err
		}
		if n == 1 {
			fmt.Println("leading")
		}
	}
}

// process is an instance in a process of its own.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines chan string
}

func startInstance(t *testing.T, address, name string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0]), lines: make(chan string, 10)}
	p.cmd.Env = append(os.Environ(), instanceEnv+"="+address, nameEnv+"="+name)
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		for range p.lines {
		}
		_ = p.cmd.Wait()
	})
	p.says("standing")
	return p
}

// says waits for a line that holds text.
func (p *process) says(text string) {
	p.t.Helper()
	select {
	case line, ok := <-p.lines:
		if !ok || !strings.Contains(line, text) {
			p.t.Fatalf("it says %q, want %q", line, text)
		}
	case <-time.After(generous):
		p.t.Fatalf("it does not say %q", text)
	}
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

func TestKill9OfTheLeaderIsHealedByAStandby(t *testing.T) {
	t.Parallel()
	address := "zk://me:hunter2@" + startZooKeeper(t).Addr() + "/alluxio"
	leader := startInstance(t, address, "a:1")
	leader.says("leading")
	for _, name := range []string{"b:2", "c:3"} {
		standby := startInstance(t, address, name)
		killed := time.Now()
		leader.signal(syscall.SIGKILL)
		standby.says("leading")
		t.Logf("kill -9 of the leader -> %s leads and has saved: %s (session timeout %s)", name, time.Since(killed),
			sessionTimeout)
		leader = standby
	}
}

func TestALeaderThatWasStoppedForTooLongWritesNothingMore(t *testing.T) {
	t.Parallel()
	address := "zk://me:hunter2@" + startZooKeeper(t).Addr() + "/alluxio"
	first := startInstance(t, address, "a:1")
	first.says("leading")
	second := startInstance(t, address, "b:2")
	first.signal(syscall.SIGSTOP)
	second.says("leading")
	first.signal(syscall.SIGCONT)
	first.says(store.ErrFenced.Error())
	second.signal(syscall.SIGKILL)

	o, err := options(address, "", sessionTimeout)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenZooKeeper(t.Context(), store.ZooKeeperOptions{Options: o.Options})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	record, err := s.Load(t.Context())
	if err != nil || string(record["framework"]) != "b:2" {
		t.Errorf("the last word is that of %q, %v", record["framework"], err)
	}
}

func TestAnOrderlyEndHandsOverAtOnce(t *testing.T) {
	t.Parallel()
	address := "zk://me:hunter2@" + startZooKeeper(t).Addr() + "/alluxio"
	first := startContender(t, address, "a:1")
	first.elected(t)
	second := startInstance(t, address, "b:2")
	closed := time.Now()
	first.Close()
	second.says("leading")
	t.Logf("an orderly end of the leader -> the standby leads: %s", time.Since(closed))
}
