package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

// stopTime is how long a framework may take to end after SIGTERM. It needs milliseconds; what hangs
// is killed, which costs nothing that was saved.
const stopTime = 20 * time.Second

func (c *cli) stopCommand() *cobra.Command {
	teardown, cancel := false, false
	e := ending{does: "--teardown ends the Alluxio cluster", path: teardownPath}
	cmd := &cobra.Command{
		Use: "stop", Short: "Stop the framework of this configuration", Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cancel {
				return c.cancelTeardown(cmd.Context())
			}
			if c.apiURL != "" {
				return &exitError{exitConfiguration,
					"--api cannot stop a framework: its process is on another host; stop it there, or send POST /v1/teardown to its " +
						"API"}
			}
			if teardown {
				return c.tearDown(cmd.Context(), e)
			}
			return c.stop(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&teardown, "teardown", false, "end the Alluxio cluster as well")
	e.files.add(cmd)
	cmd.Flags().BoolVar(&cancel, "cancel-teardown", false, "cancel a teardown that has not begun")
	cmd.Flags().DurationVar(&e.limit, "timeout", 5*time.Minute,
		"how long to wait for --teardown; a teardown that has not begun by then is dropped")
	addYes(cmd.Flags(), &e.yes)
	exclude(cmd, [2]string{"teardown", "cancel-teardown"}, unpersistedPair)
	return cmd
}

// stop ends the process that process.json names, by pid and start time, and waits until it is gone.
func (c *cli) stop(ctx context.Context) error {
	folder, p, err := c.findProcess()
	if err != nil {
		return err
	}
	if !p.Alive() {
		if text := c.savedTeardown(ctx); text != "" {
			fmt.Fprintln(c.stdout, text)
		}
		fmt.Fprintf(c.stdout, "no framework of this configuration runs (its state is in %s)\n", folder)
		return nil
	}
	c.tellPending(ctx, p)
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
	fmt.Fprintf(c.stdout, "the framework has ended (process %d); its Alluxio processes keep running\n", p.PID)
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
