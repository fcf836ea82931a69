package main

import (
	"context"
	"os"
	"os/signal"
	"reflect"
	"strings"
	"syscall"

	"github.com/rs/zerolog"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler"
)

// listenForHangups has SIGHUP end no process that cannot read its configuration again yet: one that
// stands by does so when it acts.
func listenForHangups() (hangups chan os.Signal, stop func()) {
	hangups = make(chan os.Signal, 1) // of several that wait one is enough
	signal.Notify(hangups, syscall.SIGHUP)
	return hangups, func() { signal.Stop(hangups) }
}

// reloads reads the configuration again at every SIGHUP and makes it the target, until ctx ends.
// What is wrong with it is logged, and changes nothing.
func reloads(hangups <-chan os.Signal, load func() (*config.Settings, error), first *config.Settings,
	loop *scheduler.Loop, log zerolog.Logger) func(context.Context) error {
	return func(ctx context.Context) error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-hangups:
			}
			settings, err := load()
			if err == nil {
				if later := keepFixed(first, settings); len(later) > 0 {
					log.Warn().Str("properties", strings.Join(later, ", ")).Msg("these take effect at the next start of the framework")
				}
				for _, warning := range settings.ShortWarnings() {
					log.Warn().Msg(warning)
				}
				err = loop.Reconfigure(ctx, settings)
			}
			if err != nil {
				log.Error().Err(err).Msg("the settings were not changed")
			}
		}
	}
}

// keepFixed gives settings the values of first for what a running process cannot change, and
// returns the properties whose new values wait.
func keepFixed(first, settings *config.Settings) (later []string) {
	keep(&later, config.KeyFrameworkName, first.Name, &settings.Name)
	keep(&later, config.KeyUser, first.User, &settings.User)
	keep(&later, config.KeyMesosRole, first.MesosRole, &settings.MesosRole)
	keep(&later, config.KeyPrincipal, first.Principal, &settings.Principal)
	keep(&later, config.KeySecret, first.Secret, &settings.Secret)
	keep(&later, config.KeyTLS, first.MesosTLS, &settings.MesosTLS)
	keep(&later, config.KeyFailoverTimeout, first.FailoverTimeout, &settings.FailoverTimeout)
	keep(&later, config.KeyGPUAgents, first.GPUAgents, &settings.GPUAgents)
	keep(&later, config.KeyExecutorPath, first.ExecutorPath, &settings.ExecutorPath)
	keep(&later, config.KeyArtifactAddress, first.ArtifactAddress, &settings.ArtifactAddress)
	keep(&later, config.KeyAPIAddress, first.APIAddress, &settings.APIAddress)
	keep(&later, config.KeyAPICertFile, first.APITLS, &settings.APITLS)
	keep(&later, config.KeyAPITokenFile, first.APIToken, &settings.APIToken)
	keep(&later, config.KeyStateDir, first.StateDir, &settings.StateDir)
	keep(&later, config.KeyState, first.StateZooKeeper, &settings.StateZooKeeper)
	keep(&later, config.KeyZooKeeperTimeout, first.ZooKeeperTimeout, &settings.ZooKeeperTimeout)
	return later
}

func keep[T any](later *[]string, key string, first T, value *T) {
	if !reflect.DeepEqual(*value, first) {
		*value = first
		*later = append(*later, key)
	}
}
