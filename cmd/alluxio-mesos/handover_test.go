package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/alluxio/alluxio-mesos/integration/testkit/clitest"
)

// doorkeeper is a Mesos master that only notes the secrets it is shown, and lets nobody in.
func doorkeeper(t *testing.T) (address string, secrets func() []string) {
	t.Helper()
	var mu sync.Mutex
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/version" {
			fmt.Fprint(w, `{"version":"1.11.0"}`)
			return
		}
		_, secret, _ := r.BasicAuth()
		mu.Lock()
		seen = append(seen, secret)
		mu.Unlock()
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), seen...)
	}
}

// shownBy is what /proc shows of a process.
func shownBy(t *testing.T, pid int) string {
	t.Helper()
	var all strings.Builder
	for _, name := range []string{"cmdline", "environ"} {
		data, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), name))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(data)
	}
	return all.String()
}

// TestSecretsOfTheEnvironmentAndTheCommandLineAreTakenAndNotKept starts the framework in both ways
// with a secret in the environment and a password in MESOS_MASTER.
func TestSecretsOfTheEnvironmentAndTheCommandLineAreTakenAndNotKept(t *testing.T) {
	t.Parallel()
	const secret, password = "s3cr3t-of-mesos", "p4ssw0rd-of-zookeeper"
	for name, test := range map[string]struct{ path, command string }{
		"alluxio-mesos framework": {"bin/alluxio-mesos", "framework"},
		"alluxio-mesos-start.sh":  {"integration/mesos/bin/alluxio-mesos-start.sh", "-w"},
	} {
		for _, inZooKeeper := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, MESOS_MASTER in ZooKeeper %v", name, inZooKeeper), func(t *testing.T) {
				t.Parallel()
				h := newHome(t)
				address, secrets := doorkeeper(t)
				if inZooKeeper {
					address = "zk://u:" + password + "@" + nobody(t) + "/mesos"
				}
				cmd := exec.Command(h.Path(test.path), test.command, address)
				cmd.Dir, cmd.Env = h.Dir, append(os.Environ(), "ALLUXIO_MESOS_SECRET="+secret, "ALLUXIO_MESOS_TOKEN="+secret)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				defer func() {
					_ = cmd.Process.Kill()
					_ = cmd.Wait()
					_ = h.process().Signal(syscall.SIGKILL)
				}()
				err := clitest.Await(h.within(), "the framework", func(ctx context.Context) (bool, error) {
					_, err := h.Status(ctx)
					return err == nil && (inZooKeeper || len(secrets()) > 0), err
				})
				if err != nil {
					t.Fatalf("%v\n%s", err, h.Log())
				}
				for _, seen := range secrets() {
					if seen != secret {
						t.Errorf("Mesos was shown %q", seen)
					}
				}
				for _, pid := range []int{cmd.Process.Pid, h.process().PID} {
					if shown := shownBy(t, pid); strings.Contains(shown, secret) || strings.Contains(shown, password) {
						t.Errorf("process %d shows a secret: %q", pid, shown)
					}
				}
				if shown := shownBy(t, h.process().PID); !strings.HasPrefix(shown, processTitle+"\x00") || inZooKeeper &&
					!strings.Contains(shown, "\x00zk://***@127.") {
					t.Errorf("the framework's command line: %q", shown)
				}
				if strings.Contains(h.Log(), secret) || strings.Contains(h.Log(), password) {
					t.Errorf("the log shows a secret:\n%s", h.Log())
				}
			})
		}
	}
}

func TestASecretIsRefusedOnTheCommandLine(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for _, flag := range []string{"alluxio.integration.mesos.secret=hunter2", "aws.secretKey=hunter2",
		"alluxio.integration.mesos.state=zk://u:hunter2@zk/x"} {
		_, err := h.Start(h.within(), nobody(t), "--property", flag)
		if said := h.fails(err, 2, "a secret must not stand on a command line"); strings.Contains(said, "hunter2") {
			t.Errorf("it is shown: %s", said)
		}
	}
	_, err := h.CLI(h.within(), "status", "--handover", "9")
	h.fails(err, 2, "--handover is for this program itself")
}
