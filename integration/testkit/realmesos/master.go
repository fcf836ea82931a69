package realmesos

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alluxio/alluxio-mesos/integration/testkit/reaper"
)

// MasterOptions says how a MesosMaster is to run.
type MasterOptions struct {
	Dir  string // its own folder: work_dir and log; made when it is not there
	IP   string // default one of its own
	Port int    // default a free one
	// more of mesos-master's flags, each as --flag=value; without --zk and --registry the registry is in memory
	Flags []string
	Env   []string // more environment, key=value
	TLS   *TLS     // nil for plain HTTP

	// Standby lets StartMaster return as soon as the master answers, not only once it leads: for the second and third of
	// several masters with --zk, and for masters that answer with authentication only.
	Standby bool
}

// Master is a running MesosMaster.
type Master struct{ server }

// StartMaster starts a MesosMaster and waits until it leads. ctx bounds the start only.
func (i Install) StartMaster(ctx context.Context, o MasterOptions) (*Master, error) {
	addr, err := address(o.IP, o.Port)
	if err == nil {
		o.Dir, err = filepath.Abs(o.Dir)
	}
	if err != nil {
		return nil, fmt.Errorf("start a Mesos master: %w", err)
	}
	work := filepath.Join(o.Dir, "work")
	if err := os.MkdirAll(work, 0o755); err != nil {
		return nil, fmt.Errorf("start a Mesos master: %w", err)
	}
	argv := append(i.flags("master", addr, work), o.Flags...)
	if !slices.ContainsFunc(o.Flags, func(f string) bool {
		return strings.HasPrefix(f, "--zk=") || strings.HasPrefix(f, "--registry=")
	}) {
		argv = append(argv, "--registry=in_memory")
	}
	s, err := newServer(addr, o.Dir, o.TLS)
	if err != nil {
		return nil, fmt.Errorf("start a Mesos master: %w", err)
	}
	m := &Master{s}
	m.ready = func(ctx context.Context) error {
		if o.Standby {
			return m.answers(ctx)
		}
		_, err := m.State(ctx)
		return err
	}
	err = launch(ctx,
		reaper.Command{Argv: argv, Env: environment(append(o.TLS.Environment(), o.Env...)), Log: filepath.Join(o.Dir, "log")},
		&m.server)
	if err != nil {
		return nil, fmt.Errorf("start a Mesos master: %w", err)
	}
	return m, nil
}
