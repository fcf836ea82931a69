package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
)

// backupPoll is how often a command that waits for a backup asks for the status.
const backupPoll = 500 * time.Millisecond

// backupCommand has the metadata of Alluxio backed up.
func (c *cli) backupCommand() *cobra.Command {
	output, dry, limit := "", false, 10*time.Minute
	cmd := &cobra.Command{
		Use: "backup", Short: "Back up Alluxio's metadata, and wait until that is done",
		Long: "Back up the metadata of Alluxio into the folder alluxio.integration.mesos.backup.dir on the host of the " +
			"leading Alluxio master, wait until it is done, and print its host, file and size.\n\n" +
			"While Alluxio writes the backup, its leading master accepts no changes. The file was read to its end " +
			"when the command ends with 0. A backup that has failed is tried again by the framework.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(cmd, output); err != nil {
				return err
			}
			a, err := c.findAPI()
			if err != nil {
				return err
			}
			if dry {
				body, err := a.do(cmd.Context(), http.MethodPost, "/v1/backup?dryRun=true")
				if err != nil {
					return err
				}
				return c.tellChange(body)
			}
			made, err := c.backUp(cmd.Context(), a, limit)
			if err != nil {
				return err
			}
			if output == "json" {
				return json.NewEncoder(c.rawOut).Encode(made)
			}
			_, err = fmt.Fprintf(c.stdout, "%s on %s has %s\n", made.File, made.Host, made.Bytes)
			return err
		},
	}
	addOutput(cmd.Flags(), &output, "print the backup as `json`")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be done, and do nothing")
	cmd.Flags().DurationVar(&limit, "timeout", limit, "how long to wait; the backup goes on after that")
	return cmd
}

// backUp asks for a backup and waits for it.
func (c *cli) backUp(ctx context.Context, a *api, limit time.Duration) (*cluster.Backup, error) {
	before, err := a.status(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := a.do(ctx, http.MethodPost, "/v1/backup"); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		if s, err := a.status(ctx); err == nil {
			if made, err := backupSince(before.Backup, s.Backup); made != nil || err != nil {
				return made, err
			}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the backup was not done within %s, and goes on; `alluxio-mesos status` shows it", limit)
		case <-time.After(backupPoll):
		}
	}
}

// backupSince returns the backup that now has and before had not, or why the one that is requested has
// failed since, or neither.
func backupSince(before, now *cluster.BackupStatus) (*cluster.Backup, error) {
	switch {
	case now == nil:
		return nil, errors.New("no backup is made: the settings name no folder for backups any more")
	case now.Last != nil && (before == nil || before.Last == nil || *before.Last != *now.Last):
		return now.Last, nil
	}
	failures := 0
	if before != nil && before.Request != nil && now.Request != nil && before.Request.Since.Equal(now.Request.Since) {
		failures = before.Request.Failures
	}
	if r := now.Request; r != nil && r.Failures > failures {
		return nil, fmt.Errorf("the backup has failed, and is tried again: %s", r.Message)
	}
	return nil, nil
}
