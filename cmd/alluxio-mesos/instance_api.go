package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
	"github.com/alluxio/alluxio-mesos/scheduler/web"
)

// snapshot asks the loop; an instance that stands by points at the one that acts.
func (in *instance) snapshot(ctx context.Context) (*cluster.Status, error) {
	if loop := in.loop.Load(); loop != nil {
		status, err := loop.Snapshot(ctx)
		return in.zooKeepers.withSilence(status, err, time.Now())
	}
	return nil, in.standby()
}

// health reports whether the loop makes progress; a standby instance names the acting one.
func (in *instance) health() error {
	loop := in.loop.Load()
	if loop == nil {
		return in.standby()
	}
	err := loop.Health()
	if silent := in.zooKeepers.silent(time.Now()); errors.Is(err, scheduler.ErrStuck) && len(silent) > 0 {
		return fmt.Errorf("%w; %s", err, strings.Join(silent, "; "))
	}
	return err
}

func (in *instance) teardown(ctx context.Context, e cluster.TeardownRequested) error {
	if loop := in.loop.Load(); loop != nil {
		return loop.Teardown(ctx, e)
	}
	return in.standby()
}

func (in *instance) cancelTeardown(ctx context.Context) error {
	if loop := in.loop.Load(); loop != nil {
		return loop.CancelTeardown(ctx)
	}
	return in.standby()
}

func (in *instance) replace(ctx context.Context, e cluster.ReplaceRequested, dry bool) (string, error) {
	if loop := in.loop.Load(); loop != nil {
		return loop.Replace(ctx, e, dry)
	}
	return "", in.standby()
}

func (in *instance) backup(ctx context.Context, dry bool) (string, error) {
	if loop := in.loop.Load(); loop != nil {
		return loop.Backup(ctx, dry)
	}
	return "", in.standby()
}

func (in *instance) uninstall(ctx context.Context, e cluster.UninstallRequested, dry bool) (string, error) {
	if loop := in.loop.Load(); loop != nil {
		return loop.Uninstall(ctx, e, dry)
	}
	return "", in.standby()
}

func (in *instance) standby() error {
	if in.candidate == nil {
		return errors.New("the framework has just begun")
	}
	standby := &web.Standby{Leader: in.candidate.Leader()}
	if standby.Leader != "" {
		standby.Leader = in.scheme() + standby.Leader // of the same configuration, so it speaks TLS, too, or it does not
	}
	return standby
}

// scheme begins the API's URLs.
func (in *instance) scheme() string {
	return store.Process{Certificate: in.settings.APITLS.CertFile}.URL()
}

// openAPI opens the listener of the API and tells the state folder who answers there. Only who
// holds the Store may call it.
func openAPI(ctx context.Context, s *config.Settings) (net.Listener, config.Secret, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.APIAddress)
	if err != nil {
		return nil, config.Secret{}, fmt.Errorf("open the API (%s): %w", config.KeyAPIAddress, err)
	}
	process, err := store.NewProcess(s.StateDir, listener.Addr().String())
	for _, shared := range []config.Secret{store.SharedToken(s.StateZooKeeper), s.APIToken} {
		if shared.IsSet() {
			process.Token = shared
		}
	}
	process.Certificate = s.APITLS.CertFile
	if err == nil {
		err = process.Write(s.StateDir)
	}
	if err != nil {
		return nil, config.Secret{}, errors.Join(err, listener.Close())
	}
	return listener, process.Token, nil
}
