package realmesos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
)

// DefaultResources is what an agent offers when nothing else is asked for: the default ports of all
// Alluxio processes and enough of the rest, whatever this machine has.
const DefaultResources = "ports:[19998-20003,29998-30003,39999-39999];cpus:8;mem:16384;disk:100000"

// AgentOptions says how a MesosAgent is to run.
type AgentOptions struct {
	Master     string   // "ip:port" or zk://…
	Dir        string   // its own folder: work_dir, sandboxes and log; made when it is not there
	IP         string   // default one of its own
	Port       int      // default a free one
	Resources  string   // in Mesos' syntax; default DefaultResources
	Attributes string   // in Mesos' syntax, such as rack:r1
	Flags      []string // more of mesos-agent's flags, each as --flag=value
	TLS        *TLS     // nil for plain HTTP
	Env        []string // more environment, key=value; executors do not inherit it: see --executor_environment_variables

	// User and Group, when User is not 0, are the numeric ids of the agent (this needs root). It then runs every task as
	// itself (--no-switch_user), Dir is given to it, and it must be able to reach Dir and the install: see Install.Copy.
	User, Group int

	// StopGrace is how long Stop waits for executors to end by themselves before it kills them; default 15 s.
	StopGrace time.Duration
	// Unregistered lets StartAgent return as soon as the agent answers: for one whose master is not
	// there yet or refuses it.
	Unregistered bool
}

// Agent is a running MesosAgent.
type Agent struct{ server }

// StartAgent starts a MesosAgent and waits until a master has registered it. ctx bounds the start only.
func (i Install) StartAgent(ctx context.Context, o AgentOptions) (*Agent, error) {
	addr, err := address(o.IP, o.Port)
	if err == nil {
		o.Dir, err = filepath.Abs(o.Dir)
	}
	if err != nil {
		return nil, fmt.Errorf("start a Mesos agent: %w", err)
	}
	for _, d := range []string{"work", "runtime", "fetch"} {
		err := os.MkdirAll(filepath.Join(o.Dir, d), 0o755)
		if err == nil && o.User != 0 {
			err = errors.Join(os.Chown(o.Dir, o.User, o.Group), os.Chown(filepath.Join(o.Dir, d), o.User, o.Group))
		}
		if err != nil {
			return nil, fmt.Errorf("start a Mesos agent: %w", err)
		}
	}
	if o.User != 0 {
		if err := errors.Join(reachable(o.Dir), reachable(i.Dir)); err != nil {
			return nil, fmt.Errorf("start a Mesos agent as user %d: %w", o.User, err)
		}
	}
	s, err := newServer(addr, o.Dir, o.TLS)
	if err != nil {
		return nil, fmt.Errorf("start a Mesos agent: %w", err)
	}
	a := &Agent{s}
	a.ready = func(ctx context.Context) error {
		if o.Unregistered {
			return a.answers(ctx)
		}
		return registered(&a.server)
	}
	c := reaper.Command{
		Argv: i.agentArgv(addr, o), Env: environment(append(o.TLS.Environment(), o.Env...)), Log: filepath.Join(o.Dir, "log"),
		User: o.User, Group: o.Group,
		// Mesos: slave.cpp, Slave::signaled: SIGUSR1 unregisters the agent and shuts its executors down.
		Gentle: syscall.SIGUSR1, Grace: o.StopGrace,
	}
	if c.Grace == 0 {
		c.Grace = 15 * time.Second
	}
	if err := launch(ctx, c, &a.server); err != nil {
		return nil, fmt.Errorf("start a Mesos agent: %w", err)
	}
	return a, nil
}

func (i Install) agentArgv(addr string, o AgentOptions) []string {
	resources := o.Resources
	if resources == "" {
		resources = DefaultResources
	}
	argv := append(i.flags("agent", addr, filepath.Join(o.Dir, "work")),
		"--master="+o.Master, "--resources="+resources, "--runtime_dir="+filepath.Join(o.Dir, "runtime"),
		"--fetcher_cache_dir="+filepath.Join(o.Dir, "fetch"), "--launcher_dir="+filepath.Join(i.Dir, "libexec"),
		"--containerizers=mesos", "--isolation=posix/cpu,posix/mem", "--launcher=posix", "--no-systemd_enable_support")
	if o.Attributes != "" {
		argv = append(argv, "--attributes="+o.Attributes)
	}
	if o.User != 0 {
		argv = append(argv, "--no-switch_user")
	}
	return append(argv, o.Flags...)
}

// reachable says which folder on the way to path another user cannot pass.
func reachable(path string) error {
	for ; path != "/"; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("%s is closed to other users (mode %v); use a folder of mode 0755 in /tmp and Install.Copy", path,
				info.Mode().Perm())
		}
	}
	return nil
}

// registered looks for the agent's word, since it was started last, that a master has registered it. Of what its HTTP
// endpoints tell, "slave/registered" is 1 as soon as it has found a master, and an ID may be from an earlier run.
func registered(s *server) error {
	log, err := s.logSinceStart()
	if err != nil {
		return err
	}
	if !bytes.Contains(log, []byte("] Registered with master ")) &&
		!bytes.Contains(log, []byte("] Re-registered with master ")) {
		return errors.New("no master has registered it")
	}
	return nil
}

// Sandbox is the folder of an executor's newest run.
// Mesos: sandbox.md, "Where is the sandbox?".
func (a *Agent) Sandbox(agentID, frameworkID, executorID string) string {
	return filepath.Join(a.dir, "work", "slaves", agentID, "frameworks", frameworkID, "executors", executorID, "runs",
		"latest")
}
