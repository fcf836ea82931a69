package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	mesos "github.com/mesos/mesos-go/api/v1/lib"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/leaderelection"
	"github.com/alluxio/alluxio-mesos/scheduler/mesosmaster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
	"github.com/alluxio/alluxio-mesos/scheduler/web"
	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

// instance is one process of the framework. With the state in a file it is the only one; with
// ZooKeeper it stands by until it is elected.
type instance struct {
	settings *config.Settings
	reload   func() (*config.Settings, error)
	hangups  <-chan os.Signal
	log      zerolog.Logger
	local    *store.Store
	listener net.Listener
	// loop is nil while the instance stands by; candidate is nil without ZooKeeper.
	loop       atomic.Pointer[scheduler.Loop]
	zooKeepers zooKeepers
	candidate  *leaderelection.Candidate
}

// runFramework opens the edges, tells the state folder who runs, and runs until something ends.
func (c *cli) runFramework(ctx context.Context, s *config.Settings, reload func() (*config.Settings, error),
	log zerolog.Logger) (err error) {
	hangups, deaf := listenForHangups()
	defer deaf()
	in := &instance{settings: s, reload: reload, hangups: hangups, log: log}
	// With ZooKeeper, too: its lock keeps a second process from this state folder.
	if in.local, err = store.Open(s.StateDir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.local.Close()) }()
	listener, token, err := openAPI(ctx, s)
	if err != nil {
		return err
	}
	defer listener.Close() // Serve has closed it, or it was never used
	in.listener = listener
	log.Info().Stringer("address", listener.Addr()).Msg("the API listens")
	if s.StateZooKeeper.IsSet() {
		if in.candidate, err = leaderelection.Join(leaderelection.Options{Options: in.zooKeeper(s.StateZooKeeper),
			API: listener.Addr().String()}); err != nil {
			return err
		}
		defer in.candidate.Close()
	}
	api := &web.API{Snapshot: in.snapshot, Health: in.health, Teardown: in.teardown, CancelTeardown: in.cancelTeardown,
		Replace: in.replace, Uninstall: in.uninstall, Backup: in.backup, Token: token, Version: programVersion(), Log: log}
	if s.APITLS.Enabled {
		api.Certificate = web.Reloaded(s.APITLS, log)
	}
	return together(ctx, []func(context.Context) error{in.run, func(ctx context.Context) error {
		return api.Serve(ctx, listener)
	}})
}

func (in *instance) zooKeeper(address config.ZooKeeper) zookeeper.Options {
	return zookeeper.Options{Address: address, SessionTimeout: in.settings.ZooKeeperTimeout, Log: in.log}
}

// record is where the state is kept, with its end.
type record interface {
	scheduler.Store
	Close() error
}

// run acts as the framework, after it was elected if there may be several.
func (in *instance) run(ctx context.Context) (err error) {
	if in.candidate == nil {
		return in.act(ctx, in.local, nil)
	}
	if mine, err := in.local.Load(ctx); err != nil || len(mine) > 0 {
		return cmp.Or(err,
			fmt.Errorf("the state in %s is of a framework that kept it in a file, and %s now names ZooKeeper: tear that "+
				"framework down first, or set the property back",
				in.settings.StateDir, config.KeyState))
	}
	in.log.Info().Stringer("zookeeper", in.settings.StateZooKeeper).Msg("standing by")
	switch err := in.candidate.Campaign(ctx); {
	case errors.Is(err, leaderelection.ErrOver): // to take over would be to begin the cluster again
		return scheduler.ErrTornDown
	case err != nil:
		return err
	}
	in.log.Info().Msg("elected: this instance acts")
	zk, err := store.OpenZooKeeper(ctx,
		store.ZooKeeperOptions{Options: in.zooKeeper(in.settings.StateZooKeeper), Holder: in.candidate.Holder()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, zk.Close()) }()
	in.zooKeepers.add(in.settings.StateZooKeeper, zk.SilentSince,
		fmt.Sprintf("changes wait to be saved; after %s the framework ends", store.DefaultPatience))
	err = in.act(ctx, zk, func(ctx context.Context) error { return permitted(zk.Confirm(ctx)) })
	if errors.Is(err, scheduler.ErrTornDown) {
		in.endElection(ctx)
	}
	return err
}

// endTime is how long a teardown waits for ZooKeeper to take the word of it.
const endTime = 10 * time.Second

// endElection keeps those that stand by from taking over a cluster that was torn down.
func (in *instance) endElection(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	if err := in.candidate.End(ctx); err != nil {
		in.log.Error().Err(err).Msg("the instances that stand by do not know of the teardown: stop them, or one of them " +
			"begins the cluster again")
	}
}

// permitted says whether this instance may subscribe: Mesos gives the subscription to whoever asked
// last, also to one that was deposed.
func permitted(err error) error {
	if errors.Is(err, store.ErrFenced) {
		return &mesosmaster.Problem{Kind: mesosmaster.ErrReplaced,
			Message: "another instance of the framework has taken over", Hint: "start this one again to stand by"}
	}
	return err
}

// act loads the state and works on it. permit, unless nil, is asked before each subscription.
func (in *instance) act(ctx context.Context, db record, permit func(context.Context) error) error {
	s := in.settings
	saved, err := db.Load(ctx)
	if err != nil {
		return unlessStopped(ctx, err)
	}
	core := cluster.Options{Settings: s, Version: programVersion(), Started: time.Now().UTC()}
	var parts []func(context.Context) error
	if s.ExecutorPath == "" {
		artifact, err := web.ListenArtifact(ctx, web.Self, s.ArtifactAddress, strings.Join(mesosHosts(s), ","), in.log)
		if err != nil {
			return unlessStopped(ctx, err)
		}
		defer artifact.Close() //nolint:errcheck // Serve has closed it, or it was never used
		core.ExecutorURI = artifact.URI()
		parts = append(parts, artifact.Serve)
		in.log.Info().Str("uri", core.ExecutorURI).Msg("agents fetch the executor here")
	}
	state, err := cluster.NewState(core, saved)
	if err != nil {
		return err
	}
	if err := state.CheckStart(); err != nil {
		return err
	}
	events := make(chan cluster.Event, eventQueue)
	connection, err := in.clientConfig(state.FrameworkID(), permit)
	if err != nil {
		return err
	}
	connection.Known, connection.ZooKeeperTimeout = state.KnownMasters(), s.ZooKeeperTimeout
	client := mesosmaster.New(connection)
	loop := scheduler.New(state, client, db, events, in.log)
	in.loop.Store(loop)
	if in.candidate != nil {
		parts = append(parts, in.watchElection)
	}
	ended := make(chan struct{})
	return together(ctx, append(parts, reloads(in.hangups, in.reload, s, loop, in.log),
		func(ctx context.Context) error {
			defer close(ended)
			return loop.Run(ctx)
		},
		func(ctx context.Context) error {
			err := client.Run(ctx, events)
			// the loop knows whether that is the end of a teardown, and ends
			if errors.Is(err, mesosmaster.ErrFrameworkRemoved) {
				select {
				case <-ended:
				case <-ctx.Done():
				}
			}
			return err
		}))
}

// watchElection ends the process when another instance has taken over: it starts again as one that stands by.
func (in *instance) watchElection(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-in.candidate.Lost():
		return errors.New("another instance of the framework has taken over; this one ends, its supervisor may start it " +
			"again to stand by")
	}
}

// mesosHosts are hosts on the way to Mesos, each host:port.
func mesosHosts(s *config.Settings) []string {
	if s.MesosZooKeeper.IsSet() {
		return s.MesosZooKeeper.Servers
	}
	return strings.Split(s.MesosMaster, ",")
}

// clientConfig is what the client of the Mesos master needs.
func (in *instance) clientConfig(id string, permit func(context.Context) error) (mesosmaster.Config, error) {
	s, webURL := in.settings, ""
	// A link to loopback would lead each reader to a machine of their own.
	if addr, err := netip.ParseAddrPort(in.listener.Addr().String()); err == nil && !addr.Addr().IsLoopback() &&
		!addr.Addr().IsUnspecified() {
		webURL = in.scheme() + in.listener.Addr().String() + "/v1/status?format=text"
	}
	c := mesosmaster.Config{
		Masters:     mesosHosts(s),
		Permit:      permit,
		Framework:   func(id string) *mesos.FrameworkInfo { return cluster.FrameworkInfo(s, id, webURL) },
		FrameworkID: id, MesosRoles: []string{s.MesosRole}, Principal: s.Principal, Secret: s.Secret, Log: in.log,
	}
	var err error
	if c.TLS, err = mesosmaster.ClientTLS(s.MesosTLS); err != nil {
		return c, fmt.Errorf("speak TLS with Mesos: %w", err)
	}
	if s.MesosZooKeeper.IsSet() {
		detector := mesosmaster.NewZooKeeperDetector(in.zooKeeper(s.MesosZooKeeper))
		detector.ByName = s.MesosTLS.Enabled
		c.Detector = detector
		in.zooKeepers.add(s.MesosZooKeeper, detector.SilentSince, "the last known Mesos master is used")
	}
	return c, nil
}
