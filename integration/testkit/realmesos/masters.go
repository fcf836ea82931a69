package realmesos

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"
)

// Masters are several MesosMasters that elect their leader in ZooKeeper.
type Masters []*Master

// StartMasters starts a MesosMaster on each of ips at the same time, since none is ready before
// most are there, and waits until they answer. Each has a folder of its own below o.Dir. zk is
// where they meet, as zk://[user:password@]host:port/path.
func (i Install) StartMasters(ctx context.Context, o MasterOptions, zk string, ips ...string) (Masters, error) {
	masters, errs := make(Masters, len(ips)), make([]error, len(ips))
	var all sync.WaitGroup
	for n, ip := range ips {
		all.Go(func() {
			mine := o
			mine.Dir, mine.IP, mine.Standby = filepath.Join(o.Dir, fmt.Sprint("master", n+1)), ip, true
			mine.Flags = append([]string{"--zk=" + zk, fmt.Sprintf("--quorum=%d", len(ips)/2+1)}, o.Flags...)
			masters[n], errs[n] = i.StartMaster(ctx, mine)
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, errors.Join(err, masters.Stop())
	}
	return masters, nil
}

// Leader is the one that leads; an error says why none does.
func (m Masters) Leader(ctx context.Context) (*Master, error) {
	errs := []error{errors.New("no Mesos master leads")}
	for _, master := range m {
		if master.PID() == 0 {
			continue
		}
		state, err := master.soon(ctx)
		errs = append(errs, err)
		for _, leader := range m {
			if err == nil && state.Leader == "master@"+leader.addr && leader.PID() != 0 {
				return leader, nil
			}
		}
	}
	return nil, errors.Join(errs...)
}

// soon is State of a master that may hang.
func (m *Master) soon(ctx context.Context) (State, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	return m.State(ctx)
}

// Supervise starts those that have ended again, as systemd does, until end is called: a MesosMaster
// that loses ZooKeeper ends itself.
func (m Masters) Supervise() (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	for _, master := range m {
		done.Go(func() {
			for ctx.Err() == nil {
				if _, err := master.Wait(ctx); err == nil {
					_ = master.Restart(ctx) // it may end again while ZooKeeper is away
				}
				select {
				case <-ctx.Done():
				case <-time.After(100 * time.Millisecond):
				}
			}
		})
	}
	return sync.OnceFunc(func() {
		cancel()
		done.Wait()
	})
}

// Stop ends all of them and waits until they are gone. It may be called more than once.
func (m Masters) Stop() error {
	var errs []error
	for _, master := range m {
		if master != nil {
			errs = append(errs, master.Stop())
		}
	}
	return errors.Join(errs...)
}
