package main

import (
	"os"
	"reflect"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
)

func TestWhatARunningProcessCannotChangeWaitsForItsNextStart(t *testing.T) {
	t.Parallel()
	zk := func(password string) config.ZooKeeper {
		return config.ZooKeeper{Servers: []string{"z:2181"}, Path: "/x", User: "u", Password: config.NewSecret(password)}
	}
	first := &config.Settings{
		Name: "a", User: "a", MesosRole: "a", Principal: "a", Secret: config.NewSecret("a"), FailoverTimeout: time.Hour, ExecutorPath: "/a",
		ArtifactAddress: "a:1", APIAddress: "a:1", StateDir: "/a", StateZooKeeper: zk("a"), ZooKeeperTimeout: time.Second,
	}
	same := *first
	same.StateZooKeeper, same.UpdateParallel = zk("a"), 3
	if later := keepFixed(first, &same); len(later) > 0 || same.UpdateParallel != 3 {
		t.Errorf("of the same settings %q wait", later)
	}
	changed := config.Settings{
		Name: "b", User: "b", MesosRole: "b", Principal: "b", Secret: config.NewSecret("b"), FailoverTimeout: time.Minute, GPUAgents: true, ExecutorPath: "/b",
		ArtifactAddress: "b:1", APIAddress: "b:1", StateDir: "/b", StateZooKeeper: zk("b"), ZooKeeperTimeout: time.Minute,
	}
	want := []string{
		config.KeyFrameworkName, config.KeyUser, config.KeyMesosRole, config.KeyPrincipal, config.KeySecret, config.KeyFailoverTimeout, config.KeyGPUAgents, config.KeyExecutorPath,
		config.KeyArtifactAddress, config.KeyAPIAddress, config.KeyStateDir, config.KeyState, config.KeyZooKeeperTimeout,
	}
	if later := keepFixed(first, &changed); !slices.Equal(later, want) {
		t.Errorf("%q wait, want %q", later, want)
	}
	if !reflect.DeepEqual(&changed, first) {
		t.Errorf("the process goes on with %+v", changed)
	}
}

// Whoever tells all instances of a change reaches those that stand by as well.
func TestAHangupBeforeTheFrameworkActsWaits(t *testing.T) {
	hangups, stop := listenForHangups()
	defer stop()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if got := <-hangups; got != syscall.SIGHUP {
		t.Errorf("signal %v", got)
	}
}
