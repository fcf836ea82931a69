package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
	"github.com/alluxio/alluxio-mesos/scheduler/web/text"
)

// stopTime is how long a framework may take to end after SIGTERM. It needs milliseconds; what hangs is killed, which costs nothing that
// was saved.
const stopTime = 20 * time.Second

func (c *cli) stopCommand() *cobra.Command {
	teardown, timeout := false, time.Duration(0)
	cmd := &cobra.Command{
		Use: "stop", Short: "Stop the framework of this configuration", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if c.apiURL != "" {
				return &exitError{exitConfiguration, "--api cannot stop a framework: its process is on another host; stop it there, or send POST /v1/teardown to its API"}
			}
			if teardown {
				return c.tearDown(cmd.Context(), timeout, "/v1/teardown", nil)
			}
			return c.stop(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&teardown, "teardown", false, "end the Alluxio cluster as well")
	cmd.Flags().DurationVar(&timeout, "timeout", 5*time.Minute, "how long --teardown may take")
	return cmd
}

// stop ends the process that process.json names, by pid and start time, and waits until it is gone.
func (c *cli) stop(ctx context.Context) error {
	folder, p, err := c.findProcess()
	if err != nil {
		return err
	}
	if !p.Alive() {
		fmt.Fprintf(c.stdout, "no framework of this configuration runs (its state is in %s)\n", folder)
		return nil
	}
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := p.Signal(sig); errors.Is(err, store.ErrNotRunning) {
			break
		} else if err != nil {
			return err
		}
		gone, err := awaitEnd(ctx, p, stopTime)
		if err != nil {
			return err
		}
		if gone {
			break
		}
		fmt.Fprintf(c.stderr, "process %d has not ended after %s; it is killed\n", p.PID, stopTime)
	}
	fmt.Fprintf(c.stdout, "the framework has ended (process %d); its Alluxio processes live on\n", p.PID)
	return nil
}

// awaitEnd waits until the process is gone, at most for limit.
func awaitEnd(ctx context.Context, p store.Process, limit time.Duration) (gone bool, err error) {
	deadline := time.Now().Add(limit)
	for p.Alive() {
		if time.Now().After(deadline) {
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(pollTime):
		}
	}
	return true, nil
}

// tearDown asks the framework at path to end the cluster and tells the progress until the framework has ended by itself. begun, unless nil, gets
// the answer first.
func (c *cli) tearDown(ctx context.Context, limit time.Duration, path string, begun func([]byte) error) error {
	a, err := c.findAPI()
	if err != nil {
		return fmt.Errorf("%w; only a running framework can end the cluster", err)
	}
	options, err := c.options(nil)
	if err != nil {
		return err
	}
	folder, err := config.LoadStateDir(options)
	if err != nil {
		return err
	}
	logEnd := int64(0)
	if info, err := os.Stat(filepath.Join(options.LogsDir, logName)); err == nil {
		logEnd = info.Size()
	}
	body, err := a.do(ctx, http.MethodPost, path)
	if err == nil && begun != nil {
		err = begun(body)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(c.stdout, "the cluster is being ended")
	deadline := time.Now().Add(limit)
	told := ""
	for {
		gone, err := awaitEnd(ctx, a.process, pollTime)
		if err != nil {
			return err
		}
		if gone {
			return c.afterTeardown(a.process, folder, options.LogsDir, logEnd)
		}
		line := ""
		if s, err := a.status(ctx); err == nil {
			if line = text.Progress(s); line != told {
				fmt.Fprintln(c.stdout, line)
				told = line
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the cluster has not ended after %s; the framework keeps trying (%s)", limit, told)
		}
	}
}

// afterTeardown tells a framework that has done its work, and left word of it in folder, from one that ended before.
func (c *cli) afterTeardown(was store.Process, folder, logs string, from int64) error {
	p, err := store.ReadProcess(folder)
	if err != nil {
		return err
	}
	if p.PID != was.PID { // another one was started since
		p.Reason = ""
	}
	if p.Reason == scheduler.ErrTornDown.Error() {
		fmt.Fprintln(c.stdout, "the cluster and its framework have ended")
		return nil
	}
	message := "the framework has ended before the cluster had; start it and tear down again"
	if why := cmp.Or(p.Reason, errorsIn(logs, from)); why != "" {
		message += ":\n" + why
	}
	return &exitError{exitFatal, message}
}
