package world

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

// StartMaster starts a Mesos master with more flags and makes it the world's.
func (w *World) StartMaster(flags ...string) {
	w.T.Helper()
	master, err := w.Mesos.StartMaster(w.T.Context(), realmesos.MasterOptions{
		Dir: w.Folder("master"), IP: w.Block.IP(1), TLS: w.TLS, Flags: append([]string{quick}, flags...)})
	w.Check(err)
	w.T.Cleanup(func() { w.Ended(master.Stop()) })
	w.Master = master
}

// StartZooKeeper starts a ZooKeeper of one server, which grants sessions of up to 10 s: a busy machine must keep them.
func (w *World) StartZooKeeper() {
	w.T.Helper()
	install, err := realzookeeper.Get(w.T.Context())
	w.Check(err)
	w.ZooKeeper, err = install.Start(w.T.Context(), realzookeeper.Options{
		Dir: filepath.Join(w.Dir, "zookeeper"), IP: w.Block.IP(100), Tick: 500 * time.Millisecond})
	w.Check(err)
	w.T.Cleanup(func() { w.Ended(w.ZooKeeper.Stop()) })
}

// NewHA starts a ZooKeeper and three Mesos masters that elect their leader there, with more flags.
// Agents are to be added.
func NewHA(t *testing.T, binary string, flags ...string) *World {
	t.Helper()
	w := empty(t, binary, realmesos.Version)
	w.StartZooKeeper()
	w.zk = "zk://" + w.ZooKeeper.Addr() + "/mesos"
	var err error
	w.Masters, err = w.Mesos.StartMasters(t.Context(),
		realmesos.MasterOptions{Dir: w.Dir, Flags: append([]string{quick}, flags...)}, w.zk,
		w.Block.IP(101), w.Block.IP(102), w.Block.IP(103))
	w.Check(err)
	t.Cleanup(func() { w.Ended(w.Masters.Stop()) })
	return w
}

// AddAgent starts an agent on the next address. Its master is the world's unless o names one.
func (w *World) AddAgent(o realmesos.AgentOptions) *realmesos.Agent {
	w.T.Helper()
	if o.Master == "" {
		o.Master = w.Address()
	}
	if o.TLS == nil {
		o.TLS = w.TLS
	}
	o.IP = w.Block.IP(len(w.Agents) + 1)
	o.Dir = filepath.Join(w.Dir, fmt.Sprintf("agent%d", len(w.Agents)+1))
	agent, err := w.Mesos.StartAgent(w.T.Context(), o)
	w.Check(err)
	w.T.Cleanup(func() { w.Ended(agent.Stop()) })
	w.Agents = append(w.Agents, agent)
	return agent
}

// RestartAgent ends the n-th agent as a crash does, and starts it with other options on the same
// address and folders. Its executors live on.
func (w *World) RestartAgent(n int, o realmesos.AgentOptions) {
	w.T.Helper()
	old := w.Agents[n]
	w.Check(old.Kill(w.T.Context()))
	host, port, err := net.SplitHostPort(old.Addr())
	w.Check(err)
	o.IP, o.Dir, o.Master = host, filepath.Join(w.Dir, fmt.Sprintf("agent%d", n+1)), w.Address()
	o.Port, err = strconv.Atoi(port)
	w.Check(err)
	agent, err := w.Mesos.StartAgent(w.T.Context(), o)
	w.Check(err)
	w.T.Cleanup(func() { w.Ended(agent.Stop()) })
	w.Agents[n] = agent
}

// AgentAt is the agent on a host.
func (w *World) AgentAt(host string) *realmesos.Agent {
	w.T.Helper()
	for _, a := range w.Agents {
		if strings.HasPrefix(a.Addr(), host+":") {
			return a
		}
	}
	w.T.Fatalf("there is no agent on %s", host)
	return nil
}

// AwaitAgents waits until all agents that were added are registered and active.
func (w *World) AwaitAgents() {
	w.T.Helper()
	w.Await("the agents", func(ctx context.Context) (bool, error) {
		state, err := w.State(ctx)
		active := 0
		for _, a := range state.Agents {
			if a.Active {
				active++
			}
		}
		return active == len(w.Agents), err
	})
}

// Address is where agents and frameworks find the Mesos masters.
func (w *World) Address() string {
	if w.zk != "" {
		return w.zk
	}
	return w.Master.Addr()
}

// State is what the leading Mesos master says.
func (w *World) State(ctx context.Context) (realmesos.State, error) {
	if w.zk == "" {
		return w.Master.State(ctx)
	}
	leader, err := w.Masters.Leader(ctx)
	if err != nil {
		return realmesos.State{}, err
	}
	return leader.State(ctx)
}

// OnlyTasks waits until Mesos itself runs exactly these tasks for f.
func (w *World) OnlyTasks(f *Framework, want map[string]string) {
	w.T.Helper()
	wanted := map[string]bool{}
	for _, id := range want {
		wanted[id] = true
	}
	err := w.await(fmt.Sprintf("exactly the tasks %v", want), func(ctx context.Context) (bool, error) {
		state, err := w.State(ctx)
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

// NoMounts waits until no ramdisk of this world's is mounted.
func (w *World) NoMounts() {
	w.T.Helper()
	w.Await("no mounts", func(ctx context.Context) (bool, error) {
		mounts, err := os.ReadFile("/proc/self/mounts")
		state, _ := w.State(ctx)
		for _, framework := range append(state.Frameworks, state.CompletedFrameworks...) {
			if strings.Contains(string(mounts), framework.ID) {
				return false, fmt.Errorf("a mount of framework %s is left", framework.ID)
			}
		}
		return err == nil, err
	})
}
