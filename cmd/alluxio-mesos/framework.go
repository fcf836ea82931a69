package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/mesosmaster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// processTitle is argv[0] of the framework's process, so that `pgrep -f AlluxioFramework` finds it.
// Nothing of ours looks for it by name.
const processTitle = "AlluxioFramework"

// eventQueue is how many events may wait for the loop; more of them make the client wait.
const eventQueue = 1024

func (c *cli) frameworkCommand() *cobra.Command {
	debug := false
	cmd := &cobra.Command{
		Use: frameworkName + " " + masterArgs, Short: "Run the framework in the foreground",
		Long: "Run the framework in the foreground; alluxio-mesos-start.sh runs it in the background. It logs to " +
			"framework.out in the logs folder.\n\n" +
			"SIGTERM and SIGINT end it. The Alluxio processes keep running, and the next start finds them.\n\n" +
			"Properties:\n" + strings.Join(config.Help(), "\n"),
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := c.options(args)
			if err != nil {
				return err
			}
			settings, err := c.loadWithUser(options)
			if err != nil {
				return err
			}
			if err := c.takeTitle(settings, args); err != nil {
				return err
			}
			reload := func() (*config.Settings, error) { return c.loadWithUser(options) }
			return c.framework(cmd.Context(), settings, reload, debug)
		},
	}
	c.addLoseJournal(cmd)
	cmd.Flags().BoolVar(&debug, "debug", false, "log every offer and acknowledgement, too")
	return cmd
}

// takeTitle executes this program again under processTitle and without secrets that /proc shows; it
// returns only when nothing of that is to be done, or when it fails. The folder of the
// configuration is written out, because it can follow from the name that is given up.
func (c *cli) takeTitle(s *config.Settings, args []string) error {
	if c.argv[0] == processTitle && !c.exposed(args) {
		return nil
	}
	return c.again(processTitle, args, "--conf-dir", s.ConfDir)
}

// framework runs with a log. What ends it is logged, and goes to stderr when that is another file.
func (c *cli) framework(ctx context.Context, s *config.Settings, reload func() (*config.Settings, error),
	debug bool) error {
	log, closer, shared, err := newLog(s.LogsDir, debug, c.rawErr)
	if err != nil {
		return err
	}
	defer closer.Close() // nothing is left to write it to
	log.Info().Str("version", programVersion()).Int("pid", os.Getpid()).Str("conf", s.ConfDir).Str("state",
		s.StateDir).Msg("the framework begins")
	for _, warning := range s.Warnings {
		log.Warn().Msg(warning)
	}
	err = c.runFramework(ctx, s, reload, log)
	switch {
	case err == nil:
		log.Info().Msg("the framework has ended")
		return nil
	case errors.Is(err, scheduler.ErrTornDown):
		log.Info().Msg("the framework has ended: " + scheduler.ErrTornDown.Error())
		return noteEnd(s.StateDir, scheduler.ErrTornDown)
	}
	log.Error().Msg(err.Error())
	err = errors.Join(err, noteEnd(s.StateDir, err))
	if shared { // it was said there already
		return &exitError{code: exitCode(err)}
	}
	return err
}

// noteEnd leaves in the state folder why the framework has ended, for those who ask later. Another
// process's note is not touched.
func noteEnd(folder string, reason error) error {
	p, err := store.ReadProcess(folder)
	if err != nil || p.PID != os.Getpid() {
		return err
	}
	p.Ended, p.Reason = time.Now().UTC(), reason.Error()
	if err := p.Write(folder); !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return p.WriteOver(folder)
}

// notStarted ends a message about a configuration that is wrong.
func (c *cli) notStarted() string {
	if c.checksOnly {
		return ""
	}
	return "; nothing was started"
}

// loadSettings is config.Load, and refuses settings that do not fit into a task.
func (c *cli) loadSettings(options config.Options) (*config.Settings, error) {
	s, err := config.Load(options)
	if err != nil {
		return nil, err
	}
	if _, err := cluster.NewState(cluster.Options{Settings: s}, nil); err != nil {
		return nil, &exitError{exitConfiguration, err.Error() + c.notStarted()}
	}
	return s, nil
}

// loadWithUser loads the settings and fills in who runs the tasks: Mesos wants a name.
func (c *cli) loadWithUser(options config.Options) (*config.Settings, error) {
	s, err := c.loadSettings(options)
	if err != nil || s.User != "" {
		return s, err
	}
	current, err := user.Current()
	if err != nil {
		return nil, fmt.Errorf("find the user who runs the framework: %w; set %s", err, config.KeyUser)
	}
	s.User = current.Username
	return s, nil
}

// together runs parts until the first of them ends, ends the others and returns their errors;
// nothing but ErrTornDown after a teardown.
func together(ctx context.Context, parts []func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, len(parts))
	for _, part := range parts {
		go func() { ended <- part(ctx) }()
	}
	var all error
	for range parts {
		all = errors.Join(all, <-ended)
		cancel()
	}
	var problem *mesosmaster.Problem
	switch {
	case errors.Is(all, scheduler.ErrTornDown):
		return scheduler.ErrTornDown
	case errors.As(all, &problem): // the loop ends because of it, but knows no hint
		return problem
	}
	return all
}

// unlessStopped drops the error of a step before the loop that a signal has cut short: nothing runs
// yet that could end badly.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}
