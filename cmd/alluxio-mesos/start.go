package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
	"github.com/alluxio/alluxio-mesos/scheduler/web/text"
)

const (
	// startTime bounds the time from exec to the API's first answer.
	startTime = time.Minute
	// mesosTime is how long a start without -w waits for news from Mesos, to tell them at once.
	mesosTime = 10 * time.Second
	// pollTime is the pause between two looks at a process or its API.
	pollTime = 100 * time.Millisecond
)

func (c *cli) startCommand() *cobra.Command {
	wait, debug := false, false
	cmd := &cobra.Command{
		Use: "start " + masterArgs, Short: "Run the framework in the background", Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error { return c.start(cmd.Context(), args, wait, debug) },
	}
	c.addLoseJournal(cmd)
	cmd.Flags().BoolVarP(&wait, "wait", "w", false, "wait until the cluster serves")
	cmd.Flags().BoolVar(&debug, "debug", false, "log every offer and acknowledgement, too")
	return cmd
}

func (c *cli) start(ctx context.Context, args []string, wait, debug bool) error {
	options, err := c.options(args)
	if err != nil {
		return err
	}
	settings, err := c.loadSettings(options)
	if err != nil {
		return err
	}
	if c.exposed(args) { // with -w this process may stay for long
		return c.again(c.argv[0], args)
	}
	writeWarnings(c.stderr, settings.ShortWarnings())
	// Only to say it early: the framework itself finds out for certain, by the lock of its state. A
	// process.json that cannot be read is its to replace.
	if p, err := store.ReadProcess(settings.StateDir); err == nil && p.Alive() {
		return fmt.Errorf("a framework of this configuration runs already: process %d (its state is in %s); "+
			"alluxio-mesos-stop.sh stops it", p.PID, settings.StateDir)
	}
	if acting, err := c.acting(ctx); err == nil && acting != "" { // else the framework itself says it
		if text := c.savedTeardown(ctx); text != "" {
			fmt.Fprintln(c.stderr, "alluxio-mesos: "+text)
		}
	}
	child, err := c.spawn(settings, args, debug)
	if err != nil {
		return err
	}
	err = c.follow(ctx, child, wait)
	if errors.Is(err, context.Canceled) {
		return &exitError{exitFatal, fmt.Sprintf("interrupted; the framework keeps running (process %d)", child.pid)}
	}
	return err
}

// follow reports the progress of a framework that was just started.
func (c *cli) follow(ctx context.Context, child *child, wait bool) error {
	api, err := child.awaitAPI(ctx, c.caFile)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%s runs: process %d, API %s, log %s\n", processTitle, api.process.PID, api.process.URL(),
		filepath.Join(child.settings.LogsDir, logName))
	if wait {
		return c.awaitServing(ctx, child, api)
	}
	return c.awaitMesos(ctx, child, api)
}

// child is a framework that this process started. It lives on when this process ends.
type child struct {
	settings *config.Settings
	pid      int
	// logStart is where its part of the log begins.
	logStart int64
	// ended is closed once it is gone; code is its exit code then.
	ended chan struct{}
	code  int
}

// spawn starts the framework in a session of its own, where no hang-up of this terminal reaches it.
// What does not go through its logger ends up in framework.out too.
func (c *cli) spawn(s *config.Settings, args []string, debug bool) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	log, err := openLog(s.LogsDir)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the framework has its own
	info, err := log.Stat()
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	argv := []string{processTitle, "--conf-dir", s.ConfDir, "framework"}
	for _, p := range c.properties {
		argv = append(argv, "--property", p)
	}
	if c.loseJournal {
		argv = append(argv, "--lose-journal")
	}
	if debug {
		argv = append(argv, "--debug")
	}
	shown, environ, from, err := c.conceal(args)
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{Path: self, Env: environ, Stdout: log, Stderr: log, SysProcAttr: &syscall.SysProcAttr{Setsid: true}}
	if from != nil {
		defer from.Close()
		cmd.ExtraFiles = []*os.File{from}
		argv = append(argv, "--"+handoverFlag, "3")
	}
	cmd.Args = append(argv, shown...)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the framework: %w", err)
	}
	ch := &child{settings: s, pid: cmd.Process.Pid, logStart: info.Size(), ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // the exit code says it all
		ch.code = cmd.ProcessState.ExitCode()
		close(ch.ended)
	}()
	return ch, nil
}

// pause waits a little, and returns an error when the framework has ended or ctx does.
func (ch *child) pause(ctx context.Context) error {
	select {
	case <-ch.ended:
		return ch.death()
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pollTime):
		return nil
	}
}

// death says why the framework has ended.
func (ch *child) death() error {
	code := ch.code
	if code <= 0 { // killed by a signal, or it was torn down by somebody else
		code = exitFatal
	}
	message := "the framework has ended"
	if why := reasons(ch.settings.LogsDir, ch.logStart); why != "" {
		message += ":\n" + why
	}
	return &exitError{code, message}
}

// awaitAPI waits until the framework answers by itself: the instance that acts may be out of reach
// of one that stands by.
func (ch *child) awaitAPI(ctx context.Context, caFile string) (*api, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		if p, err := store.ReadProcess(ch.settings.StateDir); err == nil && p.PID == ch.pid && p.Alive() {
			a, err := newAPI(p, caFile)
			if err != nil {
				return nil, err
			}
			if _, err := a.do(ctx, http.MethodGet, "/v1/version"); err == nil {
				return a, nil
			}
		}
		if err := ch.pause(ctx); errors.Is(err, context.DeadlineExceeded) {
			return nil,
				fmt.Errorf("process %d does not answer after %s; see %s", ch.pid, startTime,
					filepath.Join(ch.settings.LogsDir, logName))
		} else if err != nil {
			return nil, err
		}
	}
}

// notYet is the core's reason before the first attempt has ended; it is no news.
const notYet = "not connected yet"

// awaitMesos waits for the first answer of Mesos, or its absence, and reports it. The framework keeps
// running in either case.
func (c *cli) awaitMesos(ctx context.Context, ch *child, a *api) error {
	ctx, cancel := context.WithTimeout(ctx, mesosTime)
	defer cancel()
	why, pending := "Mesos has not answered yet", false
	for {
		s, err := a.status(ctx)
		if err == nil {
			if s.Framework.Teardown && !pending {
				fmt.Fprintln(c.stderr, "alluxio-mesos: "+pendingTeardown(s))
				pending = true
			}
			switch {
			case s.Mesos.State == "subscribed":
				fmt.Fprintf(c.stdout, "subscribed to Mesos %s at %s as framework %s\n", s.Mesos.Version, s.Mesos.Leader,
					s.Framework.ID)
				return nil
			case s.Mesos.Message != "" && s.Mesos.Message != notYet:
				fmt.Fprintf(c.stderr, "alluxio-mesos: %s; the framework keeps trying\n", text.Progress(s))
				return nil
			}
		} else if ctx.Err() == nil { // such as of one that stands by
			why = err.Error()
		}
		if err := ch.pause(ctx); errors.Is(err, context.DeadlineExceeded) {
			fmt.Fprintf(c.stderr, "alluxio-mesos: %s; the framework keeps trying, see alluxio-mesos status\n", why)
			return nil
		} else if err != nil {
			return err
		}
	}
}
