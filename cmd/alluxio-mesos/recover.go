package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/alluxio/alluxio-mesos/config"
	"github.com/alluxio/alluxio-mesos/scheduler/cluster"
	"github.com/alluxio/alluxio-mesos/scheduler/leaderelection"
	"github.com/alluxio/alluxio-mesos/scheduler/store"
	"github.com/alluxio/alluxio-mesos/scheduler/zookeeper"
)

// recoverFlags say what to recover; a change of the Record for each, in this order.
type recoverFlags struct {
	newID, killUnknown, formatJournal bool
	takeOver                          string
}

const recoverHelp = "Prepare the next start after something that only a person can decide. Nothing in Mesos is " +
	"changed; the framework must not run.\n\n" +
	"--new-framework-id, after Mesos has removed the framework: the next start subscribes as a new one. The hosts of " +
	"the Alluxio masters and the formatted journals stay known, so that it begins with the old data.\n\n" +
	"--framework-id ID, after the saved state was lost: the next start takes over the framework with that ID. It does " +
	"not know the tasks of that framework.\n\n" +
	"--kill-unknown-tasks, when tasks run that the saved state does not know, because it was lost or is an old copy: " +
	"the next start kills them, once, and launches what is missing.\n\n" +
	"--format-journal, when status says that no Alluxio master can serve from its journal: the next master formats it, " +
	"once. All metadata of Alluxio in it is lost; a new journal behind a URI has none."

func (c *cli) recoverCommand() *cobra.Command {
	var f recoverFlags
	cmd := &cobra.Command{
		Use: "recover", Short: "Prepare the next start after the framework was removed, or its state was lost",
		Long: recoverHelp,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f == (recoverFlags{}) {
				return usageError(cmd, "name what to recover: --new-framework-id, --framework-id ID, "+
					"--kill-unknown-tasks or --format-journal")
			}
			return c.recover(cmd.Context(), f)
		},
	}
	cmd.Flags().BoolVar(&f.newID, "new-framework-id", false, "give up the framework ID that Mesos has removed")
	cmd.Flags().StringVar(&f.takeOver, "framework-id", "", "take over the framework with this `ID`")
	cmd.Flags().BoolVar(&f.killUnknown, "kill-unknown-tasks", false,
		"permit the next start to kill tasks that the saved state does not know")
	cmd.Flags().BoolVar(&f.formatJournal, "format-journal", false,
		"permit the next Alluxio master to format the journal that none can serve from, once")
	exclude(cmd, [2]string{"new-framework-id", "framework-id"}, [2]string{"new-framework-id", "kill-unknown-tasks"})
	return cmd
}

func (c *cli) recover(ctx context.Context, f recoverFlags) (err error) {
	db, err := c.openRecord(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, step := range []struct {
		wanted bool
		change func(map[string][]byte) (cluster.Changes, string, error)
	}{
		{f.newID, cluster.NewLife},
		{f.takeOver != "", func(record map[string][]byte) (cluster.Changes, string, error) {
			return cluster.TakeOver(record, f.takeOver)
		}},
		{f.killUnknown, cluster.KillUnknown},
		{f.formatJournal, func(record map[string][]byte) (cluster.Changes, string, error) {
			return cluster.FormatJournal(record, time.Now())
		}},
	} {
		if !step.wanted {
			continue
		}
		record, err := db.Load(ctx)
		if err != nil {
			return err
		}
		changes, summary, err := step.change(record)
		if err != nil {
			return err
		}
		if err := db.Save(ctx, changes); err != nil {
			return err
		}
		if _, err := fmt.Fprint(c.stdout, summary); err != nil {
			return err
		}
	}
	return nil
}

// electionTime is how long recover waits to be elected. Nobody else stands unless an instance runs.
const electionTime = 10 * time.Second

// stateAt returns where the state of this configuration is: in ZooKeeper when the options have an
// address, else in folder.
func (c *cli) stateAt() (folder string, zk zookeeper.Options, err error) {
	options, err := c.options(nil)
	if err != nil {
		return "", zk, err
	}
	zk.Log = zerolog.Nop()
	zk.Address, zk.SessionTimeout, err = config.LoadStateZooKeeper(options)
	if err != nil || zk.Address.IsSet() {
		return "", zk, err
	}
	folder, err = config.LoadStateDir(options)
	return folder, zk, err
}

// openRecord opens the state of a framework that does not run, in its file or in ZooKeeper.
func (c *cli) openRecord(ctx context.Context) (record, error) {
	folder, zk, err := c.stateAt()
	if err != nil {
		return nil, err
	}
	if !zk.Address.IsSet() {
		db, err := store.Open(folder)
		if errors.Is(err, store.ErrLocked) {
			err = fmt.Errorf("%w; stop it first (alluxio-mesos-stop.sh)", err)
		}
		return db, err
	}
	candidate, err := leaderelection.Join(leaderelection.Options{Options: zk})
	if err != nil {
		return nil, err
	}
	campaign, cancel := context.WithTimeoutCause(ctx, electionTime, fmt.Errorf("not elected within %s", electionTime))
	defer cancel()
	if err := candidate.Campaign(campaign); err != nil {
		leader := candidate.Leader()
		candidate.Close()
		if leader != "" {
			return nil, fmt.Errorf("an instance of the framework runs and acts (API %s): stop all of them first", leader)
		}
		return nil, err
	}
	db, err := store.OpenZooKeeper(ctx, store.ZooKeeperOptions{Options: zk, Holder: candidate.Holder()})
	if err != nil {
		candidate.Close()
		return nil, err
	}
	return &electedRecord{db, candidate}, nil
}

// electedRecord is a Record in ZooKeeper with the election that permits to write it.
type electedRecord struct {
	*store.ZooKeeper
	candidate *leaderelection.Candidate
}

func (r *electedRecord) Close() error {
	defer r.candidate.Close()
	return r.ZooKeeper.Close()
}
