package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
)

func (c *cli) recoverCommand() *cobra.Command {
	newID := false
	cmd := &cobra.Command{
		Use: "recover --new-framework-id", Short: "Prepare a new life after Mesos has removed the framework", Args: cobra.NoArgs,
		Long: "Prepare a new life after Mesos has removed the framework: the next start subscribes as a new one. Where the Alluxio masters were and\n" +
			"which journals were formatted stays known, so the new life begins with the old data. Nothing in Mesos is touched.",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if !newID {
				return &exitError{exitConfiguration, "say what to recover: --new-framework-id gives up the framework ID that Mesos has removed"}
			}
			options, err := c.options(nil)
			if err != nil {
				return err
			}
			folder, err := config.LoadStateDir(options)
			if err != nil {
				return err
			}
			db, err := store.Open(folder)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			record, err := db.Load(cmd.Context())
			if err != nil {
				return err
			}
			changes, summary, err := cluster.NewLife(record)
			if err != nil {
				return err
			}
			if err := db.Save(cmd.Context(), changes); err != nil {
				return err
			}
			_, err = fmt.Fprint(c.stdout, summary)
			return err
		},
	}
	cmd.Flags().BoolVar(&newID, "new-framework-id", false, "give up the framework ID")
	return cmd
}
