package realzookeeper

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/integration/testkit/loopback"
)

// Options says how servers are to run.
type Options struct {
	Dir string // their own folder: configuration, data and log; made when it is not there
	IP  string // default one of their own, on which nobody takes the ports of those that are away

	// Tick is ZooKeeper's tickTime, default 200 ms. Session timeouts are kept within 2 and 20
	// ticks, and a session ends up to a tick late.
	Tick time.Duration
	// Sync lets a server wait for the disk at each change, as it does where it matters. Without it
	// data outlives a crash of the server, not of the machine.
	Sync bool
}

func (o *Options) complete() (err error) {
	if o.IP == "" {
		if o.IP, err = loopback.IP(); err != nil {
			return err
		}
	}
	if o.Tick == 0 {
		o.Tick = 200 * time.Millisecond
	}
	o.Dir, err = filepath.Abs(o.Dir)
	return err
}

// Start starts a ZooKeeper of one server on a free port and waits until it serves. ctx bounds the start only.
func (i Install) Start(ctx context.Context, o Options) (*Server, error) {
	s, err := i.start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start a ZooKeeper: %w", err)
	}
	return s, nil
}

func (i Install) start(ctx context.Context, o Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	port, err := loopback.FreePort(o.IP)
	if err != nil {
		return nil, err
	}
	if err := writeConfig(o, o.Dir, o.IP, port, nil); err != nil {
		return nil, err
	}
	s, err := i.launch(ctx, o, o.Dir, net.JoinHostPort(o.IP, strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	if err := s.await(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// Ensemble is several servers with one state, of which more than half have to be there.
type Ensemble []*Server

// StartEnsemble starts size servers on free ports and waits until all of them serve. ctx bounds the start only.
func (i Install) StartEnsemble(ctx context.Context, o Options, size int) (Ensemble, error) {
	e, err := i.startEnsemble(ctx, o, size)
	if err != nil {
		return nil, fmt.Errorf("start a ZooKeeper of %d servers: %w", size, errors.Join(err, e.Stop()))
	}
	return e, nil
}

func (i Install) startEnsemble(ctx context.Context, o Options, size int) (e Ensemble, err error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	ports := make([]int, 3*size) // each its own for clients, for the leader, for elections
	for n := range ports {
		if ports[n], err = loopback.FreePort(o.IP); err != nil {
			return nil, err
		}
	}
	var members []string
	for n := range size {
		members = append(members, fmt.Sprintf("server.%d=%s:%d:%d", n+1, o.IP, ports[3*n+1], ports[3*n+2]))
	}
	for n := range size {
		dir := filepath.Join(o.Dir, strconv.Itoa(n+1))
		if err := writeConfig(o, dir, o.IP, ports[3*n], members); err != nil {
			return e, err
		}
		if err := os.WriteFile(filepath.Join(dir, "data", "myid"), []byte(strconv.Itoa(n+1)), 0o644); err != nil {
			return e, err
		}
		s, err := i.launch(ctx, o, dir, net.JoinHostPort(o.IP, strconv.Itoa(ports[3*n])))
		if err != nil {
			return e, err
		}
		e = append(e, s)
	}
	for _, s := range e {
		if err := s.await(ctx); err != nil {
			return e, err
		}
	}
	return e, nil
}

// Servers is the comma list of all members' addresses, as ZooKeeper's clients and zk:// addresses take it.
func (e Ensemble) Servers() string {
	addresses := make([]string, len(e))
	for n, s := range e {
		addresses[n] = s.addr
	}
	return strings.Join(addresses, ",")
}

// Stop ends all members and waits until they are gone. It may be called more than once.
func (e Ensemble) Stop() error {
	var errs []error
	for _, s := range e {
		errs = append(errs, s.Stop())
	}
	return errors.Join(errs...)
}
