package testcluster

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/realmesos"
	"github.com/alluxio/alluxio-mesos/integration/testkit/realzookeeper"
)

// quick makes Mesos offer without delay.
const quick = "--allocation_interval=200ms"

// StartMaster starts a Mesos master with more flags and makes it the cluster's.
func (tc *Cluster) StartMaster(flags ...string) {
	tc.T.Helper()
	master, err := tc.Mesos.StartMaster(tc.T.Context(), realmesos.MasterOptions{
		Dir: tc.Folder("master"), IP: tc.Block.IP(1), TLS: tc.TLS, Flags: append([]string{quick}, flags...)})
	tc.Check(err)
	tc.T.Cleanup(func() { tc.Ended(master.Stop()) })
	tc.Master = master
}

// StartZooKeeper starts a ZooKeeper of one server, which grants sessions of up to 10 s: a busy machine must keep them.
func (tc *Cluster) StartZooKeeper() {
	tc.T.Helper()
	install, err := realzookeeper.Get(tc.T.Context())
	tc.Check(err)
	tc.ZooKeeper, err = install.Start(tc.T.Context(), realzookeeper.Options{
		Dir: filepath.Join(tc.Dir, "zookeeper"), IP: tc.Block.IP(100), Tick: 500 * time.Millisecond})
	tc.Check(err)
	tc.T.Cleanup(func() { tc.Ended(tc.ZooKeeper.Stop()) })
}

// NewHA starts a ZooKeeper and three Mesos masters that elect their leader there, with more flags.
// Agents are to be added.
func NewHA(t *testing.T, binary string, flags ...string) *Cluster {
	t.Helper()
	tc := empty(t, binary, realmesos.Version)
	tc.StartZooKeeper()
	tc.zk = "zk://" + tc.ZooKeeper.Addr() + "/mesos"
	var err error
	tc.Masters, err = tc.Mesos.StartMasters(t.Context(),
		realmesos.MasterOptions{Dir: tc.Dir, Flags: append([]string{quick}, flags...)}, tc.zk,
		tc.Block.IP(101), tc.Block.IP(102), tc.Block.IP(103))
	tc.Check(err)
	t.Cleanup(func() { tc.Ended(tc.Masters.Stop()) })
	return tc
}

// AddAgent starts an agent on the next address. Its master is the cluster's unless o names one.
func (tc *Cluster) AddAgent(o realmesos.AgentOptions) *realmesos.Agent {
	tc.T.Helper()
	if o.Master == "" {
		o.Master = tc.Address()
	}
	if o.TLS == nil {
		o.TLS = tc.TLS
	}
	o.IP = tc.Block.IP(len(tc.Agents) + 1)
	o.Dir = filepath.Join(tc.Dir, fmt.Sprintf("agent%d", len(tc.Agents)+1))
	agent, err := tc.Mesos.StartAgent(tc.T.Context(), o)
	tc.Check(err)
	tc.T.Cleanup(func() { tc.Ended(agent.Stop()) })
	tc.Agents = append(tc.Agents, agent)
	return agent
}

// RestartAgent ends the n-th agent as a crash does, and starts it with other options on the same
// address and folders. Its executors live on.
func (tc *Cluster) RestartAgent(n int, o realmesos.AgentOptions) {
	tc.T.Helper()
	old := tc.Agents[n]
	tc.Check(old.Kill(tc.T.Context()))
	host, port, err := net.SplitHostPort(old.Addr())
	tc.Check(err)
	o.IP, o.Dir, o.Master = host, filepath.Join(tc.Dir, fmt.Sprintf("agent%d", n+1)), tc.Address()
	o.Port, err = strconv.Atoi(port)
	tc.Check(err)
	agent, err := tc.Mesos.StartAgent(tc.T.Context(), o)
	tc.Check(err)
	tc.T.Cleanup(func() { tc.Ended(agent.Stop()) })
	tc.Agents[n] = agent
}

// AgentAt is the agent on a host.
func (tc *Cluster) AgentAt(host string) *realmesos.Agent {
	tc.T.Helper()
	for _, a := range tc.Agents {
		if strings.HasPrefix(a.Addr(), host+":") {
			return a
		}
	}
	tc.T.Fatalf("there is no agent on %s", host)
	return nil
}

// AwaitAgents waits until all agents that were added are registered and active.
func (tc *Cluster) AwaitAgents() {
	tc.T.Helper()
	tc.Await("the agents", func(ctx context.Context) (bool, error) {
		state, err := tc.State(ctx)
		active := 0
		for _, a := range state.Agents {
			if a.Active {
				active++
			}
		}
		return active == len(tc.Agents), err
	})
}

// Address is where agents and frameworks find the Mesos masters.
func (tc *Cluster) Address() string {
	if tc.zk != "" {
		return tc.zk
	}
	return tc.Master.Addr()
}

// State is what the leading Mesos master says.
func (tc *Cluster) State(ctx context.Context) (realmesos.State, error) {
	if tc.zk == "" {
		return tc.Master.State(ctx)
	}
	leader, err := tc.Masters.Leader(ctx)
	if err != nil {
		return realmesos.State{}, err
	}
	return leader.State(ctx)
}

// OnlyTasks waits until Mesos itself runs exactly these tasks for f.
func (tc *Cluster) OnlyTasks(f *Framework, want map[string]string) {
	tc.T.Helper()
	wanted := map[string]bool{}
	for _, id := range want {
		wanted[id] = true
	}
	err := tc.await(fmt.Sprintf("exactly the tasks %v", want), func(ctx context.Context) (bool, error) {
		state, err := tc.State(ctx)
		if err != nil {
			return false, err
		}
		tasks := map[string]bool{}
		for _, framework := range state.Frameworks {
			if framework.Name == f.Name {
				for _, task := range framework.Tasks {
					tasks[task.ID] = true
				}
			}
		}
		return maps.Equal(tasks, wanted), fmt.Errorf("those in Mesos are %v", tasks)
	})
	if err != nil {
		f.Fatalf("%v", err)
	}
}

// NoMounts waits until no ramdisk of this cluster's is mounted.
func (tc *Cluster) NoMounts() {
	tc.T.Helper()
	tc.Await("no mounts", func(ctx context.Context) (bool, error) {
		mounts, err := os.ReadFile("/proc/self/mounts")
		state, _ := tc.State(ctx)
		for _, framework := range append(state.Frameworks, state.CompletedFrameworks...) {
			if strings.Contains(string(mounts), framework.ID) {
				return false, fmt.Errorf("a mount of framework %s is left", framework.ID)
			}
		}
		return err == nil, err
	})
}
