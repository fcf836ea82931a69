package main

import (
	"os"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/executor"
)

// executorCommand is what a Mesos agent runs. SIGTERM shuts the task down in order.
func (c *cli) executorCommand() *cobra.Command {
	return &cobra.Command{
		Use: executorName, Short: "Run one Alluxio process for a Mesos agent", Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return executor.Run(cmd.Context(), executor.Config{
				Environ: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr,
				Log: zerolog.New(readable(c.rawErr)).With().Timestamp().Logger(),
			})
		},
	}
}

// readable writes log lines for people: no colours, since they are read in files.
func readable(to interface{ Write([]byte) (int, error) }) zerolog.ConsoleWriter {
	return zerolog.ConsoleWriter{Out: to, NoColor: true, TimeFormat: time.RFC3339}
}
